#include "mintmark/base/file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

namespace mintmark {
namespace {

namespace fs = std::filesystem;

class FileTest : public testing::Test {
 protected:
  FileTest() {
    std::string pattern = (fs::temp_directory_path() / "mintmark-file-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    folder_ = pattern;
  }
  ~FileTest() override { fs::remove_all(folder_); }

  fs::path write(std::string_view content) {
    const fs::path path = folder_ / "file";
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }

  [[nodiscard]] std::ptrdiff_t count_files() const {
    return std::distance(fs::directory_iterator(folder_), fs::directory_iterator());
  }

  fs::path folder_;
};

TEST_F(FileTest, ReadsTheWholeFile) {
  std::string content;
  for (int i = 0; i < 50'000; ++i)
    content += static_cast<char>(i * 31);
  EXPECT_EQ(*read_file(write(content), content.size()), content);
  EXPECT_EQ(*read_file(write(""), 0), "");
}

TEST_F(FileTest, RefusesOneByteTooMany) {
  const auto content = read_file(write("12345"), 4);
  ASSERT_FALSE(content);
  EXPECT_EQ(content.error().kind, ErrorKind::invalid);
  EXPECT_TRUE(read_file(write("12345"), 5));
}

TEST_F(FileTest, StopsReadingWhatNeverEnds) {
  const auto content = read_file("/dev/zero", 100'000);
  ASSERT_FALSE(content);
  EXPECT_EQ(content.error().kind, ErrorKind::invalid);
  EXPECT_FALSE(read_secret_file("/dev/zero"));
}

TEST_F(FileTest, SaysWhichFileIsMissingOrUnreadable) {
  const fs::path missing = folder_ / "missing";
  EXPECT_EQ(read_file(missing, 10).error().kind, ErrorKind::not_found);
  EXPECT_EQ(read_secret_file(missing).error().kind, ErrorKind::not_found);
  EXPECT_EQ(read_file(folder_, 10).error().kind, ErrorKind::unavailable);
  EXPECT_EQ(read_secret_file(folder_).error().kind, ErrorKind::unavailable);
  EXPECT_NE(read_file(missing, 10).error().detail.find(missing.string()), std::string::npos);
  EXPECT_NE(read_secret_file(missing).error().detail.find(missing.string()), std::string::npos);
}

TEST_F(FileTest, ASecretLosesOneLineEnd) {
  EXPECT_EQ(read_secret_file(write("hush"))->reveal_text(), "hush");
  EXPECT_EQ(read_secret_file(write("hush\n"))->reveal_text(), "hush");
  EXPECT_EQ(read_secret_file(write("hush\r\n"))->reveal_text(), "hush");
  EXPECT_EQ(read_secret_file(write(" hush\n\n"))->reveal_text(), " hush\n");
}

TEST_F(FileTest, ASecretIsNeitherEmptyNorHuge) {
  for (const std::string& content : {std::string(), std::string("\n"), std::string(64 * 1024 + 1, 'a')}) {
    const auto secret = read_secret_file(write(content));
    ASSERT_FALSE(secret);
    EXPECT_EQ(secret.error().kind, ErrorKind::invalid);
  }
  EXPECT_EQ(read_secret_file(write(std::string(64 * 1024, 'a')))->size(), 64U * 1024);
}

TEST_F(FileTest, WritesForItsOwnerAloneAndLeavesNothingElse) {
  const fs::path path = folder_ / "key";
  ASSERT_TRUE(write_private_file(path, "first"));
  EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  fs::permissions(path, fs::perms::all);
  ASSERT_TRUE(write_private_file(path, "second"));
  EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(*read_file(path, 100), "second");
  EXPECT_EQ(count_files(), 1);
}

TEST_F(FileTest, AWriteThatFailsLeavesNothing) {
  const fs::path taken = folder_ / "taken";
  fs::create_directory(taken);
  EXPECT_FALSE(write_private_file(taken, "content"));
  EXPECT_EQ(count_files(), 1);
  const auto written = write_private_file(folder_ / "no" / "such", "content");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::not_found);
}

TEST_F(FileTest, WritersAtOnceLeaveOneWholeContent) {
  const fs::path path = folder_ / "key";
  std::vector<std::jthread> writers;
  for (const char c : {'a', 'b', 'c', 'd'}) {
    writers.emplace_back([&path, c] {
      for (int i = 0; i < 20; ++i)
        EXPECT_TRUE(write_private_file(path, std::string(10'000, c)));
    });
  }
  writers.clear();
  const std::string content = *read_file(path, 20'000);
  EXPECT_EQ(content, std::string(10'000, content.front()));
  EXPECT_EQ(count_files(), 1);
}

TEST_F(FileTest, AStampTellsAReplacedOrWrittenFileFromTheFormer) {
  const fs::path path = write("first");
  const FileStamp first = stamp_file(path);
  EXPECT_TRUE(first.is_regular);
  EXPECT_EQ(stamp_file(path), first);
  const fs::path link = folder_ / "link";
  fs::create_symlink(path, link);
  EXPECT_EQ(stamp_file(link), first) << "of what it leads to";
  fs::rename(path, folder_ / "kept");  // as an editor does, so that the new one has another inode
  EXPECT_EQ(stamp_file(path), FileStamp{});
  EXPECT_EQ(stamp_file(link), FileStamp{});
  (void)write("other");
  EXPECT_NE(stamp_file(path), first);
  const FileStamp other = stamp_file(path);
  (void)write("longer than that");
  EXPECT_NE(stamp_file(path), other);
  EXPECT_EQ(stamp_file(folder_), FileStamp{}) << "no regular file";
}

}  // namespace
}  // namespace mintmark
