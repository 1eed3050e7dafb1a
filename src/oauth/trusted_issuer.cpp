#include "mintmark/oauth/trusted_issuer.hpp"

#include "mintmark/base/contains.hpp"
#include "mintmark/base/duration.hpp"

namespace mintmark::oauth {
namespace {

constexpr std::size_t kMaxNameBytes = 2048;  // `iss`, `sub` and `aud` alike
constexpr std::size_t kMaxIdentities = 64;
constexpr Duration kLongestLifetime = std::chrono::hours(24 * 366);  // of what a cluster may still write into Secrets

std::string read_name(JsonReader& in, std::string_view member) {
  std::string name = in.required_string(member);
  if (name.size() > kMaxNameBytes) in.reject(member, "longer than 2048 bytes");
  return name;
}

WorkloadIdentity read_identity(JsonReader& in) {
  WorkloadIdentity identity;
  identity.issuer = read_name(in, "issuer");
  identity.subject = read_name(in, "subject");
  if (in.has("audience")) identity.audience = read_name(in, "audience");
  (void)in.finish();  // recorded in the parent
  return identity;
}

}  // namespace

TrustedIssuer read_trusted_issuer(JsonReader& in) {
  TrustedIssuer trusted;
  trusted.issuer = read_name(in, "issuer");
  if (std::optional<KeySetPlace> keys = read_key_set_place(in)) {
    trusted.keys = *std::move(keys);
  } else {
    in.reject("jwks_uri", "expected this, jwks or jwks_file");
  }
  trusted.algs = read_signature_algs(in, "algs");
  trusted.max_lifetime = in.duration("max_lifetime", trusted.max_lifetime);
  trusted.single_use = in.boolean("single_use", false);
  if (in.has("jwt_bearer")) {
    JsonReader rules = in.child("jwt_bearer");
    trusted.jwt_bearer = read_jwt_bearer_rules(rules);
  }
  if (trusted.max_lifetime > kLongestLifetime) in.reject("max_lifetime", "expected at most \"366d\"");
  return trusted;
}

Json render_trusted_issuer(const TrustedIssuer& trusted) {
  Json document = {{"issuer", trusted.issuer},
                   {"algs", render_algs(trusted.algs)},
                   {"max_lifetime", format_duration(trusted.max_lifetime)},
                   {"single_use", trusted.single_use}};
  if (trusted.jwt_bearer) document["jwt_bearer"] = render_jwt_bearer_rules(*trusted.jwt_bearer);
  render_key_set_place(trusted.keys, document);
  return document;
}

std::vector<WorkloadIdentity> read_identities(JsonReader& in) {
  std::vector<WorkloadIdentity> identities;
  for (JsonReader& item : in.children("identities")) {
    WorkloadIdentity identity = read_identity(item);
    if (contains(identities, identity)) in.reject("identities", "names one identity twice");
    identities.push_back(std::move(identity));
  }
  if (identities.size() > kMaxIdentities) in.reject("identities", "has more than 64 entries");
  return identities;
}

Json render_identities(const std::vector<WorkloadIdentity>& identities) {
  Json documents = Json::array();
  for (const WorkloadIdentity& identity : identities) {
    Json document = {{"issuer", identity.issuer}, {"subject", identity.subject}};
    if (!identity.audience.empty()) document["audience"] = identity.audience;
    documents.push_back(std::move(document));
  }
  return documents;
}

}  // namespace mintmark::oauth
