#include "mintmark/accounts/user.hpp"

#include "mintmark/base/base64.hpp"
#include "mintmark/base/text.hpp"
#include "mintmark/crypto/random.hpp"

namespace mintmark::accounts {
namespace {

constexpr std::size_t kUserIdBytes = 16;
constexpr std::size_t kMaxUsernameBytes = 255;

/// U+0000 to U+001F, U+007F to U+009F. Requires: valid UTF-8.
bool has_control_character(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(text[i]);
    if (byte < 0x20 || byte == 0x7f) return true;
    if (byte == 0xc2 && static_cast<std::uint8_t>(text[i + 1]) < 0xa0) return true;
  }
  return false;
}

}  // namespace

UserId make_user_id() {
  return UserId(encode_base64url(crypto::random_bytes(kUserIdBytes)));
}

bool is_username(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kMaxUsernameBytes && is_valid_utf8(text) && !has_control_character(text);
}

}  // namespace mintmark::accounts
