#include "hash_text.hpp"

#include "mintmark/base/base64.hpp"
#include "mintmark/base/number.hpp"
#include "mintmark/crypto/digest.hpp"

namespace mintmark::crypto {

std::optional<std::uint32_t> find_number(std::string_view text) {
  return parse_canonical_number<std::uint32_t>(text);
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
