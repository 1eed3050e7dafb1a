// Clients and resources of both sources, and what a change of the store does to them.

#include "mintmark/oauth/directory.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "mintmark/storage/storage.hpp"

namespace mintmark::oauth {
namespace {

constexpr const char* kApi = "https://api.example.com";

Client make_client(const char* id, const char* client_name) {
  Client client;
  client.id = ClientId(id);
  client.client_name = client_name;
  client.auth_methods = {ClientAuthMethod::none};
  client.grant_types = {GrantType::password};
  client.resources = {ResourceId(kApi)};
  return client;
}

Resource make_resource(const char* id, jose::Alg alg) {
  Resource resource;
  resource.id = ResourceId(id);
  resource.alg = alg;
  return resource;
}

/// Those of the store, until listing them is to fail.
class FailingResources final : public ResourceRepository {
 public:
  explicit FailingResources(ResourceRepository& stored) : stored_(stored) {}
  Result<std::optional<Resource>> find_resource(const ResourceId& id) override { return stored_.find_resource(id); }
  Result<std::vector<Resource>> list_resources(const ResourceId& after, std::size_t limit) override {
    if (failing) return corrupt("a row that cannot be read");
    return stored_.list_resources(after, limit);
  }
  Result<void> insert_resource(const Resource& resource) override { return stored_.insert_resource(resource); }
  Result<void> update_resource(const Resource& resource) override { return stored_.update_resource(resource); }
  Result<void> erase_resource(const ResourceId& id) override { return stored_.erase_resource(id); }

  bool failing = false;

 private:
  ResourceRepository& stored_;
};

/// Those of the store, with something that happens after each was read and before it is returned.
class SlowClients final : public ClientRepository {
 public:
  explicit SlowClients(ClientRepository& stored) : stored_(stored) {}
  Result<std::optional<Client>> find_client(const ClientId& id) override {
    Result<std::optional<Client>> found = stored_.find_client(id);
    if (after_reading) after_reading();
    return found;
  }
  Result<std::vector<Client>> list_clients(const ClientId& after, std::size_t limit) override {
    return stored_.list_clients(after, limit);
  }
  Result<void> insert_client(const Client& client) override { return stored_.insert_client(client); }
  Result<void> update_client(const Client& client) override { return stored_.update_client(client); }
  Result<void> erase_client(const ClientId& id) override { return stored_.erase_client(id); }
  Result<bool> has_cors_origin(std::string_view origin) override { return stored_.has_cors_origin(origin); }

  std::function<void()> after_reading;

 private:
  ClientRepository& stored_;
};

class DirectoryTest : public ::testing::Test {
 protected:
  DirectoryTest() {
    for (const char* id : {"both", "stored"})
      EXPECT_TRUE(store_->clients().insert_client(make_client(id, "stored")));
    for (const char* id : {kApi, "https://stored.example.com"})
      EXPECT_TRUE(store_->resources().insert_resource(make_resource(id, jose::Alg::PS256)));
    EXPECT_TRUE(directory_.refresh());
  }

  void disable(const char* id) {
    Client client = store_->clients().find_client(ClientId(id)).value().value();
    client.disabled = true;
    EXPECT_TRUE(store_->clients().update_client(client));
  }
  std::shared_ptr<const Client> find(const char* id) { return directory_.find_client(ClientId(id)).value(); }

