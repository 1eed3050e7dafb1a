#include "contract.hpp"
#include "samples.hpp"

namespace mintmark::storage {
namespace {

class RefreshContract : public Contract {
 protected:
  oauth::RefreshFamilyRepository& families() { return storage_->refresh_families(); }
  std::optional<oauth::RefreshFamily> find(const char* id) { return value_of(families().find_family(FamilyId(id))); }
};

INSTANTIATE_TEST_SUITE_P(Engines, RefreshContract, engines(), engine_name);

TEST_P(RefreshContract, GivesBackEveryField) {
  oauth::RefreshFamily family = sample_family("f1");
  ASSERT_TRUE(families().insert_family(family));
  EXPECT_EQ(find("f1"), family);
  oauth::RefreshFamily bare;
  bare.id = FamilyId("f2");
  bare.revoked_at = at(3);
  bare.generation = ~std::uint32_t{0};
  ASSERT_TRUE(families().insert_family(bare));
  EXPECT_EQ(find("f2"), bare);
  EXPECT_EQ(find("f3"), std::nullopt);
}

TEST_P(RefreshContract, IdsAreTakenOnce) {
  ASSERT_TRUE(families().insert_family(sample_family("f1")));
  EXPECT_KIND(families().insert_family(sample_family("f1", "somebody else")), ErrorKind::conflict);
  EXPECT_EQ(find("f1"), sample_family("f1"));
}

TEST_P(RefreshContract, RotationMovesHashGenerationAndTimesOn) {
  oauth::RefreshFamily family = sample_family("f1");
  ASSERT_TRUE(families().insert_family(family));
  ASSERT_TRUE(families().insert_family(sample_family("f2")));
  EXPECT_TRUE(value_of(families().rotate_family(sample_rotation(family, 8))));
  family.generation = 8;
  family.token_hash = hash_of(8);
  family.rotated_at = at(50);
  family.earlier_rotations = {at(2)};
  family.idle_expires_at = at(200);
  EXPECT_EQ(find("f1"), family);
  EXPECT_EQ(find("f2"), sample_family("f2"));
}

TEST_P(RefreshContract, RotationNeedsTheExpectedGenerationAndHash) {
  const oauth::RefreshFamily family = sample_family("f1");
  ASSERT_TRUE(families().insert_family(family));
  oauth::RefreshRotation wrong_generation = sample_rotation(family, 8);
  ++wrong_generation.expected_generation;
  EXPECT_FALSE(value_of(families().rotate_family(wrong_generation)));
  oauth::RefreshRotation wrong_hash = sample_rotation(family, 8);
  wrong_hash.expected_hash = hash_of(9);
  EXPECT_FALSE(value_of(families().rotate_family(wrong_hash)));
  oauth::RefreshRotation wrong_family = sample_rotation(family, 8);
  wrong_family.family = FamilyId("f2");
  EXPECT_FALSE(value_of(families().rotate_family(wrong_family)));
  EXPECT_EQ(find("f1"), family);
}

TEST_P(RefreshContract, ARevokedFamilyDoesNotRotate) {
  const oauth::RefreshFamily family = sample_family("f1");
  ASSERT_TRUE(families().insert_family(family));
  ASSERT_TRUE(families().revoke_family(family.id, at(10)));
  EXPECT_FALSE(value_of(families().rotate_family(sample_rotation(family, 8))));
  EXPECT_EQ(find("f1")->token_hash, family.token_hash);
}

// Invariant 4: two tabs at the same instant.
TEST_P(RefreshContract, OfManyRotationsOfOneTokenOneWins) {
  const oauth::RefreshFamily family = sample_family("f1");
  ASSERT_TRUE(families().insert_family(family));
  EXPECT_EQ(
      count_winners([&](int number) {
        return value_of(families().rotate_family(sample_rotation(family, static_cast<std::uint8_t>(100 + number))));
      }),
      1);
  EXPECT_EQ(find("f1")->generation, 8U);
}

TEST_P(RefreshContract, RevokingKeepsTheFirstTimeAndForgivesRepetition) {
  ASSERT_TRUE(families().insert_family(sample_family("f1")));
  ASSERT_TRUE(families().insert_family(sample_family("f2")));
  ASSERT_TRUE(families().revoke_family(FamilyId("f1"), at(10)));
  ASSERT_TRUE(families().revoke_family(FamilyId("f1"), at(20)));
  ASSERT_TRUE(families().revoke_family(FamilyId("unknown"), at(20)));
  EXPECT_EQ(find("f1")->revoked_at, at(10));
  EXPECT_EQ(find("f2")->revoked_at, std::nullopt);
}

TEST_P(RefreshContract, RevokesTheFamiliesOfOneUser) {
  ASSERT_TRUE(families().insert_family(sample_family("f1", "u1")));
  ASSERT_TRUE(families().insert_family(sample_family("f2", "u1")));
  ASSERT_TRUE(families().insert_family(sample_family("f3", "u2")));
  ASSERT_TRUE(families().revoke_family(FamilyId("f1"), at(10)));
  EXPECT_EQ(value_of(families().revoke_families_of(UserId("u1"), at(20))), 1U);
  EXPECT_EQ(find("f1")->revoked_at, at(10));
  EXPECT_EQ(find("f2")->revoked_at, at(20));
  EXPECT_EQ(find("f3")->revoked_at, std::nullopt);
  EXPECT_EQ(value_of(families().revoke_families_of(UserId("u1"), at(30))), 0U);
}

TEST_P(RefreshContract, RemovesWhatIsPastItsAbsoluteOrIdleEnd) {
  oauth::RefreshFamily idle = sample_family("idle");
  idle.idle_expires_at = at(10);
  oauth::RefreshFamily absolute = sample_family("absolute");
  absolute.absolute_expires_at = at(10);
  oauth::RefreshFamily revoked = sample_family("revoked");
  revoked.revoked_at = at(1);
  for (const oauth::RefreshFamily& family : {idle, absolute, revoked, sample_family("good")})
    ASSERT_TRUE(families().insert_family(family));

  EXPECT_EQ(value_of(storage_->remove_expired(at(9), 100)), 0U);
  EXPECT_EQ(value_of(storage_->remove_expired(at(10), 100)), 2U);
  EXPECT_EQ(find("idle"), std::nullopt);
  EXPECT_EQ(find("absolute"), std::nullopt);
  EXPECT_TRUE(find("revoked"));
  EXPECT_TRUE(find("good"));
}

TEST_P(RefreshContract, ARotationPostponesTheIdleEnd) {
  const oauth::RefreshFamily family = sample_family("f1");
  ASSERT_TRUE(families().insert_family(family));
  ASSERT_TRUE(value_of(families().rotate_family(sample_rotation(family, 8))));
  EXPECT_EQ(value_of(storage_->remove_expired(at(199), 100)), 0U);
  EXPECT_EQ(value_of(storage_->remove_expired(at(200), 100)), 1U);
}

TEST_P(RefreshContract, RemovesInBatches) {
  for (int number = 0; number < 5; ++number)
    ASSERT_TRUE(families().insert_family(sample_family("f" + std::to_string(number))));
  ASSERT_TRUE(consume_first(*storage_, {oauth::OneTimeKind::dpop_proof, "client", hash_of(1), at(100)}, at(0)));
  std::vector<std::size_t> removed;
  for (int batch = 0; batch < 4; ++batch)
    removed.push_back(value_of(storage_->remove_expired(at(100), 2)));
  EXPECT_EQ(removed, (std::vector<std::size_t>{2, 2, 2, 0}));
  EXPECT_EQ(value_of(storage_->remove_expired(at(5000), 0)), 0U);
}

}  // namespace
}  // namespace mintmark::storage
