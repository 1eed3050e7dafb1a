// What the command line is like as a whole: help, usage errors, exit codes, the commands of the service itself.

#include "cli_fixture.hpp"

namespace mintmark::app {
namespace {

TEST_F(CliTest, SaysItsVersion) {
  const CliResult result = ok({"--version"});
  EXPECT_TRUE(result.out.starts_with("mintmark ")) << result.out;
}

TEST_F(CliTest, EveryCommandHasHelpOnStandardOutput) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> groups{
      {"config", {"check", "show", "schema"}},
      {"db", {"migrate"}},
      {"key", {"list", "rotate", "import", "revoke", "export", "reseal"}},
      {"user", {"add", "list", "set-password", "set-attribute", "hash-password", "disable", "enable", "delete"}},
      {"client", {"add", "list", "disable", "enable", "delete", "secret"}},
      {"resource", {"add", "list", "delete", "secret"}},
      {"token", {"decode", "verify"}},
      {"jose", {"sign", "verify", "generate", "thumbprint"}}};
  EXPECT_NE(ok({"serve", "--help"}).out.find("--config"), std::string::npos);
  EXPECT_NE(ok({"health", "--help"}).out.find("--config"), std::string::npos);
  for (const std::string command : {"add", "list", "revoke"}) {
    EXPECT_NE(ok({"client", "secret", command, "--help"}).out.find("CLIENT_ID"), std::string::npos);
  }
  for (const auto& [group, commands] : groups) {
    const std::string overview = ok({group, "--help"}).out;
    for (const std::string& command : commands) {
      EXPECT_NE(overview.find(command), std::string::npos) << group << ' ' << command;
      EXPECT_NE(ok({group, command, "--help"}).out.find("Usage"), std::string::npos);
    }
  }
}

TEST_F(CliTest, WhatIsNoCommandIsAUsageError) {
  for (const Arguments& arguments :
       {Arguments{},
        {"mint"},
        {"key"},
        {"client", "secret"},
        {"key", "list", "--colour"},
        {"key", "revoke"},
        {"jose", "generate"},
        {"jose", "generate", "--alg", "none"},
        {"token", "verify"},
        {"user", "add"},
        {"client", "add", "x", "--grant", "password", "--public", "--auth-method", "none", "--resource", "https://a"},
        {"user", "add", "x", "--no-password", "--password-file", "f"},
        {"client", "add", "x"}}) {
    const CliResult result = run(arguments);
    EXPECT_EQ(result.code, 2) << ::testing::PrintToString(arguments);
    EXPECT_EQ(result.out, "");
    EXPECT_TRUE(result.err.starts_with("mintmark: ")) << result.err;
    EXPECT_EQ(result.err.find('\n'), result.err.size() - 1) << result.err;
  }
}

TEST_F(CliTest, AUsageErrorSaysWhichHelpToRead) {
  EXPECT_NE(run({"client", "secret", "list"}).err.find("(see mintmark client secret list --help)"), std::string::npos);
}

TEST_F(CliTest, ACommandThatIsNotThereIsNamed) {
  EXPECT_EQ(run({"mint"}).err, "mintmark: there is no command \"mint\" (see mintmark --help)\n");
  EXPECT_EQ(run({"key", "lst"}).err, "mintmark: there is no command \"lst\" (see mintmark key --help)\n");
}

TEST_F(CliTest, AnEmptyValueIsNotAnAbsentOne) {
  EXPECT_EQ(run({"token", "verify", "--jwks", "jwks.json", "--issuer", ""}).code, 2);
  EXPECT_EQ(run({"client", "secret", "add", "billing", "--expires", ""}).code, 2);
}

TEST_F(CliTest, ConfigIsGivenBeforeOrAfterTheCommandOrInTheEnvironment) {
  const std::string file = environment_.at("MINTMARK_CONFIG");
  EXPECT_EQ(run({"key", "list"}).code, 0);
  environment_.clear();
  EXPECT_EQ(run({"key", "list", "--config", file}).code, 0);
  EXPECT_EQ(run({"--config", file, "key", "list"}).code, 0);
  const CliResult without = run({"key", "list"});
  EXPECT_EQ(without.code, 2);
  EXPECT_NE(without.err.find("--config"), std::string::npos) << without.err;
}

TEST_F(CliTest, AnUnreadableConfigurationIsNamed) {
  environment_["MINTMARK_CONFIG"] = (folder_ / "absent.json").string();
  EXPECT_NE(refusal({"key", "list"}).find("absent.json"), std::string::npos);
}

TEST_F(CliTest, WhatCannotBePrintedIsAFailure) {
  std::istringstream in;
  std::ostream out(nullptr);
  std::ostringstream err;
  EXPECT_EQ(run_cli({"jose", "generate", "--alg", "ES256"}, {in, out, err, {}}, environment_, clock_), 1);
  EXPECT_EQ(err.str(), "mintmark: standard output cannot be written\n");
}

TEST_F(CliTest, NothingFromOutsideMovesTheCursor) {
  environment_["MINTMARK_CONFIG"] = "\x1b[2J\n";
  EXPECT_NE(refusal({"key", "list"}).find("?[2J?"), std::string::npos);
}

TEST_F(CliTest, ConfigCheckPrintsTheMetadataOfBothSources) {
  ok({"resource", "add", "https://stored.example.com", "--scope", "stored:read"});
  const Json metadata = ok({"config", "check"}).json();
  EXPECT_EQ(metadata.at("issuer"), "https://id.example.com");
  EXPECT_EQ(metadata.at("jwks_uri"), "https://id.example.com/.well-known/jwks.json");
  EXPECT_EQ(metadata.at("scopes_supported"), Json({"read", "stored:read"}));
}

TEST_F(CliTest, ConfigCheckWritesNothing) {
  ok({"config", "check"});
  EXPECT_FALSE(std::filesystem::exists(folder_ / "mintmark.db"));
}

TEST_F(CliTest, ConfigCheckRefusesASealingKeyThatTheServiceWouldRefuse) {
  std::filesystem::remove(folder_ / "sealing.key");
  EXPECT_NE(refusal({"config", "check"}).find("sealing_key_file"), std::string::npos);
  (void)folder_.write("sealing.key", encode_base64(Bytes(32, 7)) + "\n");
  ok({"key", "rotate"});
  ok({"config", "check"});
  (void)folder_.write("sealing.key", encode_base64(Bytes(32, 8)) + "\n");
  EXPECT_NE(refusal({"config", "check"}).find("the sealing key does not open key"), std::string::npos);
  (void)folder_.write("sealing.key", encode_base64(Bytes(32, 8)) + "\n" + encode_base64(Bytes(32, 7)) + "\n");
  ok({"config", "check"});
}

TEST_F(CliTest, ConfigCheckNamesWhatTakesARestart) {
  const std::string running = environment_.at("MINTMARK_CONFIG");
  Json document = Json::parse(mintmark::testing::read_all(running));
  document["log"] = {{"level", "error"}};
  const std::string live = folder_.write("live.json", document.dump()).string();
  ok({"config", "check", "--config", live, "--running", running});
  document["server"] = {{"port", 9090}};
  document["storage"]["queue"] = 7;
  const std::string next = folder_.write("next.json", document.dump()).string();
  ok({"config", "check", "--config", next});
  const std::string refused = refusal({"config", "check", "--config", next, "--running", running});
  EXPECT_NE(refused.find("server.port, storage.queue: "), std::string::npos) << refused;
  EXPECT_NE(refused.find("restart"), std::string::npos) << refused;
}

TEST_F(CliTest, NoListingMakesAStore) {
  for (const Arguments& listing : std::vector<Arguments>{
           {"key", "list"}, {"user", "list"}, {"client", "list"}, {"resource", "list"}, {"config", "show"}}) {
    ok(listing);
  }
  EXPECT_NE(refusal({"client", "secret", "list", "nobody"}), "");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "mintmark.db"));
}

