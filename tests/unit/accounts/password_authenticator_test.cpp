#include "mintmark/accounts/password_authenticator.hpp"

#include <gmock/gmock.h>

#include "fake_user_repository.hpp"

namespace mintmark::accounts {
namespace {

using crypto::PasswordMatch;

/// "new:PASSWORD" is a current hash, "old:PASSWORD" one to replace, "costly:…" one that nobody verifies.
class CountingHasher final : public PasswordHasher {
 public:
  Result<std::string> hash(const Secret& password) override {
    ++hashes;
    if (out_of_memory) return unavailable("no memory");
    return "new:" + std::string(password.reveal_text());
  }

  Result<PasswordMatch> verify(const Secret& password, std::string_view hash) override {
    verified.emplace_back(hash);
    if (out_of_memory) return unavailable("no memory");
    if (hash.starts_with("costly:")) return invalid("too costly");
    return hash.substr(hash.find(':') + 1) == password.reveal_text() ? PasswordMatch::match : PasswordMatch::mismatch;
  }

  [[nodiscard]] bool needs_rehash(std::string_view hash) const override { return !hash.starts_with("new:"); }

  int hashes = 0;
  std::vector<std::string> verified;
  bool out_of_memory = false;
};

User make_user(const char* id, const char* username, const char* hash) {
  User user;
  user.id = UserId(id);
  user.username = username;
  user.password_hash = hash;
  return user;
}

class PasswordAuthenticatorTest : public testing::Test {
 protected:
  PasswordAuthenticatorTest() {
    for (const User& user : {make_user("u1", "alice", "new:right"), make_user("u2", "bob", "old:right"),
                             make_user("u3", "robot", ""), make_user("u4", "broken", "costly:right")}) {
      (void)repository_.insert_user(user);
    }
    hasher_.hashes = 0;
  }

  Result<std::optional<User>> authenticate(std::string_view username, std::string_view password) {
    return authenticator_->authenticate(username, Secret(password));
  }

