#include "mintmark/oauth/jwt_bearer_rules.hpp"

#include <algorithm>

#include "mintmark/base/contains.hpp"
#include "mintmark/base/text.hpp"
#include "mintmark/oauth/client.hpp"

namespace mintmark::oauth {
namespace {

constexpr std::size_t kMaxEntries = 10'000;  // each is held in memory

std::map<std::string, std::string, std::less<>> read_usernames(JsonReader& in) {
  std::map<std::string, std::string, std::less<>> usernames;
  const Json document = in.object("usernames");
  for (const auto& [subject, username] : document.items()) {
    if (!username.is_string() || username.get_ref<const std::string&>().empty() || subject.empty()) {
      in.reject("usernames", "expected names of users by the \"sub\" of tokens");
      return {};
    }
    usernames.emplace(subject, username.get<std::string>());
  }
  if (usernames.size() > kMaxEntries) in.reject("usernames", "has more than 10000 entries");
  return usernames;
}

std::optional<JwtBearerRules::ScopeMap> read_scopes(JsonReader& in) {
  if (!in.has("scopes")) return std::nullopt;
  JwtBearerRules::ScopeMap scopes;
  const Json document = in.object("scopes");
  for (const auto& [scope, theirs] : document.items()) {
    const bool is_list = theirs.is_array() && std::ranges::all_of(theirs, &Json::is_string);
    if (!is_scope_token(scope) || !is_list) {
      in.reject("scopes", "expected lists of the issuer's scopes by scopes of this service (RFC 6749 §3.3)");
      return std::nullopt;
    }
    scopes.emplace(scope, theirs.get<std::vector<std::string>>());
  }
  if (scopes.size() > kMaxEntries) in.reject("scopes", "has more than 10000 entries");
  return scopes;
}

/// RFC 8693 §4.2 for `scope`; others have arrays, of roles for example.
std::vector<std::string> read_their_scopes(const Json& claims, const std::string& member) {
  std::vector<std::string> scopes;
  const auto claim = claims.find(member);
  if (claim == claims.end()) return scopes;
  if (claim->is_string()) {
    for (const std::string_view scope : split(claim->get_ref<const std::string&>(), ' '))
      scopes.emplace_back(scope);
  } else if (claim->is_array()) {
    for (const Json& scope : *claim) {
      if (scope.is_string()) scopes.push_back(scope.get<std::string>());
    }
  }
  return scopes;
}

}  // namespace

JwtBearerRules read_jwt_bearer_rules(JsonReader& in) {
  JwtBearerRules rules;
  for (std::string& client : in.strings("clients")) {
    if (!is_client_id(client)) in.reject("clients", "expected client ids");
    rules.clients.emplace_back(std::move(client));
  }
  if (rules.clients.empty()) in.reject("clients", "expected at least one");
  rules.audience = in.string("audience");
  rules.username_claim = in.string("username_claim");
  rules.usernames = read_usernames(in);
  if (rules.username_claim.empty() == rules.usernames.empty()) {
    in.reject("usernames", "expected this or username_claim, and not both");
  }
  rules.scope_claim = in.string("scope_claim", rules.scope_claim);
  rules.scopes = read_scopes(in);
  (void)in.finish();  // recorded in the parent
  return rules;
}

Json render_jwt_bearer_rules(const JwtBearerRules& rules) {
  Json document = {{"scope_claim", rules.scope_claim}};
  document["clients"] = Json::array();
  for (const ClientId& client : rules.clients)
    document["clients"].push_back(client.str());
  if (!rules.audience.empty()) document["audience"] = rules.audience;
  if (!rules.username_claim.empty()) document["username_claim"] = rules.username_claim;
  if (!rules.usernames.empty()) document["usernames"] = rules.usernames;
  if (rules.scopes) document["scopes"] = *rules.scopes;
  return document;
}

std::optional<std::string> find_username(const JwtBearerRules& rules, const Json& claims) {
  if (!rules.username_claim.empty()) {
    std::optional<std::string> username = find_string(claims, rules.username_claim);
    return username && !username->empty() ? std::move(username) : std::nullopt;
  }
  const auto username = rules.usernames.find(find_string(claims, "sub").value_or(""));
  return username == rules.usernames.end() ? std::nullopt : std::optional(username->second);
}

std::optional<std::vector<std::string>> find_scopes(const JwtBearerRules& rules, const Json& claims) {
  if (!rules.scopes) return std::nullopt;
  const std::vector<std::string> theirs = read_their_scopes(claims, rules.scope_claim);
  std::vector<std::string> ours;
  for (const auto& [scope, any_of] : *rules.scopes) {
    const bool is_given =
        any_of.empty() || std::ranges::any_of(any_of, [&](const std::string& each) { return contains(theirs, each); });
    if (is_given) ours.push_back(scope);
  }
  return ours;
}

}  // namespace mintmark::oauth
