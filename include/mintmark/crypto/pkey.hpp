#pragma once
// Asymmetric keys, what they sign, and what they encrypt or agree upon, on OpenSSL's EVP. A key is checked when it is
// made (RFC 8725 §3.5: point on its curve and not of small order, RSA of 2048 to 16384 bits with a sane odd exponent
// and without the ROCA fingerprint), so every object in hand is usable. Thread safety: immutable; copies share one
// OpenSSL object; all functions from any thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "mintmark/base/bytes.hpp"
#include "mintmark/base/result.hpp"
#include "mintmark/base/secret.hpp"
#include "mintmark/crypto/digest.hpp"

namespace mintmark::crypto {

enum class KeyType {
  rsa,
  p256,
  p384,
  p521,
  secp256k1,
  ed25519,
  ed448,
  x25519,  ///< RFC 7748; agrees, never signs
  x448,
  ml_dsa_44,
  ml_dsa_65,
  ml_dsa_87,
};

/// Whether the OpenSSL found at run time has keys of this type.
bool is_available(KeyType type);

enum class SignatureKind {
  rsa_pkcs1,  ///< RSASSA-PKCS1-v1_5
  rsa_pss,    ///< RSASSA-PSS, MGF1 with the same hash, salt as long as the hash
  ecdsa,      ///< R‖S, each as long as the curve's order (RFC 7518 §3.4)
  pure,       ///< EdDSA and ML-DSA: no prehash, no context
};

struct SignatureScheme {
  SignatureKind kind;
  std::optional<Hash> hash;  ///< none for `pure`
};

/// The hash of RSAES-OAEP and of its MGF1 (RFC 8017 §7.1); the label is empty. SHA-1, which is what RSA-OAEP means in
/// RFC 7518 §4.3, is sound in this place and in no other.
enum class OaepHash { sha1, sha256, sha384, sha512 };

/// The public numbers of a key, big-endian, as JWK names them. Only those of the key's type are filled.
struct PublicParts {
  Bytes n, e;  ///< RSA, without leading zeros
  Bytes x, y;  ///< EC, as long as the field; OKP: x alone
  Bytes pub;   ///< ML-DSA
};

/// The private numbers, likewise. RSA needs p, q, dp, dq and qi with d.
struct PrivateParts {
  Secret d, p, q, dp, dq, qi;
  Secret seed;  ///< ML-DSA: 32 bytes (RFC 9964 `priv`)
};

class PublicKey {
 public:
  /// Errors: invalid (not such a key), unsupported (type unknown to this OpenSSL).
  static Result<PublicKey> from_parts(KeyType type, const PublicParts& parts);
  /// SPKI "PUBLIC KEY", PKCS#1 "RSA PUBLIC KEY", or the key of a "CERTIFICATE"; the first of several. A certificate is
  /// a wrapping here: neither its times nor its issuer are looked at. Errors: invalid, unsupported.
  static Result<PublicKey> from_pem(std::string_view pem);

  [[nodiscard]] KeyType type() const noexcept;
  [[nodiscard]] std::size_t bits() const noexcept;
  [[nodiscard]] PublicParts parts() const;
  [[nodiscard]] std::string to_pem() const;  ///< SPKI

  /// Errors: crypto, for every signature that is not a valid one of canonical length; invalid where scheme and type do
  /// not go together.
  Result<void> verify(const SignatureScheme& scheme, ByteView message, ByteView signature) const;

  /// As long as the modulus. Errors: invalid, where this is no RSA key or the plaintext is too long for it;
  /// crypto, where OpenSSL cannot.
  Result<Bytes> encrypt_oaep(OaepHash hash, ByteView plaintext) const;

 private:
  friend class PrivateKey;
  struct Impl;
  explicit PublicKey(std::shared_ptr<const Impl> impl) noexcept : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

class PrivateKey {
 public:
  /// `rsa_bits` matters for RSA alone: 2048, 3072 or 4096. Errors: unsupported.
  static Result<PrivateKey> generate(KeyType type, std::size_t rsa_bits = 2048);
  /// Checks that the private part belongs to the public one. Errors: invalid, unsupported.
  static Result<PrivateKey> from_parts(KeyType type, const PublicParts& public_parts,
                                       const PrivateParts& private_parts);
  /// PKCS#8 "PRIVATE KEY", or traditional "RSA PRIVATE KEY" / "EC PRIVATE KEY"; the first of several. Never asks for a
  /// passphrase: an encrypted file is refused with that reason. Errors: invalid, unsupported.
  static Result<PrivateKey> from_pem(const Secret& pem);

  [[nodiscard]] KeyType type() const noexcept;
  [[nodiscard]] PublicKey public_key() const;
  [[nodiscard]] PrivateParts parts() const;
  [[nodiscard]] Secret to_pem() const;  ///< PKCS#8, unencrypted
  /// "RSA PRIVATE KEY" (RFC 8017 §A.1.2) or "EC PRIVATE KEY" (RFC 5915), for programs that read nothing newer. Errors:
  /// unsupported, for a type that never had such a form.
  [[nodiscard]] Result<Secret> to_traditional_pem() const;

  /// An RSA signature is verified before it is returned: a fault in CRT arithmetic would give the key away.
  /// Errors: crypto; invalid where scheme and type do not go together.
  Result<Bytes> sign(const SignatureScheme& scheme, ByteView message) const;

  /// Errors: crypto, one text for every ciphertext that is not one of this key; invalid where this is no RSA key.
  Result<Secret> decrypt_oaep(OaepHash hash, ByteView ciphertext) const;

  /// Diffie-Hellman (NIST SP 800-56A §5.7.1.2, RFC 7748 §6): the x-coordinate of the shared point, as long as the
  /// field. Errors: invalid, where the two keys are not of one type that agrees: P-256, P-384, P-521, X25519, X448;
  /// crypto, where nothing secret comes of it.
  Result<Secret> agree(const PublicKey& peer) const;

 private:
  explicit PrivateKey(std::shared_ptr<const PublicKey::Impl> impl) noexcept : impl_(std::move(impl)) {}
  std::shared_ptr<const PublicKey::Impl> impl_;
};

/// Whether `bytes` are, in PEM or DER, a key of this kind or a certificate: then they are no shared secret, whatever
/// somebody says (CVE-2022-29217, CVE-2024-33663).
bool holds_asymmetric_key(ByteView bytes);

}  // namespace mintmark::crypto
