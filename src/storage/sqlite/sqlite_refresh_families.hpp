#pragma once
// Refresh families in SQLite. Thread safety: as the port.

#include "mintmark/oauth/refresh_family.hpp"
#include "sqlite/database.hpp"

namespace mintmark::storage::sqlite {

class SqliteRefreshFamilies final : public oauth::RefreshFamilyRepository {
 public:
  explicit SqliteRefreshFamilies(Database& database) noexcept : database_(database) {}

  Result<void> insert_family(const oauth::RefreshFamily& family) override;
  Result<std::optional<oauth::RefreshFamily>> find_family(const FamilyId& id) override;
  Result<bool> rotate_family(const oauth::RefreshRotation& rotation) override;
  Result<void> revoke_family(const FamilyId& id, Instant now) override;
  Result<std::size_t> revoke_families_of(const UserId& user, Instant now) override;

  /// Deletes at most `limit` families past their absolute or idle end, revoked or not: a revoked one is answered like
  /// an unknown one, so it need not stay longer. How many.
  Result<std::size_t> remove_expired(Instant now, std::size_t limit);

 private:
  Database& database_;
};

}  // namespace mintmark::storage::sqlite
