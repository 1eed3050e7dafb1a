// What open_sqlite and migrate_sqlite make of the files that they meet.

#include <sys/stat.h>

#include <fstream>

#include "contract.hpp"
#include "mintmark/base/file.hpp"
#include "raw_database.hpp"
#include "samples.hpp"

namespace mintmark::storage {
namespace {

constexpr std::string_view kApplicationId = "1298755188";
const oauth::OneTimeValue kProof{oauth::OneTimeKind::dpop_proof, "c", hash_of(1), at(9)};

class SqliteOpen : public ::testing::Test {
 protected:
  Result<std::unique_ptr<Storage>> open() { return open_sqlite({.path = path_, .busy_timeout = kPatience}); }

  void create() { ASSERT_TRUE(open()); }

  /// Refused with an error of this kind that is one line and names the file, and the file is as it was.
  void expect_refused(ErrorKind kind, std::string_view reason = {}) {
    const std::string before = testing::read_all(path_);
    for (const bool migrating : {false, true}) {
      const std::optional<Error> error = migrating ? migration_error() : opening_error();
      ASSERT_TRUE(error) << "migrating: " << migrating;
      EXPECT_EQ(error->kind, kind) << error->detail;
      EXPECT_NE(error->detail.find(path_.string()), std::string::npos) << error->detail;
      EXPECT_NE(error->detail.find(reason), std::string::npos) << error->detail;
      EXPECT_EQ(error->detail.find('\n'), std::string::npos) << error->detail;
    }
    EXPECT_TRUE(testing::read_all(path_) == before);
  }

  std::optional<Error> opening_error() {
    Result<std::unique_ptr<Storage>> opened = open();
    return opened ? std::nullopt : std::optional<Error>(opened.error());
  }
  std::optional<Error> migration_error() {
    Result<Migration> migrated = migrate_sqlite({.path = path_, .busy_timeout = kPatience});
    return migrated ? std::nullopt : std::optional<Error>(migrated.error());
  }

  static constexpr Duration kPatience = std::chrono::milliseconds(200);

