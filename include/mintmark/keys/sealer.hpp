#pragma once
// Sealing of private keys and secrets at rest: AES-256-GCM under the key-encryption key, with the row's identity (kid,
// purpose, alg, resource) as associated data, so that a sealed key cannot be moved to another row. There may be several
// key-encryption keys while one is replaced by another: the first seals, each opens. Thread safety: immutable.

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "mintmark/base/result.hpp"
#include "mintmark/base/secret.hpp"
#include "mintmark/jose/key.hpp"
#include "mintmark/keys/key_record.hpp"

namespace mintmark::keys {

class Sealer {
 public:
  static constexpr std::size_t kMaxKeys = 8;

  /// One key in each line: what `openssl rand -base64 32` prints, white space at its ends and empty lines allowed.
  /// Errors: invalid, for none, for more than kMaxKeys, for one that is there twice.
  static Result<Sealer> from_base64(const Secret& base64);

  /// Fills `record.sealed`. Requires: kid, purpose, alg and resource of `record` are final and those of `key`.
  void seal(KeyRecord& record, const jose::SigningKey& key) const;

  /// Errors: crypto, where the sealing keys are others or the row was altered; corrupt, where what was sealed is no
  /// such key.
  [[nodiscard]] Result<jose::SigningKey> open(const KeyRecord& record) const;

  [[nodiscard]] bool has_older_keys() const noexcept { return keys_.size() > 1; }
  /// Which key the row is sealed under, 0 being the one that seals; none where no key opens it.
  [[nodiscard]] std::optional<std::size_t> find_key(const KeyRecord& record) const;
  /// Puts what the row holds under the first key, also where this machine lacks its algorithm. Errors: as open(), but
  /// not corrupt.
  Result<void> reseal(KeyRecord& record) const;

  /// From each key, the one that seals first, one of 32 bytes for another purpose, which `label` names. It leads back
  /// to the sealing key no more than to the key of another label.
  [[nodiscard]] std::vector<Secret> derive_keys(std::string_view label) const;

 private:
  explicit Sealer(std::vector<Secret> keys) noexcept : keys_(std::move(keys)) {}
  [[nodiscard]] Result<Secret> open_sealed(const KeyRecord& record) const;

  std::vector<Secret> keys_;  ///< at least one
};

}  // namespace mintmark::keys
