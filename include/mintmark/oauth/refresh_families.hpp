#pragma once
// The rules of refresh families over their repository: start, present, rotate (invariant 4).
// Thread safety: all functions from any thread.

#include "mintmark/keys/key_ring.hpp"
#include "mintmark/oauth/refresh_family.hpp"
#include "mintmark/oauth/refresh_token.hpp"
#include "mintmark/oauth/token_events.hpp"

namespace mintmark::oauth {

class RefreshFamilies {
 public:
  /// Requires: the references outlive this object.
  RefreshFamilies(RefreshFamilyRepository& repository, const keys::PublishedKeyRing& ring, TokenEvents& events) noexcept
      : repository_(repository), ring_(ring), events_(events) {}

  /// A new family and its first token, which is none before start() has stored it. Requires: grants, scopes and times
  /// of `family` are set; id, generation and hash are given here.
  struct NewFamily {
    RefreshFamily family;
    Secret token;
  };
  [[nodiscard]] NewFamily prepare(RefreshFamily family) const;
  /// Its first token. Errors: of the repository.
  [[nodiscard]] OAuthResult<Secret> start(NewFamily prepared) const;

  /// The family of a token that `client` may use now. Nothing is consumed; but a genuine token that was used before,
  /// out of its grace, revokes its family. Errors: invalid_grant, the same text whatever is wrong.
  [[nodiscard]] OAuthResult<RefreshContinuation> present(const Secret& token, const Client& client,
                                                         const RequestContext& context) const;

  /// The family of a token that `client` could use now; none for any other. Changes nothing. Errors: of the repository.
  [[nodiscard]] OAuthResult<std::optional<RefreshContinuation>> find(const Secret& token, const Client& client,
                                                                     Instant now) const;

  /// The family of a token of ours, whichever of its tokens and whosever it is; none where it is gone. Errors: of the
  /// repository.
  [[nodiscard]] OAuthResult<std::optional<RefreshFamily>> find_any(const Secret& token) const;
  /// On disk when it returns. Errors: of the repository.
  [[nodiscard]] OAuthResult<void> revoke(const FamilyId& family, Instant now) const;

  /// The successor, on disk: the same one for every caller inside the grace of that token. Errors: invalid_grant, where
  /// the family has been revoked or has gone on meanwhile.
  [[nodiscard]] OAuthResult<Secret> rotate(const RefreshContinuation& continuation, const Client& client,
                                           const RequestContext& context) const;

 private:
  /// What a token is to its family.
  enum class Standing { foreign, dead, current, replayed, reused };
  [[nodiscard]] Standing standing(const RefreshFamily& family, const RefreshToken& token, const Client& client,
                                  Instant now) const;
  /// Whether it is the family's current token or was that once.
  [[nodiscard]] bool is_of(const RefreshFamily& family, const RefreshToken& token) const;
  [[nodiscard]] OAuthError refuse_reuse(const RefreshFamily& family, const RequestContext& context) const;

  RefreshFamilyRepository& repository_;
  const keys::PublishedKeyRing& ring_;
  TokenEvents& events_;
};

}  // namespace mintmark::oauth
