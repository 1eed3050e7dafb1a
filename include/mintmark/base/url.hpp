#pragma once
// URLs of documents that this service fetches: https with a host, or http on this machine itself, which is for
// development. Thread safety: pure functions.

#include <string>
#include <string_view>

#include "mintmark/base/result.hpp"

namespace mintmark {

enum class UrlScheme { http, https };

struct FetchUrl {
  UrlScheme scheme;
  std::string host;  ///< without the brackets of an IPv6 address
  std::string port;
  std::string authority;  ///< as written, for Host
  std::string target;     ///< path and query; "/" at least
};

/// Errors: invalid, for what is not fetched: another scheme, a user in it, a fragment, http to another machine.
Result<FetchUrl> parse_fetch_url(std::string_view text);

}  // namespace mintmark
