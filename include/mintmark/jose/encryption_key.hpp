#pragma once
// Keys that know what they encrypt or decrypt with. Neither lets a caller, or a token, say with which algorithm
// (invariant 5). Thread safety: immutable, cheap to copy; all functions from any thread.

#include <cstdint>
#include <memory>
#include <optional>

#include "mintmark/base/ids.hpp"
#include "mintmark/base/json.hpp"
#include "mintmark/base/result.hpp"
#include "mintmark/base/secret.hpp"
#include "mintmark/crypto/pkey.hpp"
#include "mintmark/jose/jwe_alg.hpp"

namespace mintmark::jose {

/// What a password-based key costs to derive, on both ends (RFC 7518 §4.8.1.2).
inline constexpr std::uint32_t kMinPbes2Count = 1'000;
inline constexpr std::uint32_t kMaxPbes2Count = 1'000'000;
inline constexpr std::uint32_t kDefaultPbes2Count = 310'000;

/// What a sender makes for one JWE (RFC 7516 §5.1).
struct ContentKey {
  Secret key;           ///< as long as `enc` asks
  Bytes encrypted_key;  ///< empty for ECDH-ES and dir
  Json parameters;      ///< header parameters of the algorithm: epk, iv and tag, p2s and p2c
};

/// A recipient, as its sender knows it.
class EncryptionKey {
 public:
  /// Errors: invalid, where key and algorithm do not go together.
  static Result<EncryptionKey> make(KeyManagement alg, KeyId kid, crypto::PublicKey key);
  /// A*KW and A*GCMKW need a secret as long as their key. Errors: invalid.
  static Result<EncryptionKey> make(KeyManagement alg, KeyId kid, Secret secret);
  /// `dir`: the secret is the content encryption key of this one `enc`. Errors: invalid.
  static Result<EncryptionKey> make_direct(ContentEncryption enc, KeyId kid, Secret secret);
  /// PBES2-*. Errors: invalid, for an empty password or a count out of bounds.
  static Result<EncryptionKey> from_password(KeyManagement alg, Secret password,
                                             std::uint32_t count = kDefaultPbes2Count);

  [[nodiscard]] KeyManagement alg() const noexcept;
  /// May be empty.
  [[nodiscard]] const KeyId& kid() const noexcept;
  /// What a `dir` key encrypts with and nothing else.
  [[nodiscard]] std::optional<ContentEncryption> only_enc() const noexcept;
  /// Whether encrypting to it takes much longer than an ES256 signature: then it is no work for a network thread.
  [[nodiscard]] bool is_slow() const noexcept;

  /// A fresh one, for this recipient alone. Errors: invalid, where the key is for another `enc`; crypto.
  Result<ContentKey> make_content_key(ContentEncryption enc) const;

 private:
  struct Impl;
  explicit EncryptionKey(std::shared_ptr<const Impl> impl) noexcept : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

/// A recipient, as it knows itself.
class DecryptionKey {
 public:
  /// Errors as those of EncryptionKey.
  static Result<DecryptionKey> make(KeyManagement alg, KeyId kid, crypto::PrivateKey key);
  static Result<DecryptionKey> make(KeyManagement alg, KeyId kid, Secret secret);
  static Result<DecryptionKey> make_direct(ContentEncryption enc, KeyId kid, Secret secret);
  static Result<DecryptionKey> from_password(KeyManagement alg, Secret password);
  /// `type` matters where several types of key pair fit, `rsa_bits` for RSA alone. kid: the RFC 7638 thumbprint of the
  /// public half; random for a secret. Not for dir and PBES2-*. Errors: invalid, unsupported.
  static Result<DecryptionKey> generate(KeyManagement alg, crypto::KeyType type, std::size_t rsa_bits = 2048);

  [[nodiscard]] KeyManagement alg() const noexcept;
  [[nodiscard]] const KeyId& kid() const noexcept;
  [[nodiscard]] std::optional<ContentEncryption> only_enc() const noexcept;
  /// The private JWK as text, with `alg`, `use` and `kid`. Requires: neither dir nor PBES2-*.
  [[nodiscard]] Secret serialize() const;

  /// The content encryption key. Where the encrypted one is not good, a random one, at the same cost: what it does not
  /// open tells nothing (RFC 7516 §11.5). Errors: invalid, where the header or the length of `encrypted_key` is at
  /// fault, as everybody can see.
  Result<Secret> recover_content_key(ContentEncryption enc, const Json& header, ByteView encrypted_key) const;

 private:
  struct Impl;
  explicit DecryptionKey(std::shared_ptr<const Impl> impl) noexcept : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

}  // namespace mintmark::jose
