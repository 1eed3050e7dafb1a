#include <openssl/rsa.h>

#include <algorithm>

#include "bignum.hpp"
#include "key_object.hpp"
#include "message_digest.hpp"

namespace mintmark::crypto {
namespace {

Error mismatch() {
  return invalid("signature: the scheme is not one for this type of key");
}
Error bad_signature() {
  return crypto_error("signature: not valid");
}
Error cannot_sign() {
  return crypto_error("signature: cannot be made");
}

bool fits(KeyFamily family, const SignatureScheme& scheme) {
  const bool hashes = scheme.hash.has_value();
  switch (scheme.kind) {
    case SignatureKind::rsa_pkcs1:
    case SignatureKind::rsa_pss:
      return family == KeyFamily::rsa && hashes;
    case SignatureKind::ecdsa:
      return family == KeyFamily::ec && hashes;
    case SignatureKind::pure:
      return (family == KeyFamily::edwards || family == KeyFamily::ml_dsa) && !hashes;
  }
  return false;
}

std::size_t max_signature_bytes(const KeyObject& key) {
  return static_cast<std::size_t>(EVP_PKEY_get_size(key.pkey.get()));
}

bool set_rsa_scheme(EVP_PKEY_CTX* context, const SignatureScheme& scheme) {
  const EVP_MD* md = message_digest(*scheme.hash);
  if (scheme.kind == SignatureKind::rsa_pkcs1) {
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) > 0 &&
           EVP_PKEY_CTX_set_signature_md(context, md) > 0;
  }
  // RFC 7518 §3.5: MGF1 with the same hash, and salt exactly as long as the hash.
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) > 0 &&
         EVP_PKEY_CTX_set_signature_md(context, md) > 0 && EVP_PKEY_CTX_set_rsa_mgf1_md(context, md) > 0 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) > 0;
}

/// The signature of a hash, in OpenSSL's own encoding; empty on failure.
Bytes sign_digest(EVP_PKEY_CTX* context, const DigestValue& digest, std::size_t max_bytes) {
  Bytes signature(max_bytes);
  std::size_t size = signature.size();
  if (EVP_PKEY_sign(context, signature.data(), &size, digest.bytes.data(), digest.size) != 1) return {};
  signature.resize(size);
  return signature;
}

bool verify_digest(EVP_PKEY_CTX* context, const DigestValue& digest, ByteView signature) {
  return EVP_PKEY_verify(context, signature.data(), signature.size(), digest.bytes.data(), digest.size) == 1;
}

bool verify_rsa(const KeyObject& key, const SignatureScheme& scheme, const DigestValue& digest, ByteView signature) {
  // RFC 8017 §8.1.2, §8.2.2: exactly as long as the modulus.
  if (signature.size() != max_signature_bytes(key)) return false;
  const PkeyCtxPtr context(EVP_PKEY_CTX_dup(key.verifier.get()));
  return context && set_rsa_scheme(context.get(), scheme) && verify_digest(context.get(), digest, signature);
}

Result<Bytes> sign_rsa(const KeyObject& key, const SignatureScheme& scheme, ByteView message) {
  const DigestValue digest = compute_digest(*scheme.hash, message);
  const PkeyCtxPtr context(EVP_PKEY_CTX_dup(key.signer.get()));
  if (!context || !set_rsa_scheme(context.get(), scheme)) return cannot_sign();
  Bytes signature = sign_digest(context.get(), digest, max_signature_bytes(key));
  // A fault in one half of the CRT computation gives a signature from which the key can be factored.
  if (!verify_rsa(key, scheme, digest, signature)) return crypto_error("signature: withheld, it does not verify");
  return signature;
}

/// R‖S (RFC 7518 §3.4) of what OpenSSL has as DER; empty on failure.
Bytes to_fixed_length(ByteView der, std::size_t number_bytes) {
  const std::uint8_t* at = der.data();
  const EcdsaSigPtr signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  if (!signature) return {};
  Bytes out = to_bytes(ECDSA_SIG_get0_r(signature.get()), number_bytes);
  const Bytes s = to_bytes(ECDSA_SIG_get0_s(signature.get()), number_bytes);
  out.insert(out.end(), s.begin(), s.end());
  return out;
}

/// The reverse; empty on failure.
Bytes to_der(ByteView r, ByteView s) {
  const EcdsaSigPtr signature(ECDSA_SIG_new());
  if (!signature || ECDSA_SIG_set0(signature.get(), to_bignum(r).release(), to_bignum(s).release()) != 1) return {};
  const int size = i2d_ECDSA_SIG(signature.get(), nullptr);
  if (size <= 0) return {};
  Bytes der(static_cast<std::size_t>(size));
  std::uint8_t* at = der.data();
  return i2d_ECDSA_SIG(signature.get(), &at) == size ? der : Bytes{};
}

