#pragma once
// Where the key sets of others come from: APIs that tokens are encrypted to, clients and issuers whose tokens are
// verified. Thread safety: as each says.

#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>

#include "mintmark/base/clock.hpp"
#include "mintmark/base/json_reader.hpp"
#include "mintmark/base/result.hpp"

namespace mintmark::oauth {

inline constexpr std::size_t kMaxKeySetBytes = std::size_t{256} * 1024;
inline constexpr std::size_t kMaxKeysInSet = 100;

/// Where somebody publishes keys: an https URL, or http on this machine.
struct JwksUri {
  std::string url;

  auto operator<=>(const JwksUri&) const = default;
};

/// Reads the required member `jwks_uri`; problems are recorded in `in`.
JwksUri read_jwks_uri(JsonReader& in);

/// A key set as its server gave it.
struct KeySet {
  std::string text;
  std::optional<Duration> max_age;  ///< as of RFC 9111 §5.2.2.1; none where the server does not say
};

/// The port to wherever key sets are.
class KeySetSource {
 public:
  virtual ~KeySetSource() = default;
  /// Blocks, for a bounded time, or until `stop`. Errors: unavailable, invalid.
  virtual Result<KeySet> fetch(const std::string& url, const std::stop_token& stop) = 0;
};

}  // namespace mintmark::oauth
