// token explain: what a request would come to, by the rules that the service itself decides by. Nothing is signed,
// sent, stored or consumed, and no credential is asked for.

#include <algorithm>
#include <ostream>

#include "cli/admin_context.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "mintmark/accounts/user_directory.hpp"
#include "mintmark/base/duration.hpp"
#include "mintmark/base/text.hpp"
#include "mintmark/oauth/access_token_claims.hpp"
#include "mintmark/oauth/policy.hpp"

namespace mintmark::app::cli {
namespace {

using oauth::GrantType;

struct ExplainOptions {
  std::string client;
  std::string grant;
  std::string user;
  std::string scope;
  std::vector<std::string> resources;
  bool has_proof = false;
  bool has_certificate = false;
  bool json = false;
};

/// What stands in the claims for what is only known once a request is made.
constexpr const char* kUnknown = "…";

/// One rule after the other, up to the one that refuses.
struct Path {
  struct Step {
    std::string rule;
    std::string outcome;
  };
  std::vector<Step> steps;
  std::optional<oauth::OAuthError> refusal;
  Json claims;

  void pass(std::string rule, std::string outcome) { steps.push_back({std::move(rule), std::move(outcome)}); }
  void refuse(std::string rule, oauth::OAuthError error) {
    const std::string_view why = error.cause ? std::string_view(error.cause->detail) : error.description.str();
    steps.push_back({std::move(rule), "refused: " + std::string(why)});
    refusal = std::move(error);
  }
};

/// By its name, or by the last part of it: "token-exchange".
std::optional<GrantType> find_grant_type(const std::string& text) {
  for (const GrantType grant : oauth::all_grant_types()) {
    const std::string_view known = oauth::name(grant);
    if (known == text || known.substr(known.rfind(':') + 1) == text) return grant;
  }
  return std::nullopt;
}

bool begins_with_user(GrantType grant) {
  return grant == GrantType::password || grant == GrantType::refresh_token || grant == GrantType::jwt_bearer;
}

/// Which rule of Policy it is that answers with the code.
std::string rule_of(oauth::OAuthCode code) {
  switch (code) {
    case oauth::OAuthCode::invalid_target:
      return "resource";
    case oauth::OAuthCode::invalid_scope:
      return "scope";
    case oauth::OAuthCode::invalid_grant:
      return "session";
    default:
      return "bound to";
  }
}

/// What a request is taken to have, which nothing here can know.
std::string_view assumption_of(GrantType grant) {
  switch (grant) {
    case GrantType::password:
      return "as if the password were right";
    case GrantType::client_credentials:
      return "as if the client had authenticated";
    case GrantType::refresh_token:
      return "as if the session had been granted all that is asked for";
    case GrantType::jwt_bearer:
      return "as if the token of the trusted issuer were good, with all scopes of its rules";
    case GrantType::token_exchange:
      break;
  }
  return "as if the subject token were for a resource of token_exchange.from, with all scopes";
}

Result<std::optional<accounts::User>> find_user(const AdminContext& admin, const std::string& username) {
  if (username.empty()) return std::optional<accounts::User>();
  const accounts::UserDirectory users(admin.config.users, admin.storage->users());
  Result<std::optional<accounts::User>> user = users.find_by_username(username);
  if (user && !user->has_value()) return no_such("user", username);
  return user;
}

oauth::Authorization make_authorization(const std::shared_ptr<const oauth::Client>& client, GrantType grant,
                                        std::optional<accounts::User> user, const ExplainOptions& options,
                                        Instant now) {
  oauth::Authorization authorization{.grant = grant, .client = client, .user = std::move(user)};
  if (authorization.user && grant != GrantType::jwt_bearer) authorization.authenticated_at = now;
  if (options.has_proof) authorization.jkt = kUnknown;
  if (options.has_certificate) authorization.x5t = kUnknown;
  if (grant != GrantType::token_exchange) return authorization;
  const oauth::TokenExchange& exchange = client->token_exchange;
  authorization.targets = exchange.from;
  authorization.targets->insert(authorization.targets->end(), exchange.to.begin(), exchange.to.end());
  const bool acts = authorization.user.has_value() && !exchange.impersonation;
  if (acts) authorization.actor = {{"sub", client->id.str()}};
  return authorization;
}

oauth::TokenRequest make_request(const ExplainOptions& options) {
  oauth::TokenRequest request;
  if (!options.scope.empty()) request.scope = options.scope;
  for (const std::string& resource : options.resources)
    request.resources.emplace_back(resource);
  return request;
}

std::string describe_client(const oauth::Client& client) {
  std::vector<std::string> methods;
  for (const oauth::ClientAuthMethod method : client.auth_methods)
    methods.emplace_back(oauth::name(method));
  return client.id.str() + ", authenticates by " + join(methods, " or ");
}

void describe_admission(Path& path, const oauth::Admission& admission) {
  std::vector<std::string> resources;
  for (const auto& resource : admission.resources())
    resources.push_back(resource->id.str());
  path.pass("resource", join(resources, " "));
  path.pass("scope", admission.scopes().empty() ? "none" : join(admission.scopes(), " "));
  const oauth::Authorization& authorization = admission.authorization();
  if (authorization.jkt) path.pass("bound to", "the key of the DPoP proof");
  if (authorization.x5t) path.pass("bound to", "the client's certificate");
  const oauth::Resource& profile = *admission.resources().front();
  path.pass("token", std::string(oauth::format_name(profile)) + ", " + std::string(jose::name(profile.alg)) + ", " +
                         std::string(oauth::name(profile.typ)) + ", for " + format_duration(admission.lifetime()));
}

/// The steps of the token endpoint, but for what proves that somebody is who he says.
Path walk(const AdminContext& admin, const std::shared_ptr<const oauth::Client>& client, GrantType grant,
          std::optional<accounts::User> user, const ExplainOptions& options, Instant now) {
  Path path;
  const oauth::Policy policy(admin.config.keys.periods.longest_lifetime);
  path.pass("client", describe_client(*client));
  if (const auto admitted = policy.admit_client(*client, grant); !admitted) {
    path.refuse("grant", admitted.error());
    return path;
  }
  path.pass("grant", std::string(oauth::name(grant)) + ", " + std::string(assumption_of(grant)));
  path.pass("subject", user ? "the user " + user->username + ", " + user->id.str() : "the client itself");
  oauth::Authorization authorization = make_authorization(client, grant, std::move(user), options, now);
  if (const auto admitted = policy.admit_session(authorization); !admitted) {
    path.refuse("user", admitted.error());
    return path;
  }
  const std::shared_ptr<const oauth::Directory::ResourceMap> resources = admin.directory->resources();
  const auto admission = policy.admit(std::move(authorization), make_request(options), *resources);
  if (!admission) {
    path.refuse(rule_of(admission.error().code), admission.error());
    return path;
  }
  describe_admission(path, *admission);
  jose::UnsignedClaims claims;
  oauth::add_access_token_claims(claims, *admission, admin.config.issuer.url, kUnknown, now);
  if (Result<Json> made = parse_json_object(claims.finish())) path.claims = *std::move(made);
  return path;
}

void print_path(const Session& session, const Path& path, bool json) {
  if (json) {
    Json steps = Json::array();
    for (const Path::Step& step : path.steps)
      steps.push_back({{"rule", step.rule}, {"outcome", step.outcome}});
    Json document = {{"allowed", !path.refusal.has_value()}, {"steps", std::move(steps)}};
    if (path.refusal) document["error"] = oauth::name(path.refusal->code);
    if (!path.refusal) document["claims"] = path.claims;
    print_json(session.io.out, document);
    return;
  }
  std::size_t width = 0;
  for (const Path::Step& step : path.steps)
    width = std::max(width, step.rule.size());
  for (const Path::Step& step : path.steps) {
    session.io.out << step.rule << std::string(width - step.rule.size() + 2, ' ') << printable(step.outcome) << "\n";
  }
  if (!path.refusal) print_json(session.io.out, path.claims);
}

Result<void> explain(const Session& session, const ExplainOptions& options) {
  const std::optional<GrantType> grant = find_grant_type(options.grant);
  if (!grant) return invalid("--grant: there is no grant \"" + options.grant + "\"");
  if (begins_with_user(*grant) && options.user.empty()) return invalid("this grant takes a --user");
  if (*grant == GrantType::client_credentials && !options.user.empty()) return invalid("this grant takes no --user");
  const Result<AdminContext> admin = open_admin_to_read(session);
  if (!admin) return admin.error();
  const Result<std::shared_ptr<const oauth::Client>> client = admin->directory->find_client(ClientId(options.client));
  if (!client) return client.error();
  if (*client == nullptr) return no_such("client", options.client);
  Result<std::optional<accounts::User>> user = find_user(*admin, options.user);
  if (!user) return user.error();
  const Path path = walk(*admin, *client, *grant, *std::move(user), options, session.clock.now());
  print_path(session, path, options.json);
  if (!path.refusal) return {};
  return invalid("no token: " + std::string(oauth::name(path.refusal->code)) + ": " +
                 std::string(path.refusal->description.str()));
}

}  // namespace

void add_explain_command(CLI::App& group, Session& session) {
  const auto options = std::make_shared<ExplainOptions>();
  CLI::App& command = add_service_command(
      group, session, "explain", "Print why a request would be granted, with the claims, or which rule refuses it",
      [&session, options] { return explain(session, *options); });
  add_value(command, "--client", options->client, "Who asks").required();
  add_value(command, "--grant", options->grant,
            "How: password, client_credentials, refresh_token, jwt-bearer or token-exchange")
      .required();
  add_value(command, "--user", options->user, "For whom: a username");
  add_repeated(command, "--resource", options->resources, "What the token is for; may repeat").type_name("URI");
  add_value(command, "--scope", options->scope,
            "With which scopes, separated by spaces; default all that are available");
  command.add_flag("--dpop", options->has_proof, "As if a DPoP proof came with it");
  command.add_flag("--certificate", options->has_certificate, "As if a client certificate came with it");
  command.add_flag("--json", options->json, "As JSON");
  command.footer(
      "Nothing is signed, and no credential is checked. Exit code 1: refused.\n"
      "Example:\n  mintmark token explain --client billing --grant client_credentials --scope invoices:read");
}

}  // namespace mintmark::app::cli