  testing::TempDir folder_;
  std::filesystem::path path_ = folder_ / "mintmark.db";
};

unsigned mode_of(const std::filesystem::path& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 0777U;
}

TEST_F(SqliteOpen, EveryFileIsItsOwnersAlone) {
  const mode_t old = ::umask(0);
  const Result<std::unique_ptr<Storage>> storage = open();
  ::umask(old);
  ASSERT_TRUE(storage);
  ASSERT_TRUE((*storage)->check());
  EXPECT_EQ(mode_of(path_), 0600U);
  EXPECT_EQ(mode_of(path_.string() + "-wal"), 0600U);
  EXPECT_EQ(mode_of(path_.string() + "-shm"), 0600U);
}

TEST_F(SqliteOpen, ReopeningKeepsEverything) {
  const oauth::RefreshFamily family = sample_family("f1");
  const std::vector<keys::KeyRecord> key = {sample_key("k1")};
  std::uint64_t changes = 0;
  {
    const std::unique_ptr<Storage> storage = value_of(open());
    ASSERT_TRUE(storage->keys().store_keys(0, key, {}));
    ASSERT_TRUE(storage->users().insert_user(sample_user("u1", "alice")));
    ASSERT_TRUE(storage->clients().insert_client(sample_client("web")));
    ASSERT_TRUE(storage->resources().insert_resource(sample_resource("https://api.example")));
    ASSERT_TRUE(storage->refresh_families().insert_family(family));
    ASSERT_TRUE(consume_first(*storage, kProof, at(0)));
    changes = value_of(storage->change_counter());
  }
  const std::unique_ptr<Storage> storage = value_of(open());
  const keys::KeyTable table = value_of(storage->keys().load_keys());
  EXPECT_EQ(table.version, 1U);
  ASSERT_EQ(table.records.size(), 1U);
  EXPECT_EQ(table.records[0].sealed, key[0].sealed);
  EXPECT_EQ(value_of(storage->users().find_by_username("alice")), sample_user("u1", "alice"));
  EXPECT_EQ(value_of(storage->clients().find_client(ClientId("web"))), sample_client("web"));
  EXPECT_EQ(value_of(storage->resources().find_resource(ResourceId("https://api.example"))),
            sample_resource("https://api.example"));
  EXPECT_EQ(value_of(storage->refresh_families().find_family(family.id)), family);
  EXPECT_FALSE(consume_first(*storage, kProof, at(0)));
  EXPECT_EQ(value_of(storage->change_counter()), changes);
}

TEST_F(SqliteOpen, TwoOnOneFileSeeEachOther) {
  const std::unique_ptr<Storage> one = value_of(open());
  const std::unique_ptr<Storage> other = value_of(open());
  const std::uint64_t before = value_of(other->change_counter());
  EXPECT_EQ(value_of(other->clients().find_client(ClientId("web"))), std::nullopt);
  ASSERT_TRUE(one->clients().insert_client(sample_client("web")));
  EXPECT_GT(value_of(other->change_counter()), before);
  EXPECT_EQ(value_of(other->clients().find_client(ClientId("web"))), sample_client("web"));

  EXPECT_TRUE(consume_first(*one, kProof, at(0)));
  EXPECT_FALSE(consume_first(*other, kProof, at(0)));
}

TEST_F(SqliteOpen, ReadersDoNotWaitForAWriterAndWritersGiveUpInTime) {
  const std::unique_ptr<Storage> storage = value_of(open());
  ASSERT_TRUE(storage->clients().insert_client(sample_client("web")));
  RawDatabase other(path_);
  other.execute("BEGIN IMMEDIATE; UPDATE clients SET disabled = 1");
  EXPECT_EQ(value_of(storage->clients().find_client(ClientId("web"))), sample_client("web"));
  EXPECT_KIND(storage->clients().insert_client(sample_client("other")), ErrorKind::unavailable);
  EXPECT_KIND(storage->check(), ErrorKind::unavailable);
  other.execute("ROLLBACK");
  EXPECT_TRUE(storage->clients().insert_client(sample_client("other")));
  EXPECT_TRUE(storage->check());
}

TEST_F(SqliteOpen, IsInWalModeAndMarkedAsOurs) {
  create();
  RawDatabase raw(path_);
  EXPECT_EQ(raw.query("PRAGMA journal_mode"), "wal");
  EXPECT_EQ(raw.query("PRAGMA application_id"), kApplicationId);
}

TEST_F(SqliteOpen, ARemovedKeyIsOverwritten) {
  constexpr std::string_view kMarker = "sealed-bytes-of-a-removed-key";
  keys::KeyRecord record = sample_key("k1");
  record.sealed.assign(kMarker.begin(), kMarker.end());
  const std::vector<keys::KeyRecord> key = {record};
  const std::vector<KeyId> removal = {record.kid};
  ASSERT_TRUE(value_of(open())->keys().store_keys(0, key, {}));
  ASSERT_NE(testing::read_all(path_).find(kMarker), std::string::npos);
  ASSERT_TRUE(value_of(open())->keys().store_keys(1, {}, removal));
  EXPECT_EQ(testing::read_all(path_).find(kMarker), std::string::npos);
}

TEST_F(SqliteOpen, RefusesANewerSchemaNamingBothVersions) {
  create();
  RawDatabase(path_).execute("PRAGMA user_version = 97; UPDATE schema_compatibility SET oldest = 8");
  expect_refused(ErrorKind::invalid, "97 is newer than this program's 7");
}

TEST_F(SqliteOpen, Invariant10_WorksWithANewerSchemaThatOnlyAdds) {
  create();
  RawDatabase(path_).execute(
      "PRAGMA user_version = 8; CREATE TABLE from_the_future (x); ALTER TABLE users ADD COLUMN y TEXT");
  const std::unique_ptr<Storage> storage = value_of(open());
  ASSERT_TRUE(storage->users().insert_user(sample_user("u1", "alice")));
  EXPECT_TRUE(value_of(storage->users().find_by_username("alice")));
  EXPECT_EQ(value_of(migrate_sqlite({.path = path_})).to, 7U) << "and leaves it as it is";
}

TEST_F(SqliteOpen, RefusesAnOlderSchemaNamingTheCommandUntilItIsMigrated) {
  RawDatabase(path_).execute("PRAGMA application_id = " + std::string(kApplicationId));
  const std::optional<Error> error = opening_error();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind, ErrorKind::conflict);
  EXPECT_NE(error->detail.find("`mintmark db migrate`"), std::string::npos) << error->detail;

