#include "mintmark/jose/jwe_alg.hpp"

#include <algorithm>
#include <array>

#include "mintmark/base/contains.hpp"

namespace mintmark::jose {
namespace {

using crypto::Aead;
using crypto::KeyType;

struct KeyManagementInfo {
  std::string_view name;
  RecipientKind kind;
  std::size_t wrapping_key_bytes;
};

// In the order of KeyManagement.
constexpr std::array kKeyManagementInfos = {
    KeyManagementInfo{"RSA-OAEP", RecipientKind::rsa, 0},
    KeyManagementInfo{"RSA-OAEP-256", RecipientKind::rsa, 0},
    KeyManagementInfo{"RSA-OAEP-384", RecipientKind::rsa, 0},
    KeyManagementInfo{"RSA-OAEP-512", RecipientKind::rsa, 0},
    KeyManagementInfo{"ECDH-ES", RecipientKind::key_agreement, 0},
    KeyManagementInfo{"ECDH-ES+A128KW", RecipientKind::key_agreement, 16},
    KeyManagementInfo{"ECDH-ES+A192KW", RecipientKind::key_agreement, 24},
    KeyManagementInfo{"ECDH-ES+A256KW", RecipientKind::key_agreement, 32},
    KeyManagementInfo{"A128KW", RecipientKind::secret, 16},
    KeyManagementInfo{"A192KW", RecipientKind::secret, 24},
    KeyManagementInfo{"A256KW", RecipientKind::secret, 32},
    KeyManagementInfo{"A128GCMKW", RecipientKind::secret, 16},
    KeyManagementInfo{"A192GCMKW", RecipientKind::secret, 24},
    KeyManagementInfo{"A256GCMKW", RecipientKind::secret, 32},
    KeyManagementInfo{"dir", RecipientKind::secret, 0},
    KeyManagementInfo{"PBES2-HS256+A128KW", RecipientKind::password, 16},
    KeyManagementInfo{"PBES2-HS384+A192KW", RecipientKind::password, 24},
    KeyManagementInfo{"PBES2-HS512+A256KW", RecipientKind::password, 32},
};

struct ContentEncryptionInfo {
  std::string_view name;
  Aead aead;
};

// In the order of ContentEncryption.
constexpr std::array kContentEncryptionInfos = {
    ContentEncryptionInfo{"A128CBC-HS256", Aead::aes128_cbc_hmac_sha256},
    ContentEncryptionInfo{"A192CBC-HS384", Aead::aes192_cbc_hmac_sha384},
    ContentEncryptionInfo{"A256CBC-HS512", Aead::aes256_cbc_hmac_sha512},
    ContentEncryptionInfo{"A128GCM", Aead::aes128_gcm},
    ContentEncryptionInfo{"A192GCM", Aead::aes192_gcm},
    ContentEncryptionInfo{"A256GCM", Aead::aes256_gcm},
};

template <class Enum, std::size_t N>
constexpr std::array<Enum, N> enumerate() {
  std::array<Enum, N> all{};
  for (std::size_t i = 0; i < N; ++i)
    all[i] = static_cast<Enum>(i);
  return all;
}

constexpr auto kKeyManagements = enumerate<KeyManagement, kKeyManagementInfos.size()>();
constexpr auto kContentEncryptions = enumerate<ContentEncryption, kContentEncryptionInfos.size()>();
static_assert(kKeyManagements.back() == KeyManagement::PBES2_HS512_A256KW);
static_assert(kContentEncryptions.back() == ContentEncryption::A256GCM);

constexpr const KeyManagementInfo& info(KeyManagement alg) noexcept {
  return kKeyManagementInfos[static_cast<std::size_t>(alg)];
}
constexpr const ContentEncryptionInfo& info(ContentEncryption enc) noexcept {
  return kContentEncryptionInfos[static_cast<std::size_t>(enc)];
}

template <class Enum, std::size_t N>
std::optional<Enum> find_named(const std::array<Enum, N>& all, std::string_view name) noexcept {
  const auto* const found = std::ranges::find_if(all, [&](Enum value) { return info(value).name == name; });
  if (found == all.end()) return std::nullopt;
  return *found;
}

/// RFC 7518 §4.6.2, RFC 8037 §3.2: secp256k1 is not among them.
constexpr std::array kAgreeing = {KeyType::p256, KeyType::p384, KeyType::p521, KeyType::x25519, KeyType::x448};

}  // namespace

std::span<const KeyManagement> all_key_managements() noexcept {
  return kKeyManagements;
}

std::span<const ContentEncryption> all_content_encryptions() noexcept {
  return kContentEncryptions;
}

std::string_view name(KeyManagement alg) noexcept {
  return info(alg).name;
}

std::string_view name(ContentEncryption enc) noexcept {
  return info(enc).name;
}

std::optional<KeyManagement> find_key_management(std::string_view name) noexcept {
  return find_named(kKeyManagements, name);
}

std::optional<ContentEncryption> find_content_encryption(std::string_view name) noexcept {
  return find_named(kContentEncryptions, name);
}

RecipientKind recipient_kind(KeyManagement alg) noexcept {
  return info(alg).kind;
}

bool is_for(KeyManagement alg, KeyType type) noexcept {
  switch (recipient_kind(alg)) {
    case RecipientKind::rsa:
      return type == KeyType::rsa;
    case RecipientKind::key_agreement:
      return contains(kAgreeing, type);
    case RecipientKind::secret:
    case RecipientKind::password:
      return false;
  }
  return false;
}

std::size_t wrapping_key_bytes(KeyManagement alg) noexcept {
  return info(alg).wrapping_key_bytes;
}

Aead aead(ContentEncryption enc) noexcept {
  return info(enc).aead;
}

}  // namespace mintmark::jose
