#include "mintmark/jose/alg.hpp"

#include <algorithm>
#include <array>

namespace mintmark::jose {
namespace {

using crypto::Hash;
using crypto::KeyType;
using crypto::SignatureKind;

struct AlgInfo {
  std::string_view name;
  bool symmetric;
  KeyType key_type;    // meaningless where symmetric
  SignatureKind kind;  // likewise
  std::optional<Hash> hash;
};

constexpr AlgInfo hmac(std::string_view name, Hash hash) {
  return {name, true, KeyType{}, SignatureKind{}, hash};
}
constexpr AlgInfo signature(std::string_view name, KeyType type, SignatureKind kind, std::optional<Hash> hash) {
  return {name, false, type, kind, hash};
}

// In the order of Alg.
constexpr std::array kInfos = {
    hmac("HS256", Hash::sha256),
    hmac("HS384", Hash::sha384),
    hmac("HS512", Hash::sha512),
    signature("RS256", KeyType::rsa, SignatureKind::rsa_pkcs1, Hash::sha256),
    signature("RS384", KeyType::rsa, SignatureKind::rsa_pkcs1, Hash::sha384),
    signature("RS512", KeyType::rsa, SignatureKind::rsa_pkcs1, Hash::sha512),
    signature("PS256", KeyType::rsa, SignatureKind::rsa_pss, Hash::sha256),
    signature("PS384", KeyType::rsa, SignatureKind::rsa_pss, Hash::sha384),
    signature("PS512", KeyType::rsa, SignatureKind::rsa_pss, Hash::sha512),
    signature("ES256", KeyType::p256, SignatureKind::ecdsa, Hash::sha256),
    signature("ES384", KeyType::p384, SignatureKind::ecdsa, Hash::sha384),
    signature("ES512", KeyType::p521, SignatureKind::ecdsa, Hash::sha512),
    signature("ES256K", KeyType::secp256k1, SignatureKind::ecdsa, Hash::sha256),
    signature("EdDSA", KeyType::ed25519, SignatureKind::pure, {}),
    signature("Ed25519", KeyType::ed25519, SignatureKind::pure, {}),
    signature("Ed448", KeyType::ed448, SignatureKind::pure, {}),
    signature("ML-DSA-44", KeyType::ml_dsa_44, SignatureKind::pure, {}),
    signature("ML-DSA-65", KeyType::ml_dsa_65, SignatureKind::pure, {}),
    signature("ML-DSA-87", KeyType::ml_dsa_87, SignatureKind::pure, {}),
};

constexpr auto kAlgs = [] {
  std::array<Alg, kInfos.size()> algs{};
  for (std::size_t i = 0; i < algs.size(); ++i)
    algs[i] = static_cast<Alg>(i);
  return algs;
}();
static_assert(kAlgs.back() == Alg::ML_DSA_87);

constexpr const AlgInfo& info(Alg alg) noexcept {
  return kInfos[static_cast<std::size_t>(alg)];
}

}  // namespace

std::span<const Alg> all_algs() noexcept {
  return kAlgs;
}

std::string_view name(Alg alg) noexcept {
  return info(alg).name;
}

std::optional<Alg> find_alg(std::string_view name) noexcept {
  const auto* const found = std::find_if(kAlgs.begin(), kAlgs.end(), [&](Alg alg) { return info(alg).name == name; });
  if (found == kAlgs.end()) return std::nullopt;
  return *found;
}

bool is_symmetric(Alg alg) noexcept {
  return info(alg).symmetric;
}

bool is_available(Alg alg) {
  return is_symmetric(alg) || crypto::is_available(key_type(alg));
}

Hash hmac_hash(Alg alg) noexcept {
  return *info(alg).hash;
}

KeyType key_type(Alg alg) noexcept {
  return info(alg).key_type;
}

std::optional<Alg> only_alg(KeyType type) noexcept {
  std::optional<Alg> only;
  for (const Alg alg : kAlgs) {
    if (is_symmetric(alg) || key_type(alg) != type) continue;
    if (only) return std::nullopt;
    only = alg;
  }
  return only;
}

crypto::SignatureScheme signature_scheme(Alg alg) noexcept {
  return {info(alg).kind, info(alg).hash};
}

}  // namespace mintmark::jose
