#pragma once
// A key as it is stored. Its state is not stored: it follows from its times, so every replica changes over at the same
// instant and a rotation needs no write at that instant.
// Thread safety: values.

#include <optional>
#include <string>
#include <string_view>

#include "mintmark/base/bytes.hpp"
#include "mintmark/base/clock.hpp"
#include "mintmark/base/ids.hpp"
#include "mintmark/base/result.hpp"
#include "mintmark/jose/alg.hpp"

namespace mintmark::keys {

enum class KeyPurpose {
  signing,          ///< asymmetric, in the JWKS
  resource_secret,  ///< HS*, shared with one resource, never in the JWKS
  refresh,          ///< HS256, derives the successors of refresh tokens; never leaves the service
};

enum class KeyState {
  published,  ///< in the JWKS, does not sign yet
  active,     ///< signs
  retiring,   ///< signs no more, still in the JWKS for the tokens that it signed
  gone,       ///< no token that it signed can still be good
  revoked,    ///< taken out by hand
};

struct KeyRecord {
  KeyId kid;
  KeyPurpose purpose = KeyPurpose::signing;
  jose::Alg alg{};
  ResourceId resource;  ///< of a resource_secret, else empty
  Instant created_at;
  Instant activates_at;
  std::optional<Instant> retires_at;  ///< when its successor takes over; none while it has no successor
  std::optional<Instant> removes_at;  ///< retires_at plus the retention
  std::optional<Instant> revoked_at;
  std::optional<Instant> exported_at;  ///< of a resource_secret that has been handed out
  /// The longest retention of any configuration that it signed under; none in a row that has not met one yet.
  std::optional<Duration> retention;
  bool imported = false;
  Bytes sealed;  ///< see Sealer

  bool operator==(const KeyRecord&) const = default;
};

KeyState state_at(const KeyRecord& record, Instant now) noexcept;
/// Neither gone nor revoked: something may be signed or verified with it, now or later.
bool is_usable(const KeyRecord& record, Instant now) noexcept;

/// As spelt above.
std::string_view name(KeyState state) noexcept;
std::string_view name(KeyPurpose purpose) noexcept;
std::optional<KeyPurpose> find_key_purpose(std::string_view name) noexcept;

}  // namespace mintmark::keys
