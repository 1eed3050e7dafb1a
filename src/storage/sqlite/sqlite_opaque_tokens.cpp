#include "sqlite/sqlite_opaque_tokens.hpp"

namespace mintmark::storage::sqlite {
namespace {

Result<oauth::OpaqueToken> read_opaque_token(const Row& row) {
  oauth::OpaqueToken token{
      .hash = row.blob(0), .claims = row.text(1), .family = std::nullopt, .expires_at = row.instant(3)};
  if (std::string family = row.text(2); !family.empty()) token.family = FamilyId(std::move(family));
  return token;
}

}  // namespace

Result<void> SqliteOpaqueTokens::insert_token(const oauth::OpaqueToken& token) {
  return database_.write([&](Connection& connection) {
    return connection
        .statement("INSERT INTO opaque_tokens (hash, claims, family_id, expires_at) VALUES (?1, ?2, ?3, ?4)")
        .bind(token.hash, token.claims, token.family ? token.family->str() : std::string(), token.expires_at)
        .run();
  });
}

Result<std::optional<oauth::OpaqueToken>> SqliteOpaqueTokens::find_token(ByteView hash, Instant now) {
  return database_.read([&](Connection& connection) {
    return connection
        .statement("SELECT hash, claims, family_id, expires_at FROM opaque_tokens WHERE hash = ?1 AND expires_at > ?2")
        .bind(hash, now)
        .first(read_opaque_token);
  });
}

Result<void> SqliteOpaqueTokens::erase_token(ByteView hash) {
  return database_.write([&](Connection& connection) {
    return connection.statement("DELETE FROM opaque_tokens WHERE hash = ?1").bind(hash).run();
  });
}

Result<std::size_t> SqliteOpaqueTokens::remove_expired(Instant now, std::size_t limit) {
  return database_.write([&](Connection& connection) {
    return connection
        .statement(
            "DELETE FROM opaque_tokens WHERE hash IN"
            " (SELECT hash FROM opaque_tokens WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)")
        .bind(now, limit)
        .run_and_count();
  });
}

}  // namespace mintmark::storage::sqlite
