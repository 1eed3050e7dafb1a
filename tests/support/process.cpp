#include "support/process.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "support/patience.hpp"
#include "support/temp_dir.hpp"

namespace mintmark::testing {
namespace {

struct Streams {
  std::filesystem::path input;
  std::filesystem::path output;
  std::filesystem::path error;
};

constexpr std::string_view kListenPid = "LISTEN_PID=";

/// Over the digits that are there.
void write_number(char* last_digit, pid_t number) {
  for (; number > 0; number /= 10)
    *last_digit-- = static_cast<char>('0' + number % 10);
}

/// In the child, between fork and exec: only what is safe there. `listen_pid`: the last digit of its value, or null.
[[noreturn]] void become(char* const* arguments, char* const* environment, const Streams& streams,
                         const ProcessOptions& options, char* listen_pid) {
  const int input = ::open(streams.input.c_str(), O_RDONLY);
  const int output = ::open(streams.output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const int error = ::open(streams.error.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (input < 0 || output < 0 || error < 0) ::_exit(126);
  ::dup2(input, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(error, STDERR_FILENO);
  const char* const folder = options.working_directory.c_str();
  if (*folder != '\0' && ::chdir(folder) != 0) ::_exit(126);
  for (const auto& [resource, most] : options.limits) {
    const rlimit limit{most, most};
    if (::setrlimit(static_cast<__rlimit_resource_t>(resource), &limit) != 0) ::_exit(126);
  }
  // Out of each other's way first: a descriptor that is handed over may be one of those to be made.
  constexpr int kAside = 200;
  for (std::size_t i = 0; i < options.sockets.size(); ++i)
    ::dup2(options.sockets[i], kAside + static_cast<int>(i));
  for (std::size_t i = 0; i < options.sockets.size(); ++i) {
    ::dup2(kAside + static_cast<int>(i), 3 + static_cast<int>(i));
    ::close(kAside + static_cast<int>(i));
  }
  if (listen_pid != nullptr) write_number(listen_pid, ::getpid());
  ::execve(arguments[0], arguments, environment);
  ::_exit(127);
}

pid_t spawn(const ProcessOptions& options, const Streams& streams) {
  std::vector<std::string> words{mintmark_binary().string()};
  words.insert(words.end(), options.arguments.begin(), options.arguments.end());
  const char* path = std::getenv("PATH");
  std::vector<std::string> settings{std::string("PATH=") + (path == nullptr ? "/usr/bin:/bin" : path)};
  for (const char* const name : {"ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"}) {
    if (const char* value = std::getenv(name); value != nullptr) settings.push_back(std::string(name) + "=" + value);
  }
  for (const auto& [name, value] : options.environment)
    settings.push_back(name + "=" + value);
  // A number with leading zeros, which the child overwrites.
  if (!options.sockets.empty()) settings.push_back(std::string(kListenPid) + "0000000000");
  const auto pointers = [](std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (std::string& text : texts)
      result.push_back(text.data());
    result.push_back(nullptr);
    return result;
  };
  const std::vector<char*> arguments = pointers(words);
  const std::vector<char*> environment = pointers(settings);
  char* const listen_pid = options.sockets.empty() ? nullptr : &settings.back().back();
  const pid_t pid = ::fork();
  if (pid == 0) become(arguments.data(), environment.data(), streams, options, listen_pid);
  return pid;
}

std::optional<int> wait_for(pid_t pid, std::chrono::seconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit * patience();
  for (;;) {
    int status = 0;
    if (::waitpid(pid, &status, WNOHANG) == pid) {
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    if (std::chrono::steady_clock::now() > end) return std::nullopt;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));  // polling a process, not waiting for time to pass
  }
}

}  // namespace

std::filesystem::path mintmark_binary() {
  const char* path = std::getenv("MINTMARK_TEST_BINARY");
  EXPECT_NE(path, nullptr) << "MINTMARK_TEST_BINARY names the binary under test; ctest sets it";
  return path == nullptr ? "" : path;
}

ProcessResult run_mintmark(const ProcessOptions& options, std::chrono::seconds limit) {
  const TempDir folder;
  const Streams streams{folder.write("input", options.standard_input), folder / "output", folder / "error"};
  const pid_t pid = spawn(options, streams);
  const std::optional<int> exit_code = wait_for(pid, limit);
  if (!exit_code) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    ADD_FAILURE() << "still running after " << (limit * patience()).count() << " s";
  }
  return {exit_code.value_or(-1), read_all(streams.output), read_all(streams.error)};
}

BackgroundProcess::BackgroundProcess(const ProcessOptions& options, const std::filesystem::path& log_folder,
                                     const std::filesystem::path& error) {
  static std::atomic<int> count{0};
  const std::string number = std::to_string(++count);
  output_ = log_folder / ("output." + number);
  if (error.empty()) error_ = log_folder / ("error." + number);
  pid_ = spawn(options, {"/dev/null", output_, error.empty() ? error_ : error});
}

BackgroundProcess::~BackgroundProcess() {
  if (exit_code_) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void BackgroundProcess::signal(int number) const {
  ::kill(pid_, number);
}

std::optional<int> BackgroundProcess::wait(std::chrono::seconds limit) {
  if (!exit_code_) exit_code_ = wait_for(pid_, limit);
  return exit_code_;
}

std::string BackgroundProcess::standard_output() const {
  return read_all(output_);
}
std::string BackgroundProcess::standard_error() const {
  return error_.empty() ? "" : read_all(error_);
}

}  // namespace mintmark::testing
