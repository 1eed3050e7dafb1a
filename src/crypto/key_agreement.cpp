// Diffie-Hellman on curves: ECDH (NIST SP 800-56A §5.7.1.2), X25519 and X448 (RFC 7748 §6).

#include "key_agreement.hpp"

#include "fatal.hpp"
#include "key_object.hpp"
#include "secret_buffer.hpp"

namespace mintmark::crypto {
namespace {

/// secp256k1 signs for those who must; no key agreement of JOSE has it.
bool agrees(KeyType type) noexcept {
  const KeyFamily family = info(type).family;
  return family == KeyFamily::montgomery || (family == KeyFamily::ec && type != KeyType::secp256k1);
}

/// None where OpenSSL refuses the peer or the result. Requires: both are of `type`.
std::optional<Secret> derive(KeyType type, EVP_PKEY* own, EVP_PKEY* peer) {
  constexpr int kAsItIs = 0;  // every PublicKey was validated when it was made; again would cost as much as agreeing
  SecretBuffer shared(info(type).number_bytes);
  std::size_t size = shared.size();
  const PkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, own, nullptr));
  const bool derived = context && EVP_PKEY_derive_init(context.get()) == 1 &&
                       EVP_PKEY_derive_set_peer_ex(context.get(), peer, kAsItIs) == 1 &&
                       EVP_PKEY_derive(context.get(), shared.data(), &size) == 1 && size == shared.size();
  if (!derived) return std::nullopt;
  return shared.take(size);
}

PkeyPtr make_trial_key(KeyType type) {
  PkeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, info(type).algorithm));
  if (!key) fatal("a key for trial agreements cannot be made");
  return key;
}

/// A key of no other use: a point of small order gives zero with every key.
EVP_PKEY* trial_key(KeyType type) {
  static const PkeyPtr x25519 = make_trial_key(KeyType::x25519);
  static const PkeyPtr x448 = make_trial_key(KeyType::x448);
  return type == KeyType::x25519 ? x25519.get() : x448.get();
}

}  // namespace

Result<void> check_montgomery_public(KeyType type, EVP_PKEY* pkey) {
  if (!derive(type, trial_key(type), pkey)) return invalid("X25519 or X448 key: a point of small order");
  return {};
}

Result<Secret> PrivateKey::agree(const PublicKey& peer) const {
  const ErrorQueueScope errors;
  if (!agrees(type()) || peer.type() != type())
    return invalid("key agreement: the keys are not of one type that agrees");
  std::optional<Secret> shared = derive(type(), impl_->pkey.get(), peer.impl_->pkey.get());
  if (!shared) return crypto_error("key agreement: nothing secret comes of these keys");
  return *std::move(shared);
}

}  // namespace mintmark::crypto
