#include "mintmark/oauth/opaque_token.hpp"

#include "mintmark/base/base64.hpp"
#include "mintmark/crypto/digest.hpp"
#include "mintmark/crypto/random.hpp"

namespace mintmark::oauth {
namespace {

constexpr std::string_view kOpaquePrefix = "mma_";  // so that secret scanners recognise a leaked one
constexpr std::size_t kOpaqueBytes = 32;
constexpr std::size_t kOpaqueCharacters = 43;

}  // namespace

std::string make_opaque_text() {
  return std::string(kOpaquePrefix) + encode_base64url(crypto::random_bytes(kOpaqueBytes));
}

bool looks_opaque(std::string_view text) noexcept {
  return text.starts_with(kOpaquePrefix) && text.size() == kOpaquePrefix.size() + kOpaqueCharacters;
}

Bytes hash_opaque_text(std::string_view text) {
  return crypto::digest(crypto::Hash::sha256, as_bytes(text));
}

}  // namespace mintmark::oauth
