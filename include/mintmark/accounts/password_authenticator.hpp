#pragma once
// Whether a name and a password belong together. A name that nobody has costs what a wrong password costs, for hashes
// of the current parameters; an imported hash costs what it says until its user's next login.
// Thread safety: authenticate() from any thread; each call takes the time and memory of one password hash, two where
// the hash is replaced, so only the password pool calls it.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "mintmark/accounts/user_directory.hpp"
#include "mintmark/base/secret.hpp"
#include "mintmark/crypto/password_hash.hpp"

namespace mintmark::accounts {

/// What hashing takes at the moment.
struct HashingLoad {
  std::uint64_t memory_bytes = 0;
  std::uint64_t memory_budget_bytes = 0;
  std::uint64_t waiting = 0;  ///< hashes that wait for memory
};

/// The hashing, as a port, so that tests can count what is computed.
class PasswordHasher {
 public:
  virtual ~PasswordHasher() = default;
  virtual Result<std::string> hash(const Secret& password) = 0;
  virtual Result<crypto::PasswordMatch> verify(const Secret& password, std::string_view hash) = 0;
  [[nodiscard]] virtual bool needs_rehash(std::string_view hash) const = 0;
  [[nodiscard]] virtual HashingLoad load() const { return {}; }
};

/// Argon2id for new hashes; verifies all formats of crypto/password_hash.hpp. All calls together use at most
/// `memory_budget_bytes` at any moment, whatever an imported hash asks for: one that does not fit waits its turn.
/// Thread safety: all functions from any thread. Errors: those of crypto/password_hash.hpp; a hash that needs more than
/// the whole budget is invalid.
std::unique_ptr<PasswordHasher> make_password_hasher(const crypto::Argon2Parameters& parameters,
                                                     std::uint64_t memory_budget_bytes);

/// What a password may have: longer ones are refused before any work is done for them.
inline constexpr std::size_t kMaxPasswordBytes = 1024;

class PasswordAuthenticator {
 public:
  /// Computes one hash, the one that unknown names are checked against. Requires: the references outlive it.
  /// Errors: unavailable.
  static Result<std::unique_ptr<PasswordAuthenticator>> make(const UserDirectory& directory, UserRepository& repository,
                                                             PasswordHasher& hasher);

  /// None for an unknown name, a wrong password or one of impossible length, a user without one. A disabled user is
  /// returned: Policy refuses them. A stored hash that is not as new ones are is replaced; failing to store the new one
  /// does not fail the login. Errors: those of the repository; unavailable, without memory; corrupt, for a user whose
  /// hash is none.
  [[nodiscard]] Result<std::optional<User>> authenticate(std::string_view username, const Secret& password) const;

 private:
  PasswordAuthenticator(const UserDirectory& directory, UserRepository& repository, PasswordHasher& hasher,
                        std::string decoy_hash)
      : directory_(directory), repository_(repository), hasher_(hasher), decoy_hash_(std::move(decoy_hash)) {}

  [[nodiscard]] Result<std::optional<User>> find_user(std::string_view username) const;
  void renew_hash(const User& user, const Secret& password) const;

  const UserDirectory& directory_;
  UserRepository& repository_;
  PasswordHasher& hasher_;
  const std::string decoy_hash_;
};

/// How many hashes may be computed at once: as the budget holds, and no more than there are cores.
/// Errors: invalid, where the budget does not hold one.
Result<std::size_t> password_workers(std::uint64_t budget_bytes, const crypto::Argon2Parameters& parameters,
                                     unsigned cores);

}  // namespace mintmark::accounts
