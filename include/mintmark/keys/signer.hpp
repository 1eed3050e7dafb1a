#pragma once
// What signs tokens. A key in memory today; an HSM or a remote service can stand behind the same method.
// Thread safety: sign() from any thread.

#include <string>
#include <string_view>

#include "mintmark/base/ids.hpp"
#include "mintmark/base/result.hpp"
#include "mintmark/jose/jwt.hpp"

namespace mintmark::keys {

class Signer {
 public:
  virtual ~Signer() = default;

  [[nodiscard]] virtual jose::Alg alg() const noexcept = 0;
  [[nodiscard]] virtual const KeyId& kid() const noexcept = 0;
  /// Whether a signature takes longer than a network thread should be kept from its other connections: a millisecond.
  [[nodiscard]] virtual bool is_slow() const noexcept { return false; }
  /// The signed token. Errors: crypto, unavailable.
  virtual Result<std::string> sign(std::string_view typ, jose::UnsignedClaims& claims) const = 0;
};

}  // namespace mintmark::keys
