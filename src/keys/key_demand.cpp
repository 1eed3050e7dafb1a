#include "mintmark/keys/key_demand.hpp"

#include <string>

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

}  // namespace mintmark::keys
