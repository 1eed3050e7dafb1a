#include "setting_groups.hpp"
#include "setting_makers.hpp"

namespace mintmark::app {

void append_limits(std::vector<Setting>& table) {
  constexpr std::int64_t kMost = 100'000'000;
  table.push_back(make_integer(
      "limits.requests_per_source", 0, kMost, [](auto& c) -> auto& { return c.limits.per_source.per_minute; },
      "Token requests a minute from one source network (IPv4 address, IPv6 /64), in the long run; further ones are "
      "told 429 with Retry-After. Needs server.trusted_proxies where a proxy is in front. 0: no limit."));
  table.push_back(make_integer(
      "limits.burst_per_source", 1, kMost, [](auto& c) -> auto& { return c.limits.per_source.burst; },
      "How many of them may come at once."));
  table.push_back(make_integer(
      "limits.requests_per_client", 0, kMost, [](auto& c) -> auto& { return c.limits.per_client.per_minute; },
      "Token requests a minute of one client that has authenticated; public clients are not counted, because anybody "
      "can use their name. 0: no limit."));
  table.push_back(make_integer(
      "limits.burst_per_client", 1, kMost, [](auto& c) -> auto& { return c.limits.per_client.burst; },
      "How many of them may come at once."));
}

}  // namespace mintmark::app