TEST_F(CliTest, ConfigShowPrintsWhatCanBeLoadedAgain) {
  (void)folder_.write("service.secret", std::string(32, 's'));
  Json document = Json::parse(mintmark::testing::read_all(environment_.at("MINTMARK_CONFIG")));
  document["clients"].push_back({{"client_id", "service"},
                                 {"grant_types", {"client_credentials"}},
                                 {"resources", {"https://api.example.com"}},
                                 {"secrets", {{{"id", "first"}, {"secret_file", "service.secret"}}}}});
  configure(document);
  const Json shown = ok({"config", "show"}).json();
  EXPECT_EQ(shown.at("issuer"), "https://id.example.com");
  configure(shown);
  ok({"config", "check"});
}

TEST_F(CliTest, ConfigSchemaNeedsNoConfiguration) {
  environment_.clear();
  EXPECT_EQ(ok({"config", "schema"}).json().at("type"), "object");
}

TEST_F(CliTest, DbMigrateSaysWhatItDid) {
  EXPECT_NE(ok({"db", "migrate"}).out.find("schema 0 -> "), std::string::npos);
  EXPECT_NE(ok({"db", "migrate"}).out.find("nothing to do"), std::string::npos);
}

TEST_F(CliTest, ServeSaysWhyItCannotStart) {
  configure({{"issuer", "https://id.example.com"}, {"colour", "green"}});
  EXPECT_NE(refusal({"serve"}).find("colour"), std::string::npos);
}

}  // namespace
}  // namespace mintmark::app
