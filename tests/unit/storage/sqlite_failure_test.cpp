// What becomes of an open store whose files are taken away, replaced or damaged.

#include <fcntl.h>
#include <unistd.h>

#include "contract.hpp"
#include "raw_database.hpp"
#include "samples.hpp"

namespace mintmark::storage {
namespace {

class SqliteFailure : public ::testing::Test {
 protected:
  std::unique_ptr<Storage> open() {
    return value_of(open_sqlite({.path = path_, .busy_timeout = std::chrono::milliseconds(200)}));
  }
  void move(const std::filesystem::path& from, const std::filesystem::path& to) { std::filesystem::rename(from, to); }

  testing::TempDir folder_;
  std::filesystem::path home_ = folder_ / "home";
  std::filesystem::path path_ = home_ / "mintmark.db";

  void SetUp() override { std::filesystem::create_directory(home_); }
};

TEST_F(SqliteFailure, AFolderThatIsTakenAwayAndGivenBack) {
  const std::unique_ptr<Storage> storage = open();
  ASSERT_TRUE(storage->clients().insert_client(sample_client("web")));
  move(home_, folder_ / "away");
  const Result<void> check = storage->check();
  ASSERT_FALSE(check);
  EXPECT_EQ(check.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(check.error().detail, path_.string() + ": No such file or directory: the store was taken away");
  EXPECT_KIND(storage->clients().find_client(ClientId("web")), ErrorKind::unavailable);
  EXPECT_KIND(storage->refresh_families().insert_family(sample_family("f1")), ErrorKind::unavailable);
  EXPECT_KIND(storage->change_counter(), ErrorKind::unavailable);
  move(folder_ / "away", home_);
  EXPECT_TRUE(storage->check());
  EXPECT_TRUE(storage->refresh_families().insert_family(sample_family("f1")));
}

TEST_F(SqliteFailure, AnotherFileInItsPlaceIsNeitherReadNorWritten) {
  const std::unique_ptr<Storage> storage = open();
  const std::filesystem::path aside = home_ / "aside.db";
  move(path_, aside);
  { const std::unique_ptr<Storage> other = value_of(open_sqlite({.path = folder_ / "other.db"})); }
  std::filesystem::copy_file(folder_ / "other.db", path_);
  const std::string before = testing::read_all(path_);
  const Result<void> inserted = storage->clients().insert_client(sample_client("web"));
  ASSERT_FALSE(inserted);
  EXPECT_EQ(inserted.error().kind, ErrorKind::unavailable);
  EXPECT_NE(inserted.error().detail.find(path_.string() + ": another file"), std::string::npos);
  EXPECT_EQ(testing::read_all(path_), before);
  std::filesystem::remove(path_);
  move(aside, path_);
  EXPECT_TRUE(storage->clients().insert_client(sample_client("web")));
}

TEST_F(SqliteFailure, ALogThatIsDeletedLosesNothingThatWasAcknowledged) {
  const std::unique_ptr<Storage> storage = open();
  ASSERT_TRUE(storage->clients().insert_client(sample_client("web")));
  std::filesystem::remove(path_.string() + "-wal");
  EXPECT_TRUE(storage->refresh_families().insert_family(sample_family("f1"))) << "it has a new one";
  EXPECT_TRUE(std::filesystem::exists(path_.string() + "-wal"));
  EXPECT_TRUE(value_of(storage->clients().find_client(ClientId("web"))));
  // As after a crash: what is on disk now.
  const std::filesystem::path copy = folder_ / "copy.db";
  for (const char* suffix : {"", "-wal"})
    std::filesystem::copy_file(path_.string() + suffix, copy.string() + suffix);
  const std::unique_ptr<Storage> after = value_of(open_sqlite({.path = copy}));
  EXPECT_TRUE(value_of(after->clients().find_client(ClientId("web"))));
  EXPECT_TRUE(value_of(after->refresh_families().find_family(FamilyId("f1"))));
}

TEST_F(SqliteFailure, ALogThatIsDeletedUnderTwoIsNotReplacedUntilBothHaveLetGo) {
  std::unique_ptr<Storage> one = open();
  const std::unique_ptr<Storage> other = open();
  ASSERT_TRUE(one->clients().insert_client(sample_client("web")));
  std::filesystem::remove(path_.string() + "-wal");
  const Result<void> refused = one->clients().insert_client(sample_client("second"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
  EXPECT_NE(refused.error().detail.find("write-ahead log was taken away, and other processes"), std::string::npos)
      << refused.error().detail;
  EXPECT_TRUE(other->check()) << "the last one to let go brings what was in it into the store";
  EXPECT_TRUE(one->clients().insert_client(sample_client("second")));
  EXPECT_TRUE(value_of(other->clients().find_client(ClientId("web"))));
  EXPECT_TRUE(value_of(other->clients().find_client(ClientId("second"))));
}

TEST_F(SqliteFailure, DamageThatARequestMeetsIsRememberedByTheCheck) {
  {
    const std::unique_ptr<Storage> storage = open();
    for (int i = 0; i < 400; ++i) {
      ASSERT_TRUE(storage->users().insert_user(sample_user("u" + std::to_string(i), "user-" + std::to_string(i))));
    }
  }
  const std::unique_ptr<Storage> storage = open();
  ASSERT_TRUE(storage->check());
  const std::string content = testing::read_all(path_);
  const auto page = static_cast<off_t>((content.find("user-200") / 4096) * 4096);
  const std::string garbage(4096, '\xa5');
  const int file = ::open(path_.c_str(), O_WRONLY | O_CLOEXEC);
  ASSERT_EQ(::pwrite(file, garbage.data(), garbage.size(), page), 4096);
  ::close(file);
  EXPECT_TRUE(storage->check()) << "nobody has met it";
  // Of the file, not of this user: whoever asks is told to come again when it is restored.
  EXPECT_KIND(storage->users().find_by_id(UserId("u200")), ErrorKind::unavailable);
  const Result<void> check = storage->check();
  ASSERT_FALSE(check);
  EXPECT_EQ(check.error().kind, ErrorKind::corrupt);
  EXPECT_TRUE(check.error().detail.starts_with(path_.string() + ": database disk image is malformed"))
      << check.error().detail;
  EXPECT_TRUE(storage->users().find_by_id(UserId("u399"))) << "what is sound goes on";
}

}  // namespace
}  // namespace mintmark::storage
