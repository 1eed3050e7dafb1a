#include "kid.hpp"

#include "mintmark/base/base64.hpp"
#include "mintmark/base/text.hpp"
#include "mintmark/crypto/random.hpp"

namespace mintmark::jose {
namespace {

constexpr std::size_t kMaxKidBytes = 256;
constexpr std::size_t kRandomBytes = 16;

}  // namespace

Result<void> check_kid(const KeyId& kid) {
  if (kid.str().size() > kMaxKidBytes || !is_valid_utf8(kid.str())) return invalid("key: unusable kid");
  return {};
}

KeyId random_kid() {
  return KeyId(encode_base64url(crypto::random_bytes(kRandomBytes)));
}

}  // namespace mintmark::jose
