#include "sqlite/sqlite_clients.hpp"

#include "document.hpp"
#include "sqlite/versioned.hpp"

namespace mintmark::storage::sqlite {
namespace {

/// Columns id, version, disabled, document.
Result<oauth::Client> read_row(const Row& row) {
  Result<oauth::Client> client = read_object(row, oauth::read_client);
  if (!client) return client;
  client->id = ClientId(row.text(0));
  client->version = static_cast<std::uint64_t>(row.integer(1));
  client->disabled = row.boolean(2);
  return client;
}

Result<void> write_cors_origins(Connection& connection, const oauth::Client& client) {
  if (Result<void> done =
          connection.statement("DELETE FROM client_cors_origins WHERE client_id = ?1").bind(client.id.str()).run();
      !done)
    return done;
  for (const std::string& origin : client.cors_origins) {
    if (Result<void> done =
            connection.statement("INSERT OR IGNORE INTO client_cors_origins (client_id, origin) VALUES (?1, ?2)")
                .bind(client.id.str(), origin)
                .run();
        !done)
      return done;
  }
  return {};
}

}  // namespace

Result<std::optional<oauth::Client>> SqliteClients::find_client(const ClientId& id) {
  return database_.read([&](Connection& connection) {
    return connection.statement("SELECT id, version, disabled, document FROM clients WHERE id = ?1")
        .bind(id.str())
        .first(read_row);
  });
}

Result<std::vector<oauth::Client>> SqliteClients::list_clients(const ClientId& after, std::size_t limit) {
  return database_.read([&](Connection& connection) {
    return connection
        .statement("SELECT id, version, disabled, document FROM clients WHERE id > ?1 ORDER BY id LIMIT ?2")
        .bind(after.str(), limit)
        .all(read_row);
  });
}

Result<void> SqliteClients::insert_client(const oauth::Client& client) {
  const Result<std::string> document = write_document(render_client(client));
  if (!document) return document.error();
  return database_.write([&](Connection& connection) -> Result<void> {
    if (Result<void> done =
            connection.statement("INSERT INTO clients (id, version, disabled, document) VALUES (?1, 1, ?2, ?3)")
                .bind(client.id.str(), client.disabled, *document)
                .run();
        !done)
      return done;
    return write_cors_origins(connection, client);
  });
}

Result<void> SqliteClients::update_client(const oauth::Client& client) {
  const Result<std::string> document = write_document(render_client(client));
  if (!document) return document.error();
  return database_.write([&](Connection& connection) -> Result<void> {
    const Result<std::size_t> updated = connection
                                            .statement(
                                                "UPDATE clients SET version = version + 1, disabled = ?3, document = ?4"
                                                " WHERE id = ?1 AND version = ?2")
                                            .bind(client.id.str(), client.version, client.disabled, *document)
                                            .run_and_count();
    if (!updated) return updated.error();
    if (*updated == 0)
      return missed_update(connection.statement("SELECT 1 FROM clients WHERE id = ?1").bind(client.id.str()));
    return write_cors_origins(connection, client);
  });
}

Result<void> SqliteClients::erase_client(const ClientId& id) {
  return database_.write([&](Connection& connection) {
    return erase_one(connection.statement("DELETE FROM clients WHERE id = ?1").bind(id.str()));
  });
}

Result<bool> SqliteClients::has_cors_origin(std::string_view origin) {
  return database_.read([&](Connection& connection) -> Result<bool> {
    const Result<std::optional<bool>> found =
        connection
            .statement(
                "SELECT 1 FROM client_cors_origins JOIN clients ON clients.id = client_cors_origins.client_id"
                " WHERE client_cors_origins.origin = ?1 AND clients.disabled = 0 LIMIT 1")
            .bind(origin)
            .first([](const Row&) -> Result<bool> { return true; });
    if (!found) return found.error();
    return found->has_value();
  });
}

}  // namespace mintmark::storage::sqlite
