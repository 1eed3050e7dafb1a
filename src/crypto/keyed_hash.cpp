#include "mintmark/crypto/keyed_hash.hpp"

#include <algorithm>

#include "mintmark/crypto/digest.hpp"

namespace mintmark::crypto {

KeyedHash keyed_hash(const Secret& key, std::initializer_list<std::string_view> parts) {
  Bytes message;
  for (const std::string_view part : parts) {
    for (unsigned shift = 0; shift < 64; shift += 8)
      message.push_back(static_cast<std::uint8_t>(std::uint64_t{part.size()} >> shift));
    message.insert(message.end(), part.begin(), part.end());
  }
  const Bytes mac = hmac(Hash::sha256, key.reveal(), message);
  KeyedHash hash{};
  std::copy_n(mac.begin(), hash.size(), hash.begin());
  return hash;
}

}  // namespace mintmark::crypto
