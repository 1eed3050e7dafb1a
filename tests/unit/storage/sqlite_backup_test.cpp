// backup_sqlite and prepare_restore: what is in a copy, what is refused, and what is left behind.

#include <sys/stat.h>

#include <atomic>
#include <set>
#include <thread>

#include "contract.hpp"
#include "raw_database.hpp"
#include "samples.hpp"

namespace mintmark::storage {
namespace {

class SqliteBackup : public ::testing::Test {
 protected:
  std::unique_ptr<Storage> open() { return value_of(open_sqlite({.path = path_, .busy_timeout = kPatience})); }
  Result<BackupReport> backup(Overwrite overwrite = Overwrite::no) {
    return backup_sqlite({.path = path_, .busy_timeout = kPatience}, backup_, overwrite);
  }
  Result<std::unique_ptr<Restoration>> prepare(Overwrite overwrite = Overwrite::no) {
    return prepare_restore({.path = path_, .busy_timeout = kPatience}, backup_, overwrite);
  }
  /// A store with a client named `name` in it, and its backup.
  void back_up_a_store(const std::string& name = "web") {
    const std::unique_ptr<Storage> storage = open();
    ASSERT_TRUE(storage->clients().insert_client(sample_client(name)));
    ASSERT_TRUE(storage->refresh_families().insert_family(sample_family("f1")));
    ASSERT_TRUE(backup());
  }
  bool has_client(const std::string& name) {
    return value_of(open()->clients().find_client(ClientId(name))).has_value();
  }
  std::set<std::string> names() {
    std::set<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
      found.insert(entry.path().filename().string());
    return found;
  }
  void remove_store() {
    for (const char* suffix : {"", "-wal", "-shm"})
      std::filesystem::remove(path_.string() + suffix);
  }

