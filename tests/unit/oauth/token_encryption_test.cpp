#include "mintmark/oauth/token_encryption.hpp"

#include "fake_key_sets.hpp"
#include "mintmark/base/base64.hpp"

namespace mintmark::oauth {
namespace {

using testing::ApiKey;
using testing::key_set_of;

const ApiKey& ec_key() {
  static const ApiKey key("ec");
  return key;
}

const ApiKey& rsa_key() {
  static const ApiKey key("rsa", crypto::KeyType::rsa);
  return key;
}

Result<Resource> parse(const Json& encryption, const Json& format = "jwt+jwe") {
  const Json document = {{"id", "urn:a"}, {"format", format}, {"encryption", encryption}};
  JsonReader in(document, "resources[0]");
  Resource resource = read_resource(in);
  if (Result<void> read = in.finish(); !read) return read.error();
  return resource;
}

std::string refusal(const Json& encryption, const Json& format = "jwt+jwe") {
  const Result<Resource> resource = parse(encryption, format);
  EXPECT_FALSE(resource) << encryption;
  return resource ? "" : resource.error().detail;
}

Json with(Json jwk, const char* member, Json value) {
  jwk[member] = std::move(value);
  return jwk;
}

TEST(TokenEncryption, RoundTrips) {
  const std::vector<Json> documents{
      {{"alg", "ECDH-ES+A128KW"}, {"enc", "A128CBC-HS256"}, {"jwk", with(ec_key().public_jwk(), "x-note", "ours")}},
      {{"alg", "RSA-OAEP-256"}, {"enc", "A256GCM"}, {"jwk", rsa_key().public_jwk()}},
      {{"alg", "ECDH-ES"}, {"enc", "A192GCM"}, {"jwks_uri", "https://api.example.com/jwks.json"}},
  };
  for (const Json& document : documents) {
    const Result<Resource> resource = parse(document);
    ASSERT_TRUE(resource) << resource.error().detail;
    const Json rendered = render_resource(*resource);
    EXPECT_EQ(rendered.at("format"), "jwt+jwe");
    EXPECT_EQ(rendered.at("encryption"), document);
    const Result<Resource> again = parse(rendered.at("encryption"));
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(resource->encryption, again->encryption);
  }
}

TEST(TokenEncryption, ContentIsA256GcmUnlessItIsSaid) {
  const Result<Resource> resource = parse({{"alg", "ECDH-ES"}, {"jwk", ec_key().public_jwk()}});
  ASSERT_TRUE(resource) << resource.error().detail;
  EXPECT_EQ(resource->encryption->enc, jose::ContentEncryption::A256GCM);
}

TEST(TokenEncryption, ASignedFormatHasNone) {
  EXPECT_FALSE(Resource{}.encryption);
  EXPECT_EQ(render_resource({}).at("format"), "jwt");
  EXPECT_FALSE(render_resource({}).contains("encryption"));
}

TEST(TokenEncryption, RefusesWithThePathInTheMessage) {
  const Json ec = ec_key().public_jwk();
  const Json uri = "https://api.example.com/jwks.json";
  const std::vector<std::pair<Json, std::string>> cases{
      {nullptr, "encryption: expected an object"},
      {Json::object(), "encryption.alg: is required"},
      {{{"alg", "RSA1_5"}, {"jwk", ec}}, "encryption.alg: expected one of RSA-OAEP, RSA-OAEP-256,"},
      {{{"alg", "ECDH-ES+A128KW"}}, "encryption.jwk: expected exactly one of jwk and jwks_uri"},
      {{{"alg", "ECDH-ES"}, {"jwk", ec}, {"jwks_uri", uri}}, "encryption.jwks_uri: expected exactly one of"},
      {{{"alg", "ECDH-ES"}, {"enc", "A256KW"}, {"jwk", ec}}, "encryption.enc: unknown content encryption"},
      {{{"alg", "ECDH-ES"}, {"enc", 256}, {"jwk", ec}}, "encryption.enc: expected a string"},
      {{{"alg", "ECDH-ES"}, {"jwk", "text"}}, "encryption.jwk: JWK: not an object"},
      {{{"alg", "ECDH-ES"}, {"jwk", ec}, {"zip", "DEF"}}, "encryption.zip: is not known here"},
      {{{"alg", "ECDH-ES"}, {"jwks_uri", "http://api.example.com/"}}, "encryption.jwks_uri: http is for loopback"},
      {{{"alg", "ECDH-ES"}, {"jwks_uri", "https://u@api.example.com/"}}, "encryption.jwks_uri: a URL to be fetched"},
      {{{"alg", "ECDH-ES"}, {"jwks_uri", "file:///etc/passwd"}}, "encryption.jwks_uri: expected an https URL"},
  };
  for (const auto& [encryption, message] : cases) {
    const std::string refused = refusal(encryption);
    EXPECT_TRUE(refused.starts_with("resources[0]." + message)) << refused << "\nexpected: " << message;
  }
}

TEST(TokenEncryption, FormatAndEncryptionGoTogether) {
  const Json encryption = {{"alg", "ECDH-ES"}, {"jwk", ec_key().public_jwk()}};
  EXPECT_EQ(refusal(encryption, "jwt"), "resources[0].encryption: is for format \"jwt+jwe\" alone");
  EXPECT_EQ(refusal(encryption, "jwe"), "resources[0].format: expected \"jwt\", \"jwt+jwe\" or \"opaque\"");
  const Json without = {{"id", "urn:a"}, {"format", "jwt+jwe"}};
  JsonReader in(without, "");
  (void)read_resource(in);
  EXPECT_EQ(in.finish().error().detail, "encryption: is required with format \"jwt+jwe\"");
}

TEST(TokenEncryption, AlgorithmsOfSharedSecretsAreRefusedWithTheReason) {
  for (const jose::KeyManagement alg : jose::all_key_managements()) {
    const Result<jose::KeyManagement> parsed = parse_public_key_management(jose::name(alg));
    const jose::RecipientKind kind = jose::recipient_kind(alg);
    const bool is_public = kind == jose::RecipientKind::rsa || kind == jose::RecipientKind::key_agreement;
    EXPECT_EQ(parsed.has_value(), is_public) << jose::name(alg);
    if (parsed) continue;
    EXPECT_NE(parsed.error().detail.find("not with a secret"), std::string::npos) << jose::name(alg);
  }
}

TEST(TokenEncryption, SecretsAndPrivateKeysMustNotStandInADocument) {
  const Json oct = {{"kty", "oct"}, {"alg", "A128KW"}, {"k", "AAAAAAAAAAAAAAAAAAAAAA"}};
  EXPECT_NE(refusal({{"alg", "ECDH-ES"}, {"jwk", oct}}).find("a shared secret must not stand here"), std::string::npos);
  const jose::SigningKey pair = jose::SigningKey::generate(jose::Alg::ES256).value();
  Json private_jwk = Json::parse(pair.serialize().reveal_text());
  private_jwk.erase("alg");
  private_jwk.erase("use");
  const std::string refused = refusal({{"alg", "ECDH-ES"}, {"jwk", private_jwk}});
  EXPECT_NE(refused.find("a private key must not stand here"), std::string::npos) << refused;
  EXPECT_EQ(refused.find(private_jwk.at("d").get<std::string>()), std::string::npos);
}

TEST(TokenEncryption, AKeyThatCannotBeUsedIsRefusedWithTheReason) {
  const Json ec = ec_key().public_jwk();
  Json ed25519 = ApiKey("ed", crypto::KeyType::ed25519).public_jwk();
  Json small = rsa_key().public_jwk();
  small["n"] = encode_base64url(Bytes(128, 0xff));  // 1024 bits
  Json for_unwrapping = with(ec, "key_ops", {"sign"});
  for_unwrapping.erase("use");
  const std::vector<std::pair<Json, std::string>> cases{
      {{{"alg", "RSA-OAEP-256"}, {"jwk", ec}}, ""},
      {{{"alg", "ECDH-ES"}, {"jwk", rsa_key().public_jwk()}}, ""},
      {{{"alg", "ECDH-ES"}, {"jwk", ed25519}}, ""},
      {{{"alg", "RSA-OAEP-256"}, {"jwk", small}}, "bits"},
      {{{"alg", "ECDH-ES"}, {"jwk", with(ec, "use", "sig")}}, "use"},
      {{{"alg", "ECDH-ES"}, {"jwk", for_unwrapping}}, "key_ops"},
      {{{"alg", "ECDH-ES"}, {"jwk", with(ec, "alg", "ECDH-ES+A256KW")}}, "algorithm"},
      {{{"alg", "ECDH-ES"}, {"jwk", with(ec, "y", ec.at("x"))}}, ""},
  };
  for (const auto& [encryption, reason] : cases) {
    const std::string refused = refusal(encryption);
    EXPECT_TRUE(refused.starts_with("resources[0].encryption.jwk: ")) << refused;
    EXPECT_NE(refused.find(reason), std::string::npos) << refused << "\nexpected: " << reason;
  }
}

TEST(RecipientKeySet, GivesTheKeysThatCanBeUsedInTheirOrder) {
  const Json ec = ec_key().public_jwk();
  const Json later = with(ec, "kid", "later");
  const std::string set = key_set_of({rsa_key().public_jwk(), Json("junk"), with(ec, "use", "sig"), ec, later});
  const auto keys = read_recipient_keys(set, jose::KeyManagement::ECDH_ES);
  ASSERT_TRUE(keys) << keys.error().detail;
  ASSERT_EQ(keys->size(), 2U);
  EXPECT_EQ(keys->at(0).jwk, ec);
  EXPECT_EQ(keys->at(1).key.kid().str(), "later");
}

TEST(RecipientKeySet, ASingleJwkIsASetOfOne) {
  const auto keys = read_recipient_keys(ec_key().public_jwk().dump(), jose::KeyManagement::ECDH_ES);
  ASSERT_TRUE(keys) << keys.error().detail;
  EXPECT_EQ(keys->size(), 1U);
}

TEST(RecipientKeySet, SaysWhyNoKeyCanBeUsed) {
  const auto detail = [](const std::string& text) {
    const auto keys = read_recipient_keys(text, jose::KeyManagement::ECDH_ES);
    EXPECT_FALSE(keys) << text;
    return keys ? "" : keys.error().detail;
  };
  EXPECT_NE(detail(key_set_of({with(ec_key().public_jwk(), "use", "sig")})).find("\"use\""), std::string::npos);
  EXPECT_EQ(detail(R"({"keys":[]})"), "no key can be used with ECDH-ES: there is no key in it");
  EXPECT_EQ(detail(R"({"keys":{}})"), "JWKS: \"keys\" is not an array");
  EXPECT_EQ(detail(key_set_of(std::vector<Json>(101, ec_key().public_jwk()))), "JWKS: too many keys");
  EXPECT_FALSE(read_recipient_keys("[]", jose::KeyManagement::ECDH_ES));
  EXPECT_FALSE(read_recipient_keys(std::string(300 * 1024, ' ') + "{}", jose::KeyManagement::ECDH_ES));
}

}  // namespace
}  // namespace mintmark::oauth
