// Project Wycheproof's vectors through our own key agreement. The keys are written as JWK there; only their numbers
// are read here, and what is wrong with a JWK as such is not this module's to find.

#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "mintmark/base/base64.hpp"
#include "mintmark/crypto/pkey.hpp"
#include "wycheproof.hpp"

namespace mintmark::crypto {
namespace {

using wycheproof::has_flag;
using wycheproof::path_of;
using wycheproof::text_of;

Bytes member_of(const Json& jwk, const char* name) {
  if (!jwk.contains(name)) return {};
  const Result<Bytes> bytes = decode_base64url(text_of(jwk, name));
  EXPECT_TRUE(bytes) << jwk;
  return bytes ? *bytes : Bytes{};
}

/// None for a JWK of no known type.
std::optional<KeyType> find_type(const Json& jwk) {
  static const std::map<std::string, KeyType> types = {
      {"EC P-256", KeyType::p256},          {"EC P-384", KeyType::p384},     {"EC P-521", KeyType::p521},
      {"EC P-256K", KeyType::secp256k1},    {"OKP X25519", KeyType::x25519}, {"OKP X448", KeyType::x448},
      {"EC secp256k1", KeyType::secp256k1},
  };
  const auto found = types.find(jwk.value("kty", "") + " " + jwk.value("crv", ""));
  return found == types.end() ? std::nullopt : std::optional(found->second);
}

PublicParts public_parts_of(const Json& jwk) {
  PublicParts parts;
  parts.x = member_of(jwk, "x");
  parts.y = member_of(jwk, "y");
  return parts;
}

Result<PrivateKey> private_key_of(KeyType type, const Json& jwk) {
  PrivateParts parts;
  parts.d = Secret(member_of(jwk, "d"));
  return PrivateKey::from_parts(type, public_parts_of(jwk), parts);
}

/// The secret of the two keys, as a recipient comes to it.
Result<Secret> agree_of(const Json& test, KeyType peer_type) {
  const Result<PrivateKey> own = private_key_of(*find_type(test["private"]), test["private"]);
  EXPECT_TRUE(own) << test["tcId"] << " " << own.error().detail;
  const Result<PublicKey> peer = PublicKey::from_parts(peer_type, public_parts_of(test["public"]));
  if (!peer) return peer.error();
  return own->agree(*peer);
}

/// `acceptable` are points on the twist and numbers that are not reduced, which RFC 7748 §5 has implementations take
/// as they are; and points of small order, which give zero and which §6 lets them refuse: we do.
bool is_to_be_accepted(const Json& test) {
  return test["result"] == "valid" || (test["result"] == "acceptable" && !has_flag(test, "ZeroSharedSecret"));
}

struct AgreementFile {
  const char* path;
};

void PrintTo(const AgreementFile& file, std::ostream* out) {
  *out << file.path;
}

class WycheproofAgreement : public ::testing::TestWithParam<AgreementFile> {};

TEST_P(WycheproofAgreement, IsJudgedAsItShould) {
  MINTMARK_LOAD_VECTORS(vectors, path_of(GetParam().path));
  int accepted = 0;
  int refused = 0;
  for (const Json& group : vectors["testGroups"]) {
    for (const Json& test : group["tests"]) {
      const std::optional<KeyType> peer_type = find_type(test["public"]);
      if (!peer_type) {
        EXPECT_EQ(test["result"], "invalid");
        continue;
      }
      const Result<Secret> shared = agree_of(test, *peer_type);
      if (is_to_be_accepted(test)) {
        ASSERT_TRUE(shared) << test["tcId"] << " " << test["comment"] << " " << shared.error().detail;
        EXPECT_EQ(to_hex(shared->reveal()), text_of(test, "shared")) << test["tcId"] << " " << test["comment"];
        ++accepted;
      } else {
        EXPECT_FALSE(shared) << test["tcId"] << " " << test["comment"];
        ++refused;
      }
    }
  }
  EXPECT_GT(accepted, 300);
  EXPECT_GT(refused, 20);
}

INSTANTIATE_TEST_SUITE_P(All, WycheproofAgreement,
                         ::testing::Values(AgreementFile{"ecdh_secp256r1_webcrypto_test.json"},
                                           AgreementFile{"ecdh_secp384r1_webcrypto_test.json"},
                                           AgreementFile{"ecdh_secp521r1_webcrypto_test.json"},
                                           AgreementFile{"x25519_jwk_test.json"}, AgreementFile{"x448_jwk_test.json"}),
                         wycheproof::NameOfFile());

}  // namespace
}  // namespace mintmark::crypto
