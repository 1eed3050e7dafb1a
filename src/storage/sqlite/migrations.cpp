#include "sqlite/migrations.hpp"

#include <array>
#include <string>

namespace mintmark::storage::sqlite {
namespace {

constexpr std::int64_t kApplicationId = 1298755188;  // "Mint"

// Times are milliseconds since the Unix epoch. `counters` moves by triggers where that is possible, because a trigger
// cannot be forgotten by whoever writes the next statement.
constexpr Sql kInitialSchema = R"sql(
CREATE TABLE counters (
  name  TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counters (name, value) VALUES ('changes', 0), ('key_table', 0), ('write_check', 0);

-- The oldest program, by the schema that it knows, which can work with this one. A migration that only adds leaves it.
CREATE TABLE schema_compatibility (
  oldest INTEGER NOT NULL
) STRICT;
INSERT INTO schema_compatibility (oldest) VALUES (1);

CREATE TABLE signing_keys (
  kid          TEXT PRIMARY KEY NOT NULL,
  purpose      TEXT NOT NULL,
  alg          TEXT NOT NULL,
  resource     TEXT NOT NULL,
  created_at   INTEGER NOT NULL,
  activates_at INTEGER NOT NULL,
  retires_at   INTEGER,
  removes_at   INTEGER,
  revoked_at   INTEGER,
  exported_at  INTEGER,
  imported     INTEGER NOT NULL,
  sealed       BLOB NOT NULL
) STRICT;

CREATE TABLE users (
  id            TEXT PRIMARY KEY NOT NULL,
  username      TEXT NOT NULL UNIQUE,
  password_hash TEXT NOT NULL,
  disabled      INTEGER NOT NULL,
  attributes    TEXT NOT NULL,
  created_at    INTEGER NOT NULL,
  sessions_valid_from INTEGER NOT NULL,
  version       INTEGER NOT NULL
) STRICT;

CREATE TABLE clients (
  id       TEXT PRIMARY KEY NOT NULL,
  version  INTEGER NOT NULL,
  disabled INTEGER NOT NULL,
  document TEXT NOT NULL
) STRICT;

CREATE TABLE client_cors_origins (
  client_id TEXT NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
  origin    TEXT NOT NULL,
  PRIMARY KEY (client_id, origin)
) STRICT, WITHOUT ROWID;
CREATE INDEX client_cors_origins_by_origin ON client_cors_origins (origin);

CREATE TABLE resources (
  id       TEXT PRIMARY KEY NOT NULL,
  version  INTEGER NOT NULL,
  disabled INTEGER NOT NULL,
  document TEXT NOT NULL
) STRICT;

CREATE TABLE refresh_families (
  id                  TEXT PRIMARY KEY NOT NULL,
  client_id           TEXT NOT NULL,
  user_id             TEXT NOT NULL,
  scopes              TEXT NOT NULL,
  resources           TEXT NOT NULL,
  authenticated_at    INTEGER NOT NULL,
  created_at          INTEGER NOT NULL,
  absolute_expires_at INTEGER NOT NULL,
  idle_expires_at     INTEGER NOT NULL,
  generation          INTEGER NOT NULL,
  token_hash          BLOB NOT NULL,
  rotated_at          INTEGER NOT NULL,
  revoked_at          INTEGER,
  expires_at          INTEGER GENERATED ALWAYS AS (min(absolute_expires_at, idle_expires_at)) VIRTUAL
) STRICT;
CREATE INDEX refresh_families_by_user ON refresh_families (user_id);
CREATE INDEX refresh_families_by_expiry ON refresh_families (expires_at);

CREATE TABLE one_time_values (
  kind       TEXT NOT NULL,
  issuer     TEXT NOT NULL,
  value_hash BLOB NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (kind, issuer, value_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX one_time_values_by_expiry ON one_time_values (expires_at);

CREATE TRIGGER signing_key_inserted AFTER INSERT ON signing_keys
  BEGIN UPDATE counters SET value = value + 1 WHERE name = 'changes'; END;
CREATE TRIGGER signing_key_updated AFTER UPDATE ON signing_keys
  BEGIN UPDATE counters SET value = value + 1 WHERE name = 'changes'; END;
CREATE TRIGGER signing_key_deleted AFTER DELETE ON signing_keys
  BEGIN UPDATE counters SET value = value + 1 WHERE name = 'changes'; END;
CREATE TRIGGER client_inserted AFTER INSERT ON clients
  BEGIN UPDATE counters SET value = value + 1 WHERE name = 'changes'; END;
CREATE TRIGGER client_updated AFTER UPDATE ON clients
  BEGIN UPDATE counters SET value = value + 1 WHERE name = 'changes'; END;
CREATE TRIGGER client_deleted AFTER DELETE ON clients
  BEGIN UPDATE counters SET value = value + 1 WHERE name = 'changes'; END;
CREATE TRIGGER resource_inserted AFTER INSERT ON resources
  BEGIN UPDATE counters SET value = value + 1 WHERE name = 'changes'; END;
CREATE TRIGGER resource_updated AFTER UPDATE ON resources
  BEGIN UPDATE counters SET value = value + 1 WHERE name = 'changes'; END;
CREATE TRIGGER resource_deleted AFTER DELETE ON resources
  BEGIN UPDATE counters SET value = value + 1 WHERE name = 'changes'; END;

PRAGMA application_id = 1298755188;
PRAGMA user_version = 1;
)sql";

// Null where a program that knows version 1 alone has written the row. A rotation by such a program leaves
// `earlier_rotations` as they are, so that each then stands for a later one: a grace that ends too early.
constexpr Sql kSecondSchema = R"sql(
ALTER TABLE refresh_families ADD COLUMN user_valid_from INTEGER;
ALTER TABLE refresh_families ADD COLUMN client_valid_from INTEGER;
ALTER TABLE refresh_families ADD COLUMN earlier_rotations TEXT NOT NULL DEFAULT '[]';
ALTER TABLE signing_keys ADD COLUMN retention INTEGER;

PRAGMA user_version = 2;
)sql";

// What wrong passwords and secrets leave behind, under keyed hashes: no name and no address is in it.
constexpr Sql kThirdSchema = R"sql(
CREATE TABLE attempt_counters (
  key           BLOB PRIMARY KEY NOT NULL,
  failures      INTEGER NOT NULL, -- thousandths
  counted_at    INTEGER NOT NULL,
  blocked_until INTEGER NOT NULL,
  expires_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX attempt_counters_by_expiry ON attempt_counters (expires_at);

PRAGMA user_version = 3;
)sql";

// Empty where the family is bound to no key.
constexpr Sql kFourthSchema = R"sql(
ALTER TABLE refresh_families ADD COLUMN jkt TEXT NOT NULL DEFAULT '';

PRAGMA user_version = 4;
)sql";

// When secrets of clients, declared ones too, were last used.
constexpr Sql kFifthSchema = R"sql(
CREATE TABLE client_secret_uses (
  client_id TEXT NOT NULL,
  secret_id TEXT NOT NULL,
  used_at   INTEGER NOT NULL,
  PRIMARY KEY (client_id, secret_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX client_secret_uses_by_time ON client_secret_uses (used_at);
CREATE TRIGGER client_secret_uses_end AFTER DELETE ON clients
  BEGIN DELETE FROM client_secret_uses WHERE client_id = OLD.id; END;

PRAGMA user_version = 5;
)sql";

// Empty where the family is bound to no certificate.
constexpr Sql kSixthSchema = R"sql(
ALTER TABLE refresh_families ADD COLUMN x5t TEXT NOT NULL DEFAULT '';

PRAGMA user_version = 6;
)sql";

// Found by their hash alone; the text of a family's id, or nothing.
constexpr Sql kSeventhSchema = R"sql(
CREATE TABLE opaque_tokens (
  hash       BLOB PRIMARY KEY NOT NULL,
  claims     TEXT NOT NULL,
  family_id  TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX opaque_tokens_by_expiry ON opaque_tokens (expires_at);

PRAGMA user_version = 7;
)sql";

/// The one at index i leads from version i to version i + 1, and says so in its last line.
constexpr std::array kMigrations = {kInitialSchema, kSecondSchema, kThirdSchema,  kFourthSchema,
                                    kFifthSchema,   kSixthSchema,  kSeventhSchema};

struct Header {
  std::int64_t application_id;
  std::int64_t version;
  std::int64_t objects;
};

Result<Header> read_header(Connection& connection) {
  // One statement, because another process may be migrating.
  const Result<std::optional<Header>> header =
      connection
          .statement(
              "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)"
              " FROM pragma_application_id, pragma_user_version")
          .first([](const Row& row) -> Result<Header> {
            return Header{row.integer(0), row.integer(1), row.integer(2)};
          });
  if (!header) return header.error();
  if (!*header) return corrupt(connection.path() + ": no header");
  return **header;
}

/// Whether a schema that is newer than this program is one that it can work with all the same.
Result<bool> is_compatible(Connection& connection) {
  const Result<std::optional<std::int64_t>> oldest =
      connection.statement("SELECT oldest FROM schema_compatibility").first([](const Row& row) -> Result<std::int64_t> {
        return row.integer(0);
      });
  if (!oldest) return oldest.error();
  return oldest->has_value() && **oldest <= std::int64_t{latest_schema()};
}

}  // namespace

std::uint32_t latest_schema() noexcept {
  return static_cast<std::uint32_t>(kMigrations.size());
}

Result<Schema> read_schema(Connection& connection) {
  const Result<Header> header = read_header(connection);
  if (!header) return header.error();
  if (header->application_id == 0 && header->version == 0 && header->objects == 0) return Schema{0, true};
  if (header->application_id != kApplicationId) return invalid(connection.path() + ": a database of another program");
  if (header->version > std::int64_t{latest_schema()}) {
    const Result<bool> compatible = is_compatible(connection);
    if (!compatible) return compatible.error();
    if (*compatible) return Schema{latest_schema(), false};
    return invalid(connection.path() + ": schema version " + std::to_string(header->version) +
                   " is newer than this program's " + std::to_string(latest_schema()) +
                   ": run the newer program, or restore a backup from before its migration");
  }
  if (header->version < 0) return corrupt(connection.path() + ": a negative schema version");
  return Schema{static_cast<std::uint32_t>(header->version), false};
}

Result<Migration> migrate(Connection& connection) {
  Transaction transaction(connection);
  if (Result<void> begun = transaction.begin(Transaction::Kind::write); !begun) return begun.error();
  const Result<Schema> schema = read_schema(connection);
  if (!schema) return schema.error();
  for (std::uint32_t version = schema->version; version < latest_schema(); ++version) {
    if (Result<void> done = connection.execute(kMigrations[version]); !done) return done.error();
  }
  if (Result<void> committed = transaction.commit(); !committed) return committed.error();
  return Migration{schema->version, latest_schema()};
}

}  // namespace mintmark::storage::sqlite