  const Migration migration = value_of(migrate_sqlite({.path = path_}));
  EXPECT_EQ(migration.from, 0U);
  EXPECT_EQ(migration.to, 7U);
  EXPECT_TRUE(open());
}

TEST_F(SqliteOpen, MigratesAStoreOfVersion1) {
  const oauth::RefreshFamily family = sample_family("f1");
  ASSERT_TRUE(value_of(open())->refresh_families().insert_family(family));
  RawDatabase(path_).execute(
      "ALTER TABLE refresh_families DROP COLUMN user_valid_from;"
      "ALTER TABLE refresh_families DROP COLUMN client_valid_from;"
      "ALTER TABLE refresh_families DROP COLUMN earlier_rotations;"
      "ALTER TABLE refresh_families DROP COLUMN jkt;"
      "ALTER TABLE refresh_families DROP COLUMN x5t;"
      "ALTER TABLE signing_keys DROP COLUMN retention;"
      "DROP TABLE attempt_counters;"
      "DROP TABLE opaque_tokens;"
      "DROP TRIGGER client_secret_uses_end;"
      "DROP TABLE client_secret_uses;"
      "PRAGMA user_version = 1");
  const std::optional<Error> error = opening_error();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind, ErrorKind::conflict);
  ASSERT_EQ(value_of(migrate_sqlite({.path = path_})).from, 1U);
  const std::unique_ptr<Storage> storage = value_of(open());
  ASSERT_TRUE(storage);
  const oauth::RefreshFamily migrated =
      value_of(storage->refresh_families().find_family(family.id)).value_or(oauth::RefreshFamily());
  EXPECT_EQ(migrated.token_hash, family.token_hash);
  EXPECT_EQ(migrated.user_valid_from, family.authenticated_at);
  EXPECT_EQ(migrated.client_valid_from, family.authenticated_at);
  EXPECT_TRUE(migrated.earlier_rotations.empty());
}

TEST_F(SqliteOpen, MigratesAnEmptyStoreAndThenHasNothingToDo) {
  const Migration first = value_of(migrate_sqlite({.path = path_}));
  EXPECT_EQ(first.from, 0U);
  EXPECT_EQ(first.to, 7U);
  const std::unique_ptr<Storage> storage = value_of(open());
  ASSERT_TRUE(storage->clients().insert_client(sample_client("web")));
  const Migration second = value_of(migrate_sqlite({.path = path_}));
  EXPECT_EQ(second.from, 7U);
  EXPECT_EQ(second.to, 7U);
  EXPECT_EQ(value_of(storage->clients().find_client(ClientId("web"))), sample_client("web"));
}

TEST_F(SqliteOpen, AnEmptyFileIsANewStore) {
  folder_.write("mintmark.db", "");
  EXPECT_TRUE(open());
}

TEST_F(SqliteOpen, RefusesADatabaseOfAnotherProgram) {
  RawDatabase(path_).execute("CREATE TABLE recipes (name TEXT); PRAGMA user_version = 1");
  expect_refused(ErrorKind::invalid, "another program");
}

TEST_F(SqliteOpen, RefusesWhatIsNoDatabase) {
  folder_.write("mintmark.db", std::string(10000, 'x'));
  expect_refused(ErrorKind::corrupt, "not a database");
  folder_.write("mintmark.db", "{\"issuer\": \"https://mint.example\"}\n");
  expect_refused(ErrorKind::corrupt, "not a database");
}

TEST_F(SqliteOpen, RefusesATruncatedDatabase) {
  create();
  const std::string whole = testing::read_all(path_);
  for (const std::size_t bytes : {whole.size() - 4096, whole.size() / 2, std::size_t{4096}, std::size_t{600}}) {
    folder_.write("mintmark.db", whole.substr(0, bytes));
    SCOPED_TRACE(bytes);
    expect_refused(ErrorKind::corrupt);
  }
}

TEST_F(SqliteOpen, RefusesADatabaseWhosePagesAreOverwritten) {
  create();
  std::string content = testing::read_all(path_);
  std::fill(content.begin() + 4096, content.end(), '\xa5');
  folder_.write("mintmark.db", content);
  const std::optional<Error> error = opening_error();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind, ErrorKind::corrupt) << error->detail;
  EXPECT_NE(error->detail.find(path_.string()), std::string::npos) << error->detail;
}

