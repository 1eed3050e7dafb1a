#include "mintmark/oauth/refresh_token.hpp"

#include "mintmark/base/base64.hpp"
#include "mintmark/crypto/random.hpp"

namespace mintmark::oauth {
namespace {

constexpr std::string_view kPrefix = "mmr_";  // so that secret scanners recognise a leaked one
constexpr std::size_t kFamilyBytes = 16;
constexpr std::size_t kGenerationBytes = 4;
constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kTokenBytes = kFamilyBytes + kGenerationBytes + kSecretBytes;
// One key, two purposes: labels keep a stored hash from ever being a successor's bits.
constexpr std::string_view kSuccessorLabel = "mintmark refresh successor";
constexpr std::string_view kHashLabel = "mintmark refresh hash";

void append_big_endian(Bytes& out, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(number >> shift));
}

Bytes derive(const keys::KeyRing& ring, std::string_view label, const Secret& token) {
  Bytes message(label.begin(), label.end());
  message.insert(message.end(), token.reveal().begin(), token.reveal().end());
  Bytes derived = ring.derive_refresh(message);
  wipe(message.data(), message.size());
  return derived;
}

}  // namespace

RefreshToken RefreshToken::generate() {
  return {FamilyId(encode_base64url(crypto::random_bytes(kFamilyBytes))), 0, crypto::random_secret(kSecretBytes)};
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
                      Secret(view.subspan(kFamilyBytes + kGenerationBytes)));
}

Secret RefreshToken::encode() const {
  Bytes bytes = decode_base64url(family_.str()).value();
  append_big_endian(bytes, generation_);
  const ByteView secret = bits_.reveal();
  bytes.insert(bytes.end(), secret.begin(), secret.end());
  return Secret(std::move(bytes));
}

Secret RefreshToken::text() const {
  std::string text(kPrefix);
  append_base64url(text, encode().reveal());
  Secret secret{std::string_view(text)};
  wipe(text.data(), text.size());
  return secret;
}

Bytes RefreshToken::hash(const keys::KeyRing& ring) const {
  return derive(ring, kHashLabel, encode());
}

RefreshToken RefreshToken::successor(const keys::KeyRing& ring) const {
  return {family_, generation_ + 1, Secret(derive(ring, kSuccessorLabel, encode()))};
}

}  // namespace mintmark::oauth
