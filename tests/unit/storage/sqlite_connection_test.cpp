// How a connection is set up, which shows nowhere outside: synchronous is not a property of the file.

#include "sqlite/connection.hpp"

#include "contract.hpp"
#include "sqlite/database.hpp"

namespace mintmark::storage::sqlite {
namespace {

std::string ask(Connection& connection, Sql pragma) {
  const auto text = [](const Row& row) -> Result<std::string> { return row.text(0); };
  return value_of(connection.statement(pragma).first(text)).value_or("no answer");
}

constexpr std::string_view kFull = "2";

TEST(SqliteConnection, Invariant8_CommitsSurviveTheLossOfPower) {
  const testing::TempDir folder;
  const std::unique_ptr<Database> database = value_of(Database::open({.path = folder / "mintmark.db"}));
  const auto expect_durable = [](Connection& connection) -> Result<void> {
    EXPECT_EQ(ask(connection, "PRAGMA synchronous"), kFull);
    EXPECT_EQ(ask(connection, "PRAGMA journal_mode"), "wal");
    return {};
  };
  EXPECT_TRUE(database->write(expect_durable));
  EXPECT_TRUE(database->read(expect_durable));
}

TEST(SqliteConnection, SchemaOfAManipulatedFileIsNotTrusted) {
  const testing::TempDir folder;
  const std::filesystem::path path = folder.write("mintmark.db", "");
  Result<Connection> connection = Connection::open(path, Duration(0));
  ASSERT_TRUE(connection) << connection.error().detail;
  EXPECT_EQ(ask(*connection, "PRAGMA trusted_schema"), "0");
  EXPECT_EQ(ask(*connection, "PRAGMA foreign_keys"), "1");
  EXPECT_EQ(ask(*connection, "PRAGMA secure_delete"), "1");
}

}  // namespace
}  // namespace mintmark::storage::sqlite
