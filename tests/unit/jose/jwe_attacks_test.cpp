// Attacks on JWE that burnt other libraries; each name says which.

#include <set>

#include "jwe_support.hpp"
#include "mintmark/base/base64.hpp"
#include "mintmark/crypto/key_wrap.hpp"
#include "mintmark/jose/jwt.hpp"

namespace mintmark::jose {
namespace {

constexpr ContentEncryption kGcm = ContentEncryption::A128GCM;
constexpr ContentEncryption kCbc = ContentEncryption::A128CBC_HS256;

Error refusal_with(const Recipient& to, ContentEncryption enc, const char* parameter, const Json& value) {
  const std::string token = encrypt(to, enc);
  Json header = must(decode_jwe_header(token));
  header[parameter] = value;
  return error_of(decrypt_jwe(with_header(token, header), to.keys()));
}

TEST(JweAttacks, Rsa1_5IsRefusedByName_Rfc8725Section3_2) {
  const Recipient to = make_recipient(KeyManagement::RSA_OAEP, kGcm);
  const Error refused = refusal_with(to, kGcm, "alg", "RSA1_5");
  EXPECT_EQ(refused.kind, ErrorKind::invalid);
  EXPECT_NE(refused.detail.find("RSA1_5"), std::string::npos);
}

TEST(JweAttacks, CompressionIsRefusedByName_CVE_2024_28180) {
  const Recipient to = make_recipient(KeyManagement::A128KW, kGcm);
  const Error refused = refusal_with(to, kGcm, "zip", "DEF");
  EXPECT_EQ(refused.kind, ErrorKind::invalid);
  EXPECT_NE(refused.detail.find("zip"), std::string::npos);
}

TEST(JweAttacks, EveryCritIsRefused_CVE_2025_59420) {
  const Recipient to = make_recipient(KeyManagement::A128KW, kGcm);
  for (const Json& crit : {Json::array(), Json::array({"exp"}), Json("exp")})
    EXPECT_EQ(refusal_with(to, kGcm, "crit", crit).kind, ErrorKind::invalid);
}

TEST(JweAttacks, TruncatedTagsAreRefused_CVE_2023_37464) {
  for (const ContentEncryption enc : all_content_encryptions()) {
    const Recipient to = make_recipient(KeyManagement::dir, enc);
    std::vector<std::string> parts = parts_of(encrypt(to, enc));
    Bytes tag = must(decode_base64url(parts[4]));
    EXPECT_EQ(tag.size(), crypto::tag_bytes(aead(enc)));
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{4}, tag.size() - 1}) {
      parts[4] = encode_base64url(ByteView(tag).first(size));
      EXPECT_EQ(error_of(decrypt_jwe(join_parts(parts), to.keys())).kind, ErrorKind::crypto) << name(enc) << size;
    }
  }
}

TEST(JweAttacks, TruncatedTagOfAWrappedKeyIsRefused_CVE_2023_37464) {
  const Recipient to = make_recipient(KeyManagement::A128GCMKW, kGcm);
  const std::string token = encrypt(to, kGcm);
  Json header = must(decode_jwe_header(token));
  const Bytes tag = must(decode_base64url(header["tag"].get<std::string>()));
  for (std::size_t size = 0; size < tag.size(); ++size) {
    header["tag"] = encode_base64url(ByteView(tag).first(size));
    EXPECT_FALSE(decrypt_jwe(with_header(token, header), to.keys())) << size;
  }
}

TEST(JweAttacks, PasswordIterationsAreBounded_CVE_2023_50967) {
  const Recipient to = make_recipient(KeyManagement::PBES2_HS256_A128KW, kGcm);
  for (const Json& count : {Json(0), Json(1), Json(kMinPbes2Count - 1), Json(kMaxPbes2Count + 1), Json(2147483647),
                            Json(18446744073709551615ULL), Json(-1), Json(1e9), Json("1000"), Json()}) {
    EXPECT_EQ(refusal_with(to, kGcm, "p2c", count).kind, ErrorKind::invalid) << count;
  }
  EXPECT_FALSE(EncryptionKey::from_password(KeyManagement::PBES2_HS256_A128KW, Secret(std::string_view("p")), 999));
  EXPECT_FALSE(
      EncryptionKey::from_password(KeyManagement::PBES2_HS256_A128KW, Secret(std::string_view("p")), 1'000'001));
}

TEST(JweAttacks, ShortPasswordSaltIsRefused_Rfc7518Section4_8_1_1) {
  const Recipient to = make_recipient(KeyManagement::PBES2_HS256_A128KW, kGcm);
  EXPECT_EQ(refusal_with(to, kGcm, "p2s", "AAAAAAAAAA").kind, ErrorKind::invalid) << "seven bytes";
}

