#pragma once
// A key that knows its algorithm and its name. SigningKey signs, VerificationKey verifies; neither lets a caller say
// with which algorithm (invariant 5).
// Thread safety: immutable, cheap to copy; all functions from any thread.

#include <memory>
#include <string>
#include <variant>

#include "mintmark/base/ids.hpp"
#include "mintmark/base/json.hpp"
#include "mintmark/base/result.hpp"
#include "mintmark/base/secret.hpp"
#include "mintmark/crypto/pkey.hpp"
#include "mintmark/jose/alg.hpp"

namespace mintmark::jose {

class VerificationKey {
 public:
  /// Errors: invalid, where key and algorithm do not go together.
  static Result<VerificationKey> make(Alg alg, KeyId kid, crypto::PublicKey key);
  /// Errors: invalid, where `alg` is not HS* or the secret is shorter than its hash (RFC 7518 §3.2).
  static Result<VerificationKey> make(Alg alg, KeyId kid, Secret secret);

  [[nodiscard]] Alg alg() const noexcept;
  /// May be empty: a key found in a file need not have one.
  [[nodiscard]] const KeyId& kid() const noexcept;
  /// The public JWK with `alg`, `kid` and `use: "sig"`. Requires: not symmetric, which has nothing public.
  [[nodiscard]] Json public_jwk() const;
  /// SPKI. Requires: not symmetric.
  [[nodiscard]] std::string public_pem() const;

  /// Errors: crypto.
  Result<void> verify(ByteView message, ByteView signature) const;

 private:
  struct Impl;
  explicit VerificationKey(std::shared_ptr<const Impl> impl) noexcept : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

class SigningKey {
 public:
  /// kid: the RFC 7638 thumbprint; for HS*, whose thumbprint would be a digest of the secret, 16 random bytes.
  static Result<SigningKey> generate(Alg alg, std::size_t rsa_bits = 2048);
  /// kid: the thumbprint. Errors: invalid, where key and algorithm do not go together.
  static Result<SigningKey> make(Alg alg, crypto::PrivateKey key);
  static Result<SigningKey> make(Alg alg, KeyId kid, crypto::PrivateKey key);
  /// kid: random. Errors: invalid.
  static Result<SigningKey> make(Alg alg, Secret secret);
  static Result<SigningKey> make(Alg alg, KeyId kid, Secret secret);
  /// What serialize() wrote. Errors: invalid, unsupported.
  static Result<SigningKey> parse(const Secret& serialized);

  [[nodiscard]] Alg alg() const noexcept;
  [[nodiscard]] const KeyId& kid() const noexcept;
  [[nodiscard]] const VerificationKey& verification_key() const noexcept;
  /// The private JWK as text, `alg` and `kid` included: for sealing and for export.
  [[nodiscard]] Secret serialize() const;
  /// PKCS#8. Requires: not symmetric.
  [[nodiscard]] Secret private_pem() const;
  /// The shared secret. Requires: symmetric.
  [[nodiscard]] const Secret& shared_secret() const noexcept;

  /// Errors: crypto.
  Result<Bytes> sign(ByteView message) const;

 private:
  struct Impl;
  explicit SigningKey(std::shared_ptr<const Impl> impl) noexcept : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

}  // namespace mintmark::jose
