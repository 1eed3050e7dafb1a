#pragma once
// The signature algorithms (RFC 7518 §3.1, RFC 8037 §3.1, RFC 8812 §3.2, RFC 9864 §2, RFC 9964): a closed set. `none`
// is not in it. Thread safety: pure functions.

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "mintmark/crypto/pkey.hpp"

namespace mintmark::jose {

enum class Alg {
  HS256,
  HS384,
  HS512,
  RS256,
  RS384,
  RS512,
  PS256,
  PS384,
  PS512,
  ES256,
  ES384,
  ES512,
  ES256K,
  EdDSA,  ///< Ed25519 under its older, polymorphic name
  Ed25519,
  Ed448,
  ML_DSA_44,
  ML_DSA_65,
  ML_DSA_87,
};

std::span<const Alg> all_algs() noexcept;
/// The name on the wire: "ES256", "ML-DSA-44".
std::string_view name(Alg alg) noexcept;
/// Exact, as JOSE names are case-sensitive.
std::optional<Alg> find_alg(std::string_view name) noexcept;

bool is_symmetric(Alg alg) noexcept;
/// Whether the OpenSSL found at run time can sign with it.
bool is_available(Alg alg);
/// The hash of HS*, and so the least length of its key (RFC 7518 §3.2). Requires: symmetric.
crypto::Hash hmac_hash(Alg alg) noexcept;
/// Requires: not symmetric.
crypto::KeyType key_type(Alg alg) noexcept;
/// The one algorithm that keys of this type sign with, where there is one alone.
std::optional<Alg> only_alg(crypto::KeyType type) noexcept;
/// Requires: not symmetric.
crypto::SignatureScheme signature_scheme(Alg alg) noexcept;

}  // namespace mintmark::jose
