#include "document.hpp"
#include "sqlite/sqlite_clients.hpp"
#include "sqlite/versioned.hpp"

namespace mintmark::storage::sqlite {
namespace {

/// Columns id, version, disabled, document.
Result<oauth::Resource> read_row(const Row& row) {
  Result<oauth::Resource> resource = read_object(row, oauth::read_resource);
  if (!resource) return resource;
  resource->id = ResourceId(row.text(0));
  resource->version = static_cast<std::uint64_t>(row.integer(1));
  resource->disabled = row.boolean(2);
  return resource;
}

}  // namespace

Result<std::optional<oauth::Resource>> SqliteResources::find_resource(const ResourceId& id) {
  return database_.read([&](Connection& connection) {
    return connection.statement("SELECT id, version, disabled, document FROM resources WHERE id = ?1")
        .bind(id.str())
        .first(read_row);
  });
}

Result<std::vector<oauth::Resource>> SqliteResources::list_resources(const ResourceId& after, std::size_t limit) {
  return database_.read([&](Connection& connection) {
    return connection
        .statement("SELECT id, version, disabled, document FROM resources WHERE id > ?1 ORDER BY id LIMIT ?2")
        .bind(after.str(), limit)
        .all(read_row);
  });
}

Result<void> SqliteResources::insert_resource(const oauth::Resource& resource) {
  const Result<std::string> document = write_document(render_resource(resource));
  if (!document) return document.error();
  return database_.write([&](Connection& connection) {
    return connection.statement("INSERT INTO resources (id, version, disabled, document) VALUES (?1, 1, ?2, ?3)")
        .bind(resource.id.str(), resource.disabled, *document)
        .run();
  });
}

Result<void> SqliteResources::update_resource(const oauth::Resource& resource) {
  const Result<std::string> document = write_document(render_resource(resource));
  if (!document) return document.error();
  return database_.write([&](Connection& connection) -> Result<void> {
    const Result<std::size_t> updated =
        connection
            .statement(
                "UPDATE resources SET version = version + 1, disabled = ?3, document = ?4"
                " WHERE id = ?1 AND version = ?2")
            .bind(resource.id.str(), resource.version, resource.disabled, *document)
            .run_and_count();
    if (!updated) return updated.error();
    if (*updated == 0)
      return missed_update(connection.statement("SELECT 1 FROM resources WHERE id = ?1").bind(resource.id.str()));
    return {};
  });
}

Result<void> SqliteResources::erase_resource(const ResourceId& id) {
  return database_.write([&](Connection& connection) {
    return erase_one(connection.statement("DELETE FROM resources WHERE id = ?1").bind(id.str()));
  });
}

}  // namespace mintmark::storage::sqlite
