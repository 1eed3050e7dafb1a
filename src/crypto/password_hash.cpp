#include "mintmark/crypto/password_hash.hpp"

#include <array>

#include "password_hash/stored_hash.hpp"

namespace mintmark::crypto {
namespace {

constexpr std::size_t kMaxHashTextBytes = 512;

struct Format {
  std::string_view prefix;
  StoredHashResult (*parse)(std::string_view text);
};

constexpr std::array<Format, 10> kFormats{{{"$argon2id$", parse_argon2},
                                           {"$argon2i$", parse_argon2},
                                           {"$2a$", parse_bcrypt},
                                           {"$2b$", parse_bcrypt},
                                           {"$2y$", parse_bcrypt},
                                           {"$pbkdf2-sha256$", parse_pbkdf2},
                                           {"$pbkdf2-sha512$", parse_pbkdf2},
                                           {"pbkdf2_sha256$", parse_pbkdf2},
                                           {"pbkdf2_sha512$", parse_pbkdf2},
                                           {"$scrypt$", parse_scrypt}}};

StoredHashResult parse_password_hash(std::string_view text) {
  if (text.size() > kMaxHashTextBytes) return invalid("password hash: too long");
  for (const Format& format : kFormats) {
    if (text.starts_with(format.prefix)) return format.parse(text);
  }
  return unsupported("password hash: neither argon2id, argon2i, bcrypt, PBKDF2 with SHA-256 or SHA-512, nor scrypt");
}

}  // namespace

Result<PasswordMatch> verify_password(const Secret& password, std::string_view hash, const HashLimits& limits) {
  const StoredHashResult stored = parse_password_hash(hash);
  if (!stored) return stored.error();
  if (Result<void> checked = (*stored)->check_cost(limits); !checked) return checked.error();
  return (*stored)->verify(password);
}

Result<void> check_password_hash(std::string_view hash, const HashLimits& limits) {
  const StoredHashResult stored = parse_password_hash(hash);
  if (!stored) return stored.error();
  return (*stored)->check_cost(limits);
}

std::uint64_t memory_cost_bytes(std::string_view hash) {
  const StoredHashResult stored = parse_password_hash(hash);
  return stored ? (*stored)->memory_bytes() : 0;
}

}  // namespace mintmark::crypto
