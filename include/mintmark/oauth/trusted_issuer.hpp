#pragma once
// Issuers outside of this service whose tokens are believed: a Kubernetes cluster, a SPIFFE trust domain, another
// OpenID provider. Declared in the configuration:
//
//   { "issuer": "https://kubernetes.default.svc", "jwks_uri": "https://…/jwks", "algs": ["RS256"] }
//
// Which client such a token authenticates is said by the client's `identities`, whom it stands for as a grant by
// `jwt_bearer`.
// Thread safety: values.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "mintmark/base/clock.hpp"
#include "mintmark/base/json_reader.hpp"
#include "mintmark/oauth/jwt_bearer_rules.hpp"
#include "mintmark/oauth/verification_keys.hpp"

namespace mintmark::oauth {

struct TrustedIssuer {
  std::string issuer;  ///< `iss`, compared to the letter
  KeySetPlace keys;
  std::vector<jose::Alg> algs;                     ///< of its signatures; all of its keys' where empty
  Duration max_lifetime = std::chrono::hours(24);  ///< the most that its tokens may have left
  bool single_use = false;                         ///< each token has a `jti`, and is good for once
  std::optional<JwtBearerRules> jwt_bearer = {};   ///< none: its tokens are no grant

  bool operator==(const TrustedIssuer&) const = default;
};

using TrustedIssuerMap = std::map<std::string, TrustedIssuer, std::less<>>;

/// Reads all members of such a document; problems are recorded in `in`.
TrustedIssuer read_trusted_issuer(JsonReader& in);
/// read_trusted_issuer gives it back.
Json render_trusted_issuer(const TrustedIssuer& trusted);

/// Who a client is elsewhere: tokens with exactly these three authenticate it (RFC 7523 §2.2).
struct WorkloadIdentity {
  std::string issuer;    ///< of a trusted issuer
  std::string subject;   ///< `sub`
  std::string audience;  ///< `aud`, and nobody else; this service's issuer URL where empty

  bool operator==(const WorkloadIdentity&) const = default;
};

/// Reads the array `identities`; problems are recorded in `in`.
std::vector<WorkloadIdentity> read_identities(JsonReader& in);
Json render_identities(const std::vector<WorkloadIdentity>& identities);

}  // namespace mintmark::oauth
