// client, resource, key: what the commands store, print once, and refuse.

#include <fstream>

#include "cli_fixture.hpp"
#include "mintmark/app/open.hpp"
#include "mintmark/base/file.hpp"
#include "mintmark/crypto/digest.hpp"
#include "mintmark/jose/jwk.hpp"
#include "mintmark/oauth/client_secret.hpp"

namespace mintmark::app {
namespace {

using namespace std::chrono_literals;

class CliRegistryTest : public CliTest {
 protected:
  oauth::Client find_client(const std::string& id) { return **open_store()->clients().find_client(ClientId(id)); }
  Arguments add_service(const std::string& id, const Arguments& more = {}) {
    Arguments arguments{"client", "add", id, "--grant", "client_credentials", "--resource", "https://api.example.com"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  std::string kid_of(const std::string& alg, const std::string& state) {
    for (const Json& key : ok({"key", "list", "--json"}).json()) {
      if (key.at("alg") == alg && key.at("state") == state) return key.at("kid");
    }
    return {};
  }
  std::string declared(const std::string& what, const std::string& id) {
    return what + " \"" + id + "\" is declared in " + environment_.at("MINTMARK_CONFIG") + ": change it there";
  }
};

TEST_F(CliRegistryTest, AClientGetsASecretThatIsStoredAsAHash) {
  const CliResult added = ok(add_service("billing", {"--scope", "read", "--name", "Billing", "--attribute", "t:=1"}));
  const std::string secret = added.field("client_secret");
  ASSERT_TRUE(secret.starts_with("mms_")) << added.out;
  EXPECT_EQ(decode_base64url(secret.substr(4))->size(), 32U);
  EXPECT_NE(added.err.find("this once"), std::string::npos);
  const oauth::Client client = find_client("billing");
  ASSERT_EQ(client.secrets.size(), 1U);
  EXPECT_EQ(client.secrets.front().sha256, crypto::digest(crypto::Hash::sha256, as_bytes(secret)));
  EXPECT_EQ(client.secrets.front().id, added.field("secret_id"));
  EXPECT_EQ(client.client_name, "Billing");
  EXPECT_EQ(client.scopes, std::vector<std::string>{"read"});
  EXPECT_EQ(client.attributes, Json({{"t", 1}}));
}

TEST_F(CliRegistryTest, AClientWithKeysOrAnIdentityNeedsNoSecret) {
  const jose::SigningKey key = jose::SigningKey::generate(jose::Alg::ES256).value();
  const std::string file = folder_.write("client.jwk", key.verification_key().public_jwk().dump()).string();
  const CliResult added = ok(add_service("signer", {"--keys", file, "--signing-alg", "ES256"}));
  EXPECT_EQ(added.out.find("secret"), std::string::npos);
  const oauth::Client signer = find_client("signer");
  EXPECT_EQ(signer.auth_methods, std::vector{oauth::ClientAuthMethod::private_key_jwt});
  EXPECT_EQ(signer.auth_signing_algs, std::vector{jose::Alg::ES256});
  ASSERT_TRUE(signer.keys);
  EXPECT_EQ(std::get<oauth::InlineKeySet>(*signer.keys).keys->front().kid(), key.kid());

  ok(add_service("remote", {"--keys", "https://remote.example.com/jwks.json"}));
  EXPECT_EQ(find_client("remote").keys, oauth::KeySetPlace(oauth::JwksUri{"https://remote.example.com/jwks.json"}));
  const Arguments workload{"--identity-issuer", "https://cluster.example.com", "--identity-subject", "orders"};
  EXPECT_NE(refusal(add_service("workload", workload)).find("no trusted issuer"), std::string::npos);
  Json document = parse_json_object(read_file(environment_.at("MINTMARK_CONFIG"), 65536).value()).value();
  document["trusted_issuers"] = {
      {{"issuer", "https://cluster.example.com"}, {"jwks_uri", "https://cluster.example.com/jwks.json"}}};
  configure(document);
  ok(add_service("workload", workload));
  EXPECT_EQ(find_client("workload").identities,
            (std::vector<oauth::WorkloadIdentity>{{"https://cluster.example.com", "orders", ""}}));

  const std::string secret = folder_.write("private.jwk", key.serialize().reveal_text()).string();
  EXPECT_NE(refusal(add_service("x", {"--keys", secret})).find("public keys alone"), std::string::npos);
  // Attack 21: a key set is fetched over https.
  EXPECT_NE(refusal(add_service("x", {"--keys", "http://remote.example.com/jwks.json"})), "");
}

TEST_F(CliRegistryTest, ASecretForMacsCanBeMadeAgain) {
  const CliResult added = ok(add_service("mac", {"--auth-method", "client_secret_jwt"}));
  const CliResult second = ok({"client", "secret", "add", "mac"});
  const oauth::Client client = find_client("mac");
  ASSERT_EQ(client.secrets.size(), 2U);
  const std::unique_ptr<storage::Storage> store = open_store();
  const Config config = load_config(environment_.at("MINTMARK_CONFIG"), environment_).value();
  const auto ring = keys::KeyRing::make(store->keys().load_keys().value().records, load_sealer(config).value(),
                                        config.keys.periods, clock_.now())
                        .value();
  for (std::size_t i = 0; i < 2; ++i) {
    const oauth::ClientSecret& secret = client.secrets[i];
    EXPECT_TRUE(secret.derived);
    const Secret again = oauth::derive_client_secret(*ring, client.id, secret.id);
    EXPECT_EQ(again.reveal_text(), (i == 0 ? added : second).field("client_secret"));
  }
  EXPECT_NE(client.secrets[0].sha256, client.secrets[1].sha256);
}

TEST_F(CliRegistryTest, TheListOfSecretsSaysWhenEachWasUsed) {
  const std::string id = ok(add_service("billing")).field("secret_id");
  EXPECT_TRUE(listed({"client", "secret", "list", "billing"}, "id", id).at("last_used_at").is_null());
  const oauth::SecretUse use{ClientId("billing"), id, from_unix_ms(1'800'000'000'000)};
  ASSERT_TRUE(open_store()->secret_uses().store_uses({&use, 1}));
  EXPECT_EQ(listed({"client", "secret", "list", "billing"}, "id", id).at("last_used_at"), "2027-01-15T08:00:00Z");
}

TEST_F(CliRegistryTest, APublicClientHasNoSecret) {
  const CliResult added = ok({"client", "add", "spa", "--public", "--grant", "password", "--grant", "refresh_token",
                              "--resource", "https://api.example.com", "--cors-origin", "https://spa.example.com"});
  EXPECT_EQ(added.out.find("secret"), std::string::npos);
  const oauth::Client client = find_client("spa");
  EXPECT_TRUE(client.is_public());
  EXPECT_EQ(client.cors_origins, std::vector<std::string>{"https://spa.example.com"});
  EXPECT_TRUE(client.may_use(oauth::GrantType::refresh_token));
  EXPECT_NE(refusal({"client", "secret", "add", "spa"}).find("no authentication method"), std::string::npos);
}

TEST_F(CliRegistryTest, AClientObeysTheRulesOfADeclaredOne) {
  EXPECT_NE(refusal(add_service("x", {"--public"})).find("client_credentials"), std::string::npos);
  EXPECT_NE(refusal(add_service("x", {"--grant", "magic"})).find("grant_types"), std::string::npos);
  EXPECT_NE(refusal(add_service("x", {"--scope", "a b"})).find("scopes"), std::string::npos);
  EXPECT_NE(refusal(add_service("x", {"--auth-method", "private_key_jwt"})).find("jwks"), std::string::npos);
  EXPECT_NE(refusal(add_service("x", {"--resource", "https://unknown.example.com"})).find("unknown.example.com"),
            std::string::npos);
  EXPECT_NE(refusal(add_service("u1")).find("id of a user"), std::string::npos);  // RFC 9068 §5
  ok(add_service("x"));
  EXPECT_NE(refusal(add_service("x")).find("already"), std::string::npos);
}

TEST_F(CliRegistryTest, ListsClientsOfBothSourcesWithoutTheHashesOfSecrets) {
  ok(add_service("billing"));
  const Json billing = listed({"client", "list"}, "client_id", "billing");
  EXPECT_EQ(billing.at("source"), "store");
  EXPECT_EQ(billing.at("secrets").at(0).size(), 2U) << billing;
  EXPECT_EQ(listed({"client", "list"}, "client_id", "app").at("source"), "config");
  EXPECT_EQ(ok({"client", "list"}).out.substr(0, 9), "CLIENT_ID");
}

TEST_F(CliRegistryTest, SecretsOverlapAndEnd) {
  const std::string first = ok(add_service("billing")).field("secret_id");
  const CliResult added = ok({"client", "secret", "add", "billing", "--expires", "30d"});
  const std::string second = added.field("secret_id");
  EXPECT_NE(first, second);
  EXPECT_EQ(find_client("billing").secrets.at(1).expires_at, clock_.now() + 24h * 30);
  EXPECT_EQ(listed({"client", "secret", "list", "billing"}, "id", second).at("state"), "good");
  clock_.advance(24h * 30);
  EXPECT_EQ(listed({"client", "secret", "list", "billing"}, "id", second).at("state"), "expired");
  ok({"client", "secret", "revoke", "billing", first});
  EXPECT_TRUE(listed({"client", "secret", "list", "billing"}, "id", first).is_null());
  EXPECT_NE(refusal({"client", "secret", "revoke", "billing", first}), "");
  EXPECT_NE(refusal({"client", "secret", "add", "billing", "--expires", "soon"}).find("--expires"), std::string::npos);
}

TEST_F(CliRegistryTest, AClientHasAtMostSixteenSecrets) {
  ok(add_service("billing"));
  for (int i = 1; i < 16; ++i)
    ok({"client", "secret", "add", "billing"});
  EXPECT_NE(refusal({"client", "secret", "add", "billing"}).find("16"), std::string::npos);
  EXPECT_EQ(find_client("billing").secrets.size(), 16U);
}

TEST_F(CliRegistryTest, DisablesEnablesAndDeletesClients) {
  ok(add_service("billing"));
  ok({"client", "disable", "billing"});
  EXPECT_TRUE(find_client("billing").disabled);
  ok({"client", "enable", "billing"});
  EXPECT_FALSE(find_client("billing").disabled);
  ok({"client", "delete", "billing"});
  EXPECT_TRUE(listed({"client", "list"}, "client_id", "billing").is_null());
  EXPECT_EQ(refusal({"client", "delete", "billing"}), "there is no client \"billing\"");
}

TEST_F(CliRegistryTest, DeclaredClientsAndResourcesAreChangedInTheirFile) {
  EXPECT_EQ(refusal(add_service("app")), declared("client", "app"));
  for (const std::string command : {"disable", "enable", "delete"}) {
    EXPECT_EQ(refusal({"client", command, "app"}), declared("client", "app"));
  }
  EXPECT_EQ(refusal({"client", "secret", "add", "app"}), declared("client", "app"));
  EXPECT_EQ(refusal({"client", "secret", "revoke", "app", "x"}), declared("client", "app"));
  EXPECT_EQ(refusal({"resource", "add", "https://api.example.com"}), declared("resource", "https://api.example.com"));
  EXPECT_EQ(refusal({"resource", "delete", "https://api.example.com"}),
            declared("resource", "https://api.example.com"));
}

TEST_F(CliRegistryTest, AddsAResourceAndItsKey) {
  const std::string claims = R"({"userId":"{user.id}"})";
  ok({"resource", "add", "https://b.example.com", "--alg", "Ed25519", "--lifetime", "1h", "--typ", "JWT", "--scope",
      "read", "--claims", "-"},
     claims);
  const Json resource = listed({"resource", "list"}, "id", "https://b.example.com");
  EXPECT_EQ(resource.at("source"), "store");
  EXPECT_EQ(resource.at("alg"), "Ed25519");
  EXPECT_EQ(resource.at("lifetime"), "1h");
  EXPECT_EQ(resource.at("typ"), "JWT");
  EXPECT_EQ(resource.at("claims"), Json::parse(claims));
  EXPECT_FALSE(listed({"key", "list"}, "alg", "Ed25519").is_null());
}

TEST_F(CliRegistryTest, RefusesResourcesThatCannotBeServed) {
  EXPECT_NE(refusal({"resource", "add", "no uri"}).find("absolute URI"), std::string::npos);
  EXPECT_NE(refusal({"resource", "add", "https://b.example.com", "--lifetime", "2d"}).find("tokens.max_lifetime"),
            std::string::npos);
  EXPECT_NE(refusal({"resource", "add", "https://b.example.com", "--claims", "-"}, R"({"sub":"me"})").find("sub"),
            std::string::npos);
  ok({"resource", "add", "https://b.example.com"});
  EXPECT_NE(refusal({"resource", "add", "https://b.example.com"}).find("already"), std::string::npos);
}

TEST_F(CliRegistryTest, AResourceThatADeclaredClientNamesCanBeAddedAndNotDeleted) {
  Json document = Json::parse(mintmark::testing::read_all(environment_.at("MINTMARK_CONFIG")));
  document["clients"][0]["resources"].push_back("https://later.example.com");
  configure(document);
  ok({"resource", "add", "https://later.example.com"});
  ok({"config", "check"});
  EXPECT_NE(refusal({"resource", "delete", "https://later.example.com"}).find("client \"app\""), std::string::npos);
}

TEST_F(CliRegistryTest, ASharedSecretIsShownOnce) {
  const CliResult shown = ok({"resource", "secret", "https://legacy.example.com"});
  const Result<Bytes> first = decode_base64url(shown.out.substr(0, shown.out.size() - 1));
  ASSERT_TRUE(first);
  EXPECT_GE(first->size(), 32U);
  EXPECT_NE(shown.err.find("base64url"), std::string::npos);
  EXPECT_NE(refusal({"resource", "secret", "https://legacy.example.com"}).find("--replace"), std::string::npos);
  const CliResult replaced = ok({"resource", "secret", "https://legacy.example.com", "--replace", "--raw"});
  EXPECT_GE(replaced.out.size(), 32U);
  EXPECT_NE(replaced.out, as_text(*first));
  EXPECT_NE(refusal({"resource", "secret", "https://api.example.com"}).find("JWKS"), std::string::npos);
  EXPECT_NE(refusal({"resource", "secret", "https://unknown.example.com"}), "");
}

TEST_F(CliRegistryTest, DeletingAResourceRevokesItsSecret) {
  const Arguments add{"resource", "add", "https://b.example.com", "--alg", "HS512"};
  const Arguments show{"resource", "secret", "https://b.example.com", "--raw"};
  ok(add);
  const std::string secret = ok(show).out;
  ok({"resource", "delete", "https://b.example.com"});
  EXPECT_TRUE(listed({"resource", "list"}, "id", "https://b.example.com").is_null());
  EXPECT_EQ(listed({"key", "list"}, "resource", "https://b.example.com").at("state"), "revoked");
  EXPECT_EQ(refusal({"resource", "delete", "https://b.example.com"}), "there is no resource \"https://b.example.com\"");
  ok(add);
  EXPECT_NE(ok(show).out, secret);
}

TEST_F(CliRegistryTest, ListingKeysCreatesNoneAndNeedsNoSealingKey) {
  std::filesystem::remove(folder_ / "sealing.key");
  EXPECT_EQ(ok({"key", "list", "--json"}).json(), Json::array());
  EXPECT_NE(refusal({"key", "rotate"}).find("sealing_key_file"), std::string::npos);
}

TEST_F(CliRegistryTest, NothingIsWrittenWithoutTheSealingKey) {
  std::filesystem::remove(folder_ / "sealing.key");
  EXPECT_NE(refusal({"resource", "add", "https://b.example.com"}).find("sealing_key_file"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "mintmark.db"));
}

TEST_F(CliRegistryTest, RotatesEveryAlgorithmInUseOrOne) {
  const CliResult rotated = ok({"key", "rotate"});
  EXPECT_TRUE(rotated.out.starts_with("ES256 ")) << rotated.out;
  EXPECT_NE(rotated.out.find(kid_of("ES256", "published")), std::string::npos);
  EXPECT_NE(kid_of("ES256", "active"), "");
  EXPECT_NE(refusal({"key", "rotate", "--alg", "ES256"}), "");
}

TEST_F(CliRegistryTest, ImportsAnExistingPem) {
  ok({"resource", "add", "https://rsa.example.com", "--alg", "RS256"});
  const std::string pem = ok({"jose", "generate", "--alg", "RS256", "--pem"}).out;
  EXPECT_NE(refusal({"key", "import", "-"}, pem).find("--alg"), std::string::npos);
  const CliResult imported = ok({"key", "import", "--alg", "RS256", "--kid", "legacy-1", "-"}, pem);
  EXPECT_TRUE(imported.out.starts_with("RS256 legacy-1 ")) << imported.out;
  EXPECT_EQ(listed({"key", "list"}, "kid", "legacy-1").at("imported"), true);
  EXPECT_NE(refusal({"key", "import", "--alg", "RS256", "--kid", "legacy-1", "-"}, pem), "");
  EXPECT_NE(refusal({"key", "import", "--alg", "ES256", "-"}, pem), "");
  EXPECT_NE(refusal({"key", "import", "-"}, "no key"), "");
}

TEST_F(CliRegistryTest, AKeyImportedIntoANewStoreSignsAtOnceAndSoDoTheOthers) {
  Json document = Json::parse(std::ifstream(environment_.at("MINTMARK_CONFIG")));
  document["resources"].push_back({{"id", "https://rsa.example.com"}, {"alg", "RS256"}});
  configure(document);
  const std::string pem = ok({"jose", "generate", "--alg", "RS256", "--pem"}).out;
  ok({"key", "import", "--alg", "RS256", "--kid", "legacy-1", "-"}, pem);
  EXPECT_EQ(kid_of("RS256", "active"), "legacy-1");
  EXPECT_EQ(kid_of("RS256", "published"), "") << "opening the store made none of its own";
  EXPECT_NE(kid_of("ES256", "active"), "");
  EXPECT_EQ(kid_of("ES256", "published"), "");
}

TEST_F(CliRegistryTest, AKeyImportedForAnAlgorithmWithoutKeysIsItsFirst) {
  ok({"key", "rotate"});
  Json document = Json::parse(std::ifstream(environment_.at("MINTMARK_CONFIG")));
  document["resources"].push_back({{"id", "https://rsa.example.com"}, {"alg", "RS256"}});
  configure(document);
  const std::string pem = ok({"jose", "generate", "--alg", "RS256", "--pem"}).out;
  ok({"key", "import", "--alg", "RS256", "--kid", "legacy-1", "-"}, pem);
  EXPECT_EQ(kid_of("RS256", "published"), "legacy-1") << "no verifier may hold a JWKS without it";
  clock_.advance(7min);
  EXPECT_EQ(kid_of("RS256", "active"), "legacy-1");
}

TEST_F(CliRegistryTest, AnUnreadablePemIsNamedAndChangesNothing) {
  std::string pem = ok({"jose", "generate", "--alg", "ES256", "--pem"}).out;
  pem[pem.size() / 2] = '!';
  const std::string file = folder_.write("bad.pem", pem).string();
  EXPECT_EQ(refusal({"key", "import", "--alg", "ES256", file}), file + ": PEM: no key in it");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "mintmark.db"));