TEST(JweAttacks, PointsOffTheCurveAreRefused_CVE_2017_16007) {
  const Recipient to = make_recipient(KeyManagement::ECDH_ES_A128KW, kGcm);
  Json epk = must(decode_jwe_header(encrypt(to, kGcm)))["epk"];
  Bytes y = must(decode_base64url(epk["y"].get<std::string>()));
  y.back() ^= 1U;
  epk["y"] = encode_base64url(y);
  EXPECT_EQ(refusal_with(to, kGcm, "epk", epk).kind, ErrorKind::invalid);
}

TEST(JweAttacks, PointsOfAnotherCurveAreRefused) {
  const Recipient to = make_recipient(KeyManagement::ECDH_ES, kGcm);
  const Recipient other = make_pair_recipient(KeyManagement::ECDH_ES, crypto::KeyType::x25519);
  const Json epk = must(decode_jwe_header(encrypt(other, kGcm)))["epk"];
  EXPECT_EQ(refusal_with(to, kGcm, "epk", epk).kind, ErrorKind::invalid);
}

TEST(JweAttacks, PointsOfSmallOrderAreRefused_Rfc7748Section6_1) {
  const Recipient to = make_pair_recipient(KeyManagement::ECDH_ES, crypto::KeyType::x25519);
  for (const std::uint8_t first : {std::uint8_t{0}, std::uint8_t{1}}) {
    Bytes x(32, 0);
    x[0] = first;
    const Json epk = {{"kty", "OKP"}, {"crv", "X25519"}, {"x", encode_base64url(x)}};
    EXPECT_EQ(refusal_with(to, kGcm, "epk", epk).kind, ErrorKind::invalid) << int{first};
  }
}

TEST(JweAttacks, PrivateMembersOfAnEphemeralKeyAreRefused) {
  const Recipient to = make_recipient(KeyManagement::ECDH_ES, kGcm);
  const DecryptionKey ephemeral = must(DecryptionKey::generate(KeyManagement::ECDH_ES, crypto::KeyType::p256));
  const Json epk = must(parse_json(ephemeral.serialize().reveal_text()));
  const Error refused = refusal_with(to, kGcm, "epk", epk);
  EXPECT_EQ(refused.kind, ErrorKind::invalid);
  EXPECT_NE(refused.detail.find("private"), std::string::npos) << refused.detail;
}

TEST(JweAttacks, KeysInTheHeaderAreIgnored_CVE_2018_0114) {
  const Recipient mine = make_recipient(KeyManagement::A128KW, kGcm);
  const Secret theirs = crypto::random_secret(16);
  const EncryptionKey sender = must(EncryptionKey::make(KeyManagement::A128KW, {}, theirs));
  const std::string token = must(encrypt_jwe(sender, kGcm, {}, as_bytes(kPlaintext)));
  Json header = must(decode_jwe_header(token));
  header["jwk"] = {{"kty", "oct"}, {"alg", "A128KW"}, {"k", encode_base64url(theirs.reveal())}};
  EXPECT_EQ(error_of(decrypt_jwe(with_header(token, header), mine.keys())).kind, ErrorKind::crypto);
}

TEST(JweAttacks, TheTokenDoesNotChooseTheAlgorithm) {
  const Recipient to = make_recipient(KeyManagement::RSA_OAEP_256, kGcm);
  EXPECT_EQ(refusal_with(to, kGcm, "alg", "RSA-OAEP").kind, ErrorKind::invalid);
  EXPECT_EQ(refusal_with(to, kGcm, "alg", "dir").kind, ErrorKind::invalid);
  EXPECT_EQ(refusal_with(to, kGcm, "alg", "none").kind, ErrorKind::invalid);
  EXPECT_EQ(refusal_with(to, kGcm, "enc", "none").kind, ErrorKind::invalid);
}

TEST(JweAttacks, APublicKeyIsNoSharedSecret) {
  const crypto::PrivateKey rsa = must(crypto::PrivateKey::generate(crypto::KeyType::rsa));
  const Secret pem{std::string_view(rsa.public_key().to_pem())};
  for (const KeyManagement alg : all_key_managements())
    EXPECT_FALSE(DecryptionKey::make(alg, {}, pem)) << name(alg);
}

/// Tokens that fail in every place where a key is used, all right in form.
std::vector<std::string> tokens_that_fail(KeyManagement alg, ContentEncryption enc, const Recipient& to) {
  const std::vector<std::string> good = parts_of(encrypt(to, enc));
  std::vector<std::string> tokens;
  for (const std::size_t part : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{4}}) {
    std::vector<std::string> changed = good;
    Bytes bytes = must(decode_base64url(good[part]));
    if (bytes.empty()) continue;
    bytes.back() ^= 0x80U;
    changed[part] = encode_base64url(bytes);
    tokens.push_back(join_parts(changed));
    changed[part] = encode_base64url(ByteView(bytes).first(bytes.size() - 1));
    tokens.push_back(join_parts(changed));
  }
  EXPECT_FALSE(tokens.empty()) << name(alg);
  return tokens;
}

