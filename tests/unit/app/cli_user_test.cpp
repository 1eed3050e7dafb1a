// user: what the commands store, and what they end.

#include "cli_fixture.hpp"
#include "mintmark/accounts/password_authenticator.hpp"

namespace mintmark::app {
namespace {

class CliUserTest : public CliTest {
 protected:
  std::optional<accounts::User> find(const std::string& username) {
    return *open_store()->users().find_by_username(username);
  }
  bool accepts(const std::string& username, std::string_view password) {
    const std::optional<accounts::User> user = find(username);
    return user && !user->password_hash.empty() &&
           *crypto::verify_password(Secret(password), user->password_hash) == crypto::PasswordMatch::match;
  }
  FamilyId log_in(const UserId& user) {
    oauth::RefreshFamily family{.id = FamilyId("AAAAAAAAAAAAAAAAAAAAAA"),
                                .client = ClientId("app"),
                                .user = user,
                                .scopes = {},
                                .resources = {},
                                .authenticated_at = clock_.now(),
                                .user_valid_from = {},
                                .client_valid_from = {},
                                .created_at = clock_.now(),
                                .absolute_expires_at = clock_.now() + std::chrono::hours(1),
                                .idle_expires_at = clock_.now() + std::chrono::hours(1),
                                .generation = 0,
                                .token_hash = Bytes(32, 1),
                                .rotated_at = clock_.now(),
                                .earlier_rotations = {},
                                .revoked_at = {},
                                .jkt = {},
                                .x5t = {}};
    EXPECT_TRUE(open_store()->refresh_families().insert_family(family));
    return family.id;
  }
  bool is_revoked(const FamilyId& family) {
    return (*open_store()->refresh_families().find_family(family))->revoked_at.has_value();
  }
};

TEST_F(CliUserTest, HashesAPasswordWithoutAConfiguration) {
  environment_.erase("MINTMARK_CONFIG");
  const std::string output = ok({"user", "hash-password", "--password-file", "-"}, "from input\n").out;
  const std::string hash = output.substr(0, output.find('\n'));
  EXPECT_EQ(*crypto::verify_password(Secret(std::string_view("from input")), hash), crypto::PasswordMatch::match);
  EXPECT_FALSE(crypto::needs_rehash(hash, {}));
}

TEST_F(CliUserTest, TakesThePasswordFromAFileStandardInputOrThePrompt) {
  const std::string file = folder_.write("password", "from file\n").string();
  ok({"user", "add", "bob", "--password-file", file});
  ok({"user", "add", "carol", "--password-file", "-"}, "from input\r\n");
  typed_ = {"from prompt", "from prompt"};
  ok({"user", "add", "dave"});
  ok({"user", "add", "erin", "--no-password"});
  EXPECT_TRUE(accepts("bob", "from file"));
  EXPECT_TRUE(accepts("carol", "from input"));
  EXPECT_TRUE(accepts("dave", "from prompt"));
  EXPECT_EQ(find("erin")->password_hash, "");
}

TEST_F(CliUserTest, RefusesPasswordsThatCouldNeverLogIn) {
  typed_ = {"one", "other"};
  EXPECT_NE(refusal({"user", "add", "bob"}).find("differ"), std::string::npos);
  EXPECT_NE(refusal({"user", "add", "bob"}).find("--password-file"), std::string::npos);
  for (const std::string& password : {std::string("\n"), std::string(1025, 'x'), std::string("\xff\xfe")}) {
    EXPECT_NE(refusal({"user", "add", "bob", "--password-file", "-"}, password).find("password"), std::string::npos);
  }
  EXPECT_FALSE(find("bob"));
}

TEST_F(CliUserTest, ImportsHashesOfOtherSystems) {
  const std::string hash = "$2b$04$EGdrhbKUv8Oc9vGiXX0HQOxSg445d458Muh7DAHskb6QbtCvdxcie";
  ok({"user", "add", "bob", "--password-hash-file", "-"}, hash + "\n");
  EXPECT_EQ(find("bob")->password_hash, hash);
  EXPECT_EQ(listed({"user", "list"}, "username", "bob").at("password"), "bcrypt");
  EXPECT_NE(refusal({"user", "add", "carol", "--password-hash-file", "-"}, "md5"), "");
  EXPECT_FALSE(find("carol"));
}

TEST_F(CliUserTest, HashesAPasswordForADeclaredUserWithoutAConfiguration) {
  environment_.clear();
  std::string hash = ok({"user", "hash-password", "--password-file", "-"}, "pw\n").out;
  hash.pop_back();
  EXPECT_TRUE(hash.starts_with("$argon2id$")) << hash;
  EXPECT_EQ(*crypto::verify_password(Secret(std::string_view("pw")), hash), crypto::PasswordMatch::match);
}

TEST_F(CliUserTest, ListsUsersOfBothSourcesWithoutTheirHashes) {
  ok({"user", "add", "bob", "--attribute", "role=Clerk", "--attribute", "level:=3", "--password-file", "-"}, "pw");
  const Json bob = listed({"user", "list"}, "username", "bob");
  EXPECT_EQ(bob.at("source"), "store");
  EXPECT_EQ(bob.at("password"), "argon2id");
  EXPECT_EQ(bob.at("attributes"), Json({{"role", "Clerk"}, {"level", 3}}));
  EXPECT_EQ(bob.at("created_at"), "2027-01-15T08:00:00Z");
  const Json alice = listed({"user", "list"}, "username", "alice");
  EXPECT_EQ(alice.at("source"), "config");
  EXPECT_EQ(alice.at("id"), "u1");
  const std::string table = ok({"user", "list"}).out;
  EXPECT_EQ(table.substr(0, 8), "USERNAME");
  EXPECT_EQ(table.find(find("bob")->password_hash), std::string::npos);
  EXPECT_EQ(ok({"user", "list", "--json"}).out.find(find("bob")->password_hash), std::string::npos);
}

TEST_F(CliUserTest, AUsernameIsTakenOnce) {
  ok({"user", "add", "bob", "--no-password"});
  EXPECT_NE(refusal({"user", "add", "bob", "--no-password"}).find("already"), std::string::npos);
  EXPECT_NE(refusal({"user", "add", "a\nb", "--no-password"}), "");
}

TEST_F(CliUserTest, ChangesAttributes) {
  ok({"user", "add", "bob", "--no-password", "--attribute", "a=1", "--attribute", "b=2"});
  ok({"user", "set-attribute", "bob", "b=3", "c:=[1,{}]", "empty=", "--remove", "a"});
  EXPECT_EQ(find("bob")->attributes, Json::parse(R"({"b":"3","c":[1,{}],"empty":""})"));
  EXPECT_NE(refusal({"user", "set-attribute", "bob", "novalue"}), "");
  EXPECT_NE(refusal({"user", "set-attribute", "bob", "a:={"}), "");
  EXPECT_NE(refusal({"user", "set-attribute", "bob", "big=" + std::string(17000, 'x')}).find("16 KiB"),
            std::string::npos);
}

TEST_F(CliUserTest, DisablesAndEnables) {
  ok({"user", "add", "bob", "--no-password"});
  ok({"user", "disable", "bob"});
  EXPECT_TRUE(find("bob")->disabled);
  ok({"user", "enable", "bob"});
  EXPECT_FALSE(find("bob")->disabled);
}

TEST_F(CliUserTest, ANewPasswordEndsTheSessionsOfTheOldOne) {
  ok({"user", "add", "bob", "--password-file", "-"}, "old");
  const FamilyId family = log_in(find("bob")->id);
  const CliResult changed = ok({"user", "set-password", "bob", "--password-file", "-"}, "new");
  EXPECT_NE(changed.out.find("ended 1 session"), std::string::npos) << changed.out;
  EXPECT_TRUE(accepts("bob", "new"));
  EXPECT_FALSE(accepts("bob", "old"));
  EXPECT_TRUE(is_revoked(family));
}

// A login that is under way has read the value before, so each must be later, also on a clock that stands still.
TEST_F(CliUserTest, EveryChangeThatEndsSessionsIsLaterThanTheOneBefore) {
  ok({"user", "add", "bob", "--password-file", "-"}, "first");
  std::vector<Instant> times;
  for (const std::string password : {"second", "third"}) {
    ok({"user", "set-password", "bob", "--password-file", "-"}, password);
    times.push_back(find("bob")->sessions_valid_from);
  }
  ok({"user", "disable", "bob"});
  times.push_back(find("bob")->sessions_valid_from);
  ok({"user", "enable", "bob"});
  EXPECT_EQ(find("bob")->sessions_valid_from, times.back());
  EXPECT_GE(times[0], clock_.now());
  EXPECT_LT(times[0], times[1]);
  EXPECT_LT(times[1], times[2]);
}

TEST_F(CliUserTest, DeletingEndsTheSessions) {
  ok({"user", "add", "bob", "--no-password"});
  const FamilyId family = log_in(find("bob")->id);
  ok({"user", "delete", "bob"});
  EXPECT_FALSE(find("bob"));
  EXPECT_TRUE(is_revoked(family));
}

TEST_F(CliUserTest, DeclaredUsersAreChangedInTheirFile) {
  for (const Arguments& arguments : std::vector<Arguments>{{"user", "add", "alice", "--no-password"},
                                                           {"user", "set-password", "alice", "--no-password"},
                                                           {"user", "set-attribute", "alice", "a=b"},
                                                           {"user", "disable", "alice"},
                                                           {"user", "enable", "alice"},
                                                           {"user", "delete", "alice"}}) {
    EXPECT_EQ(refusal(arguments),
              "user \"alice\" is declared in " + environment_.at("MINTMARK_CONFIG") + ": change it there");
  }
}

TEST_F(CliUserTest, UnknownUsersAreNamed) {
  for (const std::string command : {"disable", "enable", "delete"}) {
    EXPECT_EQ(refusal({"user", command, "nobody"}), "there is no user \"nobody\"");
  }
}

}  // namespace
}  // namespace mintmark::app