  ok({"key", "rotate"});
  const std::string before = ok({"key", "list", "--json"}).out;
  EXPECT_NE(refusal({"key", "import", "--alg", "ES256", file}), "");
  EXPECT_EQ(ok({"key", "list", "--json"}).out, before);
}

TEST_F(CliRegistryTest, ExportsPublicPartsAlone) {
  ok({"key", "rotate"});
  const std::string kid = kid_of("ES256", "active");
  const Json jwk = ok({"key", "export", "--", kid}).json();
  EXPECT_EQ(jwk.at("kid"), kid);
  EXPECT_FALSE(jwk.contains("d"));
  const std::string pem = ok({"key", "export", "--pem", "--", kid}).out;
  EXPECT_TRUE(pem.starts_with("-----BEGIN PUBLIC KEY-----")) << pem;
  EXPECT_EQ(ok({"jose", "thumbprint"}, pem).out, kid + "\n");
  EXPECT_NE(refusal({"key", "export", "--", kid_of("HS256", "active")}), "");
  EXPECT_NE(refusal({"key", "export", "unknown"}), "");
}

TEST_F(CliRegistryTest, RevokesAndReplacesAKey) {
  ok({"key", "rotate"});
  const std::string kid = kid_of("ES256", "active");
  ok({"key", "revoke", "--", kid});
  EXPECT_EQ(listed({"key", "list"}, "kid", kid).at("state"), "revoked");
  const std::string next = kid_of("ES256", "active");
  EXPECT_NE(next, "");
  EXPECT_NE(next, kid);
  EXPECT_NE(refusal({"key", "revoke", "--", kid}), "");
}

TEST_F(CliRegistryTest, ResealsUnderANewKey) {
  ok({"key", "rotate"});
  const std::string kid = kid_of("ES256", "active");
  const std::string next = encode_base64(Bytes(32, 8)) + "\n";
  EXPECT_NE(refusal({"key", "reseal", "--new-key-file", "-"}, "short"), "");
  EXPECT_NE(ok({"key", "reseal", "--new-key-file", "-"}, next).out.find("keys are sealed"), std::string::npos);
  EXPECT_NE(refusal({"key", "export", "--", kid}), "");
  (void)folder_.write("sealing.key", next);
  EXPECT_EQ(ok({"key", "export", "--", kid}).json().at("kid"), kid);
}

TEST_F(CliRegistryTest, ResealsUnderTheFirstOfSeveralKeys) {
  ok({"key", "rotate"});
  const std::string kid = kid_of("ES256", "active");
  EXPECT_EQ(listed({"key", "list"}, "kid", kid).at("sealing_key"), "first");
  (void)folder_.write("sealing.key", encode_base64(Bytes(32, 8)) + "\n" + encode_base64(Bytes(32, 7)) + "\n");
  EXPECT_EQ(listed({"key", "list"}, "kid", kid).at("sealing_key"), "older");
  EXPECT_NE(ok({"key", "reseal"}).out.find("keys were under another sealing key"), std::string::npos);
  EXPECT_EQ(listed({"key", "list"}, "kid", kid).at("sealing_key"), "first");
  (void)folder_.write("sealing.key", encode_base64(Bytes(32, 8)) + "\n");
  EXPECT_EQ(ok({"key", "export", "--", kid}).json().at("kid"), kid);
  (void)folder_.write("sealing.key", encode_base64(Bytes(32, 9)) + "\n");
  EXPECT_EQ(listed({"key", "list"}, "kid", kid).at("sealing_key"), "unknown");
  std::filesystem::remove(folder_ / "sealing.key");
  EXPECT_TRUE(listed({"key", "list"}, "kid", kid).at("sealing_key").is_null());
}

}  // namespace
}  // namespace mintmark::app
