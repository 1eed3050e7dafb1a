#pragma once
// Opens the store. Everything else is behind the ports of `keys`, `accounts` and `oauth`.
// Thread safety: all functions from any thread.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "mintmark/accounts/attempt_counters.hpp"
#include "mintmark/accounts/user_repository.hpp"
#include "mintmark/base/result.hpp"
#include "mintmark/keys/key_repository.hpp"
#include "mintmark/oauth/client_repository.hpp"
#include "mintmark/oauth/one_time_store.hpp"
#include "mintmark/oauth/opaque_token.hpp"
#include "mintmark/oauth/refresh_family.hpp"
#include "mintmark/oauth/secret_uses.hpp"

namespace mintmark::storage {

struct StorageSize {
  struct Table {
    std::string_view name;  ///< a literal
    std::uint64_t rows;
  };
  std::vector<Table> tables;
  std::uint64_t bytes = 0;  ///< of the database file; 0 where there is none
};

class Storage {
 public:
  virtual ~Storage() = default;

  [[nodiscard]] virtual keys::KeyRepository& keys() noexcept = 0;
  [[nodiscard]] virtual accounts::UserRepository& users() noexcept = 0;
  [[nodiscard]] virtual oauth::ClientRepository& clients() noexcept = 0;
  [[nodiscard]] virtual oauth::ResourceRepository& resources() noexcept = 0;
  [[nodiscard]] virtual oauth::RefreshFamilyRepository& refresh_families() noexcept = 0;
  [[nodiscard]] virtual oauth::OneTimeStore& one_time() noexcept = 0;
  [[nodiscard]] virtual oauth::OpaqueTokenRepository& opaque_tokens() noexcept = 0;
  [[nodiscard]] virtual accounts::AttemptCounterRepository& attempt_counters() noexcept = 0;
  [[nodiscard]] virtual oauth::SecretUseRepository& secret_uses() noexcept = 0;

  /// Grows whenever keys, clients or resources change, by whichever process: what is cached. Cheap: asked every second.
  virtual Result<std::uint64_t> change_counter() = 0;
  /// Whether the store answers, reads and can be written, and whether nobody has met damage in it. Errors: unavailable,
  /// corrupt.
  virtual Result<void> check() = 0;
  /// How large each table is. Reads an index of each from one end to the other, without holding up whoever writes: a
  /// tenth of a second for ten million rows that are in memory, and else the time to read them. Not to be asked often.
  virtual Result<StorageSize> measure() = 0;
  /// Deletes at most `limit` rows whose time is over (one-time values, opaque tokens, refresh families past their end,
  /// counters of attempts that have worn off, uses of secrets long ago) and says how many.
  virtual Result<std::size_t> remove_expired(Instant now, std::size_t limit) = 0;
};

struct SqliteOptions {
  std::filesystem::path path;  ///< its folder must exist
  Duration busy_timeout = std::chrono::seconds(5);
};

/// Creates or upgrades the schema, as a whole or not at all; says from which version to which.
struct Migration {
  std::uint32_t from;
  std::uint32_t to;
};
Result<Migration> migrate_sqlite(const SqliteOptions& options);

/// Opens, and migrates an empty store. Every table must be there; those that an operator manages are looked through for
/// damage, of those that grow with users and logins only both ends, so that the time is the same however large they
/// are. Errors: invalid, where the schema is too new for this program; conflict, where it is older and `mintmark db
/// migrate` has to be run; corrupt; unavailable, with the path.
Result<std::unique_ptr<Storage>> open_sqlite(const SqliteOptions& options);

/// What to do where there is something already.
enum class Overwrite { no, yes };

struct BackupReport {
  std::uint64_t bytes;
  std::uint32_t schema;
};

/// Writes a copy of the store as of one moment, while others read and write it: one file of its owner alone, complete
/// and on disk when this returns, and looked through for damage before it gets its name. Keys are in it as they are
/// stored, sealed. Errors: not_found, where there is no store; conflict, where there is such a file; corrupt, where the
/// store is damaged; invalid, for a store that this program does not know, or a place that is none; unavailable.
Result<BackupReport> backup_sqlite(const SqliteOptions& options, const std::filesystem::path& to, Overwrite overwrite);

struct RestoreReport {
  std::filesystem::path kept;  ///< what the store that was there is called now; empty where there was none
  Migration migrated;          ///< the schema of the backup, and the one that it has now
};

/// A backup about to become the store. Until put_in_place() the store is what it was, and nobody else can open it.
/// Thread safety: none.
class Restoration {
 public:
  virtual ~Restoration() = default;

  /// What is to become the store, migrated to this program's schema.
  virtual Storage& storage() noexcept = 0;
  /// The keys of the store that is to be replaced; none where there is no such store. Errors: corrupt, unavailable,
  /// where it cannot be read.
  virtual Result<std::optional<keys::KeyTable>> replaced_keys() = 0;
  /// Revokes every refresh family of the backup. Returns how many were alive.
  virtual Result<std::size_t> end_sessions(Instant now) = 0;
  /// The last call. The store that was there keeps a name of its own with the time in it. A crash leaves the old store
  /// or the new one. Errors: unavailable.
  virtual Result<RestoreReport> put_in_place(Instant now) = 0;
};

/// Copies the backup beside the store, looks through all of it, and keeps everybody else from the store. `options.path`
/// need not exist. Errors: not_found, where there is no backup; conflict, where a running process has the store open or
/// there is one and it is to be kept; corrupt, where the backup is damaged; invalid, where it is none, or newer than
/// this program; unavailable.
Result<std::unique_ptr<Restoration>> prepare_restore(const SqliteOptions& options, const std::filesystem::path& backup,
                                                     Overwrite overwrite);

/// Lives and dies with the process: for tests and trials.
std::unique_ptr<Storage> open_memory();

}  // namespace mintmark::storage
