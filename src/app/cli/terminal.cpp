#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include "mintmark/app/cli.hpp"

namespace mintmark::app {
namespace {

constexpr std::size_t kMaxBytes = 4096;
constexpr char kInterrupt = 0x03;  // Ctrl-C
constexpr char kEndOfInput = 0x04;
constexpr char kKillLine = 0x15;
constexpr char kBackspace = 0x08;
constexpr char kDelete = 0x7f;

/// The controlling terminal, silent and character by character. Keys that would send a signal are read as
/// characters, so that nothing ends the process while the terminal is not as it was.
class SilentTerminal {
 public:
  SilentTerminal() : terminal_(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {
    if (terminal_ < 0 || ::tcgetattr(terminal_, &former_) != 0) return;
    termios silent = former_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | ISIG);
    silent.c_cc[VMIN] = 1;
    silent.c_cc[VTIME] = 0;
    ready_ = ::tcsetattr(terminal_, TCSAFLUSH, &silent) == 0;
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;
  ~SilentTerminal() {
    if (ready_) ::tcsetattr(terminal_, TCSAFLUSH, &former_);
    if (terminal_ >= 0) ::close(terminal_);
  }

  [[nodiscard]] bool is_ready() const noexcept { return ready_; }
  [[nodiscard]] bool read(char& c) const noexcept { return ::read(terminal_, &c, 1) == 1; }
  [[nodiscard]] bool write(std::string_view text) const noexcept {
    return ::write(terminal_, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  }

 private:
  int terminal_;
  termios former_{};
  bool ready_ = false;
};

/// One UTF-8 character, as a user sees it.
void erase_last(Bytes& line) {
  while (!line.empty()) {
    const bool continuation = (line.back() & 0xc0U) == 0x80U;
    line.pop_back();
    if (!continuation) return;
  }
}

Result<Secret> read_line(const SilentTerminal& terminal) {
  Bytes line;
  line.reserve(kMaxBytes);  // so that no copy is left behind by growing
  char c = 0;
  while (terminal.read(c)) {
    if (c == '\n' || c == '\r') return Secret(std::move(line));
    if (c == kInterrupt || c == kEndOfInput) break;
    if (c == kKillLine) {
      line.clear();
    } else if (c == kDelete || c == kBackspace) {
      erase_last(line);
    } else if (line.size() < kMaxBytes) {
      line.push_back(static_cast<std::uint8_t>(c));
    }
  }
  wipe(line.data(), line.size());
  return unavailable("broken off");
}

}  // namespace

Result<Secret> ask_on_terminal(std::string_view prompt) {
  const SilentTerminal terminal;
  if (!terminal.is_ready() || !terminal.write(prompt)) return unavailable("there is no terminal to ask on");
  Result<Secret> answer = read_line(terminal);
  (void)terminal.write("\n");  // the one that was not echoed; whether it arrives changes nothing
  return answer;
}

}  // namespace mintmark::app