TEST_F(SqliteOpen, RefusesAStoreWithoutOneOfItsTablesOrColumns) {
  for (const std::string damage :
       {"DROP TABLE counters", "DROP TABLE schema_compatibility", "DROP TABLE signing_keys", "DROP TABLE users",
        "DROP TABLE client_cors_origins; DROP TABLE clients", "DROP TABLE client_cors_origins", "DROP TABLE resources",
        "DROP TABLE refresh_families", "DROP TABLE one_time_values", "DROP TABLE attempt_counters",
        "DROP TABLE client_secret_uses", "ALTER TABLE users RENAME COLUMN version TO v",
        "ALTER TABLE refresh_families DROP COLUMN earlier_rotations"}) {
    SCOPED_TRACE(damage);
    std::filesystem::remove(path_);
    create();
    RawDatabase(path_).execute(damage);
    const std::optional<Error> error = opening_error();
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind, ErrorKind::corrupt) << error->detail;
    EXPECT_NE(error->detail.find(path_.string() + ": no such "), std::string::npos) << error->detail;
    EXPECT_EQ(error->detail.find('\n'), std::string::npos) << error->detail;
  }
}

TEST_F(SqliteOpen, RefusesATableWhoseFirstPageIsOverwritten) {
  {
    const std::unique_ptr<Storage> storage = value_of(open());
    ASSERT_TRUE(storage->users().insert_user(sample_user("u1", "alice")));
    ASSERT_TRUE(storage->clients().insert_client(sample_client("web")));
    ASSERT_TRUE(storage->refresh_families().insert_family(sample_family("f1")));
  }
  const std::string whole = testing::read_all(path_);
  for (const std::string table : {"users", "clients", "client_cors_origins", "refresh_families", "one_time_values",
                                  "signing_keys", "resources", "counters", "schema_compatibility"}) {
    SCOPED_TRACE(table);
    folder_.write("mintmark.db", whole);
    const std::string page =
        RawDatabase(path_).query("SELECT rootpage FROM sqlite_schema WHERE name = '" + table + "'");
    std::string content = whole;
    content.replace((std::stoul(page) - 1) * 4096, 4096, 4096, '\xa5');
    folder_.write("mintmark.db", content);
    const std::optional<Error> error = opening_error();
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind, ErrorKind::corrupt) << error->detail;
  }
}

TEST_F(SqliteOpen, RefusesAnEmptiedFileBesideItsLog) {
  folder_.write("mintmark.db", "");
  const std::filesystem::path log = folder_.write("mintmark.db-wal", "what is left of the store");
  expect_refused(ErrorKind::corrupt, "empty");
  EXPECT_EQ(testing::read_all(log), "what is left of the store");
}

TEST_F(SqliteOpen, NamesAPathThatCannotBeOpened) {
  const std::filesystem::path file = folder_.write("file", "content");
  for (const std::filesystem::path& path : {folder_ / "absent" / "mintmark.db", file / "mintmark.db", folder_.path()}) {
    const Result<std::unique_ptr<Storage>> opened = open_sqlite({.path = path});
    ASSERT_FALSE(opened) << path;
    EXPECT_EQ(opened.error().kind, ErrorKind::unavailable) << opened.error().detail;
    EXPECT_NE(opened.error().detail.find(path.string()), std::string::npos) << opened.error().detail;
  }
  EXPECT_FALSE(open_sqlite({.path = ""}));
}

TEST_F(SqliteOpen, APathIsNeverMoreThanAPath) {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder_.path());
  EXPECT_TRUE(open_sqlite({.path = ":memory:"}));
  EXPECT_TRUE(open_sqlite({.path = "file:x?mode=memory"}));
  std::filesystem::current_path(before);
  EXPECT_TRUE(std::filesystem::exists(folder_ / ":memory:"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "file:x?mode=memory"));
}

