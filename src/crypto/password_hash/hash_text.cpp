#include "hash_text.hpp"

#include <charconv>

#include "mintmark/base/base64.hpp"
#include "mintmark/crypto/digest.hpp"

namespace mintmark::crypto {

std::optional<std::uint32_t> find_number(std::string_view text) {
  if (text.empty() || (text.size() > 1 && text.starts_with('0'))) return std::nullopt;
  std::uint32_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || rest != end) return std::nullopt;
  return number;
}

std::optional<std::uint32_t> find_parameter(std::string_view text, std::string_view name) {
  if (!text.starts_with(name)) return std::nullopt;
  text.remove_prefix(name.size());
  if (!text.starts_with('=')) return std::nullopt;
  return find_number(text.substr(1));
}

std::optional<Bytes> find_part(std::string_view base64, std::size_t least_bytes) {
  std::string padded(base64);
  if (padded.ends_with('=')) return std::nullopt;
  padded.append((4 - padded.size() % 4) % 4, '=');
  Result<Bytes> bytes = decode_base64(padded);
  if (!bytes || bytes->size() < least_bytes || bytes->size() > kMaxPartBytes) return std::nullopt;
  return *std::move(bytes);
}

std::string encode_part(ByteView bytes) {
  std::string text = encode_base64(bytes);
  while (text.ends_with('='))
    text.pop_back();
  return text;
}

PasswordMatch compare_hashes(ByteView computed, ByteView stored) noexcept {
  return constant_time_equal(computed, stored) ? PasswordMatch::match : PasswordMatch::mismatch;
}

}  // namespace mintmark::crypto
