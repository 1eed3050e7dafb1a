#pragma once
// Password hashes as text: ours are Argon2id in PHC format; hashes of other systems verify too, so that users can be
// imported without a reset. The formats, each read strictly:
//
//   $argon2id$v=19$m=…,t=…,p=…$salt$hash      also argon2i, and v=16
//   $2b$12$…                                  bcrypt, also $2a$ and $2y$
//   $pbkdf2-sha256$29000$salt$hash            passlib's spelling, also -sha512
//   $pbkdf2-sha256$i=600000,l=32$salt$hash    PHC, also -sha512
//   pbkdf2_sha256$600000$salt$hash            Django's, also _sha512
//   $scrypt$ln=16,r=8,p=1$salt$hash           PHC
//
// Thread safety: pure functions. Each call takes the time and memory that the parameters say, milliseconds and MiB,
// in the calling thread alone.

#include <cstdint>
#include <string>
#include <string_view>

#include "mintmark/base/result.hpp"
#include "mintmark/base/secret.hpp"

namespace mintmark::crypto {

struct Argon2Parameters {
  std::uint32_t memory_kib = 19456;  ///< at least 8 per lane; at most 4 GiB
  std::uint32_t iterations = 2;      ///< at least 1
  std::uint32_t parallelism = 1;     ///< lanes, 1 to 255; one thread computes them all

  bool operator==(const Argon2Parameters&) const = default;
};

/// "$argon2id$v=19$m=…,t=…,p=…$salt$hash" with a fresh 16-byte salt and 32 bytes of hash.
/// Errors: invalid, for parameters out of range; unavailable, where the memory cannot be had.
Result<std::string> hash_password(const Secret& password, const Argon2Parameters& parameters);

/// Bounds on what an imported hash may cost, so that no row can be made a weapon.
struct HashLimits {
  std::uint64_t max_memory_kib = 256 * 1024;
  std::uint32_t max_argon2_iterations = 16;
  std::uint32_t max_parallelism = 16;  ///< Argon2's and scrypt's `p`
  std::uint32_t max_bcrypt_cost = 14;
  std::uint32_t max_pbkdf2_iterations = 2'000'000;
};

enum class PasswordMatch { match, mismatch };

/// Takes as long for a mismatch as for a match. A password that bcrypt cannot take in full (more than 72 bytes, or a
/// NUL) never matches a bcrypt hash: what comes after would be ignored, and any ending would do.
/// Errors: those of check_password_hash(); unavailable, without memory.
Result<PasswordMatch> verify_password(const Secret& password, std::string_view hash, const HashLimits& limits = {});

/// Whether `hash` is of a known format and within limits. Errors: invalid, unsupported, with the reason.
Result<void> check_password_hash(std::string_view hash, const HashLimits& limits = {});

/// True unless `hash` is what hash_password() makes with exactly these parameters.
bool needs_rehash(std::string_view hash, const Argon2Parameters& parameters);

/// Bytes of memory that one verification of `hash` takes, for the budget of the pool; 0 for what is no hash.
std::uint64_t memory_cost_bytes(std::string_view hash);

}  // namespace mintmark::crypto
