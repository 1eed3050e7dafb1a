// What every engine promises of opaque access tokens.

#include "contract.hpp"
#include "samples.hpp"

namespace mintmark::storage {
namespace {

class OpaqueTokenContract : public Contract {
 protected:
  static oauth::OpaqueToken sample(const std::string& text, int seconds = 60) {
    return {.hash = oauth::hash_opaque_text(text),
            .claims = R"({"sub":"u1"})",
            .family = FamilyId("f1"),
            .expires_at = at(seconds)};
  }
};

INSTANTIATE_TEST_SUITE_P(Engines, OpaqueTokenContract, engines(), engine_name);

TEST_P(OpaqueTokenContract, WhatIsStoredIsFoundUntilItExpires) {
  oauth::OpaqueToken token = sample("a");
  ASSERT_TRUE(storage_->opaque_tokens().insert_token(token));
  EXPECT_EQ(value_of(storage_->opaque_tokens().find_token(token.hash, at(59))), token);
  EXPECT_EQ(value_of(storage_->opaque_tokens().find_token(token.hash, at(60))), std::nullopt);
  EXPECT_EQ(value_of(storage_->opaque_tokens().find_token(sample("b").hash, at(0))), std::nullopt);
  token = sample("c");
  token.family.reset();
  ASSERT_TRUE(storage_->opaque_tokens().insert_token(token));
  EXPECT_EQ(value_of(storage_->opaque_tokens().find_token(token.hash, at(0))), token);
}

TEST_P(OpaqueTokenContract, WhatIsErasedIsGone) {
  ASSERT_TRUE(storage_->opaque_tokens().insert_token(sample("a")));
  ASSERT_TRUE(storage_->opaque_tokens().insert_token(sample("b")));
  ASSERT_TRUE(storage_->opaque_tokens().erase_token(sample("a").hash));
  EXPECT_EQ(value_of(storage_->opaque_tokens().find_token(sample("a").hash, at(0))), std::nullopt);
  EXPECT_TRUE(value_of(storage_->opaque_tokens().find_token(sample("b").hash, at(0))));
  EXPECT_TRUE(storage_->opaque_tokens().erase_token(sample("a").hash)) << "once more";
}

TEST_P(OpaqueTokenContract, ExpiredOnesAreRemoved) {
  ASSERT_TRUE(storage_->opaque_tokens().insert_token(sample("a", 10)));
  ASSERT_TRUE(storage_->opaque_tokens().insert_token(sample("b", 20)));
  EXPECT_EQ(value_of(storage_->remove_expired(at(10), 100)), 1U);
  EXPECT_EQ(value_of(storage_->remove_expired(at(20), 100)), 1U);
}

}  // namespace
}  // namespace mintmark::storage
