// The commands as processes: beside a running service, at a terminal, and in a pipe.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <functional>
#include <sstream>

#include "integration/service_process.hpp"
#include "support/patience.hpp"

namespace mintmark::testing {
namespace {

/// The value beside `name` in "name  value" lines.
std::string field(const std::string& output, const std::string& name) {
  std::istringstream words(output);
  for (std::string word; words >> word;) {
    if (word == name && words >> word) return word;
  }
  return {};
}

ProcessResult run(const MintConfig& config, std::vector<std::string> arguments, std::string input = {}) {
  return run_mintmark({.arguments = std::move(arguments),
                       .environment = {{"MINTMARK_CONFIG", config.file().string()}},
                       .standard_input = std::move(input)});
}

/// Whether `holds` comes true within the two seconds in which a service takes over what a command changed.
bool within_two_seconds(const std::function<bool()>& holds) {
  return eventually(holds, std::chrono::seconds(2));
}

TEST(Cli, ARunningServiceSeesChangesOfCommandsWithinTwoSeconds) {
  MintConfig config;
  ServiceProcess service(config);
  ASSERT_EQ(run(config, {"resource", "add", "https://new.example.com", "--alg", "HS256"}).exit_code, 0);
  const ProcessResult added = run(config, {"client", "add", "billing", "--grant", "client_credentials", "--grant",
                                           "password", "--resource", "https://new.example.com"});
  ASSERT_EQ(added.exit_code, 0) << added.standard_error;
  const ProcessResult user = run(config, {"user", "add", "bob", "--password-file", "-"}, "hunter2\n");
  ASSERT_EQ(user.exit_code, 0) << user.standard_error;
  const HttpFields basic{
      {"Authorization", basic_authorization("billing", field(added.standard_output, "client_secret"))}};
  const auto status = [&](const HttpFields& parameters) { return service.token(parameters, basic).status; };
  const HttpFields own{{"grant_type", "client_credentials"}};
  const HttpFields login{{"grant_type", "password"}, {"username", "bob"}, {"password", "hunter2"}};
  EXPECT_TRUE(within_two_seconds([&] { return status(own) == 200; })) << status(own);
  EXPECT_TRUE(within_two_seconds([&] { return status(login) == 200; })) << status(login);

  ASSERT_EQ(run(config, {"user", "disable", "bob"}).exit_code, 0);
  EXPECT_TRUE(within_two_seconds([&] { return status(login) == 400; }));
  ASSERT_EQ(run(config, {"client", "secret", "revoke", "billing", field(added.standard_output, "secret_id")}).exit_code,
            0);
  EXPECT_TRUE(within_two_seconds([&] { return status(own) == 401; }));
}

TEST(Cli, ARevokedKeyLeavesTheJwksOfARunningService) {
  MintConfig config;
  ServiceProcess service(config);
  HttpClient client(service.port());
  const auto kid = [&] { return client.get("/.well-known/jwks.json").json().at("keys").at(0).at("kid"); };
  const std::string revoked = kid();
  ASSERT_EQ(run(config, {"key", "revoke", "--", revoked}).exit_code, 0);
  EXPECT_TRUE(within_two_seconds([&] { return kid() != revoked; }));
}

TEST(Cli, VerifiesATokenOfARunningServiceFromItsUrl) {
  MintConfig config;
  ServiceProcess service(config);
  const HttpAnswer issued = service.token({{"grant_type", "client_credentials"}},
                                          {{"Authorization", basic_authorization("service", kServiceSecret)}});
  ASSERT_EQ(issued.status, 200) << issued.raw;
  const std::string token = issued.json().at("access_token");
  const std::string jwks = "http://127.0.0.1:" + std::to_string(service.port()) + "/.well-known/jwks.json";
  const ProcessResult good = run_mintmark(
      {.arguments = {"token", "verify", "--jwks", jwks, "--issuer", kIssuer, "--audience", kApi, "--typ", "at+jwt"},
       .standard_input = token});
  EXPECT_EQ(good.exit_code, 0) << good.standard_error;
  EXPECT_EQ(Json::parse(good.standard_output).at("sub"), "service");

  std::string tampered = token;
  tampered[tampered.find('.') + 3] ^= 1;
  const ProcessResult bad =
      run_mintmark({.arguments = {"token", "verify", "--jwks", jwks}, .standard_input = tampered});
  EXPECT_EQ(bad.exit_code, 1);
  EXPECT_EQ(bad.standard_output, "");
  EXPECT_TRUE(bad.standard_error.starts_with("mintmark: ")) << bad.standard_error;
}

/// The binary with a terminal of its own, as a user has it.
class AtTerminal {
 public:
  AtTerminal(const MintConfig& config, std::vector<std::string> arguments) {
    master_ = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    EXPECT_GE(master_, 0);
    EXPECT_EQ(::grantpt(master_), 0);
    EXPECT_EQ(::unlockpt(master_), 0);
    char terminal[64];
    EXPECT_EQ(::ptsname_r(master_, terminal, sizeof terminal), 0);
    std::string binary = mintmark_binary().string();
    std::string setting = "MINTMARK_CONFIG=" + config.write().string();
    std::vector<char*> words{binary.data()};
    for (std::string& argument : arguments)
      words.push_back(argument.data());
    words.push_back(nullptr);
    char* const environment[] = {setting.data(), nullptr};
    pid_ = ::fork();
    if (pid_ == 0) {
      ::setsid();
      const int own = ::open(terminal, O_RDWR);
      ::ioctl(own, TIOCSCTTY, 0);
      for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        ::dup2(own, stream);
      ::execve(words[0], words.data(), environment);
      ::_exit(127);
    }
  }
  AtTerminal(const AtTerminal&) = delete;
  AtTerminal& operator=(const AtTerminal&) = delete;
  ~AtTerminal() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    ::close(master_);
  }

