// Encryption as the RFCs' appendices and the cookbook (RFC 7520 §5, §6) show it.

#include "jwe_support.hpp"
#include "mintmark/jose/jwt.hpp"
#include "support/vectors.hpp"

namespace mintmark::jose {
namespace {

std::string text_of(const Json& object, const char* name) {
  return object.at(name).get<std::string>();
}

Jwk jwk_of(const Json& json) {
  return must(parse_jwk(json));
}

/// Examples leave the algorithm of their secrets to the token. Here the test says it, as a user would.
std::vector<DecryptionKey> keys_for(const Json& jwk, std::string_view alg) {
  return make_decryption_keys(jwk_of(jwk), find_key_management(alg));
}

TEST(JweVectors, Rfc7516AppendixA) {
  MINTMARK_LOAD_VECTORS(vectors, "rfc-examples/rfc7516.json");
  int opened = 0;
  for (const Json& example : vectors["examples"]) {
    if (example["serialization"] != "compact") continue;
    const std::string token = text_of(example, "jwe");
    const std::string alg = text_of(must(decode_jwe_header(token)), "alg");
    if (alg == "RSA1_5") {
      const Error refused = error_of(decrypt_jwe(token, keys_for(example["jwk"], "RSA-OAEP")));
      EXPECT_NE(refused.detail.find("RSA1_5"), std::string::npos) << refused.detail;
      continue;
    }
    const Result<DecryptedJwe> decrypted = decrypt_jwe(token, keys_for(example["jwk"], alg));
    ASSERT_TRUE(decrypted) << example["id"] << decrypted.error().detail;
    EXPECT_EQ(decrypted->plaintext.reveal_text(), text_of(example, "plaintext"));
    ++opened;
  }
  EXPECT_EQ(opened, 2);
}

TEST(JweVectors, Rfc7519AppendixA_Rsa1_5IsRefusedByName) {
  MINTMARK_LOAD_VECTORS(vectors, "rfc-examples/rfc7519.json");
  int refused = 0;
  for (const Json& example : vectors["examples"]) {
    const Json& jwk = example.contains("jwk") ? example["jwk"] : example["decrypt_jwk"];
    const Error error = error_of(decrypt_jwe(text_of(example, "jwt"), keys_for(jwk, "RSA-OAEP")));
    EXPECT_NE(error.detail.find("RSA1_5"), std::string::npos) << error.detail;
    ++refused;
  }
  EXPECT_EQ(refused, 2);
}

TEST(JweVectors, Rfc7518AppendixC_KeyAgreement) {
  MINTMARK_LOAD_VECTORS(vectors, "rfc-examples/rfc7518.json");
  for (const Json& example : vectors["examples"]) {
    if (!example.contains("derived_key_b64u")) continue;
    const std::vector<DecryptionKey> keys = keys_for(example["recipient"], "ECDH-ES");
    ASSERT_EQ(keys.size(), 1U);
    Json header = example;
    header["epk"].erase("d");  // shown there, but never sent
    const Secret derived = must(keys[0].recover_content_key(ContentEncryption::A128GCM, header, {}));
    EXPECT_EQ(encode_base64url(derived.reveal()), text_of(example, "derived_key_b64u"));
    return;
  }
  FAIL() << "no example of key agreement";
}

// A.7, with X448, shows no private key; its agreement is that of RFC 7748 §6.2, tested below this module.
TEST(JweVectors, Rfc8037AppendixA6_Agreement) {
  MINTMARK_LOAD_VECTORS(vectors, "rfc-examples/rfc8037.json");
  int agreed = 0;
  for (const Json& example : vectors["examples"]) {
    if (!example.contains("epk") || !example["epk"].contains("d")) continue;
    const Jwk ephemeral = jwk_of(example["epk"]);
    const Jwk recipient = jwk_of(example["recipient"]);
    const Secret shared =
        must(std::get<crypto::PrivateKey>(ephemeral.key).agree(std::get<crypto::PublicKey>(recipient.key)));
    EXPECT_EQ(to_hex(shared.reveal()), text_of(example, "Z"));
    ++agreed;
  }
  EXPECT_EQ(agreed, 1);
}

struct Figure {
  const char* section;
  const char* file;
};

void PrintTo(const Figure& figure, std::ostream* out) {
  *out << figure.section;
}

class JweCookbook : public ::testing::TestWithParam<Figure> {};

INSTANTIATE_TEST_SUITE_P(
    Rfc7520, JweCookbook,
    ::testing::Values(Figure{"5_2", "jwe/5_2.key_encryption_using_rsa-oaep_with_aes-gcm.json"},
                      Figure{"5_4",
                             "jwe/5_4.key_agreement_with_key_wrapping_using_ecdh-es_and_aes-keywrap_with_aes-gcm.json"},
                      Figure{"5_5", "jwe/5_5.key_agreement_using_ecdh-es_with_aes-cbc-hmac-sha2.json"},
                      Figure{"5_6", "jwe/5_6.direct_encryption_using_aes-gcm.json"},
                      Figure{"5_7", "jwe/5_7.key_wrap_using_aes-gcm_keywrap_with_aes-cbc-hmac-sha2.json"},
                      Figure{"5_8", "jwe/5_8.key_wrap_using_aes-keywrap_with_aes-gcm.json"},
                      Figure{"X25519", "curve25519/ecdh-es.json"}),
    [](const auto& figure) { return std::string("Section") + figure.param.section; });

TEST_P(JweCookbook, Opens) {
  MINTMARK_LOAD_VECTORS(vectors, std::string("rfc7520-cookbook/") + GetParam().file);
  const Json& input = vectors["input"];
  const std::vector<DecryptionKey> keys = keys_for(input["key"], text_of(input, "alg"));
  const Result<DecryptedJwe> decrypted = decrypt_jwe(text_of(vectors["output"], "compact"), keys);
  ASSERT_TRUE(decrypted) << decrypted.error().detail;
  EXPECT_EQ(decrypted->plaintext.reveal_text(), text_of(input, "plaintext"));
  EXPECT_EQ(name(decrypted->enc), text_of(input, "enc"));
}

TEST(JweVectors, Rfc7520Section5_3_Password) {
  MINTMARK_LOAD_VECTORS(vectors,
                        "rfc7520-cookbook/jwe/5_3.key_wrap_using_pbes2-aes-keywrap_with-aes-cbc-hmac-sha2.json");
  const Json& input = vectors["input"];
  const DecryptionKey key = must(DecryptionKey::from_password(*find_key_management(text_of(input, "alg")),
                                                              Secret(std::string_view(text_of(input, "pwd")))));
  const Result<DecryptedJwe> decrypted = decrypt_jwe(text_of(vectors["output"], "compact"), std::vector{key});
  ASSERT_TRUE(decrypted) << decrypted.error().detail;
  EXPECT_EQ(decrypted->plaintext.reveal_text(), text_of(input, "plaintext"));
}

TEST(JweVectors, Rfc7520Section5_1_Rsa1_5IsRefused) {
  MINTMARK_LOAD_VECTORS(vectors, "rfc7520-cookbook/jwe/5_1.key_encryption_using_rsa_v15_and_aes-hmac-sha2.json");
  const Error refused =
      error_of(decrypt_jwe(text_of(vectors["output"], "compact"), keys_for(vectors["input"]["key"], "RSA-OAEP")));
  EXPECT_NE(refused.detail.find("RSA1_5"), std::string::npos) << refused.detail;
}

TEST(JweVectors, Rfc7520Section5_9_CompressionIsRefused) {
  MINTMARK_LOAD_VECTORS(vectors, "rfc7520-cookbook/jwe/5_9.compressed_content.json");
  const Error refused =
      error_of(decrypt_jwe(text_of(vectors["output"], "compact"), keys_for(vectors["input"]["key"], "A128KW")));
  EXPECT_NE(refused.detail.find("zip"), std::string::npos) << refused.detail;
}

TEST(JweVectors, Rfc7520Section6_Nesting) {
  MINTMARK_LOAD_VECTORS(vectors, "rfc7520-cookbook/6.nesting_signatures_and_encryption.json");
  const Json& encrypt = vectors["encrypt"];
  const Result<std::string> inner = open_nested_jwt(
      text_of(encrypt["output"], "compact"), keys_for(encrypt["input"]["key"], text_of(encrypt["input"], "alg")));
  ASSERT_TRUE(inner) << inner.error().detail;
  const Result<VerifiedJws> verified =
      verify_jws(*inner, make_verification_keys(jwk_of(vectors["sign"]["input"]["key"])));
  ASSERT_TRUE(verified) << verified.error().detail;
  EXPECT_EQ(as_text(verified->payload), text_of(vectors["sign"]["input"], "payload"));
}

}  // namespace
}  // namespace mintmark::jose
