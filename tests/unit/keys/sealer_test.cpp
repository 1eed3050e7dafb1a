#include "mintmark/keys/sealer.hpp"

#include "key_world.hpp"

namespace mintmark::keys::testing {
namespace {

struct Sealed {
  jose::SigningKey key;
  KeyRecord record;
};

Sealed sealed_key(const Sealer& sealer, Alg alg = Alg::ES256) {
  jose::SigningKey key = *jose::SigningKey::generate(alg);
  KeyRecord record;
  record.kid = key.kid();
  record.alg = alg;
  record.resource = ResourceId("https://api.example/one");
  sealer.seal(record, key);
  return {key, record};
}

ErrorKind refusal_of(const Sealer& sealer, const KeyRecord& record) {
  const Result<jose::SigningKey> opened = sealer.open(record);
  EXPECT_FALSE(opened);
  return opened ? ErrorKind::not_found : opened.error().kind;
}

TEST(Sealer, OpensWhatItSealed) {
  const Sealer sealer = sealer_of();
  for (const Alg alg : {Alg::ES256, Alg::EdDSA, Alg::HS256}) {
    const Sealed sealed = sealed_key(sealer, alg);
    const Result<jose::SigningKey> opened = sealer.open(sealed.record);
    ASSERT_TRUE(opened) << opened.error().detail;
    const Bytes message{1, 2, 3};
    EXPECT_TRUE(sealed.key.verification_key().verify(message, *opened->sign(message)));
  }
}

TEST(Sealer, ShowsNothingOfTheKey) {
  const Sealed sealed = sealed_key(sealer_of(), Alg::HS256);
  const ByteView secret = sealed.key.shared_secret().reveal();
  const std::string stored(as_text(sealed.record.sealed));
  EXPECT_EQ(stored.find(as_text(secret)), std::string::npos);
  EXPECT_EQ(stored.find(encode_base64url(secret)), std::string::npos);
}

TEST(Sealer, AnotherSealingKeyIsNamedAsTheProblemInOneLine) {
  const Sealed sealed = sealed_key(sealer_of(1));
  const Result<jose::SigningKey> opened = sealer_of(2).open(sealed.record);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::crypto);
  EXPECT_EQ(opened.error().detail.find("the sealing key does not open key " + sealed.record.kid.str() + ":"), 0U);
  EXPECT_EQ(opened.error().detail.find('\n'), std::string::npos);
}

TEST(Sealer, ASealedKeyCannotBeMovedToAnotherRow) {
  const Sealer sealer = sealer_of();
  const Sealed sealed = sealed_key(sealer);

  KeyRecord other_kid = sealed.record;
  other_kid.kid = KeyId("another");
  EXPECT_EQ(refusal_of(sealer, other_kid), ErrorKind::crypto);
  KeyRecord other_purpose = sealed.record;
  other_purpose.purpose = KeyPurpose::refresh;
  EXPECT_EQ(refusal_of(sealer, other_purpose), ErrorKind::crypto);
  KeyRecord other_alg = sealed.record;
  other_alg.alg = Alg::ES384;
  EXPECT_EQ(refusal_of(sealer, other_alg), ErrorKind::crypto);
  KeyRecord other_resource = sealed.record;
  other_resource.resource = ResourceId("https://api.example/two");
  EXPECT_EQ(refusal_of(sealer, other_resource), ErrorKind::crypto);
  KeyRecord swapped = sealed_key(sealer).record;
  swapped.sealed = sealed.record.sealed;
  EXPECT_EQ(refusal_of(sealer, swapped), ErrorKind::crypto);
}

TEST(Sealer, IdentitiesThatReadAlikeTogetherAreDifferent) {
  const Sealer sealer = sealer_of();
  const jose::SigningKey key = *jose::SigningKey::make(Alg::HS256, KeyId("a"), Secret(Bytes(32, 7)));
  KeyRecord record;
  record.kid = key.kid();
  record.alg = key.alg();
  record.resource = ResourceId("b 1:c");
  sealer.seal(record, key);
  EXPECT_TRUE(sealer.open(record));
  record.resource = ResourceId("b");
  EXPECT_EQ(refusal_of(sealer, record), ErrorKind::crypto);
}

TEST(Sealer, EveryByteCounts) {
  const Sealer sealer = sealer_of();
  const Sealed sealed = sealed_key(sealer);
  for (std::size_t i = 0; i < sealed.record.sealed.size(); ++i) {
    KeyRecord damaged = sealed.record;
    damaged.sealed[i] ^= 1;
    ASSERT_EQ(refusal_of(sealer, damaged), ErrorKind::crypto) << "byte " << i;
  }
  KeyRecord empty = sealed.record;
  empty.sealed.clear();
  EXPECT_EQ(refusal_of(sealer, empty), ErrorKind::crypto);
}

TEST(Sealer, AnotherKeySealedInTheRowIsCorrupt) {
  const Sealer sealer = sealer_of();
  Sealed sealed = sealed_key(sealer);
  sealer.seal(sealed.record, *jose::SigningKey::generate(Alg::ES256));
  EXPECT_EQ(refusal_of(sealer, sealed.record), ErrorKind::corrupt);
}

TEST(Sealer, ReadsWhatOpensslRandPrints) {
  const std::string text = encode_base64(Bytes(32, 9));
  EXPECT_TRUE(Sealer::from_base64(Secret(text)));
  EXPECT_TRUE(Sealer::from_base64(Secret(" " + text + "\r\n")));
}

TEST(Sealer, RefusesWhatIsNot32BytesInBase64WithoutShowingIt) {
  const std::string almost = encode_base64(Bytes(32, 9));
  for (const std::string& text : {std::string(), encode_base64(Bytes(31, 9)), encode_base64(Bytes(33, 9)),
                                  almost.substr(1), almost + "!", std::string("correct horse battery staple")}) {
    const Result<Sealer> sealer = Sealer::from_base64(Secret(text));
    ASSERT_FALSE(sealer) << text;
    EXPECT_EQ(sealer.error().kind, ErrorKind::invalid);
    EXPECT_TRUE(text.empty() || sealer.error().detail.find(text) == std::string::npos);
  }
}

TEST(Sealer, OfSeveralKeysTheFirstSealsAndEachOpens) {
  const Sealed old = sealed_key(sealer_of(1));
  const Sealer both = sealer_of_several({2, 1});
  EXPECT_TRUE(both.has_older_keys());
  EXPECT_TRUE(both.open(old.record));
  EXPECT_EQ(both.find_key(old.record), 1U);
  const Sealed fresh = sealed_key(both);
  EXPECT_EQ(both.find_key(fresh.record), 0U);
  EXPECT_TRUE(sealer_of(2).open(fresh.record));
  EXPECT_EQ(refusal_of(sealer_of(1), fresh.record), ErrorKind::crypto);
  EXPECT_EQ(sealer_of(3).find_key(fresh.record), std::nullopt);
}

TEST(Sealer, ResealsWhatAnOlderKeySealed) {
  Sealed sealed = sealed_key(sealer_of(1), Alg::HS256);
  ASSERT_TRUE(sealer_of_several({2, 1}).reseal(sealed.record));
  EXPECT_EQ(refusal_of(sealer_of(1), sealed.record), ErrorKind::crypto);
  const Result<jose::SigningKey> opened = sealer_of(2).open(sealed.record);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->serialize().reveal_text(), sealed.key.serialize().reveal_text());
  const Bytes before = sealed.record.sealed;
  EXPECT_FALSE(sealer_of_several({4, 3}).reseal(sealed.record));
  EXPECT_EQ(sealed.record.sealed, before);
}

