#pragma once
// Turns an Admission into tokens: the only code that asks for a signature and encrypts (invariant 1).
// Thread safety: issue() from any thread.

#include <optional>
#include <string>

#include "mintmark/keys/key_ring.hpp"
#include "mintmark/oauth/opaque_token.hpp"
#include "mintmark/oauth/recipient_keys.hpp"
#include "mintmark/oauth/refresh_families.hpp"
#include "mintmark/oauth/token_events.hpp"

namespace mintmark::oauth {

/// `token_type`: how the token is used (RFC 6750, RFC 9449 §5).
enum class TokenKind { bearer, dpop };

/// Spelt as on the wire.
std::string_view name(TokenKind kind) noexcept;

struct TokenResponse {
  std::string access_token;
  TokenKind token_type;
  Duration expires_in;
  std::string scope;  ///< as granted; empty if none
  std::optional<Secret> refresh_token;
  std::optional<IssuedTokenType> issued_token_type = {};  ///< of an exchange (RFC 8693 §2.2.1)
};

class TokenIssuer {
 public:
  /// `issuer` is `iss`. Requires: the references outlive the issuer.
  TokenIssuer(std::string issuer, const keys::PublishedKeyRing& ring, const RecipientKeys& recipients,
              const RefreshFamilies& families, OneTimeStore& one_time, OpaqueTokenRepository& opaque_tokens,
              TokenEvents& events);

  /// Signs an access token (RFC 9068 §2), encrypts it where its resource wants that (RFC 7519 §5.2), or stores it where
  /// it is opaque; consumes the
  /// single-use values of the request and, for a user of a client that may refresh, starts or rotates a family; what it
  /// returns is on disk. Errors: temporarily_unavailable, server_error; invalid_grant where a refresh lost to a
  /// revocation; invalid_client or invalid_grant where a value has been used.
  [[nodiscard]] OAuthResult<TokenResponse> issue(const Admission& admission, const RequestContext& context) const;

 private:
  struct Made;
  [[nodiscard]] OAuthResult<Made> sign_access_token(const Admission& admission, Instant now) const;
  [[nodiscard]] OAuthResult<Made> make_opaque_token(const Admission& admission, Instant now) const;
  [[nodiscard]] OAuthResult<std::string> encrypt_access_token(const Resource& profile, std::string signed_token) const;
  [[nodiscard]] OAuthResult<void> store_opaque_token(const Made& made, const Admission& admission,
                                                     const std::optional<FamilyId>& family, Instant now) const;

  const std::string issuer_;
  const keys::PublishedKeyRing& ring_;
  const RecipientKeys& recipients_;
  const RefreshFamilies& families_;
  OneTimeStore& one_time_;
  OpaqueTokenRepository& opaque_tokens_;
  TokenEvents& events_;
};

}  // namespace mintmark::oauth
