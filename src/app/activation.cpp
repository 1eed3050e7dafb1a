#include "mintmark/app/activation.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <optional>
#include <string>

#include "mintmark/app/environment.hpp"
#include "mintmark/base/number.hpp"
#include "mintmark/base/text.hpp"

namespace mintmark::app {
namespace {

constexpr int kFirstDescriptor = 3;
constexpr int kMostSockets = 64;

}  // namespace

Result<std::vector<http::ActivatedSocket>> take_activated_sockets() {
  const std::optional<std::string> pid = take_variable("LISTEN_PID");
  const std::optional<std::string> count_text = take_variable("LISTEN_FDS");
  const std::optional<std::string> names_text = take_variable("LISTEN_FDNAMES");
  std::vector<http::ActivatedSocket> sockets;
  if (!pid || !count_text || parse_number<int>(*pid) != getpid()) return sockets;
  const std::optional<int> count = parse_number<int>(*count_text);
  if (!count || *count < 0 || *count > kMostSockets) {
    return invalid("LISTEN_FDS: expected a whole number from 0 to " + std::to_string(kMostSockets));
  }
  const std::vector<std::string_view> names = names_text ? split(*names_text, ':') : std::vector<std::string_view>();
  for (int i = 0; i < *count; ++i) {
    const int descriptor = kFirstDescriptor + i;
    if (fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0) {
      return invalid("LISTEN_FDS: descriptor " + std::to_string(descriptor) + " is not open");
    }
    const auto at = static_cast<std::size_t>(i);
    sockets.push_back({descriptor, at < names.size() && names[at] == "private"});
  }
  return sockets;
}

}  // namespace mintmark::app