  FakeUserRepository repository_;
  CountingHasher hasher_;
  UserDirectory directory_{{make_user("d1", "declared", "old:right")}, repository_};
  std::unique_ptr<PasswordAuthenticator> authenticator_ =
      *PasswordAuthenticator::make(directory_, repository_, hasher_);
};

TEST_F(PasswordAuthenticatorTest, TheRightPasswordGivesTheUser) {
  const auto user = authenticate("alice", "right");
  ASSERT_TRUE(user && *user);
  EXPECT_EQ((*user)->id, UserId("u1"));
  EXPECT_EQ(hasher_.verified.size(), 1U);
  EXPECT_EQ(hasher_.hashes, 0);
  EXPECT_EQ(repository_.replacements_tried, 0);
}

TEST_F(PasswordAuthenticatorTest, AWrongPasswordGivesNobody) {
  const auto user = authenticate("alice", "wrong");
  ASSERT_TRUE(user);
  EXPECT_FALSE(*user);
  EXPECT_EQ(hasher_.verified, std::vector<std::string>{"new:right"});
}

TEST_F(PasswordAuthenticatorTest, UnknownNamesCostOneVerificationOfACurrentHash) {
  for (const std::string_view name : {"nobody", "Alice", "alice ", "", "\xff", "robot"}) {
    hasher_.verified.clear();
    const auto user = authenticate(name, "right");
    ASSERT_TRUE(user) << name;
    EXPECT_FALSE(*user) << name;
    ASSERT_EQ(hasher_.verified.size(), 1U) << name;
    EXPECT_FALSE(hasher_.needs_rehash(hasher_.verified[0])) << name;
    EXPECT_EQ(hasher_.hashes, 0) << name;
  }
}

TEST_F(PasswordAuthenticatorTest, WhatIsNoUsernameIsNotLookedUp) {
  (void)authenticate(std::string(70'000, 'a'), "right");
  (void)authenticate("a\nb", "right");
  EXPECT_EQ(repository_.name_lookups, 0);
}

TEST_F(PasswordAuthenticatorTest, PasswordsOfImpossibleLengthAreRefusedBeforeAnyWork) {
  (void)repository_.insert_user(make_user("u5", "empty", "new:"));
  for (const std::string_view name : {"alice", "nobody", "empty"}) {
    for (const std::string& password : {std::string(), std::string(kMaxPasswordBytes + 1, 'a')}) {
      const auto user = authenticate(name, password);
      ASSERT_TRUE(user);
      EXPECT_FALSE(*user);
    }
  }
  EXPECT_TRUE(hasher_.verified.empty());
  EXPECT_EQ(repository_.name_lookups, 0);
}

TEST_F(PasswordAuthenticatorTest, TheLongestPasswordIsVerified) {
  const std::string longest(kMaxPasswordBytes, 'a');
  (void)repository_.insert_user(make_user("u5", "verbose", ("new:" + longest).c_str()));
  EXPECT_TRUE(authenticate("verbose", longest)->has_value());
}

TEST_F(PasswordAuthenticatorTest, ADisabledUserIsForPolicyToRefuse) {
  repository_.users.at(UserId("u1")).disabled = true;
  const auto user = authenticate("alice", "right");
  ASSERT_TRUE(user && *user);
  EXPECT_TRUE((*user)->disabled);
}

TEST_F(PasswordAuthenticatorTest, AnOldHashIsReplacedAtLogin) {
  ASSERT_TRUE(authenticate("bob", "right")->has_value());
  EXPECT_EQ(repository_.users.at(UserId("u2")).password_hash, "new:right");
  ASSERT_TRUE(authenticate("bob", "right")->has_value());
  EXPECT_EQ(hasher_.hashes, 1);
}

TEST_F(PasswordAuthenticatorTest, AWrongPasswordReplacesNothing) {
  EXPECT_FALSE(authenticate("bob", "wrong")->has_value());
  EXPECT_EQ(hasher_.hashes, 0);
  EXPECT_EQ(repository_.users.at(UserId("u2")).password_hash, "old:right");
}

TEST_F(PasswordAuthenticatorTest, ADeclaredUserIsNotWritten) {
  ASSERT_TRUE(authenticate("declared", "right")->has_value());
  EXPECT_EQ(hasher_.hashes, 0);
  EXPECT_EQ(repository_.replacements_tried, 0);
}

TEST_F(PasswordAuthenticatorTest, AFailedReplacementDoesNotFailTheLogin) {
  repository_.writes_fail = true;
  EXPECT_TRUE(authenticate("bob", "right")->has_value());
  EXPECT_EQ(repository_.replacements_tried, 1);
}

/// Changes the password of its user between the verification and the replacement.
class RacingHasher final : public PasswordHasher {
 public:
  explicit RacingHasher(FakeUserRepository& repository) : repository_(repository) {}
  Result<std::string> hash(const Secret&) override {
    if (!repository_.users.empty()) repository_.users.at(UserId("u2")).password_hash = "new:changed";
    return std::string("new:right");
  }
  Result<PasswordMatch> verify(const Secret&, std::string_view) override { return PasswordMatch::match; }
  [[nodiscard]] bool needs_rehash(std::string_view) const override { return true; }

 private:
  FakeUserRepository& repository_;
};

TEST(PasswordAuthenticatorRace, APasswordChangedMeanwhileStays) {
  FakeUserRepository repository;
  const UserDirectory directory({}, repository);
  RacingHasher hasher(repository);
  const auto authenticator = *PasswordAuthenticator::make(directory, repository, hasher);
  ASSERT_TRUE(repository.insert_user(make_user("u2", "bob", "old:right")));
  EXPECT_TRUE(authenticator->authenticate("bob", Secret(std::string_view("right")))->has_value());
  EXPECT_EQ(repository.users.at(UserId("u2")).password_hash, "new:changed");
}

TEST_F(PasswordAuthenticatorTest, AStoreThatFailsIsAnError) {
  repository_.down = true;
  const auto user = authenticate("alice", "right");
  ASSERT_FALSE(user);
  EXPECT_EQ(user.error().kind, ErrorKind::unavailable);
}

TEST_F(PasswordAuthenticatorTest, AHashThatNobodyCanVerifyIsCorruptAndNamesTheUser) {
  const auto user = authenticate("broken", "right");
  ASSERT_FALSE(user);
  EXPECT_EQ(user.error().kind, ErrorKind::corrupt);
  EXPECT_NE(user.error().detail.find("u4"), std::string::npos);
  EXPECT_EQ(user.error().detail.find("right"), std::string::npos);
}

TEST_F(PasswordAuthenticatorTest, WithoutMemoryEveryNameIsUnavailable) {
  hasher_.out_of_memory = true;
  for (const std::string_view name : {"alice", "nobody"}) {
    const auto user = authenticate(name, "right");
    ASSERT_FALSE(user) << name;
    EXPECT_EQ(user.error().kind, ErrorKind::unavailable) << name;
  }
}

TEST_F(PasswordAuthenticatorTest, WithoutADecoyThereIsNoAuthenticator) {
  hasher_.out_of_memory = true;
  const auto made = PasswordAuthenticator::make(directory_, repository_, hasher_);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, ErrorKind::unavailable);
}

}  // namespace
}  // namespace mintmark::accounts