TEST(Sealer, AMissingSealingKeyOfSeveralIsNamedAsTheProblem) {
  const Sealed sealed = sealed_key(sealer_of(1));
  const Result<jose::SigningKey> opened = sealer_of_several({2, 3}).open(sealed.record);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().detail.find("none of the 2 sealing keys opens key " + sealed.record.kid.str()), 0U);
}

TEST(Sealer, ReadsOneKeyInEachLine) {
  const std::string one = encode_base64(Bytes(32, 1));
  const std::string two = encode_base64(Bytes(32, 2));
  const Result<Sealer> both = Sealer::from_base64(Secret("\n " + one + "\r\n\n" + two + "\n"));
  ASSERT_TRUE(both);
  EXPECT_EQ(both->find_key(sealed_key(sealer_of(1)).record), 0U);
  EXPECT_EQ(both->find_key(sealed_key(sealer_of(2)).record), 1U);
  EXPECT_FALSE(Sealer::from_base64(Secret(one + "\n" + one))) << "twice the same";
  EXPECT_FALSE(Sealer::from_base64(Secret(one + " " + two))) << "two in one line";
  EXPECT_FALSE(Sealer::from_base64(Secret(one + "\nc2hvcnQ=")));
  std::string many;
  for (std::uint8_t i = 0; i <= Sealer::kMaxKeys; ++i)
    many += encode_base64(Bytes(32, i)) + "\n";
  EXPECT_FALSE(Sealer::from_base64(Secret(many)));
}

}  // namespace
}  // namespace mintmark::keys::testing
