#pragma once
// The chunked transfer coding (RFC 9112 §7.1), strictly: lines end in CRLF, a size is hexadecimal digits alone, and
// extensions and trailers are skipped within a bound. Parsers that were lenient here are how requests were smuggled.
// Thread safety: none.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mintmark::http {

class ChunkedDecoder {
 public:
  enum class State { more, done, malformed, body_too_large, extras_too_large };

  /// `max_extra_bytes` bounds each line, and all extensions and trailers together.
  ChunkedDecoder(std::size_t max_body_bytes, std::size_t max_extra_bytes) noexcept
      : max_extra_bytes_(max_extra_bytes), allowance_(max_body_bytes) {}

  /// Appends to `body`, and returns how many bytes from the front of `input` are used up.
  std::size_t consume(std::string_view input, std::string& body);

  [[nodiscard]] State state() const noexcept { return state_; }

 private:
  enum class Part { size, data, data_end, trailer };

  std::optional<std::string_view> find_line(std::string_view input);
  void read_line(std::string_view line);
  void read_size(std::string_view line);
  void skip(std::string_view extra);

  const std::size_t max_extra_bytes_;
  std::size_t allowance_;  ///< how much longer the body may become
  std::size_t extra_bytes_ = 0;
  std::uint64_t remaining_ = 0;  ///< of the current chunk
  Part part_ = Part::size;
  State state_ = State::more;
};

}  // namespace mintmark::http
