#include "mintmark/accounts/password_authenticator.hpp"

#include "mintmark/crypto/random.hpp"

namespace mintmark::accounts {
namespace {

bool has_possible_length(const Secret& password) noexcept {
  return !password.empty() && password.size() <= kMaxPasswordBytes;
}

/// A stored hash that is none, or costs too much, is damage for the operator to see.
Error verification_error(const Error& error, const UserId& id) {
  const bool damaged = error.kind == ErrorKind::invalid || error.kind == ErrorKind::unsupported;
  return {damaged ? ErrorKind::corrupt : error.kind, "user " + id.str() + ": " + error.detail};
}

}  // namespace

Result<std::unique_ptr<PasswordAuthenticator>> PasswordAuthenticator::make(const UserDirectory& directory,
                                                                           UserRepository& repository,
                                                                           PasswordHasher& hasher) {
  static constexpr std::size_t kDecoyBytes = 32;
  Result<std::string> decoy_hash = hasher.hash(crypto::random_secret(kDecoyBytes));
  if (!decoy_hash) return decoy_hash.error();
  return std::unique_ptr<PasswordAuthenticator>(
      new PasswordAuthenticator(directory, repository, hasher, *std::move(decoy_hash)));
}

Result<std::optional<User>> PasswordAuthenticator::find_user(std::string_view username) const {
  if (!is_username(username)) return std::optional<User>();
  return directory_.find_by_username(username);
}

Result<std::optional<User>> PasswordAuthenticator::authenticate(std::string_view username,
                                                                const Secret& password) const {
  // Before the name is looked up, so that the quick answer says nothing about it.
  if (!has_possible_length(password)) return std::optional<User>();

  Result<std::optional<User>> user = find_user(username);
  if (!user) return user.error();
  if (!*user || (*user)->password_hash.empty()) {
    if (Result<crypto::PasswordMatch> spent = hasher_.verify(password, decoy_hash_); !spent) return spent.error();
    return std::optional<User>();
  }

  const Result<crypto::PasswordMatch> match = hasher_.verify(password, (*user)->password_hash);
  if (!match) return verification_error(match.error(), (*user)->id);
  if (*match == crypto::PasswordMatch::mismatch) return std::optional<User>();
  renew_hash(**user, password);
  return user;
}

void PasswordAuthenticator::renew_hash(const User& user, const Secret& password) const {
  if (directory_.is_declared(user.id) || !hasher_.needs_rehash(user.password_hash)) return;
  const Result<std::string> next = hasher_.hash(password);
  if (!next) return;
  // Whoever changed the hash meanwhile knows better; and what fails now is tried again at the next login.
  (void)repository_.replace_password_hash(user.id, user.password_hash, *next);
}

}  // namespace mintmark::accounts
