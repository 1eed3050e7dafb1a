// Several processes on one file, processes that are killed, and disks that are full.

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "contract.hpp"
#include "samples.hpp"

namespace mintmark::storage {
namespace {

class SqliteProcess : public ::testing::Test {
 protected:
  Result<std::unique_ptr<Storage>> open() { return open_sqlite({.path = path_}); }

  testing::TempDir folder_;
  std::filesystem::path path_ = folder_ / "mintmark.db";
};

/// Runs `child` (to its exit code) in a process of its own.
template <class Child>
pid_t start(Child child) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(child());
  EXPECT_GT(pid, 0);
  return pid;
}

int exit_code(pid_t pid) {
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

class Pipe {
 public:
  Pipe() { EXPECT_EQ(::pipe(ends_), 0); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    ::close(ends_[0]);
    if (ends_[1] >= 0) ::close(ends_[1]);
  }
  /// In the reading process, so that the end of the other one is the end of the pipe.
  void close_writing_end() { ::close(std::exchange(ends_[1], -1)); }
  bool write(std::uint32_t value) { return ::write(ends_[1], &value, sizeof value) == sizeof value; }
  std::uint32_t read() {
    std::uint32_t value = 0;
    EXPECT_EQ(::read(ends_[0], &value, sizeof value), static_cast<ssize_t>(sizeof value));
    return value;
  }

 private:
  int ends_[2] = {-1, -1};
};

// Invariant 3: N replicas starting on one empty store end with one set of keys.
TEST_F(SqliteProcess, ProcessesThatStartOnOneEmptyStoreEndWithOneKey) {
  enum Outcome { kWon, kLost, kFailed };
  for (int round = 0; round < 5; ++round) {
    std::filesystem::remove(path_);
    std::vector<pid_t> children;
    for (int number = 0; number < 6; ++number) {
      children.push_back(start([&] {
        const Result<std::unique_ptr<Storage>> storage = open();
        if (!storage) return kFailed;
        const std::vector<keys::KeyRecord> key = {sample_key("k" + std::to_string(number))};
        const Result<void> stored = (*storage)->keys().store_keys(0, key, {});
        if (stored) return kWon;
        return stored.error().kind == ErrorKind::conflict ? kLost : kFailed;
      }));
    }
    std::vector<int> outcomes;
    for (const pid_t child : children)
      outcomes.push_back(exit_code(child));
    EXPECT_EQ(std::count(outcomes.begin(), outcomes.end(), kWon), 1);
    EXPECT_EQ(std::count(outcomes.begin(), outcomes.end(), kLost), 5);
    EXPECT_EQ(value_of(value_of(open())->keys().load_keys()).records.size(), 1U);
  }
}

// Invariant 2, across processes.
TEST_F(SqliteProcess, ProcessesConsumeEachValueOnce) {
  constexpr int kValues = 50;
  ASSERT_TRUE(open());
  std::vector<pid_t> children;
  for (int number = 0; number < 4; ++number) {
    children.push_back(start([&] {
      const Result<std::unique_ptr<Storage>> storage = open();
      if (!storage) return 255;
      int consumed = 0;
      for (std::uint8_t value = 0; value < kValues; ++value) {
        const std::vector values{oauth::OneTimeValue{oauth::OneTimeKind::dpop_proof, "c", hash_of(value), at(9)}};
        const Result<std::optional<oauth::OneTimeKind>> used = (*storage)->one_time().consume(values, at(0));
        if (!used) return 255;
        consumed += *used ? 0 : 1;
      }
      return consumed;
    }));
  }
  int consumed = 0;
  for (const pid_t child : children)
    consumed += exit_code(child);
  EXPECT_EQ(consumed, kValues);
}

// Invariant 8.
TEST_F(SqliteProcess, AKilledProcessLosesNothingThatItAcknowledged) {
  const oauth::RefreshFamily family = sample_family("f1");
  {
    const std::unique_ptr<Storage> storage = value_of(open());
    ASSERT_TRUE(storage->refresh_families().insert_family(family));
  }
  std::uint32_t acknowledged = family.generation;
  for (int round = 0; round < 5; ++round) {
    Pipe acknowledgements;
    const pid_t child = start([&] {
      const Result<std::unique_ptr<Storage>> storage = open();
      if (!storage) return 1;
      oauth::RefreshFamilyRepository& families = (*storage)->refresh_families();
      for (;;) {
        const Result<std::optional<oauth::RefreshFamily>> found = families.find_family(family.id);
        if (!found || !*found) return 1;
        const auto next = static_cast<std::uint8_t>((*found)->generation + 1);
        const Result<bool> rotated = families.rotate_family(sample_rotation(**found, next));
        if (!rotated || !*rotated || !acknowledgements.write((*found)->generation + 1)) return 1;
      }
    });
    for (int count = 0; count < 20; ++count)
      acknowledged = acknowledgements.read();
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    EXPECT_EQ(exit_code(child), -1);
    const oauth::RefreshFamily kept =
        value_of(value_of(open())->refresh_families().find_family(family.id)).value_or(oauth::RefreshFamily());
    EXPECT_GE(kept.generation, acknowledged);
    EXPECT_EQ(kept.token_hash, hash_of(static_cast<std::uint8_t>(kept.generation)));
  }
}

// Files may not grow: what a full disk looks like to SQLite.
TEST_F(SqliteProcess, AFullDiskIsUnavailableAndLosesNothing) {
  const pid_t child = start([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const Result<std::unique_ptr<Storage>> storage = open();
    if (!storage) return 1;
    oauth::RefreshFamilyRepository& families = (*storage)->refresh_families();
    if (!families.insert_family(sample_family("before"))) return 2;

    rlimit limit{};
    if (::getrlimit(RLIMIT_FSIZE, &limit) != 0) return 3;
    const rlim_t unlimited = std::exchange(limit.rlim_cur, 8192);
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 3;
    const Result<void> refused = families.insert_family(sample_family("full"));
    if (refused || refused.error().kind != ErrorKind::unavailable) return 4;
    if ((*storage)->check()) return 5;
    const Result<std::optional<oauth::RefreshFamily>> kept = families.find_family(FamilyId("before"));
    if (!kept || !*kept) return 6;

    limit.rlim_cur = unlimited;
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 3;
    if (!(*storage)->check()) return 7;
    return families.insert_family(sample_family("after")) ? 0 : 8;
  });
  EXPECT_EQ(exit_code(child), 0);
  const std::unique_ptr<Storage> storage = value_of(open());
  EXPECT_TRUE(value_of(storage->refresh_families().find_family(FamilyId("before"))));
  EXPECT_TRUE(value_of(storage->refresh_families().find_family(FamilyId("after"))));
  EXPECT_FALSE(value_of(storage->refresh_families().find_family(FamilyId("full"))));
}

}  // namespace
}  // namespace mintmark::storage
