#include "sqlite/sqlite_refresh_families.hpp"

#include <limits>

#include "document.hpp"

namespace mintmark::storage::sqlite {
namespace {

Result<std::string> write_resources(const std::vector<ResourceId>& resources) {
  std::vector<std::string> list;
  for (const ResourceId& resource : resources)
    list.push_back(resource.str());
  return write_list(list);
}

Result<std::string> write_times(const std::vector<Instant>& times) {
  Json list = Json::array();
  for (const Instant time : times)
    list.push_back(to_unix_ms(time));
  return write_document(list);
}

Result<std::vector<Instant>> read_times(std::string_view text) {
  const Result<Json> list = read_document(text);
  if (!list) return list.error();
  if (!list->is_array()) return corrupt("not an array");
  std::vector<Instant> times;
  for (const Json& element : *list) {
    if (!element.is_number_integer()) return corrupt("not an array of times");
    times.push_back(from_unix_ms(element.get<std::int64_t>()));
  }
  return times;
}

Result<oauth::RefreshFamily> read_family(const Row& row) {
  oauth::RefreshFamily family;
  family.id = FamilyId(row.text(0));
  family.client = ClientId(row.text(1));
  family.user = UserId(row.text(2));
  Result<std::vector<std::string>> scopes = read_list(row.text(3));
  if (!scopes) return row.corrupt("scopes of a refresh family: " + scopes.error().detail);
  family.scopes = std::move(*scopes);
  const Result<std::vector<std::string>> resources = read_list(row.text(4));
  if (!resources) return row.corrupt("resources of a refresh family: " + resources.error().detail);
  for (const std::string& resource : *resources)
    family.resources.emplace_back(resource);
  family.authenticated_at = row.instant(5);
  family.created_at = row.instant(6);
  family.absolute_expires_at = row.instant(7);
  family.idle_expires_at = row.instant(8);
  const std::int64_t generation = row.integer(9);
  if (generation < 0 || generation > std::numeric_limits<std::uint32_t>::max())
    return row.corrupt("generation of a refresh family: out of range");
  family.generation = static_cast<std::uint32_t>(generation);
  family.token_hash = row.blob(10);
  family.rotated_at = row.instant(11);
  family.revoked_at = row.optional_instant(12);
  family.user_valid_from = row.instant(13);
  family.client_valid_from = row.instant(14);
  Result<std::vector<Instant>> earlier_rotations = read_times(row.text(15));
  if (!earlier_rotations) return row.corrupt("rotations of a refresh family: " + earlier_rotations.error().detail);
  family.earlier_rotations = std::move(*earlier_rotations);
  if (std::string jkt = row.text(16); !jkt.empty()) family.jkt = std::move(jkt);
  if (std::string x5t = row.text(17); !x5t.empty()) family.x5t = std::move(x5t);
  return family;
}

}  // namespace

Result<void> SqliteRefreshFamilies::insert_family(const oauth::RefreshFamily& family) {
  const Result<std::string> scopes = write_list(family.scopes);
  if (!scopes) return scopes.error();
  const Result<std::string> resources = write_resources(family.resources);
  if (!resources) return resources.error();
  const Result<std::string> earlier_rotations = write_times(family.earlier_rotations);
  if (!earlier_rotations) return earlier_rotations.error();
  return database_.write([&](Connection& connection) {
    return connection
        .statement(
            "INSERT INTO refresh_families (id, client_id, user_id, scopes, resources, authenticated_at,"
            " created_at, absolute_expires_at, idle_expires_at, generation, token_hash, rotated_at, revoked_at,"
            " user_valid_from, client_valid_from, earlier_rotations, jkt, x5t)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)")
        .bind(family.id.str(), family.client.str(), family.user.str(), *scopes, *resources, family.authenticated_at,
              family.created_at, family.absolute_expires_at, family.idle_expires_at, family.generation,
              family.token_hash, family.rotated_at, family.revoked_at, family.user_valid_from, family.client_valid_from,
              *earlier_rotations, family.jkt.value_or(""), family.x5t.value_or(""))
        .run();
  });
}

Result<std::optional<oauth::RefreshFamily>> SqliteRefreshFamilies::find_family(const FamilyId& id) {
  return database_.read([&](Connection& connection) {
    // A login of version 1 read what was valid at its time.
    return connection
        .statement(
            "SELECT id, client_id, user_id, scopes, resources, authenticated_at, created_at,"
            " absolute_expires_at, idle_expires_at, generation, token_hash, rotated_at, revoked_at,"
            " coalesce(user_valid_from, authenticated_at), coalesce(client_valid_from, authenticated_at),"
            " earlier_rotations, jkt, x5t FROM refresh_families WHERE id = ?1")
        .bind(id.str())
        .first(read_family);
  });
}

Result<bool> SqliteRefreshFamilies::rotate_family(const oauth::RefreshRotation& rotation) {
  const Result<std::string> earlier_rotations = write_times(rotation.earlier_rotations);
  if (!earlier_rotations) return earlier_rotations.error();
  return database_.write([&](Connection& connection) -> Result<bool> {
    const Result<std::size_t> rotated =
        connection
            .statement(
                "UPDATE refresh_families SET generation = generation + 1, token_hash = ?4, rotated_at = ?5,"
                " idle_expires_at = ?6, earlier_rotations = ?7"
                " WHERE id = ?1 AND generation = ?2 AND token_hash = ?3 AND revoked_at IS NULL")
            .bind(rotation.family.str(), rotation.expected_generation, rotation.expected_hash, rotation.next_hash,
                  rotation.now, rotation.idle_expires_at, *earlier_rotations)
            .run_and_count();
    if (!rotated) return rotated.error();
    return *rotated == 1;
  });
}

Result<void> SqliteRefreshFamilies::revoke_family(const FamilyId& id, Instant now) {
  return database_.write([&](Connection& connection) {
    return connection.statement("UPDATE refresh_families SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL")
        .bind(id.str(), now)
        .run();
  });
}

Result<std::size_t> SqliteRefreshFamilies::revoke_families_of(const UserId& user, Instant now) {
  return database_.write([&](Connection& connection) {
    return connection.statement("UPDATE refresh_families SET revoked_at = ?2 WHERE user_id = ?1 AND revoked_at IS NULL")
        .bind(user.str(), now)
        .run_and_count();
  });
}

Result<std::size_t> SqliteRefreshFamilies::remove_expired(Instant now, std::size_t limit) {
  return database_.write([&](Connection& connection) {
    return connection
        .statement(
            "DELETE FROM refresh_families WHERE id IN"
            " (SELECT id FROM refresh_families WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)")
        .bind(now, limit)
        .run_and_count();
  });
}

}  // namespace mintmark::storage::sqlite
