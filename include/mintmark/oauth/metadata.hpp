#pragma once
// Authorization server metadata (RFC 8414, OpenID Connect Discovery 1.0): what is implemented and nothing else.
// Thread safety: pure functions.

#include <string>
#include <string_view>
#include <vector>

#include "mintmark/oauth/directory.hpp"

namespace mintmark::oauth {

/// An issuer identifier taken apart: "https://id.example.com/auth" has the path "/auth".
struct Issuer {
  std::string url;   ///< exactly as configured, and as in `iss`
  std::string path;  ///< empty, or starts with a slash and does not end with one

  [[nodiscard]] std::string token_endpoint() const { return url + "/token"; }
  [[nodiscard]] std::string introspection_endpoint() const { return url + "/introspect"; }
  [[nodiscard]] std::string revocation_endpoint() const { return url + "/revoke"; }
  [[nodiscard]] std::string jwks_uri() const { return url + "/.well-known/jwks.json"; }
};

/// RFC 8414 §2: an https URL without query and fragment, and here also without a slash at its end. http is for loopback
/// hosts only. Errors: invalid.
Result<Issuer> parse_issuer(std::string_view url);

/// Whether certificates of clients come to be seen.
enum class MutualTls { no, yes };

std::string render_metadata(const Issuer& issuer, const std::vector<GrantType>& grant_types,
                            const Directory::ResourceMap& resources, MutualTls mutual_tls);

}  // namespace mintmark::oauth
