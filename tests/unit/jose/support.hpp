#pragma once
// Small steps that the tests of this module share. A step that should never fail fails the test.

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "mintmark/base/base64.hpp"
#include "mintmark/jose/jwk.hpp"
#include "mintmark/jose/jws.hpp"

namespace mintmark::jose {

inline Jwk read_jwk(std::string_view text) {
  Result<std::vector<Jwk>> keys = parse_jwk_set(text);
  EXPECT_TRUE(keys) << keys.error().detail;
  return std::move(keys->at(0));
}

inline SigningKey read_signing_key(std::string_view text, Alg alg) {
  Result<SigningKey> key = make_signing_key(read_jwk(text), alg);
  EXPECT_TRUE(key) << key.error().detail;
  return std::move(*key);
}

inline std::vector<VerificationKey> read_verification_keys(std::string_view text, Alg alg) {
  Result<VerificationKey> key = make_verification_key(read_jwk(text), alg);
  EXPECT_TRUE(key) << key.error().detail;
  return {std::move(*key)};
}

/// One key of each algorithm, made once.
inline const SigningKey& key_for(Alg alg) {
  static std::map<Alg, SigningKey> keys;
  auto found = keys.find(alg);
  if (found == keys.end()) {
    Result<SigningKey> key = SigningKey::generate(alg);
    EXPECT_TRUE(key) << key.error().detail;
    found = keys.emplace(alg, std::move(*key)).first;
  }
  return found->second;
}

inline std::string encode(std::string_view text) {
  return encode_base64url(as_bytes(text));
}

/// A token with a header that sign_jws would never write, and a signature that is right.
inline std::string forge(const SigningKey& key, std::string_view header, std::string_view payload = "{}") {
  const std::string input = encode(header) + "." + encode(payload);
  const Result<Bytes> signature = key.sign(as_bytes(input));
  EXPECT_TRUE(signature);
  return input + "." + encode_base64url(*signature);
}

inline ErrorKind kind_of(const Result<VerifiedJws>& verified) {
  EXPECT_FALSE(verified);
  return verified ? ErrorKind::not_found : verified.error().kind;
}

}  // namespace mintmark::jose