  static constexpr Duration kPatience = std::chrono::milliseconds(200);
  testing::TempDir folder_;
  std::filesystem::path path_ = folder_ / "mintmark.db";
  std::filesystem::path backup_ = folder_ / "backup.db";
};

TEST_F(SqliteBackup, IsOneFileOfItsOwnerAloneThatStandsAlone) {
  const mode_t old = ::umask(0);
  const std::unique_ptr<Storage> storage = open();
  ASSERT_TRUE(storage->clients().insert_client(sample_client("web")));
  const BackupReport report = value_of(backup());
  ::umask(old);
  struct stat status {};
  ASSERT_EQ(::stat(backup_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_EQ(report.bytes, std::filesystem::file_size(backup_));
  EXPECT_EQ(report.schema, value_of(migrate_sqlite({.path = path_})).to);
  EXPECT_EQ(names(), (std::set<std::string>{"backup.db", "mintmark.db", "mintmark.db-shm", "mintmark.db-wal"}));
  EXPECT_EQ(RawDatabase(backup_).query("PRAGMA journal_mode"), "delete");
  EXPECT_EQ(RawDatabase(backup_).query("SELECT id FROM clients"), "web") << "also what is in the log alone";
}

TEST_F(SqliteBackup, OverwritesOnlyWhenToldAndNeverTheStoreOrWhatIsNoFile) {
  back_up_a_store();
  const std::string first = testing::read_all(backup_);
  ASSERT_TRUE(open()->clients().insert_client(sample_client("second")));
  EXPECT_KIND(backup(), ErrorKind::conflict);
  EXPECT_EQ(testing::read_all(backup_), first);
  EXPECT_TRUE(backup(Overwrite::yes));
  EXPECT_NE(testing::read_all(backup_), first);

  const std::filesystem::path hidden = folder_ / "link.db";
  std::filesystem::create_symlink(path_, hidden);
  for (const std::filesystem::path& place :
       {path_, std::filesystem::path(path_.string() + "-wal"), hidden, folder_.path(), folder_ / "." / "mintmark.db"}) {
    EXPECT_KIND(backup_sqlite({.path = path_}, place, Overwrite::yes), ErrorKind::invalid);
  }
  EXPECT_TRUE(has_client("second"));
  EXPECT_FALSE(backup_sqlite({.path = path_}, folder_ / "absent" / "b.db", Overwrite::no));
}

TEST_F(SqliteBackup, MakesNoStoreWhereThereIsNone) {
  EXPECT_KIND(backup(), ErrorKind::not_found);
  EXPECT_TRUE(names().empty());
}

TEST_F(SqliteBackup, OfADamagedStoreIsRefusedAndLeavesNothing) {
  {
    const std::unique_ptr<Storage> storage = open();
    for (int i = 0; i < 400; ++i) {
      ASSERT_TRUE(storage->users().insert_user(sample_user("u" + std::to_string(i), "user-" + std::to_string(i))));
    }
  }
  // In the middle, where the opening of a large store does not look.
  std::string content = testing::read_all(path_);
  const std::size_t page = (content.find("user-200") / 4096) * 4096;
  content.replace(page, 4096, 4096, '\xa5');
  folder_.write("mintmark.db", content);
  const Result<BackupReport> refused = backup();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::corrupt);
  EXPECT_TRUE(refused.error().detail.starts_with(path_.string() + ": damaged")) << refused.error().detail;
  EXPECT_FALSE(std::filesystem::exists(backup_));
  EXPECT_EQ(names().size(), 1U) << "no file with a name of its own is left";
}

TEST_F(SqliteBackup, UnderLoadIsOfOneMomentAndKeepsNobodyWaiting) {
  const std::unique_ptr<Storage> storage = open();
  std::atomic<bool> done{false};
  std::atomic<int> written{0};
  std::jthread writer([&] {
    // In pairs: whoever sees the second must see the first.
    for (int i = 0; !done; ++i) {
      ASSERT_TRUE(storage->users().insert_user(sample_user("a" + std::to_string(i), "a" + std::to_string(i))));
      ASSERT_TRUE(storage->users().insert_user(sample_user("b" + std::to_string(i), "b" + std::to_string(i))));
      written = i;
    }
  });
  for (int round = 0; round < 5; ++round) {
    const int before = written;
    while (written < before + 5)
      std::this_thread::yield();
    ASSERT_TRUE(backup(Overwrite::yes));
    RawDatabase copy(backup_);
    EXPECT_EQ(copy.query("SELECT count(*) FROM users b WHERE id LIKE 'b%' AND NOT EXISTS"
                         " (SELECT 1 FROM users a WHERE a.id = 'a' || substr(b.id, 2))"),
              "0");
    EXPECT_GE(std::stoi(copy.query("SELECT count(*) FROM users")), 2 * before) << "what was acknowledged is there";
  }
  done = true;
}

TEST_F(SqliteBackup, IsRestoredIntoAnEmptyPlace) {
  back_up_a_store();
  remove_store();
  {
    const std::unique_ptr<Restoration> restoration = value_of(prepare());
    EXPECT_FALSE(std::filesystem::exists(path_)) << "not before it is put in place";
    EXPECT_EQ(value_of(restoration->replaced_keys()), std::nullopt);
    EXPECT_EQ(value_of(restoration->put_in_place(at(0))).kept, "");
  }
  EXPECT_EQ(names(), (std::set<std::string>{"backup.db", "mintmark.db"}));
  EXPECT_TRUE(has_client("web"));
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(SqliteBackup, ReplacesAStoreOnlyWhenToldAndKeepsIt) {
  back_up_a_store("old");
  ASSERT_TRUE(open()->clients().insert_client(sample_client("new")));
  EXPECT_KIND(prepare(), ErrorKind::conflict);
  EXPECT_TRUE(has_client("new"));
  const RestoreReport report =
      value_of(value_of(prepare(Overwrite::yes))->put_in_place(from_unix_ms(1'800'000'000'000)));
  EXPECT_EQ(report.kept, path_.string() + ".before-20270115T080000Z");
  EXPECT_FALSE(has_client("new"));
  EXPECT_TRUE(has_client("old"));
  EXPECT_EQ(RawDatabase(report.kept).query("SELECT count(*) FROM clients"), "2");
  EXPECT_EQ(value_of(value_of(prepare(Overwrite::yes))->put_in_place(from_unix_ms(1'800'000'000'000))).kept,
            report.kept.string() + "-2");
}

// A killed service leaves its log; a log of one database over another one is damage.
TEST_F(SqliteBackup, ALogThatWasLeftNeverMeetsTheRestoredStore) {
  back_up_a_store("old");
  const std::unique_ptr<Storage> running = open();
  ASSERT_TRUE(running->clients().insert_client(sample_client("new")));
  const std::filesystem::path copy = folder_ / "killed.db";
  for (const char* suffix : {"", "-wal"})
    std::filesystem::copy_file(path_.string() + suffix, copy.string() + suffix);
  ASSERT_GT(std::filesystem::file_size(copy.string() + "-wal"), 0U);
  const RestoreReport report =
      value_of(value_of(prepare_restore({.path = copy}, backup_, Overwrite::yes))->put_in_place(at(0)));
  EXPECT_FALSE(std::filesystem::exists(copy.string() + "-wal"));
  EXPECT_EQ(RawDatabase(copy).query("SELECT count(*) FROM clients"), "1");
  EXPECT_EQ(RawDatabase(report.kept).query("SELECT count(*) FROM clients"), "2") << "what was in the log is kept";
}

TEST_F(SqliteBackup, ReplacesAStoreThatCannotBeReadAndKeepsItsLogBesideIt) {
  back_up_a_store();
  folder_.write("mintmark.db", std::string(8192, 'x'));
  folder_.write("mintmark.db-wal", "what is left of the log");
  const std::unique_ptr<Restoration> restoration = value_of(prepare(Overwrite::yes));
  EXPECT_KIND(restoration->replaced_keys(), ErrorKind::corrupt);
  const RestoreReport report = value_of(restoration->put_in_place(at(0)));
  EXPECT_EQ(testing::read_all(report.kept), std::string(8192, 'x'));
  EXPECT_EQ(testing::read_all(report.kept.string() + "-wal"), "what is left of the log");
  EXPECT_TRUE(has_client("web"));
}

TEST_F(SqliteBackup, IsNotRestoredWhileSomebodyHasTheStoreOpenNorIsTheStoreOpenedMeanwhile) {
  back_up_a_store();
  {
    const std::unique_ptr<Storage> running = open();
    const Result<std::unique_ptr<Restoration>> refused = prepare(Overwrite::yes);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
    EXPECT_NE(refused.error().detail.find("stop it first"), std::string::npos);
    EXPECT_TRUE(running->clients().insert_client(sample_client("other"))) << "and it is as it was";
  }
  const std::unique_ptr<Restoration> restoration = value_of(prepare(Overwrite::yes));
  EXPECT_KIND(open_sqlite({.path = path_, .busy_timeout = kPatience}), ErrorKind::unavailable);
}

TEST_F(SqliteBackup, WhatIsNoSoundBackupIsRefusedByNameAndTheStoreStays) {
  back_up_a_store();
  ASSERT_TRUE(open()->clients().insert_client(sample_client("new")));
  const std::string whole = testing::read_all(backup_);
  const auto expect_refused = [&](ErrorKind kind, const std::string& reason) {
    const std::set<std::string> before = names();
    const Result<std::unique_ptr<Restoration>> refused = prepare(Overwrite::yes);
    ASSERT_FALSE(refused) << reason;
    EXPECT_EQ(refused.error().kind, kind) << refused.error().detail;
    EXPECT_TRUE(refused.error().detail.starts_with(backup_.string() + ": ")) << refused.error().detail;
    EXPECT_NE(refused.error().detail.find(reason), std::string::npos) << refused.error().detail;
    EXPECT_EQ(names(), before);
    EXPECT_TRUE(has_client("new"));
  };
  folder_.write("backup.db", whole.substr(0, whole.size() / 2));
  expect_refused(ErrorKind::corrupt, "");
  folder_.write("backup.db", std::string(8192, 'x'));
  expect_refused(ErrorKind::corrupt, "not a database");
  folder_.write("backup.db", "");
  expect_refused(ErrorKind::invalid, "no store in it");
  std::string content = whole;
  content.replace(content.size() - 4096, 4096, 4096, '\xa5');
  folder_.write("backup.db", content);
  expect_refused(ErrorKind::corrupt, "");
  std::filesystem::remove(backup_);
  expect_refused(ErrorKind::not_found, "no such file");
  RawDatabase(backup_).execute("CREATE TABLE recipes (name TEXT)");
  expect_refused(ErrorKind::invalid, "another program");
  folder_.write("backup.db", whole);
  RawDatabase(backup_).execute("PRAGMA user_version = 97; UPDATE schema_compatibility SET oldest = 96");
  expect_refused(ErrorKind::invalid, "97 is newer than this program's");
  EXPECT_KIND(prepare_restore({.path = path_}, path_, Overwrite::yes), ErrorKind::invalid);
}

TEST_F(SqliteBackup, OfAnOlderSchemaIsMigratedOnTheWay) {
  back_up_a_store();
  RawDatabase(backup_).execute(
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
  const std::string before = testing::read_all(backup_);
  const RestoreReport report = value_of(value_of(prepare(Overwrite::yes))->put_in_place(at(0)));
  EXPECT_EQ(report.migrated.from, 1U);
  EXPECT_GE(report.migrated.to, 2U);
  EXPECT_TRUE(has_client("web"));
  EXPECT_EQ(testing::read_all(backup_), before) << "the backup itself is only read";
}

TEST_F(SqliteBackup, EndsTheSessionsInItAndTellsTheKeysOfTheReplaced) {
  const std::vector<keys::KeyRecord> first = {sample_key("k1")};
  const std::vector<keys::KeyRecord> second = {sample_key("k2")};
  {
    const std::unique_ptr<Storage> storage = open();
    ASSERT_TRUE(storage->keys().store_keys(0, first, {}));
    ASSERT_TRUE(storage->refresh_families().insert_family(sample_family("f1")));
    ASSERT_TRUE(backup());
    ASSERT_TRUE(storage->keys().store_keys(1, second, {}));
  }
  const std::unique_ptr<Restoration> restoration = value_of(prepare(Overwrite::yes));
  const std::optional<keys::KeyTable> replaced = value_of(restoration->replaced_keys());
  ASSERT_TRUE(replaced);
  EXPECT_EQ(replaced->records.size(), 2U);
  EXPECT_EQ(value_of(restoration->storage().keys().load_keys()).records.size(), 1U);
  EXPECT_EQ(value_of(restoration->end_sessions(at(5))), 1U);
  EXPECT_EQ(value_of(restoration->end_sessions(at(6))), 0U);
  ASSERT_TRUE(restoration->put_in_place(at(5)));
  const auto family = value_of(open()->refresh_families().find_family(FamilyId("f1")));
  ASSERT_TRUE(family);
  EXPECT_EQ(family->revoked_at, at(5));
}

}  // namespace
}  // namespace mintmark::storage
