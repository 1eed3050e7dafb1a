#pragma once
// The Date field (RFC 9110 §6.6.1), written anew once a second.
// Thread safety: none.

#include <string>
#include <string_view>

#include "mintmark/base/clock.hpp"

namespace mintmark::http {

class HttpDate {
 public:
  /// "Sun, 06 Nov 1994 08:49:37 GMT"; valid until the next call.
  std::string_view render(Instant now);

 private:
  std::int64_t second_ = -1;
  std::string text_;
};

}  // namespace mintmark::http
