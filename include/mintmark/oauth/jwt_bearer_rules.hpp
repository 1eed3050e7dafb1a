#pragma once
// What the tokens of a trusted issuer are good for as a grant of their own (RFC 7523 §2.1). Declared with the issuer:
//
//   "jwt_bearer": { "clients": ["app"], "usernames": { "5f7c-external": "alice" },
//                   "scopes": { "orders.read": [], "orders.write": ["admin", "editor"] } }
//
// Thread safety: values and pure functions.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "mintmark/base/ids.hpp"
#include "mintmark/base/json_reader.hpp"

namespace mintmark::oauth {

struct JwtBearerRules {
  /// A scope of ours, and the scopes of theirs of which one must be in the token; empty: any token has it.
  using ScopeMap = std::map<std::string, std::vector<std::string>>;

  std::vector<ClientId> clients;                              ///< that may present such tokens
  std::string audience;                                       ///< `aud`, and nobody else; our issuer URL where empty
  std::string username_claim;                                 ///< that names a user of ours; or else
  std::map<std::string, std::string, std::less<>> usernames;  ///< by `sub`
  std::string scope_claim = "scope";                          ///< a list with spaces, or an array
  std::optional<ScopeMap> scopes;                             ///< all that the grant may give; none: no such limit

  bool operator==(const JwtBearerRules&) const = default;
};

/// Reads all members of such a document; problems are recorded in `in`.
JwtBearerRules read_jwt_bearer_rules(JsonReader& in);
/// read_jwt_bearer_rules gives it back.
Json render_jwt_bearer_rules(const JwtBearerRules& rules);

/// Whom a token with these claims stands for; none where for nobody.
std::optional<std::string> find_username(const JwtBearerRules& rules, const Json& claims);
/// The most that it is good for; none where there is no such limit.
std::optional<std::vector<std::string>> find_scopes(const JwtBearerRules& rules, const Json& claims);

}  // namespace mintmark::oauth
