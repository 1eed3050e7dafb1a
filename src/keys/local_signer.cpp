#include "local_signer.hpp"

#include "mintmark/base/bytes.hpp"

namespace mintmark::keys {
namespace {

/// An RSA signature of 2048 bits takes just under a millisecond, and the time grows with the cube of the length; the
/// other algorithms stay at or below it.
constexpr std::size_t kFastRsaBits = 2048;

bool signs_slowly(const jose::VerificationKey& key) {
  if (jose::is_symmetric(key.alg()) || jose::key_type(key.alg()) != crypto::KeyType::rsa) return false;
  const Result<crypto::PublicKey> rsa = crypto::PublicKey::from_pem(key.public_pem());
  return rsa && rsa->bits() > kFastRsaBits;
}

}  // namespace

LocalSigner::LocalSigner(jose::SigningKey key)
    : key_(std::move(key)), is_slow_(signs_slowly(key_.verification_key())) {}

Result<std::string> LocalSigner::sign(std::string_view typ, jose::UnsignedClaims& claims) const {
  return jose::sign_jwt(key_, typ, claims);
}

Result<void> LocalSigner::check() const {
  const ByteView message = as_bytes("mintmark: does this key sign?");
  Result<Bytes> signature = key_.sign(message);
  if (!signature) return crypto_error("key " + kid().str() + " does not sign: " + signature.error().detail);
  if (Result<void> verified = verification_key().verify(message, *signature); !verified) {
    return crypto_error("key " + kid().str() + ": its signature does not verify: " + verified.error().detail);
  }
  return {};
}

}  // namespace mintmark::keys
