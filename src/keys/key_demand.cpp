#include "mintmark/keys/key_demand.hpp"

#include <algorithm>
#include <string>

#include "mintmark/crypto/digest.hpp"
#include "mintmark/jose/key.hpp"

namespace mintmark::keys {
namespace {

Result<void> check_alg(jose::Alg alg) {
  const std::string name(jose::name(alg));
  if (jose::is_symmetric(alg)) return invalid(name + ": is no algorithm of a public key");
  if (!jose::is_available(alg)) return unsupported(name + ": the OpenSSL of this machine does not have it");
  return {};
}

Result<void> check_secret(const KeyDemand::ResourceSecret& secret) {
  const std::string resource = "resource " + secret.resource.str() + ": ";
  if (!jose::is_symmetric(secret.alg)) {
    return invalid(resource + std::string(jose::name(secret.alg)) + " is no algorithm of a shared secret");
  }
  if (!secret.given) return {};
  if (Result<jose::SigningKey> key = jose::SigningKey::make(secret.alg, *secret.given); !key) {
    return Error{key.error().kind, resource + key.error().detail};
  }
  return {};
}

bool is_same_secret(const KeyDemand::ResourceSecret& a, const KeyDemand::ResourceSecret& b) {
  if (a.resource != b.resource || a.alg != b.alg || a.given.has_value() != b.given.has_value()) return false;
  return !a.given || crypto::constant_time_equal(a.given->reveal(), b.given->reveal());
}

}  // namespace

Result<void> check_demand(const KeyDemand& demand) {
  if (demand.rsa_bits != 2048 && demand.rsa_bits != 3072 && demand.rsa_bits != 4096) {
    return invalid("rsa_bits: must be 2048, 3072 or 4096");
  }
  for (const jose::Alg alg : demand.algs) {
    if (Result<void> checked = check_alg(alg); !checked) return checked;
  }
  for (const KeyDemand::ResourceSecret& secret : demand.secrets) {
    if (Result<void> checked = check_secret(secret); !checked) return checked;
  }
  return {};
}

bool is_same_demand(const KeyDemand& a, const KeyDemand& b) {
  return a.rsa_bits == b.rsa_bits && std::ranges::is_permutation(a.algs, b.algs) &&
         std::ranges::is_permutation(a.secrets, b.secrets, is_same_secret);
}

}  // namespace mintmark::keys
