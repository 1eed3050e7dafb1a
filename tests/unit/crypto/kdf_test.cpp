#include "mintmark/crypto/kdf.hpp"

#include <gtest/gtest.h>

#include "support/vectors.hpp"

namespace mintmark::crypto {
namespace {

using testing::from_hex;

const Secret& rfc7518_shared() {
  static const Secret shared(from_hex("9e56d91d817135d372834283bf84269cfb316ea3da806a48f6daa7798cfe90c4"));
  return shared;
}

TEST(ConcatKdf, Rfc7518AppendixC) {
  // AlgorithmID "A128GCM", PartyUInfo "Alice", PartyVInfo "Bob", SuppPubInfo 128.
  const Bytes other_info = from_hex(
      "00000007"
      "4131323847434d"
      "00000005"
      "416c696365"
      "00000003"
      "426f62"
      "00000080");
  EXPECT_EQ(to_hex(concat_kdf(rfc7518_shared(), other_info, 16).reveal()), "56aa8deaf8236d205c2228cd71a7101a");
}

// NIST SP 800-56A §5.8.1: K(i) = H(counter || Z || OtherInfo), one after the other.
TEST(ConcatKdf, GoesOnWithACounterBeyondOneHash) {
  Bytes expected;
  for (std::uint8_t counter = 1; counter <= 3; ++counter) {
    Bytes input = {0, 0, 0, counter};
    const ByteView shared = rfc7518_shared().reveal();
    input.insert(input.end(), shared.begin(), shared.end());
    input.insert(input.end(), {'i', 'n', 'f', 'o'});
    const Bytes block = digest(Hash::sha256, input);
    expected.insert(expected.end(), block.begin(), block.end());
  }
  for (const std::size_t size : {std::size_t{1}, std::size_t{32}, std::size_t{48}, std::size_t{64}, std::size_t{96}}) {
    EXPECT_EQ(to_hex(concat_kdf(rfc7518_shared(), as_bytes("info"), size).reveal()),
              to_hex(ByteView(expected).first(size)));
  }
}

TEST(ConcatKdf, TakesNoInfo) {
  Bytes input = {0, 0, 0, 1, 's'};
  EXPECT_EQ(to_hex(concat_kdf(Secret(std::string_view("s")), {}, 32).reveal()), to_hex(digest(Hash::sha256, input)));
}

TEST(ConcatKdfDeathTest, WantsASecretAndASaneLength) {
  EXPECT_DEATH((void)concat_kdf(Secret(), as_bytes("info"), 16), "no secret");
  EXPECT_DEATH((void)concat_kdf(rfc7518_shared(), {}, 0), "no bytes");
  EXPECT_DEATH((void)concat_kdf(rfc7518_shared(), {}, 1025), "more than 1024");
}

// RFC 5869 §A.3: no salt, no info.
TEST(Hkdf, Rfc5869AppendixA3) {
  const Secret key(Bytes(22, 0x0b));
  EXPECT_EQ(to_hex(hkdf(key, {}, 42).reveal()),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

// RFC 5869 §2.2, §2.3: a missing salt is one of zeros; T(1) = HMAC(PRK, info || 1).
TEST(Hkdf, InfoMakesAnotherKey) {
  const Secret key(std::string_view("input key material"));
  const Bytes prk = hmac(Hash::sha256, Bytes(32), key.reveal());
  const Bytes block = {'i', 'n', 'f', 'o', 1};
  EXPECT_EQ(to_hex(hkdf(key, as_bytes("info"), 32).reveal()), to_hex(hmac(Hash::sha256, prk, block)));
}

TEST(HkdfDeathTest, WantsAKeyAndASaneLength) {
  EXPECT_DEATH((void)hkdf(Secret(), {}, 32), "no key");
  EXPECT_DEATH((void)hkdf(rfc7518_shared(), {}, 0), "no bytes");
}

Secret text(std::string_view password) {
  return Secret(password);
}

// RFC 7914 §11.
TEST(Pbkdf2, Rfc7914Section11) {
  EXPECT_EQ(to_hex(pbkdf2(Hash::sha256, text("passwd"), as_bytes("salt"), 1, 64).reveal()),
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
            "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783");
  EXPECT_EQ(to_hex(pbkdf2(Hash::sha256, text("Password"), as_bytes("NaCl"), 80'000, 64).reveal()),
            "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"
            "a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d");
}

// RFC 7517 appendix C.4: the salt input is the name of the algorithm, a zero byte and `p2s`.
TEST(Pbkdf2, Rfc7517AppendixC) {
  const Bytes salt = from_hex(
      "50424553322d48533235362b413132384b57"
      "00"
      "d96093709675"
      "46f77f089b89ae2a50d7");
  const Secret password = text("Thus from my lips, by yours, my sin is purged.");
  EXPECT_EQ(to_hex(pbkdf2(Hash::sha256, password, salt, 4096, 16).reveal()), "6eaba95c815c6d75e9f274e9aa0e184b");
}

// By Python's hashlib.
TEST(Pbkdf2, WithTheLongerHashes) {
  EXPECT_EQ(to_hex(pbkdf2(Hash::sha384, text("Password"), as_bytes("NaCl"), 1000, 40).reveal()),
            "7a403a9c7b6b2c00e52afab13e60236efb40897f8882985d739019a430378af8e235635058f5fd82");
  EXPECT_EQ(to_hex(pbkdf2(Hash::sha512, text("Password"), as_bytes("NaCl"), 1000, 40).reveal()),
            "770848fb6d2da0ab075635d163e49e6c000d5238141cc78e70751e4dfd200e55f5a8ac244ed11813");
}

TEST(Pbkdf2, TakesAnEmptyPasswordAndAnEmptySaltAsTheyAre) {
  // One iteration, one block: HMAC(password, salt || 1); a key of zeros is the same to HMAC as none.
  const Bytes zero(1);
  const Bytes block_index = {0, 0, 0, 1};
  EXPECT_EQ(to_hex(pbkdf2(Hash::sha256, Secret(), {}, 1, 32).reveal()), to_hex(hmac(Hash::sha256, zero, block_index)));
}

TEST(Pbkdf2DeathTest, WantsIterationsAndASaneLength) {
  EXPECT_DEATH((void)pbkdf2(Hash::sha256, text("p"), as_bytes("salt"), 0, 32), "iterations");
  EXPECT_DEATH((void)pbkdf2(Hash::sha256, text("p"), as_bytes("salt"), 0x8000'0000, 32), "iterations");
  EXPECT_DEATH((void)pbkdf2(Hash::sha256, text("p"), as_bytes("salt"), 1, 0), "no bytes");
  EXPECT_DEATH((void)pbkdf2(Hash::sha256, text("p"), as_bytes("salt"), 1, 1025), "more than 1024");
}

}  // namespace
}  // namespace mintmark::crypto
