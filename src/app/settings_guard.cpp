#include "setting_groups.hpp"
#include "setting_makers.hpp"

namespace mintmark::app {

using namespace std::chrono_literals;

void append_guard(std::vector<Setting>& table) {
  table.push_back(make_integer(
      "guard.account_failures", 0, 1'000, [](auto& c) -> auto& { return c.guard.account_failures; },
      "Wrong passwords, client secrets and refresh tokens for one account from one source network (IPv4 address, IPv6 "
      "/64) that cost no delay. An account is never locked for other networks. 0: not counted."));
  table.push_back(make_integer(
      "guard.source_failures", 0, 1'000'000, [](auto& c) -> auto& { return c.guard.source_failures; },
      "The same of one source network, all accounts together. Many people may share an IPv4 address. 0: not counted."));
  table.push_back(make_duration(
      "guard.base_delay", 100ms, 1h, [](auto& c) -> auto& { return c.guard.base_delay; },
      "Delay after the first failure too many; doubles with each further one."));
  table.push_back(make_duration(
      "guard.max_delay", 1s, 24h, [](auto& c) -> auto& { return c.guard.max_delay; }, "The longest delay."));
  table.push_back(make_duration(
      "guard.window", 1min, kYear, [](auto& c) -> auto& { return c.guard.window; },
      "In which as many failures wear off as cost no delay."));
}

}  // namespace mintmark::app