  std::unique_ptr<storage::Storage> store_ = storage::open_memory();
  SlowClients clients_{store_->clients()};
  FailingResources resources_{store_->resources()};
  Directory directory_{
      {make_client("both", "declared")}, {make_resource(kApi, jose::Alg::ES256)}, clients_, resources_, 100};
};

TEST_F(DirectoryTest, DeclaredClientsAndResourcesWin) {
  EXPECT_EQ(find("both")->client_name, "declared");
  EXPECT_EQ(find("stored")->client_name, "stored");
  EXPECT_EQ(find("absent"), nullptr);
  EXPECT_EQ(directory_.find_resource(ResourceId(kApi))->alg, jose::Alg::ES256);
  EXPECT_EQ(directory_.find_resource(ResourceId("https://stored.example.com"))->alg, jose::Alg::PS256);
  EXPECT_EQ(directory_.find_resource(ResourceId("https://absent.example.com")), nullptr);
  EXPECT_EQ(directory_.resources()->size(), 2u);
}

TEST_F(DirectoryTest, ADeclaredClientIsNotDisabledByItsNamesakeInTheStore) {
  disable("both");
  ASSERT_TRUE(directory_.refresh());
  EXPECT_FALSE(find("both")->disabled);
}

TEST_F(DirectoryTest, AFailingRefreshKeepsTheResources) {
  resources_.failing = true;
  ASSERT_TRUE(store_->resources().erase_resource(ResourceId("https://stored.example.com")));
  EXPECT_FALSE(directory_.refresh());
  EXPECT_NE(directory_.find_resource(ResourceId("https://stored.example.com")), nullptr);
  resources_.failing = false;
  ASSERT_TRUE(directory_.refresh());
  EXPECT_EQ(directory_.find_resource(ResourceId("https://stored.example.com")), nullptr);
}

TEST_F(DirectoryTest, AFailingRefreshStillForgetsTheClients) {
  ASSERT_FALSE(find("stored")->disabled);
  disable("stored");
  resources_.failing = true;
  EXPECT_FALSE(directory_.refresh());
  EXPECT_EQ(directory_.find_cached_client(ClientId("stored")), nullptr);
  EXPECT_TRUE(find("stored")->disabled);
}

TEST_F(DirectoryTest, AClientReadBeforeAChangeIsNotCachedAfterIt) {
  clients_.after_reading = [&] {
    clients_.after_reading = {};
    disable("stored");
    ASSERT_TRUE(directory_.refresh());
  };
  EXPECT_FALSE(find("stored")->disabled) << "as it was read";
  EXPECT_EQ(directory_.find_cached_client(ClientId("stored")), nullptr);
  EXPECT_TRUE(find("stored")->disabled);
}

TEST_F(DirectoryTest, UnknownClientsAreNotCached) {
  EXPECT_EQ(find("late"), nullptr);
  ASSERT_TRUE(store_->clients().insert_client(make_client("late", "stored")));
  EXPECT_NE(find("late"), nullptr);
  EXPECT_NE(directory_.find_cached_client(ClientId("late")), nullptr);
}

TEST_F(DirectoryTest, OtherDeclarationsTakeThePlaceOfTheOldOnesAsAWhole) {
  const auto former = directory_.view();
  const auto next = directory_.prepare({make_client("new", "declared"), make_client("stored", "shadowing")},
                                       {make_resource("https://new.example.com", jose::Alg::EdDSA)}, {});
  ASSERT_TRUE(next);
  EXPECT_EQ(find("new"), nullptr) << "nothing has changed yet";
  EXPECT_EQ(find("stored")->client_name, "stored");
  directory_.adopt(*next);
  EXPECT_EQ(find("new")->client_name, "declared");
  EXPECT_EQ(find("stored")->client_name, "shadowing");
  EXPECT_EQ(find("both")->client_name, "stored") << "no longer declared";
  EXPECT_TRUE(directory_.is_declared(ClientId("new")));
  EXPECT_FALSE(directory_.is_declared(ClientId("both")));
  EXPECT_NE(directory_.find_resource(ResourceId("https://new.example.com")), nullptr);
  EXPECT_NE(directory_.find_resource(ResourceId("https://stored.example.com")), nullptr);
  EXPECT_EQ(directory_.resources()->size(), (*next)->resources.size());
  ASSERT_TRUE(directory_.refresh());
  EXPECT_NE(directory_.find_resource(ResourceId("https://new.example.com")), nullptr);

  // A request that has begun goes on with what it has.
  EXPECT_EQ(directory_.find_client(ClientId("both"), *former).value()->client_name, "declared");
  EXPECT_EQ(former->resources.count(ResourceId("https://new.example.com")), 0u);
}

TEST_F(DirectoryTest, DeclarationsThatCannotBePutBesideTheStoredAreNotPrepared) {
  resources_.failing = true;
  EXPECT_FALSE(directory_.prepare({}, {}, {}));
  EXPECT_EQ(find("both")->client_name, "declared");
}

}  // namespace
}  // namespace mintmark::oauth
