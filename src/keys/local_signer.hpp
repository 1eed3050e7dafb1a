#pragma once
// A signer whose key is in this process's memory.

#include "mintmark/keys/signer.hpp"

namespace mintmark::keys {

class LocalSigner final : public Signer {
 public:
  explicit LocalSigner(jose::SigningKey key);

  [[nodiscard]] jose::Alg alg() const noexcept override { return key_.alg(); }
  [[nodiscard]] const KeyId& kid() const noexcept override { return key_.kid(); }
  [[nodiscard]] bool is_slow() const noexcept override { return is_slow_; }
  Result<std::string> sign(std::string_view typ, jose::UnsignedClaims& claims) const override;

  [[nodiscard]] const jose::SigningKey& key() const noexcept { return key_; }
  [[nodiscard]] const jose::VerificationKey& verification_key() const noexcept { return key_.verification_key(); }
  /// A real signature, verified. Errors: crypto, naming the kid.
  [[nodiscard]] Result<void> check() const;

 private:
  jose::SigningKey key_;
  bool is_slow_;
};

}  // namespace mintmark::keys
