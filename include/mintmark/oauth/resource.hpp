#pragma once
// A resource: an API that accepts our tokens (RFC 8707), and the profile of those tokens. Its document is the same in
// the configuration file and in the store. Thread safety: values.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mintmark/base/clock.hpp"
#include "mintmark/base/ids.hpp"
#include "mintmark/base/json_reader.hpp"
#include "mintmark/jose/alg.hpp"
#include "mintmark/oauth/claims_template.hpp"
#include "mintmark/oauth/token_encryption.hpp"

namespace mintmark::oauth {

/// `typ` of the access token.
enum class TokenType { at_jwt, jwt };

/// "at+jwt" (RFC 9068 §2.1) or "JWT".
std::string_view name(TokenType type) noexcept;

/// What a client gets.
enum class TokenFormat {
  jwt,     ///< signed; and encrypted as well, where the resource has `encryption`
  opaque,  ///< a text that stands for what is in the store
};

struct Resource {
  ResourceId id;
  bool disabled = false;
  TokenFormat format = TokenFormat::jwt;
  jose::Alg alg = jose::Alg::ES256;
  Duration lifetime = std::chrono::minutes(15);  ///< 1 s to KeyPeriods::longest_lifetime
  TokenType typ = TokenType::at_jwt;
  std::vector<std::string> scopes;
  ClaimsTemplate claims;
  bool dpop_bound_access_tokens = false;                    ///< whether all its tokens are bound to a key (RFC 9449)
  bool tls_client_certificate_bound_access_tokens = false;  ///< whether all are bound to a certificate (RFC 8705 §3)
  /// None: its tokens are signed alone. Else they are signed and then encrypted (RFC 7519 §5.2).
  std::optional<TokenEncryption> encryption;

  /// Grows with each change in the store; 0 for a declared resource.
  std::uint64_t version = 0;

  bool operator==(const Resource&) const = default;
};

/// "jwt", "jwt+jwe" or "opaque".
std::string_view format_name(const Resource& resource) noexcept;

/// Reads all members of a resource document; problems are recorded in `in`.
Resource read_resource(JsonReader& in);
/// The document of `resource`, without `version`: read_resource gives it back.
Json render_resource(const Resource& resource);

}  // namespace mintmark::oauth
