#include "mintmark/crypto/keyed_hash.hpp"

#include <gtest/gtest.h>

namespace mintmark::crypto {
namespace {

TEST(KeyedHash, DependsOnTheKeyAndOnEachPart) {
  const Secret key(Bytes(32, 1));
  EXPECT_EQ(keyed_hash(key, {"a", "bc"}), keyed_hash(key, {"a", "bc"}));
  EXPECT_NE(keyed_hash(key, {"a", "bc"}), keyed_hash(key, {"ab", "c"}));
  EXPECT_NE(keyed_hash(key, {"a", "bc"}), keyed_hash(key, {"abc"}));
  EXPECT_NE(keyed_hash(key, {"a", ""}), keyed_hash(key, {"a"}));
  EXPECT_NE(keyed_hash(key, {"a"}), keyed_hash(Secret(Bytes(32, 2)), {"a"}));
}

}  // namespace
}  // namespace mintmark::crypto
