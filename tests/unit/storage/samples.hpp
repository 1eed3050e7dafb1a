#pragma once
// Objects with every field set.

#include <string>

#include "mintmark/storage/storage.hpp"

namespace mintmark::storage {

inline Instant at(std::int64_t seconds) {
  return Instant{std::chrono::seconds(1'700'000'000 + seconds)};
}

inline Bytes hash_of(std::uint8_t byte) {
  return Bytes(32, byte);
}

inline keys::KeyRecord sample_key(std::string kid, Instant created_at = at(0)) {
  keys::KeyRecord record;
  record.kid = KeyId(std::move(kid));
  record.purpose = keys::KeyPurpose::resource_secret;
  record.alg = jose::Alg::HS512;
  record.resource = ResourceId("https://api.example");
  record.created_at = created_at;
  record.activates_at = created_at + std::chrono::milliseconds(1);
  record.retires_at = created_at + std::chrono::milliseconds(2);
  record.removes_at = created_at + std::chrono::milliseconds(3);
  record.revoked_at = created_at + std::chrono::milliseconds(4);
  record.exported_at = created_at + std::chrono::milliseconds(5);
  record.imported = true;
  record.sealed = {0, 1, 2, 0, 255};
  record.retention = std::chrono::milliseconds(6);
  return record;
}

inline accounts::User sample_user(std::string id, std::string username) {
  accounts::User user;
  user.id = UserId(std::move(id));
  user.username = std::move(username);
  user.password_hash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA";
  user.disabled = true;
  user.attributes = {{"role", "Admin"}, {"teams", {"a", "b"}}};
  user.created_at = at(1);
  user.sessions_valid_from = at(2);
  user.version = 1;
  return user;
}

inline oauth::Client sample_client(std::string id) {
  oauth::Client client;
  client.id = ClientId(std::move(id));
  client.client_name = "A \"client\"";
  client.auth_methods = {oauth::ClientAuthMethod::client_secret_basic};
  client.secrets = {{"s1", hash_of(1), at(0), at(100)}, {"s2", hash_of(2), at(1), std::nullopt}};
  client.grant_types = {oauth::GrantType::password, oauth::GrantType::refresh_token};
  client.scopes = {"read", "write"};
  client.resources = {ResourceId("https://api.example")};
  client.cors_origins = {"https://app.example", "https://other.example"};
  client.refresh.grace = std::chrono::seconds(5);
  client.attributes = {{"tier", 3}};
  client.version = 1;
  return client;
}

inline oauth::Resource sample_resource(std::string id) {
  oauth::Resource resource;
  resource.id = ResourceId(std::move(id));
  resource.alg = jose::Alg::RS256;
  resource.lifetime = std::chrono::minutes(5);
  resource.typ = oauth::TokenType::jwt;
  resource.scopes = {"read", "write"};
  resource.claims = *oauth::ClaimsTemplate::make({{"userId", "{user.id}"}});
  resource.version = 1;
  return resource;
}

inline oauth::RefreshFamily sample_family(std::string id, std::string user = "u1") {
  oauth::RefreshFamily family;
  family.id = FamilyId(std::move(id));
  family.client = ClientId("web");
  family.user = UserId(std::move(user));
  family.scopes = {"read", "write"};
  family.resources = {ResourceId("https://api.example"), ResourceId("https://b.example")};
  family.authenticated_at = at(0);
  family.user_valid_from = at(-1);
  family.client_valid_from = at(-2);
  family.created_at = at(1);
  family.absolute_expires_at = at(1000);
  family.idle_expires_at = at(100);
  family.generation = 7;
  family.token_hash = hash_of(7);
  family.rotated_at = at(2);
  family.earlier_rotations = {at(1), at(0)};
  family.x5t = "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2";
  family.jkt = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
  return family;
}

/// The next rotation of `family`.
inline oauth::RefreshRotation sample_rotation(const oauth::RefreshFamily& family, std::uint8_t next) {
  return {family.id, family.generation, family.token_hash, hash_of(next), at(50), at(200), {family.rotated_at}};
}

}  // namespace mintmark::storage
