#pragma once
// Opaque access tokens in SQLite. Thread safety: as the port.

#include "mintmark/oauth/opaque_token.hpp"
#include "sqlite/database.hpp"

namespace mintmark::storage::sqlite {

class SqliteOpaqueTokens final : public oauth::OpaqueTokenRepository {
 public:
  explicit SqliteOpaqueTokens(Database& database) noexcept : database_(database) {}

  Result<void> insert_token(const oauth::OpaqueToken& token) override;
  Result<std::optional<oauth::OpaqueToken>> find_token(ByteView hash, Instant now) override;
  Result<void> erase_token(ByteView hash) override;

  /// Deletes at most `limit` tokens past their time. How many.
  Result<std::size_t> remove_expired(Instant now, std::size_t limit);

 private:
  Database& database_;
};

}  // namespace mintmark::storage::sqlite