// Invariant 10: version N-1 runs on the data of version N.
TEST_F(SqliteOpen, IgnoresMembersOfDocumentsThatANewerVersionWrote) {
  const std::unique_ptr<Storage> storage = value_of(open());
  ASSERT_TRUE(storage->clients().insert_client(sample_client("web")));
  ASSERT_TRUE(storage->resources().insert_resource(sample_resource("https://api.example")));
  RawDatabase raw(path_);
  raw.execute("UPDATE clients SET document = json_set(document, '$.from_the_future', json('{\"a\":1}'))");
  raw.execute("UPDATE resources SET document = json_set(document, '$.from_the_future', 1)");
  EXPECT_EQ(value_of(storage->clients().find_client(ClientId("web"))), sample_client("web"));
  EXPECT_EQ(value_of(storage->resources().find_resource(ResourceId("https://api.example"))),
            sample_resource("https://api.example"));
}

TEST_F(SqliteOpen, ARowThatWeCannotHaveWrittenIsCorrupt) {
  const std::unique_ptr<Storage> storage = value_of(open());
  const std::vector<keys::KeyRecord> key = {sample_key("k1")};
  ASSERT_TRUE(storage->keys().store_keys(0, key, {}));
  ASSERT_TRUE(storage->users().insert_user(sample_user("u1", "alice")));
  ASSERT_TRUE(storage->clients().insert_client(sample_client("web")));
  ASSERT_TRUE(storage->refresh_families().insert_family(sample_family("f1")));
  RawDatabase raw(path_);
  raw.execute("UPDATE signing_keys SET alg = 'none'");
  EXPECT_KIND(storage->keys().load_keys(), ErrorKind::corrupt);
  raw.execute("UPDATE users SET attributes = '{\"a\":'");
  EXPECT_KIND(storage->users().find_by_id(UserId("u1")), ErrorKind::corrupt);
  raw.execute("UPDATE clients SET document = '[]'");
  EXPECT_KIND(storage->clients().find_client(ClientId("web")), ErrorKind::corrupt);
  raw.execute("UPDATE clients SET document = json_object('client_id', 5)");
  EXPECT_KIND(storage->clients().find_client(ClientId("web")), ErrorKind::corrupt);
  raw.execute("UPDATE refresh_families SET scopes = '[1]'");
  EXPECT_KIND(storage->refresh_families().find_family(FamilyId("f1")), ErrorKind::corrupt);
  raw.execute("UPDATE refresh_families SET scopes = '[]', generation = -1");
  EXPECT_KIND(storage->refresh_families().find_family(FamilyId("f1")), ErrorKind::corrupt);
  raw.execute("UPDATE refresh_families SET generation = 0, earlier_rotations = '[true]'");
  EXPECT_KIND(storage->refresh_families().find_family(FamilyId("f1")), ErrorKind::corrupt);
  raw.execute("DROP TABLE users");
  EXPECT_KIND(storage->users().find_by_id(UserId("u1")), ErrorKind::corrupt);
}

TEST_F(SqliteOpen, ATableThatGoesMissingIsTheErrorOfWhoeverNeedsItFirst) {
  const std::unique_ptr<Storage> storage = value_of(open());
  RawDatabase(path_).execute("DROP TABLE users");
  for (int attempt = 0; attempt < 2; ++attempt) {
    EXPECT_KIND(storage->users().find_by_id(UserId("u1")), ErrorKind::corrupt);
    EXPECT_KIND(storage->users().insert_user(sample_user("u1", "alice")), ErrorKind::corrupt);
  }
  EXPECT_TRUE(storage->clients().insert_client(sample_client("web"))) << "the rest goes on";
}

TEST_F(SqliteOpen, DoesNotStoreWhatItCouldNotReadBack) {
  const std::unique_ptr<Storage> storage = value_of(open());
  accounts::User user = sample_user("u1", "alice");
  user.attributes = {{"name", "\xff"}};
  EXPECT_KIND(storage->users().insert_user(user), ErrorKind::invalid);
  Json deep = 1;
  for (int depth = 0; depth < 100; ++depth)
    deep = Json::array({deep});
  user.attributes = {{"deep", deep}};
  EXPECT_KIND(storage->users().insert_user(user), ErrorKind::invalid);
  user.attributes = {{"long", std::string(2'000'000, 'x')}};
  EXPECT_KIND(storage->users().insert_user(user), ErrorKind::invalid);
  EXPECT_EQ(value_of(storage->users().find_by_id(user.id)), std::nullopt);
}

}  // namespace
}  // namespace mintmark::storage
