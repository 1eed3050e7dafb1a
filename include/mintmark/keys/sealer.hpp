#pragma once
// Sealing of private keys and secrets at rest: AES-256-GCM under the key-encryption key, with the row's identity (kid,
// purpose, alg, resource) as associated data, so that a sealed key cannot be moved to another row. Thread safety:
// immutable.

#include "mintmark/base/result.hpp"
#include "mintmark/base/secret.hpp"
#include "mintmark/jose/key.hpp"
#include "mintmark/keys/key_record.hpp"

namespace mintmark::keys {

class Sealer {
 public:
  /// `base64` is what `openssl rand -base64 32` prints, white space at the ends allowed. Errors: invalid.
  static Result<Sealer> from_base64(const Secret& base64);

  /// Fills `record.sealed`. Requires: kid, purpose, alg and resource of `record` are final and those of `key`.
  void seal(KeyRecord& record, const jose::SigningKey& key) const;

  /// Errors: crypto, where the sealing key is another or the row was altered; corrupt, where what was sealed is no such
  /// key.
  [[nodiscard]] Result<jose::SigningKey> open(const KeyRecord& record) const;

 private:
  explicit Sealer(Secret key) noexcept : key_(std::move(key)) {}
  Secret key_;
};

}  // namespace mintmark::keys
