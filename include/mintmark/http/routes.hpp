#pragma once
// Which path is what: exact paths under the issuer's, nothing decoded, nothing normalised.
// Thread safety: immutable.

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "mintmark/http/access_log.hpp"
#include "mintmark/oauth/metadata.hpp"

namespace mintmark::http {

class Routes {
 public:
  explicit Routes(const oauth::Issuer& issuer);

  /// Route::other for a path that is not served.
  [[nodiscard]] Route find(std::string_view path) const noexcept;

 private:
  std::array<std::pair<std::string, Route>, 9> paths_;
};

/// On the private listener: what is for operators and nothing else. Route::other for a path that is not served.
[[nodiscard]] Route find_private_route(std::string_view path) noexcept;

/// For the Allow field: "POST, OPTIONS". Empty for Route::other.
[[nodiscard]] std::string_view allowed_methods(Route route) noexcept;

}  // namespace mintmark::http
