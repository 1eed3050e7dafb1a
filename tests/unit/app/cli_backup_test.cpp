// backup, restore: what a restored store has of keys and sessions, and what is refused.

#include "cli_fixture.hpp"

namespace mintmark::app {
namespace {

using namespace std::chrono_literals;

class CliBackupTest : public CliTest {
 protected:
  void add_client(const std::string& id) {
    ok({"client", "add", id, "--grant", "client_credentials", "--resource", "https://api.example.com"});
  }
  bool has_client(const std::string& id) {
    return open_store()->clients().find_client(ClientId(id)).value().has_value();
  }
  std::string kid_of(const std::string& state) {
    for (const Json& key : ok({"key", "list", "--json"}).json()) {
      if (key.at("alg") == "ES256" && key.at("state") == state) return key.at("kid");
    }
    return {};
  }
  void remove_store() {
    for (const char* suffix : {"", "-wal", "-shm"})
      std::filesystem::remove(folder_.path() / (std::string("mintmark.db") + suffix));
  }

  const std::string backup_ = (folder_ / "backup.db").string();
};

TEST_F(CliBackupTest, ARoundTripIntoAnEmptyFolder) {
  ok({"key", "rotate"});
  add_client("billing");
  const CliResult made = ok({"backup", backup_});
  EXPECT_NE(made.out.find(backup_ + ": "), std::string::npos) << made.out;
  EXPECT_NE(made.out.find("checked"), std::string::npos);
  const std::string keys = ok({"key", "list"}).out;
  EXPECT_NE(refusal({"backup", backup_}).find("--force"), std::string::npos);
  ok({"backup", "--force", backup_});
  remove_store();
  const CliResult restored = ok({"restore", backup_});
  EXPECT_NE(restored.field("keys:").find("as in the backup (4)"), std::string::npos) << restored.out;
  EXPECT_EQ(restored.field("sessions:"), "0 ended, their users log in again");
  EXPECT_EQ(ok({"key", "list"}).out, keys);
  EXPECT_TRUE(has_client("billing"));
}

TEST_F(CliBackupTest, ABackupMakesNoStoreAndARestoreNeedsTheSealingKey) {
  EXPECT_NE(refusal({"backup", backup_}).find("there is no store"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "mintmark.db"));
  ok({"key", "rotate"});
  ok({"backup", backup_});
  remove_store();
  folder_.write("sealing.key", encode_base64(Bytes(32, 8)) + "\n");
  EXPECT_NE(refusal({"restore", backup_}).find("the sealing key does not open key"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "mintmark.db"));
  std::filesystem::remove(folder_ / "sealing.key");
  EXPECT_NE(refusal({"restore", backup_}).find("sealing.key"), std::string::npos);
}

TEST_F(CliBackupTest, AKeyThatWasRevokedSinceDoesNotComeBack) {
  ok({"key", "rotate"});
  const std::string stolen = kid_of("active");
  ok({"backup", backup_});
  add_client("late");
  ok({"key", "revoke", "--", stolen});
  const std::string replacement = kid_of("active");
  EXPECT_NE(refusal({"restore", backup_}).find("--force"), std::string::npos);
  const CliResult restored = ok({"restore", "--force", backup_});
  EXPECT_NE(restored.field("keys:").find("those of the store that was there"), std::string::npos) << restored.out;
  EXPECT_NE(restored.field("replaced:").find("mintmark.db.before-"), std::string::npos);
  EXPECT_EQ(kid_of("revoked"), stolen);
  EXPECT_EQ(kid_of("active"), replacement) << "and what it signed is still good";
  EXPECT_FALSE(has_client("late"));
}

TEST_F(CliBackupTest, TheKeysStayThroughAResealAndAreTheBackupsWhereTheStoreIsAnotherOne) {
  ok({"key", "rotate"});
  const std::string active = kid_of("active");
  ok({"backup", backup_});
  const std::string next = encode_base64(Bytes(32, 9)) + "\n";
  const std::string next_file = folder_.write("next.key", next).string();
  ok({"key", "reseal", "--new-key-file", next_file});
  folder_.write("sealing.key", next);
  ok({"restore", "--force", backup_});
  EXPECT_EQ(kid_of("active"), active);

  // A service that began anew meanwhile: its keys are of no use to whoever has tokens of the backup's.
  folder_.write("sealing.key", encode_base64(Bytes(32, 7)) + "\n");
  remove_store();
  ok({"key", "rotate"});
  ASSERT_NE(kid_of("active"), active);
  const CliResult restored = ok({"restore", "--force", backup_});
  EXPECT_NE(restored.field("keys:").find("no later state"), std::string::npos) << restored.out;
  EXPECT_EQ(kid_of("active"), active);
}

TEST_F(CliBackupTest, WhereTheReplacedStoreIsDamagedTheKeysAreTheBackups) {
  ok({"key", "rotate"});
  ok({"backup", backup_});
  folder_.write("mintmark.db", std::string(8192, 'x'));
  EXPECT_NE(refusal({"client", "add", "x", "--grant", "client_credentials", "--resource", "https://api.example.com"})
                .find("mintmark restore"),
            std::string::npos)
      << "whoever meets the damage is told the way out";
  const CliResult restored = ok({"restore", "--force", backup_});
  EXPECT_NE(restored.field("keys:").find("cannot be read"), std::string::npos) << restored.out;
  EXPECT_NE(restored.field("keys:").find("revoke again what was revoked since"), std::string::npos);
}

TEST_F(CliBackupTest, CommandsAboutWhatIsThereMakeNoStore) {
  const std::vector<Arguments> commands{{"key", "export", "kid"},
                                        {"key", "revoke", "kid"},
                                        {"key", "reseal", "--new-key-file", (folder_ / "sealing.key").string()},
                                        {"user", "disable", "bob"},
                                        {"user", "delete", "bob"},
                                        {"client", "disable", "web"},
                                        {"client", "delete", "web"},
                                        {"client", "secret", "add", "web"},
                                        {"client", "secret", "revoke", "web", "1"},
                                        {"resource", "delete", "https://other.example.com"}};
  for (const Arguments& command : commands) {
    EXPECT_NE(refusal(command).find("there is no "), std::string::npos) << command[0] << ' ' << command[1];
    EXPECT_FALSE(std::filesystem::exists(folder_ / "mintmark.db")) << command[0] << ' ' << command[1];
  }
}

}  // namespace
}  // namespace mintmark::app
