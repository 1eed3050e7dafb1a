#include "mintmark/oauth/refresh_token.hpp"

#include "mintmark/base/base64.hpp"
#include "mintmark/crypto/digest.hpp"
#include "mintmark/crypto/random.hpp"

namespace mintmark::oauth {
namespace {

constexpr std::string_view kPrefix = "mmr_";  // so that secret scanners recognise a leaked one
constexpr std::size_t kFamilyBytes = 16;
constexpr std::size_t kGenerationBytes = 4;
constexpr std::size_t kSeedBytes = 32;
constexpr std::size_t kMacBytes = 32;
constexpr std::size_t kContentBytes = kFamilyBytes + kGenerationBytes + kSeedBytes;
constexpr std::size_t kTokenBytes = kContentBytes + kMacBytes;
// One key, two purposes: labels keep a stored hash from ever being a token's MAC.
constexpr std::string_view kMacLabel = "mintmark refresh mac";
constexpr std::string_view kHashLabel = "mintmark refresh hash";

void append_big_endian(Bytes& out, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(number >> shift));
}

Bytes derive(const keys::KeyRing& ring, std::string_view label, const Secret& secret) {
  Bytes message(label.begin(), label.end());
  message.insert(message.end(), secret.reveal().begin(), secret.reveal().end());
  Bytes derived = ring.derive_refresh(message);
  wipe(message.data(), message.size());
  return derived;
}

}  // namespace

RefreshToken RefreshToken::generate(const keys::KeyRing& ring) {
  FamilyId family(encode_base64url(crypto::random_bytes(kFamilyBytes)));
  return RefreshToken(std::move(family), 0, crypto::random_secret(kSeedBytes), Secret()).at(0, ring);
}

std::optional<RefreshToken> RefreshToken::parse(const Secret& text) {
  const std::string_view token = text.reveal_text();
  if (!token.starts_with(kPrefix)) return std::nullopt;
  Result<Bytes> decoded = decode_base64url(token.substr(kPrefix.size()));
  if (!decoded || decoded->size() != kTokenBytes) return std::nullopt;
  const Secret bytes(*std::move(decoded));
  const ByteView view = bytes.reveal();
  std::uint32_t generation = 0;
  for (const std::uint8_t byte : view.subspan(kFamilyBytes, kGenerationBytes))
    generation = generation << 8 | byte;
  return RefreshToken(FamilyId(encode_base64url(view.first(kFamilyBytes))), generation,
                      Secret(view.subspan(kFamilyBytes + kGenerationBytes, kSeedBytes)),
                      Secret(view.subspan(kContentBytes)));
}

Secret RefreshToken::content() const {
  Bytes bytes = decode_base64url(family_.str()).value();
  bytes.reserve(kContentBytes);  // so that no copy is left behind by growing
  append_big_endian(bytes, generation_);
  bytes.insert(bytes.end(), seed_.reveal().begin(), seed_.reveal().end());
  return Secret(std::move(bytes));
}

Secret RefreshToken::encode() const {
  const Secret head = content();
  Bytes bytes;
  bytes.reserve(kTokenBytes);
  bytes.insert(bytes.end(), head.reveal().begin(), head.reveal().end());
  bytes.insert(bytes.end(), mac_.reveal().begin(), mac_.reveal().end());
  return Secret(std::move(bytes));
}

bool RefreshToken::is_genuine(const keys::KeyRing& ring) const {
  return crypto::constant_time_equal(derive(ring, kMacLabel, content()), mac_.reveal());
}

Secret RefreshToken::text() const {
  return encode_secret(kPrefix, encode().reveal());
}

Bytes RefreshToken::hash(const keys::KeyRing& ring) const {
  return derive(ring, kHashLabel, encode());
}

RefreshToken RefreshToken::at(std::uint32_t generation, const keys::KeyRing& ring) const {
  RefreshToken other(family_, generation, seed_, Secret());
  other.mac_ = Secret(derive(ring, kMacLabel, other.content()));
  return other;
}

}  // namespace mintmark::oauth
