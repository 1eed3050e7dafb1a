#include "contract.hpp"
#include "samples.hpp"

namespace mintmark::storage {
namespace {

using oauth::SecretUse;

class SecretUseContract : public Contract {
 protected:
  void store(const std::vector<SecretUse>& uses) {
    const Result<void> stored = storage_->secret_uses().store_uses(uses);
    EXPECT_TRUE(stored) << stored.error().detail;
  }
  std::vector<SecretUse> find(const char* client) {
    return value_of(storage_->secret_uses().find_uses(ClientId(client)));
  }
};

INSTANTIATE_TEST_SUITE_P(Engines, SecretUseContract, engines(), engine_name);

TEST_P(SecretUseContract, GivesBackTheLatestUseOfEachSecretOfAClient) {
  store({{ClientId("web"), "2", at(20)}, {ClientId("web"), "1", at(10)}, {ClientId("app"), "1", at(30)}});
  EXPECT_EQ(find("web"), (std::vector<SecretUse>{{ClientId("web"), "1", at(10)}, {ClientId("web"), "2", at(20)}}));
  store({{ClientId("web"), "1", at(40)}, {ClientId("web"), "2", at(5)}});
  EXPECT_EQ(find("web"), (std::vector<SecretUse>{{ClientId("web"), "1", at(40)}, {ClientId("web"), "2", at(20)}}));
  EXPECT_TRUE(find("nobody").empty());
}

TEST_P(SecretUseContract, GoWithTheirClientAndAfterALongTime) {
  ASSERT_TRUE(storage_->clients().insert_client(sample_client("web")));
  store({{ClientId("web"), "1", at(10)}, {ClientId("declared"), "1", at(20)}});
  ASSERT_TRUE(storage_->clients().erase_client(ClientId("web")));
  EXPECT_TRUE(find("web").empty());
  EXPECT_EQ(value_of(storage_->remove_expired(at(20) + oauth::SecretUseRepository::kRetention - Duration(1), 100)), 0U);
  EXPECT_EQ(find("declared").size(), 1U);
  EXPECT_EQ(value_of(storage_->remove_expired(at(20) + oauth::SecretUseRepository::kRetention, 100)), 1U);
  EXPECT_TRUE(find("declared").empty());
}

TEST_P(SecretUseContract, ChangesNothingThatIsCached) {
  const std::uint64_t before = changes();
  store({{ClientId("web"), "1", at(10)}});
  EXPECT_EQ(changes(), before);
}

}  // namespace
}  // namespace mintmark::storage
