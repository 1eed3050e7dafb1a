#include "contract.hpp"
#include "samples.hpp"

namespace mintmark::storage {
namespace {

class ClientContract : public Contract {
 protected:
  oauth::ClientRepository& clients() { return storage_->clients(); }
  std::optional<oauth::Client> find(std::string_view id) { return value_of(clients().find_client(ClientId(id))); }
  bool has_origin(std::string_view origin) { return value_of(clients().has_cors_origin(origin)); }
};

class ResourceContract : public Contract {
 protected:
  oauth::ResourceRepository& resources() { return storage_->resources(); }
  std::optional<oauth::Resource> find(std::string_view id) {
    return value_of(resources().find_resource(ResourceId(id)));
  }
};

INSTANTIATE_TEST_SUITE_P(Engines, ClientContract, engines(), engine_name);
INSTANTIATE_TEST_SUITE_P(Engines, ResourceContract, engines(), engine_name);

TEST_P(ClientContract, GivesBackEveryField) {
  oauth::Client client = sample_client("web");
  client.disabled = true;
  ASSERT_TRUE(clients().insert_client(client));
  EXPECT_EQ(find("web"), client);
  EXPECT_EQ(find("Web"), std::nullopt);
}

TEST_P(ClientContract, IdsAreTakenOnce) {
  ASSERT_TRUE(clients().insert_client(sample_client("web")));
  oauth::Client second = sample_client("web");
  second.client_name = "impostor";
  EXPECT_KIND(clients().insert_client(second), ErrorKind::conflict);
  EXPECT_EQ(find("web"), sample_client("web"));
}

TEST_P(ClientContract, ListsByIdInPages) {
  for (const char* id : {"c", "a", "d", "b"})
    ASSERT_TRUE(clients().insert_client(sample_client(id)));
  const std::vector<oauth::Client> first = value_of(clients().list_clients(ClientId(), 3));
  ASSERT_EQ(first.size(), 3U);
  EXPECT_EQ(first[0], sample_client("a"));
  EXPECT_EQ(first[2], sample_client("c"));
  const std::vector<oauth::Client> second = value_of(clients().list_clients(ClientId("c"), 3));
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0], sample_client("d"));
}

TEST_P(ClientContract, AStaleUpdateIsAConflict) {
  ASSERT_TRUE(clients().insert_client(sample_client("web")));
  oauth::Client client = *find("web");
  client.scopes = {"other"};
  ASSERT_TRUE(clients().update_client(client));
  ++client.version;
  EXPECT_EQ(find("web"), client);

  oauth::Client stale = sample_client("web");
  stale.client_name = "stale";
  EXPECT_KIND(clients().update_client(stale), ErrorKind::conflict);
  EXPECT_EQ(find("web"), client);
  EXPECT_KIND(clients().update_client(sample_client("nobody")), ErrorKind::not_found);
}

TEST_P(ClientContract, OfManyUpdatesOfOneVersionOneWins) {
  ASSERT_TRUE(clients().insert_client(sample_client("web")));
  EXPECT_EQ(count_winners([&](int number) {
              oauth::Client client = sample_client("web");
              client.client_name = std::to_string(number);
              const Result<void> updated = clients().update_client(client);
              EXPECT_TRUE(updated || updated.error().kind == ErrorKind::conflict);
              return updated.has_value();
            }),
            1);
}

TEST_P(ClientContract, ManyThreadsReadWhileOthersWrite) {
  ASSERT_TRUE(clients().insert_client(sample_client("web")));
  EXPECT_EQ(count_winners([&](int number) {
              for (int round = 0; round < 25; ++round) {
                const std::string own = "c" + std::to_string(number * 100 + round);
                if (number < 2 && !clients().insert_client(sample_client(own))) return false;
                if (find("web") != sample_client("web")) return false;
              }
              return true;
            }),
            kThreads);
}

