#pragma once
// The port through which the life of the keys is reported.

#include <cstddef>

#include "mintmark/keys/key_record.hpp"

namespace mintmark::keys {

/// What happened, for whoever logs and audits. Called from the thread that made it happen, inside the manager's lock:
/// must not throw, nor call the manager. Every process reports what it does and, when it takes it over, what another
/// one did.
class KeyEvents {
 public:
  virtual ~KeyEvents() = default;
  virtual void key_created(const KeyRecord& record) noexcept = 0;
  /// A signing key signs from now on.
  virtual void key_activated(const KeyRecord& record) noexcept = 0;
  virtual void key_revoked(const KeyRecord& record) noexcept = 0;
  /// The record of a key that is long gone has left the store.
  virtual void key_removed(const KeyRecord& record) noexcept = 0;
  /// While there are several sealing keys: every stored key is under the first of them, `resealed` by this process
  /// since it was given them. The others are needed no longer.
  virtual void sealing_completed(std::size_t /*resealed*/) noexcept {}
};

}  // namespace mintmark::keys
