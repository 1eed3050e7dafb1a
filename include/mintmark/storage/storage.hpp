#pragma once
// Opens the store. Everything else is behind the ports of `keys`, `accounts` and `oauth`.
// Thread safety: all functions from any thread.

#include <cstdint>
#include <filesystem>
#include <memory>

#include "mintmark/accounts/user_repository.hpp"
#include "mintmark/base/result.hpp"
#include "mintmark/keys/key_repository.hpp"
#include "mintmark/oauth/client_repository.hpp"
#include "mintmark/oauth/one_time_store.hpp"
#include "mintmark/oauth/refresh_family.hpp"

namespace mintmark::storage {

class Storage {
 public:
  virtual ~Storage() = default;

  [[nodiscard]] virtual keys::KeyRepository& keys() noexcept = 0;
  [[nodiscard]] virtual accounts::UserRepository& users() noexcept = 0;
  [[nodiscard]] virtual oauth::ClientRepository& clients() noexcept = 0;
  [[nodiscard]] virtual oauth::ResourceRepository& resources() noexcept = 0;
  [[nodiscard]] virtual oauth::RefreshFamilyRepository& refresh_families() noexcept = 0;
  [[nodiscard]] virtual oauth::OneTimeStore& one_time() noexcept = 0;

  /// Grows whenever keys, clients or resources change, by whichever process: what is cached. Cheap: asked every second.
  virtual Result<std::uint64_t> change_counter() = 0;
  /// Whether the store answers, reads and can be written. Errors: unavailable.
  virtual Result<void> check() = 0;
  /// Deletes at most `limit` rows whose time is over (one-time values, refresh families past their end) and says how
  /// many.
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

/// Lives and dies with the process: for tests and trials.
std::unique_ptr<Storage> open_memory();

}  // namespace mintmark::storage
