#include "mintmark/base/url.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "mintmark/base/text.hpp"

namespace mintmark {
namespace {

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_loopback_host(const std::string& host) {
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24U) == 127;
  in6_addr v6{};
  if (inet_pton(AF_INET6, host.c_str(), &v6) == 1) return std::memcmp(&v6, &in6addr_loopback, sizeof v6) == 0;
  return equals_ignoring_case(host, "localhost");
}

}  // namespace

Result<FetchUrl> parse_fetch_url(std::string_view text) {
  const bool https = text.starts_with("https://");
  if (!is_absolute_uri(text) || (!https && !text.starts_with("http://"))) return invalid("expected an https URL");
  const std::string_view rest = text.substr(https ? 8 : 7);
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  const std::string_view authority = rest.substr(0, end);
  if (authority.find('@') != std::string_view::npos) return invalid("a URL to be fetched has no user in it");

  const std::size_t bracket = authority.starts_with('[') ? authority.find(']') : std::string_view::npos;
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const std::string_view host = authority.substr(0, colon);
  const std::string_view port = colon == std::string_view::npos ? (https ? "443" : "80") : authority.substr(colon + 1);
  if (host.empty() || !is_port(port)) return invalid("expected an https URL with a host");

  FetchUrl url{.scheme = https ? UrlScheme::https : UrlScheme::http,
               .host = std::string(bracket == std::string_view::npos ? host : host.substr(1, bracket - 1)),
               .port = std::string(port),
               .authority = std::string(authority),
               .target = std::string(rest.substr(end))};
  if (!url.target.starts_with('/')) url.target.insert(0, 1, '/');
  if (!https && !is_loopback_host(url.host)) return invalid("http is for loopback hosts alone: use https");
  return url;
}

}  // namespace mintmark
