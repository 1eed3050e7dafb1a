#include "mintmark/keys/key_record.hpp"

#include <array>

namespace mintmark::keys {

KeyState state_at(const KeyRecord& record, Instant now) noexcept {
  if (record.revoked_at) return KeyState::revoked;
  if (record.removes_at && now >= *record.removes_at) return KeyState::gone;
  if (record.retires_at && now >= *record.retires_at) return KeyState::retiring;
  return now >= record.activates_at ? KeyState::active : KeyState::published;
}

bool is_usable(const KeyRecord& record, Instant now) noexcept {
  const KeyState state = state_at(record, now);
  return state != KeyState::gone && state != KeyState::revoked;
}

std::string_view name(KeyState state) noexcept {
  switch (state) {
    case KeyState::published:
      return "published";
    case KeyState::active:
      return "active";
    case KeyState::retiring:
      return "retiring";
    case KeyState::gone:
      return "gone";
    case KeyState::revoked:
      return "revoked";
  }
  return "unknown";
}

std::string_view name(KeyPurpose purpose) noexcept {
  switch (purpose) {
    case KeyPurpose::signing:
      return "signing";
    case KeyPurpose::resource_secret:
      return "resource_secret";
    case KeyPurpose::refresh:
      return "refresh";
  }
  return "unknown";
}

std::optional<KeyPurpose> find_key_purpose(std::string_view text) noexcept {
  for (const KeyPurpose purpose : std::array{KeyPurpose::signing, KeyPurpose::resource_secret, KeyPurpose::refresh}) {
    if (name(purpose) == text) return purpose;
  }
  return std::nullopt;
}

}  // namespace mintmark::keys