// RFC 7516 §11.5: no error tells an unwrapping, a padding and a tag apart.
TEST(JweAttacks, EveryCryptographicFailureReadsTheSame_Rfc7516Section11_5) {
  std::set<std::string> texts;
  for (const KeyManagement alg : all_key_managements()) {
    for (const ContentEncryption enc : {kGcm, kCbc}) {
      const Recipient to = make_recipient(alg, enc);
      for (const std::string& token : tokens_that_fail(alg, enc, to)) {
        const Error error = error_of(decrypt_jwe(token, to.keys()));
        EXPECT_EQ(error.kind, ErrorKind::crypto);
        texts.insert(error.detail);
      }
    }
  }
  EXPECT_EQ(texts.size(), 1U) << *texts.begin();
}

TEST(JweAttacks, AKeyThatCannotBeHadIsRandom_Rfc7516Section11_5) {
  const Recipient to = make_recipient(KeyManagement::RSA_OAEP, kCbc);
  const Bytes garbage(256, 0x5a);
  const Secret first = must(to.recipient.recover_content_key(kCbc, Json::object(), garbage));
  const Secret second = must(to.recipient.recover_content_key(kCbc, Json::object(), garbage));
  EXPECT_EQ(first.size(), 32U);
  EXPECT_NE(encode_base64url(first.reveal()), encode_base64url(second.reveal()));
}

TEST(JweAttacks, AContentKeyOfAnotherLengthIsNotUsed) {
  const Secret secret = crypto::random_secret(16);
  const DecryptionKey key = must(DecryptionKey::make(KeyManagement::A128KW, {}, secret));
  const Bytes wrapped = crypto::wrap_key(secret, crypto::random_secret(16));
  EXPECT_EQ(must(key.recover_content_key(kCbc, Json::object(), wrapped)).size(), 32U) << "a random one instead";
}

TEST(JweAttacks, AnEncryptedKeyWhereThereIsNoneIsRefused_Rfc7516Section5_2) {
  for (const KeyManagement alg : {KeyManagement::dir, KeyManagement::ECDH_ES}) {
    const Recipient to = make_recipient(alg, kGcm);
    std::vector<std::string> parts = parts_of(encrypt(to, kGcm));
    parts[1] = "AAAA";
    EXPECT_EQ(error_of(decrypt_jwe(join_parts(parts), to.keys())).kind, ErrorKind::invalid) << name(alg);
  }
}

// CVE-2026-29000: a PlainJWT inside a JWE.
TEST(JweAttacks, AnUnsignedTokenInsideIsNoToken_CVE_2026_29000) {
  const Recipient to = make_recipient(KeyManagement::RSA_OAEP_256, kGcm);
  const std::string unsigned_token = encode(R"({"alg":"none"})") + "." + encode(R"({"sub":"admin"})") + ".";
  const std::string token = must(encrypt_jwt(to.sender, kGcm, "JWT", unsigned_token));
  const std::string inner = must(open_nested_jwt(token, to.keys()));
  const std::vector<VerificationKey> keys = {key_for(Alg::ES256).verification_key()};
  EXPECT_FALSE(verify_jwt(inner, keys, JwtExpectation()));
}

TEST(JweAttacks, SignatureAndEncryptionKeysAreApart) {
  const Jwk signs = read_jwk(key_for(Alg::ES256).serialize().reveal_text());
  EXPECT_FALSE(make_encryption_key(signs, KeyManagement::ECDH_ES));
  EXPECT_TRUE(make_decryption_keys(signs, KeyManagement::ECDH_ES).empty());
  const DecryptionKey generated = must(DecryptionKey::generate(KeyManagement::ECDH_ES, crypto::KeyType::p256));
  const Jwk encrypts = read_jwk(generated.serialize().reveal_text());
  EXPECT_FALSE(make_signing_key(encrypts, Alg::ES256));
  EXPECT_TRUE(make_verification_keys(encrypts).empty());
}

TEST(JweAttacks, ManyDotsCostNothing_CVE_2025_27144) {
  const Recipient to = make_recipient(KeyManagement::A128KW, kGcm);
  EXPECT_EQ(error_of(decrypt_jwe(std::string(60'000, '.'), to.keys())).kind, ErrorKind::invalid);
}

TEST(JweAttacks, AlternativeSpellingsOfBase64urlAreRefused_Rfc7515Section2) {
  const Recipient to = make_recipient(KeyManagement::A128KW, kGcm);
  const std::vector<std::string> parts = parts_of(encrypt(to, kGcm));
  for (std::size_t part = 0; part < parts.size(); ++part) {
    for (const std::string_view suffix : {"=", " ", "\n", "+", "/"}) {
      std::vector<std::string> changed = parts;
      changed[part] += suffix;
      EXPECT_EQ(error_of(decrypt_jwe(join_parts(changed), to.keys())).kind, ErrorKind::invalid) << part << suffix;
    }
  }
}

}  // namespace
}  // namespace mintmark::jose