TEST_P(ClientContract, Erases) {
  ASSERT_TRUE(clients().insert_client(sample_client("web")));
  ASSERT_TRUE(clients().erase_client(ClientId("web")));
  EXPECT_EQ(find("web"), std::nullopt);
  EXPECT_FALSE(has_origin("https://app.example"));
  EXPECT_KIND(clients().erase_client(ClientId("web")), ErrorKind::not_found);
  EXPECT_TRUE(clients().insert_client(sample_client("web")));
}

TEST_P(ClientContract, CorsOriginsAreThoseOfEnabledClients) {
  EXPECT_FALSE(has_origin("https://app.example"));
  ASSERT_TRUE(clients().insert_client(sample_client("web")));
  EXPECT_TRUE(has_origin("https://app.example"));
  EXPECT_TRUE(has_origin("https://other.example"));
  EXPECT_FALSE(has_origin("https://app.example.evil"));
  EXPECT_FALSE(has_origin("https://app.exampl_"));
  EXPECT_FALSE(has_origin("HTTPS://APP.EXAMPLE"));
  EXPECT_FALSE(has_origin(""));

  oauth::Client client = *find("web");
  client.cors_origins = {"https://new.example"};
  ASSERT_TRUE(clients().update_client(client));
  EXPECT_FALSE(has_origin("https://app.example"));
  EXPECT_TRUE(has_origin("https://new.example"));

  client = *find("web");
  client.disabled = true;
  ASSERT_TRUE(clients().update_client(client));
  EXPECT_FALSE(has_origin("https://new.example"));
}

TEST_P(ClientContract, HostileIdsArePlainData) {
  const std::vector<std::string> ids = {"x' OR '1'='1", "'; DROP TABLE clients; --", "\"); DELETE FROM clients", "?1"};
  for (const std::string& id : ids)
    ASSERT_TRUE(clients().insert_client(sample_client(id)));
  for (const std::string& id : ids)
    EXPECT_EQ(find(id), sample_client(id));
  EXPECT_EQ(find("x' OR 1=1 --"), std::nullopt);
  EXPECT_EQ(find(std::string_view("?1\0", 3)), std::nullopt);
  ASSERT_TRUE(clients().erase_client(ClientId(ids[0])));
  EXPECT_EQ(value_of(clients().list_clients(ClientId(), 100)).size(), ids.size() - 1);
}

TEST_P(ResourceContract, GivesBackEveryField) {
  oauth::Resource resource = sample_resource("https://api.example");
  resource.disabled = true;
  ASSERT_TRUE(resources().insert_resource(resource));
  EXPECT_EQ(find("https://api.example"), resource);
  EXPECT_EQ(find("https://api.example/"), std::nullopt);
}

TEST_P(ResourceContract, InsertsOnceUpdatesByVersionAndErases) {
  const oauth::Resource original = sample_resource("https://api.example/'%20OR%201=1");
  ASSERT_TRUE(resources().insert_resource(original));
  EXPECT_KIND(resources().insert_resource(original), ErrorKind::conflict);

  oauth::Resource changed = original;
  changed.scopes = {"other"};
  ASSERT_TRUE(resources().update_resource(changed));
  EXPECT_KIND(resources().update_resource(original), ErrorKind::conflict);
  ++changed.version;
  EXPECT_EQ(find(original.id.str()), changed);

  ASSERT_TRUE(resources().erase_resource(original.id));
  EXPECT_EQ(find(original.id.str()), std::nullopt);
  EXPECT_KIND(resources().erase_resource(original.id), ErrorKind::not_found);
  EXPECT_KIND(resources().update_resource(changed), ErrorKind::not_found);
}

TEST_P(ResourceContract, ListsByIdInPages) {
  for (const char* id : {"https://b.example", "https://c.example", "https://a.example"})
    ASSERT_TRUE(resources().insert_resource(sample_resource(id)));
  const std::vector<oauth::Resource> first = value_of(resources().list_resources(ResourceId(), 2));
  ASSERT_EQ(first.size(), 2U);
  EXPECT_EQ(first[1], sample_resource("https://b.example"));
  const std::vector<oauth::Resource> second = value_of(resources().list_resources(first[1].id, 2));
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0], sample_resource("https://c.example"));
}

}  // namespace
}  // namespace mintmark::storage
