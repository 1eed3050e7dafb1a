#pragma once
// The database file as another program sees it, to put it into states that ours never writes.

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <string>

namespace mintmark::storage {

class RawDatabase {
 public:
  /// Creates the file if need be.
  explicit RawDatabase(const std::filesystem::path& path) {
    EXPECT_EQ(sqlite3_open(path.c_str(), &db_), SQLITE_OK);
    sqlite3_busy_timeout(db_, 5000);
  }
  RawDatabase(const RawDatabase&) = delete;
  RawDatabase& operator=(const RawDatabase&) = delete;
  ~RawDatabase() { sqlite3_close(db_); }

  void execute(const std::string& sql) {
    EXPECT_EQ(sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sql << ": " << sqlite3_errmsg(db_);
  }

  /// The first column of the first row, as text.
  std::string query(const std::string& sql) {
    std::string answer;
    const auto keep = [](void* out, int, char** values, char**) {
      if (values[0] != nullptr) *static_cast<std::string*>(out) = values[0];
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(db_, sql.c_str(), keep, &answer, nullptr), SQLITE_OK) << sql << ": " << sqlite3_errmsg(db_);
    return answer;
  }

 private:
  sqlite3* db_ = nullptr;
};

}  // namespace mintmark::storage
