#pragma once
// Whom a token of a trusted issuer stands for here, by the rules declared with that issuer: for every grant that takes
// such tokens. Thread safety: find() from any thread.

#include <optional>
#include <string>
#include <vector>

#include "mintmark/accounts/user_directory.hpp"
#include "mintmark/oauth/directory.hpp"
#include "mintmark/oauth/foreign_token.hpp"
#include "mintmark/oauth/one_time_store.hpp"

namespace mintmark::oauth {

struct TrustedSubject {
  accounts::User user;
  Json claims;
  std::optional<Instant> authenticated_at;         ///< where the issuer says so (OpenID Connect Core §2)
  std::optional<std::vector<std::string>> scopes;  ///< all that the rules give; none: no such limit
  std::optional<OneTimeValue> one_time;            ///< of an issuer whose tokens are good once
  Instant expires_at;
};

class TrustedSubjects {
 public:
  /// `issuer` is this service's URL. Requires: the references outlive this object.
  TrustedSubjects(std::string issuer, const Directory& directory, const accounts::UserDirectory& users,
                  VerificationKeySets& key_sets)
      : issuer_(std::move(issuer)), directory_(directory), users_(users), key_sets_(key_sets) {}

  /// A token that `presenter` may present. Consumes nothing. Errors: invalid, with what is wrong, for the log;
  /// unavailable, where the issuer's keys have not been fetched yet; those of the repository.
  [[nodiscard]] Result<TrustedSubject> find(const ForeignToken& token, const ClientId& presenter, Instant now) const;

 private:
  [[nodiscard]] Result<accounts::User> find_user(const JwtBearerRules& rules, const Json& claims) const;

  const std::string issuer_;
  const Directory& directory_;
  const accounts::UserDirectory& users_;
  VerificationKeySets& key_sets_;
};

}  // namespace mintmark::oauth
