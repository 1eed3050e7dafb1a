#include "mintmark/jose/jwe.hpp"

#include <set>
#include <tuple>

#include "jwe_support.hpp"
#include "mintmark/jose/jwt.hpp"

namespace mintmark::jose {
namespace {

std::string test_name(std::string_view text) {
  std::string name(text);
  for (char& c : name)
    if (c == '-' || c == '+') c = '_';
  return name;
}

class EveryPair : public ::testing::TestWithParam<std::tuple<KeyManagement, ContentEncryption>> {
 protected:
  [[nodiscard]] static KeyManagement alg() { return std::get<0>(GetParam()); }
  [[nodiscard]] static ContentEncryption enc() { return std::get<1>(GetParam()); }
};

INSTANTIATE_TEST_SUITE_P(
    Jwe, EveryPair,
    ::testing::Combine(::testing::ValuesIn(all_key_managements().begin(), all_key_managements().end()),
                       ::testing::ValuesIn(all_content_encryptions().begin(), all_content_encryptions().end())),
    [](const auto& pair) {
      return test_name(name(std::get<0>(pair.param))) + "__" + test_name(name(std::get<1>(pair.param)));
    });

TEST_P(EveryPair, Rfc7516Section5_RoundTrips) {
  const Recipient to = make_recipient(alg(), enc());
  for (const std::string_view plaintext : {std::string_view(), std::string_view("x"), kPlaintext}) {
    const Result<DecryptedJwe> decrypted = decrypt_jwe(encrypt(to, enc(), plaintext), to.keys());
    ASSERT_TRUE(decrypted) << decrypted.error().detail;
    EXPECT_EQ(decrypted->plaintext.reveal_text(), plaintext);
    EXPECT_EQ(decrypted->alg, alg());
    EXPECT_EQ(decrypted->enc, enc());
  }
}

TEST_P(EveryPair, EveryFlippedBitIsRefused) {
  const Recipient to = make_recipient(alg(), enc());
  const std::vector<std::string> parts = parts_of(encrypt(to, enc()));
  // A password costs its thousand rounds each time; its parts behave as those of the others.
  const std::size_t step = recipient_kind(alg()) == RecipientKind::password ? 61 : 7;
  for (std::size_t part = 1; part < parts.size(); ++part) {
    const Bytes original = must(decode_base64url(parts[part]));
    for (std::size_t bit = 0; bit<original.size() * 8; bit += original.size()> 40 ? step : 1) {
      Bytes flipped = original;
      flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      std::vector<std::string> changed = parts;
      changed[part] = encode_base64url(flipped);
      EXPECT_EQ(error_of(decrypt_jwe(join_parts(changed), to.keys())).kind, ErrorKind::crypto)
          << "part " << part << " bit " << bit;
    }
  }
}

TEST_P(EveryPair, EveryTruncationIsRefused) {
  const Recipient to = make_recipient(alg(), enc());
  const std::string token = encrypt(to, enc());
  for (std::size_t size = 0; size < token.size(); ++size)
    EXPECT_FALSE(decrypt_jwe(std::string_view(token).substr(0, size), to.keys())) << size;
  const std::vector<std::string> parts = parts_of(token);
  for (std::size_t part = 1; part < parts.size(); ++part) {
    std::vector<std::string> changed = parts;
    Bytes bytes = must(decode_base64url(parts[part]));
    while (!bytes.empty()) {
      bytes.pop_back();
      changed[part] = encode_base64url(bytes);
      EXPECT_FALSE(decrypt_jwe(join_parts(changed), to.keys())) << "part " << part << " of " << bytes.size();
    }
  }
}

TEST_P(EveryPair, AChangedHeaderIsRefused) {
  const Recipient to = make_recipient(alg(), enc());
  const std::string token = encrypt(to, enc());
  Json header = must(decode_jwe_header(token));
  header["typ"] = "JOSE";
  EXPECT_EQ(error_of(decrypt_jwe(with_header(token, header), to.keys())).kind, ErrorKind::crypto);
}

// Every bit of the header too, for one pair: what it may turn the header into is malformed, for others, or not
// authentic.
TEST(Jwe, EveryFlippedBitOfTheHeaderIsRefused) {
  const Recipient to = make_recipient(KeyManagement::A128KW, ContentEncryption::A128CBC_HS256);
  const std::vector<std::string> parts = parts_of(encrypt(to, ContentEncryption::A128CBC_HS256));
  const Bytes original = must(decode_base64url(parts[0]));
  for (std::size_t bit = 0; bit < original.size() * 8; ++bit) {
    Bytes flipped = original;
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    std::vector<std::string> changed = parts;
    changed[0] = encode_base64url(flipped);
    EXPECT_FALSE(decrypt_jwe(join_parts(changed), to.keys())) << bit;
  }
}

class EveryCurve : public ::testing::TestWithParam<crypto::KeyType> {};

INSTANTIATE_TEST_SUITE_P(Jwe, EveryCurve,
                         ::testing::Values(crypto::KeyType::p256, crypto::KeyType::p384, crypto::KeyType::p521,
                                           crypto::KeyType::x25519, crypto::KeyType::x448));

TEST_P(EveryCurve, Rfc7518Section4_6_RoundTrips) {
  for (const KeyManagement alg : {KeyManagement::ECDH_ES, KeyManagement::ECDH_ES_A128KW, KeyManagement::ECDH_ES_A192KW,
                                  KeyManagement::ECDH_ES_A256KW}) {
    const Recipient to = make_pair_recipient(alg, GetParam());
    const std::string token = encrypt(to, ContentEncryption::A256GCM);
    EXPECT_EQ(must(decrypt_jwe(token, to.keys())).plaintext.reveal_text(), kPlaintext) << name(alg);
  }
}

TEST_P(EveryCurve, IsReadFromAJwkAndFromPem) {
  const DecryptionKey generated = must(DecryptionKey::generate(KeyManagement::ECDH_ES_A256KW, GetParam()));
  const Jwk jwk = read_jwk(generated.serialize().reveal_text());
  EXPECT_EQ(thumbprint(jwk), generated.kid().str());
  const EncryptionKey sender = must(make_encryption_key(jwk));
  const std::string token = must(encrypt_jwe(sender, ContentEncryption::A128GCM, {}, as_bytes(kPlaintext)));
  EXPECT_TRUE(decrypt_jwe(token, make_decryption_keys(jwk)));

  const auto pem = must(parse_key_file(std::get<crypto::PrivateKey>(jwk.key).to_pem()));
  EXPECT_TRUE(decrypt_jwe(token, make_decryption_keys(pem.at(0)))) << "a key without a kid answers to any";
}

TEST(Jwe, NothingIsTheSameTwice) {
  for (const KeyManagement alg : all_key_managements()) {
    const Recipient to = make_recipient(alg, ContentEncryption::A128GCM);
    std::set<std::string> seen;
    for (int i = 0; i < 2; ++i) {
      const std::vector<std::string> parts = parts_of(encrypt(to, ContentEncryption::A128GCM));
      for (std::size_t part = 1; part < parts.size(); ++part)
        EXPECT_TRUE(parts[part].empty() || seen.insert(parts[part]).second) << name(alg) << " part " << part;
    }
  }
}

TEST(Jwe, TheHeaderSaysWhatTheKeyIs) {
  const Recipient to = make_recipient(KeyManagement::ECDH_ES_A128KW, ContentEncryption::A128GCM);
  const std::string token =
      must(encrypt_jwe(to.sender, ContentEncryption::A128GCM, {.typ = "JOSE", .cty = "JWT"}, as_bytes(kPlaintext)));
  const Json header = must(decode_jwe_header(token));
  EXPECT_EQ(header["alg"], "ECDH-ES+A128KW");
  EXPECT_EQ(header["enc"], "A128GCM");
  EXPECT_EQ(header["kid"], "k");
  EXPECT_EQ(header["typ"], "JOSE");
  EXPECT_EQ(header["cty"], "JWT");
  const std::set<std::string> epk_members = {"crv", "kty", "x", "y"};
  std::set<std::string> found;
  for (const auto& [member, value] : header["epk"].items())
    found.insert(member);
  EXPECT_EQ(found, epk_members) << "nothing private, nothing superfluous";
}

TEST(Jwe, AnEncNotExpectedIsRefused) {
  const Recipient to = make_recipient(KeyManagement::A128KW, ContentEncryption::A128GCM);
  const std::array only = {ContentEncryption::A256GCM};
  const Result<DecryptedJwe> refused = decrypt_jwe(encrypt(to, ContentEncryption::A128GCM), to.keys(), {.encs = only});
  EXPECT_EQ(error_of(refused).kind, ErrorKind::invalid);
  EXPECT_TRUE(decrypt_jwe(encrypt(to, ContentEncryption::A256GCM), to.keys(), {.encs = only}));
}

TEST(Jwe, TheKeyIsChosenByItsKid) {
  const Recipient one = make_recipient(KeyManagement::A128KW, ContentEncryption::A128GCM);
  const Secret secret = crypto::random_secret(16);
  const DecryptionKey other = must(DecryptionKey::make(KeyManagement::A128KW, KeyId("other"), secret));
  const EncryptionKey nameless = must(EncryptionKey::make(KeyManagement::A128KW, {}, secret));
  const std::vector<DecryptionKey> both = {one.recipient, other};
  EXPECT_EQ(must(decrypt_jwe(encrypt(one, ContentEncryption::A128GCM), both)).kid, KeyId("k"));
  const std::string unnamed = must(encrypt_jwe(nameless, ContentEncryption::A128GCM, {}, as_bytes(kPlaintext)));
  EXPECT_EQ(must(decrypt_jwe(unnamed, both)).kid, KeyId("other")) << "without a kid, each of its algorithm is tried";
  EXPECT_EQ(error_of(decrypt_jwe(encrypt(one, ContentEncryption::A128GCM), std::vector{other})).kind,
            ErrorKind::invalid);
}

TEST(Jwe, IsTooLargeBeforeItIsLookedAt) {
  const Recipient to = make_recipient(KeyManagement::dir, ContentEncryption::A128GCM);
  const std::string token = encrypt(to, ContentEncryption::A128GCM, std::string(1000, 'x'));
  EXPECT_TRUE(decrypt_jwe(token, to.keys(), {.max_bytes = token.size()}));
  EXPECT_FALSE(decrypt_jwe(token, to.keys(), {.max_bytes = token.size() - 1}));
}

TEST(NestedJwt, Rfc7519Section5_2_CtySaysWhatIsInside) {
  const Recipient to = make_recipient(KeyManagement::A128KW, ContentEncryption::A128GCM);
  for (const std::string_view typ : {"at+jwt", "JWT"}) {
    const std::string token = must(encrypt_jwt(to.sender, ContentEncryption::A128GCM, typ, "a.b.c"));
    EXPECT_EQ(must(decode_jwe_header(token))["cty"], typ);
    EXPECT_EQ(must(open_nested_jwt(token, to.keys())), "a.b.c");
  }
  const std::string other =
      must(encrypt_jwe(to.sender, ContentEncryption::A128GCM, {.cty = "text"}, as_bytes("a.b.c")));
  EXPECT_FALSE(open_nested_jwt(other, to.keys()));
  EXPECT_FALSE(open_nested_jwt(encrypt(to, ContentEncryption::A128GCM), to.keys()));
}

TEST(JweKeys, FitTheirAlgorithm) {
  const crypto::PrivateKey rsa = must(crypto::PrivateKey::generate(crypto::KeyType::rsa));
  const crypto::PrivateKey ec = must(crypto::PrivateKey::generate(crypto::KeyType::p256));
  for (const KeyManagement alg : all_key_managements()) {
    const RecipientKind kind = recipient_kind(alg);
    EXPECT_EQ(EncryptionKey::make(alg, {}, rsa.public_key()).has_value(), kind == RecipientKind::rsa) << name(alg);
    EXPECT_EQ(DecryptionKey::make(alg, {}, rsa).has_value(), kind == RecipientKind::rsa) << name(alg);
    EXPECT_EQ(EncryptionKey::make(alg, {}, ec.public_key()).has_value(), kind == RecipientKind::key_agreement)
        << name(alg);
    EXPECT_EQ(DecryptionKey::make(alg, {}, ec).has_value(), kind == RecipientKind::key_agreement) << name(alg);
    const Secret secret{std::string_view("0123456789abcdef")};
    const bool takes_it = kind == RecipientKind::secret && wrapping_key_bytes(alg) == secret.size();
    EXPECT_EQ(EncryptionKey::make(alg, {}, secret).has_value(), takes_it) << name(alg);
    EXPECT_EQ(DecryptionKey::make(alg, {}, secret).has_value(), takes_it) << name(alg);
    EXPECT_EQ(EncryptionKey::from_password(alg, secret).has_value(), kind == RecipientKind::password) << name(alg);
  }
}

TEST(JweKeys, OfSigningCurvesDoNotEncrypt) {
  for (const crypto::KeyType type : {crypto::KeyType::ed25519, crypto::KeyType::ed448, crypto::KeyType::secp256k1}) {
    const crypto::PrivateKey key = must(crypto::PrivateKey::generate(type));
    for (const KeyManagement alg : all_key_managements())
      EXPECT_FALSE(EncryptionKey::make(alg, {}, key.public_key())) << name(alg);
  }
}

TEST(JweKeys, DirHasOneEnc) {
  const Secret secret = crypto::random_secret(32);
  const EncryptionKey key = must(EncryptionKey::make_direct(ContentEncryption::A256GCM, {}, secret));
  EXPECT_FALSE(encrypt_jwe(key, ContentEncryption::A128CBC_HS256, {}, as_bytes(kPlaintext)));
  const std::string token = must(encrypt_jwe(key, ContentEncryption::A256GCM, {}, as_bytes(kPlaintext)));
  const DecryptionKey other = must(DecryptionKey::make_direct(ContentEncryption::A128CBC_HS256, {}, secret));
  EXPECT_EQ(error_of(decrypt_jwe(token, std::vector{other})).kind, ErrorKind::invalid);
  EXPECT_FALSE(EncryptionKey::make_direct(ContentEncryption::A128GCM, {}, secret)) << "of another length";
}

TEST(JweKeys, SlowOnesAreKnown) {
  EXPECT_FALSE(make_pair_recipient(KeyManagement::RSA_OAEP, crypto::KeyType::rsa).sender.is_slow());
  EXPECT_FALSE(make_pair_recipient(KeyManagement::ECDH_ES, crypto::KeyType::p256).sender.is_slow());
  EXPECT_TRUE(make_pair_recipient(KeyManagement::ECDH_ES, crypto::KeyType::p521).sender.is_slow());
}

}  // namespace
}  // namespace mintmark::jose