Result<Bytes> sign_ecdsa(const KeyObject& key, const SignatureScheme& scheme, ByteView message) {
  const PkeyCtxPtr context(EVP_PKEY_CTX_dup(key.signer.get()));
  if (!context) return cannot_sign();
  const Bytes der = sign_digest(context.get(), compute_digest(*scheme.hash, message), max_signature_bytes(key));
  Bytes signature = to_fixed_length(der, info(key.type).number_bytes);
  if (signature.empty()) return cannot_sign();
  return signature;
}

bool is_zero(ByteView number) {
  return std::all_of(number.begin(), number.end(), [](std::uint8_t byte) { return byte == 0; });
}

bool verify_ecdsa(const KeyObject& key, const SignatureScheme& scheme, ByteView message, ByteView signature) {
  const std::size_t half = info(key.type).number_bytes;
  if (signature.size() != 2 * half) return false;
  const ByteView r = signature.first(half);
  const ByteView s = signature.last(half);
  // CVE-2022-21449. OpenSSL refuses zero and numbers beyond the order as well; this does not rest on it.
  if (is_zero(r) || is_zero(s)) return false;
  const Bytes der = to_der(r, s);
  const PkeyCtxPtr context(EVP_PKEY_CTX_dup(key.verifier.get()));
  return context && !der.empty() && verify_digest(context.get(), compute_digest(*scheme.hash, message), der);
}

Result<Bytes> sign_pure(const KeyObject& key, ByteView message) {
  const MdCtxPtr context(EVP_MD_CTX_new());
  Bytes signature(max_signature_bytes(key));
  std::size_t size = signature.size();
  if (!context ||
      EVP_DigestSignInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key.pkey.get(), nullptr) != 1 ||
      EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) != 1) {
    return cannot_sign();
  }
  signature.resize(size);
  return signature;
}

bool verify_pure(const KeyObject& key, ByteView message, ByteView signature) {
  if (signature.size() != max_signature_bytes(key)) return false;
  const MdCtxPtr context(EVP_MD_CTX_new());
  return context &&
         EVP_DigestVerifyInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key.pkey.get(), nullptr) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) == 1;
}

bool verify_by_kind(const KeyObject& key, const SignatureScheme& scheme, ByteView message, ByteView signature) {
  switch (info(key.type).family) {
    case KeyFamily::rsa:
      return verify_rsa(key, scheme, compute_digest(*scheme.hash, message), signature);
    case KeyFamily::ec:
      return verify_ecdsa(key, scheme, message, signature);
    case KeyFamily::edwards:
    case KeyFamily::ml_dsa:
      return verify_pure(key, message, signature);
    case KeyFamily::montgomery:
      break;
  }
  return false;
}

}  // namespace

Result<KeyObject> make_key_object(KeyType type, PkeyPtr pkey, KeyHalves halves) {
  KeyObject key{type, std::move(pkey), nullptr, nullptr};
  const KeyFamily family = info(type).family;
  if (family != KeyFamily::rsa && family != KeyFamily::ec) return key;
  key.verifier.reset(EVP_PKEY_CTX_new_from_pkey(nullptr, key.pkey.get(), nullptr));
  if (!key.verifier || EVP_PKEY_verify_init(key.verifier.get()) != 1)
    return unsupported("key: OpenSSL cannot verify with it");
  if (halves == KeyHalves::public_only) return key;
  key.signer.reset(EVP_PKEY_CTX_new_from_pkey(nullptr, key.pkey.get(), nullptr));
  if (!key.signer || EVP_PKEY_sign_init(key.signer.get()) != 1) return unsupported("key: OpenSSL cannot sign with it");
  return key;
}

Result<Bytes> sign_with(const KeyObject& key, const SignatureScheme& scheme, ByteView message) {
  const ErrorQueueScope errors;
  const KeyFamily family = info(key.type).family;
  if (!fits(family, scheme)) return mismatch();
  switch (family) {
    case KeyFamily::rsa:
      return sign_rsa(key, scheme, message);
    case KeyFamily::ec:
      return sign_ecdsa(key, scheme, message);
    case KeyFamily::edwards:
    case KeyFamily::ml_dsa:
      return sign_pure(key, message);
    case KeyFamily::montgomery:
      break;
  }
  return mismatch();
}

Result<void> verify_with(const KeyObject& key, const SignatureScheme& scheme, ByteView message, ByteView signature) {
  const ErrorQueueScope errors;
  if (!fits(info(key.type).family, scheme)) return mismatch();
  if (!verify_by_kind(key, scheme, message, signature)) return bad_signature();
  return {};
}

}  // namespace mintmark::crypto
