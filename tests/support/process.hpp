#pragma once
// Running the real binary: commands to their end, and a server in the background.

#include <sys/resource.h>
#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mintmark::testing {

struct ProcessOptions {
  std::vector<std::string> arguments = {};
  std::map<std::string, std::string> environment = {};  ///< beside PATH and the options of sanitizers
  std::string standard_input = {};
  std::filesystem::path working_directory = {};     ///< empty: this process's
  std::vector<std::pair<int, rlim_t>> limits = {};  ///< RLIMIT_…, soft and hard alike
  /// Handed over as systemd does, as descriptors from 3 on; LISTEN_PID is set, LISTEN_FDS is for the test to set.
  std::vector<int> sockets = {};
};

struct ProcessResult {
  int exit_code;  ///< 128 + signal where it was killed by one
  std::string standard_output;
  std::string standard_error;
};

/// The binary under test.
std::filesystem::path mintmark_binary();

/// Runs the binary to its end; kills it and fails the test after `limit` times patience().
ProcessResult run_mintmark(const ProcessOptions& options, std::chrono::seconds limit = std::chrono::seconds(60));

/// The binary in the background, with both outputs in files of `log_folder`, or standard error in `error`. Killed with
/// SIGKILL if it still runs at the end.
class BackgroundProcess {
 public:
  BackgroundProcess(const ProcessOptions& options, const std::filesystem::path& log_folder,
                    const std::filesystem::path& error = {});
  BackgroundProcess(const BackgroundProcess&) = delete;
  BackgroundProcess& operator=(const BackgroundProcess&) = delete;
  ~BackgroundProcess();

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  void signal(int number) const;
  /// The exit code, as in ProcessResult; none if it still runs after `limit` times patience().
  std::optional<int> wait(std::chrono::seconds limit);
  [[nodiscard]] std::string standard_output() const;
  /// Empty where it goes elsewhere.
  [[nodiscard]] std::string standard_error() const;

 private:
  pid_t pid_ = -1;
  std::optional<int> exit_code_;
  std::filesystem::path output_;
  std::filesystem::path error_;
};

}  // namespace mintmark::testing
