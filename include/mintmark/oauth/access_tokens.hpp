#pragma once
// Access tokens of our own that come back: to be asked about, or ended. Signed and opaque ones are read; what
// is encrypted is its resource's alone to open, and comes back as the JWS inside.
// Thread safety: all functions from any thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mintmark/accounts/user_directory.hpp"
#include "mintmark/base/json.hpp"
#include "mintmark/keys/key_ring.hpp"
#include "mintmark/oauth/directory.hpp"
#include "mintmark/oauth/one_time_store.hpp"
#include "mintmark/oauth/opaque_token.hpp"
#include "mintmark/oauth/refresh_family.hpp"

namespace mintmark::oauth {

/// What a token says that we have signed, or stored, and that has not expired.
struct AccessToken {
  Json claims;
  KeyId kid;                         ///< of the key that verified it; empty for an opaque one
  bool is_of_resource = false;       ///< made with a secret that its resource has too, and may have made it
  std::optional<Bytes> opaque_hash;  ///< under which an opaque one is stored
  std::optional<FamilyId> family;    ///< of the session that an opaque one ends with
  std::string jti;
  ClientId client;
  std::string subject;
  std::vector<ResourceId> audience;
  Instant issued_at;  ///< as precise as `iat`: a second
  Instant expires_at;
};

class AccessTokens {
 public:
  /// `issuer` is `iss`. Requires: the references outlive this object.
  AccessTokens(std::string issuer, const keys::PublishedKeyRing& ring, const accounts::UserDirectory& users,
               Directory& directory, OneTimeStore& ended, OpaqueTokenRepository& opaque_tokens,
               RefreshFamilyRepository& families);

  /// None for everything but a good access token of ours: a token of another kind that we sign is none (RFC 8725
  /// §3.11), nor is one that a resource has made with its own secret for another's audience.
  /// Errors: of the store, where an opaque one is looked for.
  [[nodiscard]] Result<std::optional<AccessToken>> read(std::string_view text, Instant now) const;

  /// Whether nobody has ended it: not itself, nor its client, its subject or that user's sessions. `view` is what its
  /// client is looked up in. Reads the store. Errors: those of the repositories.
  [[nodiscard]] Result<bool> is_active(const AccessToken& token, const Directory::View& view, Instant now) const;

  /// From now on, until it expires. Ending one twice is harmless. Errors: those of the store; invalid, for one that
  /// would have to be remembered for longer than we ever issue one: only a resource with a secret makes such.
  Result<void> end(const AccessToken& token, Instant now) const;

 private:
  [[nodiscard]] std::optional<AccessToken> read_signed(std::string_view text, Instant now) const;
  [[nodiscard]] Result<std::optional<AccessToken>> read_opaque(std::string_view text, Instant now) const;
  /// Whether nobody has revoked it, or the session that it is of.
  [[nodiscard]] Result<bool> is_standing(const AccessToken& token, Instant now) const;
  [[nodiscard]] Result<bool> is_client_active(const ClientId& id, const AccessToken& token,
                                              const Directory::View& view) const;
  [[nodiscard]] Result<bool> is_subject_active(const AccessToken& token, const Directory::View& view) const;

  const std::string issuer_;
  const keys::PublishedKeyRing& ring_;
  const accounts::UserDirectory& users_;
  Directory& directory_;
  OneTimeStore& ended_;
  OpaqueTokenRepository& opaque_tokens_;
  RefreshFamilyRepository& families_;
};

/// Whether a text is of the form of a JWE (RFC 7516 §7.1): one that we may have issued and cannot read.
[[nodiscard]] bool looks_encrypted(std::string_view token) noexcept;

}  // namespace mintmark::oauth
