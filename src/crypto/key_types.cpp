#include "key_types.hpp"

#include <array>
#include <string_view>

namespace mintmark::crypto {
namespace {

// In the order of KeyType.
constexpr std::array<KeyTypeInfo, 12> kKeyTypes = {{
    {KeyType::rsa, KeyFamily::rsa, "RSA", nullptr, 0, 0},
    {KeyType::p256, KeyFamily::ec, "EC", "prime256v1", 32, 32},
    {KeyType::p384, KeyFamily::ec, "EC", "secp384r1", 48, 48},
    {KeyType::p521, KeyFamily::ec, "EC", "secp521r1", 66, 66},
    {KeyType::secp256k1, KeyFamily::ec, "EC", "secp256k1", 32, 32},
    {KeyType::ed25519, KeyFamily::edwards, "ED25519", nullptr, 32, 32},
    {KeyType::ed448, KeyFamily::edwards, "ED448", nullptr, 57, 57},
    {KeyType::x25519, KeyFamily::montgomery, "X25519", nullptr, 32, 32},
    {KeyType::x448, KeyFamily::montgomery, "X448", nullptr, 56, 56},
    {KeyType::ml_dsa_44, KeyFamily::ml_dsa, "ML-DSA-44", nullptr, 0, 32},
    {KeyType::ml_dsa_65, KeyFamily::ml_dsa, "ML-DSA-65", nullptr, 0, 32},
    {KeyType::ml_dsa_87, KeyFamily::ml_dsa, "ML-DSA-87", nullptr, 0, 32},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kKeyTypes.size(); ++i) {
    if (static_cast<std::size_t>(kKeyTypes[i].type) != i) return false;
  }
  return true;
}
static_assert(in_order());

bool has_group(const EVP_PKEY* pkey, std::string_view group) {
  std::array<char, 64> name;
  std::size_t size = 0;
  return EVP_PKEY_get_group_name(pkey, name.data(), name.size(), &size) == 1 &&
         group == std::string_view(name.data(), size);
}

/// Whether this OpenSSL can make keys of the type; nothing is learnt from a version number.
bool ask_openssl(const KeyTypeInfo& type) {
  const ErrorQueueScope errors;
  const PkeyCtxPtr context(EVP_PKEY_CTX_new_from_name(nullptr, type.algorithm, nullptr));
  if (!context || EVP_PKEY_keygen_init(context.get()) != 1) return false;
  return type.group == nullptr || EVP_PKEY_CTX_set_group_name(context.get(), type.group) == 1;
}

}  // namespace

const KeyTypeInfo& info(KeyType type) noexcept {
  return kKeyTypes[static_cast<std::size_t>(type)];
}

std::optional<KeyType> identify(const EVP_PKEY* pkey) {
  for (const KeyTypeInfo& type : kKeyTypes) {
    if (EVP_PKEY_is_a(pkey, type.algorithm) != 1) continue;
    if (type.group == nullptr || has_group(pkey, type.group)) return type.type;
  }
  return std::nullopt;
}

bool is_available(KeyType type) {
  static const std::array answers = [] {
    std::array<bool, kKeyTypes.size()> asked{};
    for (std::size_t i = 0; i < asked.size(); ++i)
      asked[i] = ask_openssl(kKeyTypes[i]);
    return asked;
  }();
  return answers[static_cast<std::size_t>(type)];
}

}  // namespace mintmark::crypto
