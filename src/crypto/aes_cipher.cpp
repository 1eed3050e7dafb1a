#include "aes_cipher.hpp"

#include <array>

#include "fatal.hpp"

namespace mintmark::crypto {
namespace {

// In the order of AesMode; in each by length of key.
constexpr std::size_t kKeyLengths = 3;
constexpr std::array<const char*, 3 * kKeyLengths> kNames = {
    "AES-128-CBC", "AES-192-CBC",  "AES-256-CBC",  "AES-128-GCM",  "AES-192-GCM",
    "AES-256-GCM", "AES-128-WRAP", "AES-192-WRAP", "AES-256-WRAP",
};

std::size_t index_of_length(std::size_t key_bytes) {
  if (key_bytes != 16 && key_bytes != 24 && key_bytes != 32) fatal("AES: the key has not 16, 24 or 32 bytes");
  return key_bytes / 8 - 2;
}

}  // namespace

const EVP_CIPHER* aes_cipher(AesMode mode, std::size_t key_bytes) {
  static const std::array ciphers = [] {
    std::array<CipherPtr, kNames.size()> fetched;
    for (std::size_t i = 0; i < fetched.size(); ++i) {
      fetched[i].reset(EVP_CIPHER_fetch(nullptr, kNames[i], nullptr));
      if (!fetched[i]) fatal("OpenSSL has no AES");
    }
    return fetched;
  }();
  return ciphers[static_cast<std::size_t>(mode) * kKeyLengths + index_of_length(key_bytes)].get();
}

}  // namespace mintmark::crypto