  /// Reads until `text` has appeared on the screen once more.
  bool shows(const std::string& text) {
    while (screen_.find(text, seen_) == std::string::npos) {
      if (!read_more()) return false;
    }
    seen_ = screen_.find(text, seen_) + text.size();
    return true;
  }
  void type(const std::string& keys) const {
    EXPECT_EQ(::write(master_, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
  }
  int exit_code() {
    while (read_more()) {
    }
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  [[nodiscard]] const std::string& screen() const { return screen_; }
  /// Whether keys would be echoed now.
  [[nodiscard]] bool echoes() const {
    termios settings{};
    ::tcgetattr(master_, &settings);
    return (settings.c_lflag & static_cast<tcflag_t>(ECHO)) != 0;
  }

 private:
  bool read_more() {
    pollfd waiting{master_, POLLIN, 0};
    if (::poll(&waiting, 1, 20'000) != 1) return false;
    char block[4096];
    const ssize_t size = ::read(master_, block, sizeof block);
    if (size <= 0) return false;
    screen_.append(block, static_cast<std::size_t>(size));
    return true;
  }

  int master_ = -1;
  pid_t pid_ = -1;
  std::string screen_;
  std::size_t seen_ = 0;
};

TEST(CliAtTerminal, AsksForAPasswordTwiceWithoutEcho) {
  const MintConfig config;
  AtTerminal terminal(config, {"user", "add", "bob"});
  ASSERT_TRUE(terminal.shows("Password: ")) << terminal.screen();
  terminal.type(
      "hunteX\x7f"
      "2\r");
  ASSERT_TRUE(terminal.shows("Password again: ")) << terminal.screen();
  EXPECT_FALSE(terminal.echoes());
  terminal.type("junk\x15hunte2\r");
  EXPECT_EQ(terminal.exit_code(), 0) << terminal.screen();
  EXPECT_EQ(terminal.screen().find("hunte"), std::string::npos) << terminal.screen();
  EXPECT_TRUE(terminal.echoes()) << "the terminal is as it was";
}

TEST(CliAtTerminal, ControlCEndsThePromptAndRestoresTheTerminal) {
  const MintConfig config;
  AtTerminal terminal(config, {"user", "add", "bob"});
  ASSERT_TRUE(terminal.shows("Password: ")) << terminal.screen();
  terminal.type("hunter\x03");
  EXPECT_EQ(terminal.exit_code(), 1) << terminal.screen();
  EXPECT_TRUE(terminal.echoes());
  EXPECT_NE(run(config, {"user", "list"}).standard_output.find("alice"), std::string::npos);
  EXPECT_EQ(run(config, {"user", "list"}).standard_output.find("bob"), std::string::npos);
}

}  // namespace
}  // namespace mintmark::testing
