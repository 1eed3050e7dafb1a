#pragma once
// What the keys are needed for, as the resources say it.
// Thread safety: values and a pure function.

#include <cstddef>
#include <optional>
#include <vector>

#include "mintmark/base/ids.hpp"
#include "mintmark/base/result.hpp"
#include "mintmark/base/secret.hpp"
#include "mintmark/jose/alg.hpp"

namespace mintmark::keys {

/// What a key ring is needed for. An algorithm that is not named gets no successors, so a command that rotates must
/// name what the server names; the secret of a resource that is not named stays as it is.
struct KeyDemand {
  std::vector<jose::Alg> algs;  ///< asymmetric, of all resources
  struct ResourceSecret {
    ResourceId resource;
    jose::Alg alg;
    std::optional<Secret> given;  ///< declared in the configuration; generated where there is none
  };
  std::vector<ResourceSecret> secrets;  ///< resources that use HS*
  std::size_t rsa_bits = 2048;
};

/// Errors: invalid, naming the resource or the algorithm, for one of the wrong kind, a secret too short for its
/// algorithm (RFC 7518 §3.2), an RSA size that is not 2048, 3072 or 4096; unsupported, for an algorithm that the
/// OpenSSL found at run time lacks.
Result<void> check_demand(const KeyDemand& demand);

/// Whether both ask for the same, in whatever order.
bool is_same_demand(const KeyDemand& a, const KeyDemand& b);

}  // namespace mintmark::keys
