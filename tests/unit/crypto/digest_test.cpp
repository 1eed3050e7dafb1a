#include "mintmark/crypto/digest.hpp"

#include <gtest/gtest.h>

namespace mintmark::crypto {
namespace {

// FIPS 180-4, the examples for "abc".
TEST(Digest, OfAbc) {
  EXPECT_EQ(to_hex(digest(Hash::sha256, as_bytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(digest(Hash::sha384, as_bytes("abc"))),
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7");
  EXPECT_EQ(to_hex(digest(Hash::sha512, as_bytes("abc"))),
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

TEST(Digest, OfNothing) {
  EXPECT_EQ(to_hex(digest(Hash::sha256, {})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Digest, HasTheLengthItSays) {
  for (const Hash hash : {Hash::sha256, Hash::sha384, Hash::sha512}) {
    EXPECT_EQ(digest(hash, as_bytes("x")).size(), digest_bytes(hash));
    EXPECT_EQ(hmac(hash, as_bytes("key"), as_bytes("x")).size(), digest_bytes(hash));
  }
}

// RFC 4231 §4.3.
TEST(Hmac, Rfc4231TestCase2) {
  const ByteView key = as_bytes("Jefe");
  const ByteView data = as_bytes("what do ya want for nothing?");
  EXPECT_EQ(to_hex(hmac(Hash::sha256, key, data)), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(to_hex(hmac(Hash::sha384, key, data)),
            "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649");
  EXPECT_EQ(to_hex(hmac(Hash::sha512, key, data)),
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
            "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
}

TEST(Hmac, TakesAKeyLongerThanTheBlock) {
  // RFC 4231 §4.7.
  const Bytes key(131, 0xaa);
  EXPECT_EQ(to_hex(hmac(Hash::sha256, key, as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

// CVE-2026-45363: given no key, OpenSSL would go on with the one before it.
TEST(HmacDeathTest, DoesNotGoOnWithoutAKey) {
  EXPECT_DEATH((void)hmac(Hash::sha256, {}, as_bytes("x")), "without a key");
}

TEST(ConstantTimeEqual, ComparesContentAndLength) {
  EXPECT_TRUE(constant_time_equal({}, {}));
  EXPECT_TRUE(constant_time_equal(as_bytes("same"), as_bytes("same")));
  EXPECT_FALSE(constant_time_equal(as_bytes("same"), as_bytes("sama")));
  EXPECT_FALSE(constant_time_equal(as_bytes("same"), as_bytes("same+")));
  EXPECT_FALSE(constant_time_equal(as_bytes("same"), {}));
}

}  // namespace
}  // namespace mintmark::crypto
