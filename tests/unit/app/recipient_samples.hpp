#pragma once
// Key pairs of an API that wants its tokens encrypted.

#include "mintmark/jose/jwk.hpp"

namespace mintmark::app {

inline const crypto::PrivateKey& sample_pair(crypto::KeyType type) {
  static std::map<crypto::KeyType, crypto::PrivateKey> pairs;
  auto found = pairs.find(type);
  if (found == pairs.end()) found = pairs.emplace(type, crypto::PrivateKey::generate(type).value()).first;
  return found->second;
}

inline Json sample_jwk(crypto::KeyType type = crypto::KeyType::p256) {
  Json jwk = jose::public_jwk(sample_pair(type).public_key());
  jwk["kid"] = "api-1";
  return jwk;
}

inline std::string sample_pem(crypto::KeyType type = crypto::KeyType::p256) {
  return sample_pair(type).public_key().to_pem();
}

}  // namespace mintmark::app
