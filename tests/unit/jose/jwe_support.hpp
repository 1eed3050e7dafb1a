#pragma once
// Recipients of every kind, made once.

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mintmark/crypto/random.hpp"
#include "mintmark/jose/jwe.hpp"
#include "mintmark/jose/jwk.hpp"
#include "support.hpp"

namespace mintmark::jose {

template <class T>
T must(Result<T> result) {
  EXPECT_TRUE(result) << result.error().detail;
  return *std::move(result);
}

/// Both ends of one way to a content encryption key.
struct Recipient {
  EncryptionKey sender;
  DecryptionKey recipient;

  [[nodiscard]] std::vector<DecryptionKey> keys() const { return {recipient}; }
};

inline constexpr std::uint32_t kQuickCount = kMinPbes2Count;

inline Recipient make_pair_recipient(KeyManagement alg, crypto::KeyType type) {
  static std::map<crypto::KeyType, crypto::PrivateKey> keys;  // RSA keys are slow to make
  auto found = keys.find(type);
  if (found == keys.end()) found = keys.emplace(type, must(crypto::PrivateKey::generate(type))).first;
  const crypto::PrivateKey& key = found->second;
  return {must(EncryptionKey::make(alg, KeyId("k"), key.public_key())),
          must(DecryptionKey::make(alg, KeyId("k"), key))};
}

inline Recipient make_recipient(KeyManagement alg, ContentEncryption enc) {
  switch (recipient_kind(alg)) {
    case RecipientKind::rsa:
      return make_pair_recipient(alg, crypto::KeyType::rsa);
    case RecipientKind::key_agreement:
      return make_pair_recipient(alg, crypto::KeyType::p256);
    case RecipientKind::password: {
      const Secret password{std::string_view("correct horse")};
      return {must(EncryptionKey::from_password(alg, password, kQuickCount)),
              must(DecryptionKey::from_password(alg, password))};
    }
    case RecipientKind::secret:
      break;
  }
  if (alg == KeyManagement::dir) {
    const Secret secret = crypto::random_secret(crypto::key_bytes(aead(enc)));
    return {must(EncryptionKey::make_direct(enc, KeyId("k"), secret)),
            must(DecryptionKey::make_direct(enc, KeyId("k"), secret))};
  }
  const Secret secret = crypto::random_secret(wrapping_key_bytes(alg));
  return {must(EncryptionKey::make(alg, KeyId("k"), secret)), must(DecryptionKey::make(alg, KeyId("k"), secret))};
}

inline constexpr std::string_view kPlaintext = "I know what you mean, Shaggy.";

inline std::string encrypt(const Recipient& to, ContentEncryption enc, std::string_view plaintext = kPlaintext) {
  return must(encrypt_jwe(to.sender, enc, {}, as_bytes(plaintext)));
}

/// The parts between the dots.
inline std::vector<std::string> parts_of(std::string_view token) {
  std::vector<std::string> parts(1);
  for (const char c : token) {
    if (c == '.') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

inline std::string join_parts(const std::vector<std::string>& parts) {
  std::string token;
  for (const std::string& part : parts)
    token += (token.empty() && &part == &parts.front() ? "" : ".") + part;
  return token;
}

/// The token with another header: what follows no longer belongs to it.
inline std::string with_header(std::string_view token, const Json& header) {
  std::vector<std::string> parts = parts_of(token);
  parts[0] = encode(header.dump());
  return join_parts(parts);
}

inline Error error_of(const Result<DecryptedJwe>& decrypted) {
  EXPECT_FALSE(decrypted);
  return decrypted ? not_found("it was decrypted") : decrypted.error();
}

}  // namespace mintmark::jose
