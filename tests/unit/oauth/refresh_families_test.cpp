// Invariant 4: refresh is idempotent inside the grace, and an alarm after it.

#include "mintmark/oauth/refresh_families.hpp"

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "mint.hpp"
#include "mintmark/base/base64.hpp"

namespace mintmark::oauth {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::code_of;
using testing::Mint;

class Refresh : public ::testing::Test {
 protected:
  void SetUp() override {
    TokenOutcome outcome = mint.login();
    ASSERT_TRUE(outcome.result);
    first = *outcome.result->refresh_token;
  }
  /// Refreshes, expecting success.
  Secret next(const Secret& token) {
    const TokenOutcome outcome = mint.refresh(token);
    EXPECT_TRUE(outcome.result) << outcome.result.error().description.str();
    return outcome.result ? *outcome.result->refresh_token : Secret();
  }
  std::optional<OAuthCode> refused(const Secret& token, std::string_view more = "") {
    return code_of(mint.refresh(token, more));
  }
  [[nodiscard]] RefreshFamily family_of(const Secret& token) const {
    return mint.store->refresh_families().find_family(RefreshToken::parse(token)->family()).value().value();
  }

  Mint mint;
  Secret first;
};

TEST_F(Refresh, Rfc6749Section6_Rotates) {
  const Secret second = next(first);
  EXPECT_NE(first.reveal_text(), second.reveal_text());
  mint.now += hours(1);
  const Secret third = next(second);
  EXPECT_NE(second.reveal_text(), third.reveal_text());
}

TEST_F(Refresh, Has256BitsAndAPrefixForSecretScanners) {
  EXPECT_TRUE(first.reveal_text().starts_with("mmr_"));
  EXPECT_EQ(first.size(), 4u + 112u);
}

TEST_F(Refresh, TheStoreHoldsOnlyAHash) {
  const RefreshToken token = *RefreshToken::parse(first);
  const RefreshFamily family = family_of(first);
  EXPECT_EQ(family.token_hash, token.hash(*mint.keys->ring().load()));
  EXPECT_EQ(family.token_hash.size(), 32u);
}

TEST_F(Refresh, ReplayInsideTheGraceGetsTheSameSuccessor) {
  const Secret second = next(first);
  mint.now += seconds(10) - Duration(1);
  EXPECT_EQ(next(first).reveal_text(), second.reveal_text());
  EXPECT_TRUE(mint.events.reused.empty());
  next(second);
}

TEST_F(Refresh, Attack17_ReuseAfterTheGraceRevokesTheFamily) {
  const Secret second = next(first);
  mint.now += seconds(10);
  EXPECT_EQ(refused(first), OAuthCode::invalid_grant);
  EXPECT_EQ(mint.events.reused.size(), 1u);
  EXPECT_EQ(refused(second), OAuthCode::invalid_grant) << "the whole family is gone";
}

// Two tabs, of which one is quick: every token has a grace of its own, however the family has gone on meanwhile.
TEST_F(Refresh, Invariant4_AnAncestorInsideItsOwnGraceGetsItsOwnSuccessor) {
  const Secret second = next(first);
  mint.now += seconds(3);
  const Secret third = next(second);
  mint.now += seconds(2);
  EXPECT_EQ(next(first).reveal_text(), second.reveal_text());
  EXPECT_EQ(next(second).reveal_text(), third.reveal_text());
  const Secret fourth = next(third);
  mint.now += seconds(5) - Duration(1);
  EXPECT_EQ(next(first).reveal_text(), second.reveal_text());
  EXPECT_TRUE(mint.events.reused.empty());
  mint.now += Duration(1);
  EXPECT_EQ(refused(first), OAuthCode::invalid_grant) << "its grace is over, although that of the next is not";
  EXPECT_EQ(mint.events.reused.size(), 1u);
  EXPECT_EQ(refused(fourth), OAuthCode::invalid_grant);
}

TEST_F(Refresh, Invariant9_AFamilyRemembersOnlyTheRotationsThatMatter) {
  Secret token = first;
  for (int i = 0; i < 20; ++i)
    token = next(token);
  EXPECT_EQ(family_of(first).earlier_rotations.size(), 16u);
  mint.now += seconds(11);
  next(token);
  EXPECT_TRUE(family_of(first).earlier_rotations.empty()) << "each grace is over";
}

TEST_F(Refresh, Attack17_ReuseOfAnyAncestorRevokes) {
  Secret token = first;
  for (int i = 0; i < 300; ++i)
    token = next(token);
  mint.now += seconds(10);
  EXPECT_EQ(refused(first), OAuthCode::invalid_grant);
  EXPECT_EQ(mint.events.reused.size(), 1u) << "however long ago";
  EXPECT_EQ(refused(token), OAuthCode::invalid_grant);
}

// Whoever has found an old token can neither make a newer one of it nor end the family by trying.
TEST_F(Refresh, Attack17_AnotherGenerationOfAKnownTokenIsAGuess) {
  const Secret second = next(first);
  for (const std::size_t place : {19u, 20u, 52u}) {  // the generation, which becomes the current one; seed; MAC
    Bytes bytes = decode_base64url(first.reveal_text().substr(4)).value();
    bytes[place] ^= 1;
    EXPECT_EQ(refused(Secret(std::string_view("mmr_" + encode_base64url(bytes)))), OAuthCode::invalid_grant) << place;
  }
  EXPECT_TRUE(mint.events.reused.empty());
  next(second);
}

TEST_F(Refresh, OnlyThatFamilyIsRevoked) {
  const Secret other = *mint.login().result->refresh_token;
  next(first);
  mint.now += hours(1);
  EXPECT_EQ(refused(first), OAuthCode::invalid_grant);
  next(other);
}

TEST_F(Refresh, WithoutGraceASecondUseIsReuse) {
  mint.change_client("app", [](Client& it) { it.refresh.grace = Duration::zero(); });
  const Secret second = next(first);
  EXPECT_EQ(refused(first), OAuthCode::invalid_grant) << "in the same instant";
  EXPECT_EQ(refused(second), OAuthCode::invalid_grant);
}

TEST_F(Refresh, AGuessDoesNotRevoke) {
  const Secret second = next(first);
  mint.now += hours(1);
  std::string guess(first.reveal_text());
  guess.back() = guess.back() == 'A' ? 'B' : 'A';  // a family id that is real, bits that are not
  EXPECT_EQ(refused(Secret(std::string_view(guess))), OAuthCode::invalid_grant);
  EXPECT_TRUE(mint.events.reused.empty());
  next(second);
}

TEST_F(Refresh, Attack13_ABadRequestNeverBurnsTheToken) {
  EXPECT_EQ(refused(first, "&scope=admin"), OAuthCode::invalid_scope);
  EXPECT_EQ(refused(first, "&resource=https://foreign.example.com"), OAuthCode::invalid_target);
  EXPECT_EQ(code_of(mint.post("grant_type=refresh_token&client_id=service&client_secret=service-secret&refresh_token=" +
                              std::string(first.reveal_text()))),
            OAuthCode::unauthorized_client);
  EXPECT_EQ(family_of(first).generation, 0u);
  next(first);
}

TEST_F(Refresh, Attack14_AnotherClientCannotUseItNorRevokeIt) {
  Client other = mint.store->clients().find_client(ClientId("app")).value().value();
  other.id = ClientId("other-app");
  ASSERT_TRUE(mint.store->clients().insert_client(other));
  const Secret second = next(first);
  mint.now += hours(1);
  for (const Secret& token : {first, second}) {
    EXPECT_EQ(code_of(mint.post("grant_type=refresh_token&client_id=other-app&refresh_token=" +
                                std::string(token.reveal_text()))),
              OAuthCode::invalid_grant);
  }
  next(second);
}

TEST_F(Refresh, IdleAndAbsoluteLifetimesEnd) {
  Secret token = first;
  for (int day = 0; day < 89; day += 13) {
    token = next(token);
    mint.now += hours(24 * 13);
  }
  EXPECT_EQ(refused(token), OAuthCode::invalid_grant) << "past 90 days, however active";

  const Secret idle = *mint.login().result->refresh_token;
  mint.now += hours(24 * 14);
  EXPECT_EQ(refused(idle), OAuthCode::invalid_grant);
}

TEST_F(Refresh, NeverWidens) {
  const TokenOutcome narrow =
      mint.post("grant_type=password&client_id=app&username=alice&password=wonderland&scope=read");
  ASSERT_TRUE(narrow.result);
  const Secret token = *narrow.result->refresh_token;
  EXPECT_EQ(refused(token, "&scope=read+write"), OAuthCode::invalid_scope);
  const TokenOutcome refreshed = mint.refresh(token);
  ASSERT_TRUE(refreshed.result);
  EXPECT_EQ(refreshed.result->scope, "read");
}

TEST_F(Refresh, NarrowingOnceDoesNotNarrowTheFamily) {
  TokenOutcome narrow = mint.refresh(first, "&scope=read");
  ASSERT_TRUE(narrow.result);
  EXPECT_EQ(narrow.result->scope, "read");
  const TokenOutcome whole = mint.refresh(*narrow.result->refresh_token);
  ASSERT_TRUE(whole.result);
  EXPECT_EQ(whole.result->scope, "read write");
}

TEST_F(Refresh, KeepsTheTimeOfAuthentication) {
  mint.now += hours(5);
  const TokenOutcome outcome = mint.refresh(first);
  ASSERT_TRUE(outcome.result);
  EXPECT_EQ(mint.verified(outcome.result->access_token).claims().at("auth_time"), 1'800'000'000);
}

TEST_F(Refresh, ARevokedFamilyIsDeadEvenInsideTheGrace) {
  next(first);
  ASSERT_TRUE(mint.store->refresh_families().revoke_families_of(UserId("user-1"), mint.now));
  EXPECT_EQ(refused(first), OAuthCode::invalid_grant);
  EXPECT_TRUE(mint.events.reused.empty());
}

TEST_F(Refresh, RevokingTheRefreshKeyEndsEveryFamily) {
  const auto records = mint.keys->list().value();
  const auto is_refresh = [](const keys::KeyRecord& record) { return record.purpose == keys::KeyPurpose::refresh; };
  const auto key = std::ranges::find_if(records, is_refresh);
  ASSERT_NE(key, records.end());
  ASSERT_TRUE(mint.keys->revoke(key->kid, mint.now));
  EXPECT_EQ(refused(first), OAuthCode::invalid_grant);
  next(*mint.login().result->refresh_token);
}

TEST_F(Refresh, ASessionBegunBeforeThePasswordChangedDoesNotGoOn) {
  mint.change_user([&](accounts::User& it) { it.sessions_valid_from = mint.now; });
  EXPECT_EQ(refused(first), OAuthCode::invalid_grant);
  mint.now += seconds(1);
  next(*mint.login().result->refresh_token);
}

TEST_F(Refresh, ASessionOfAnEarlierClientOfTheSameIdDoesNotGoOn) {
  mint.change_client("app", [&](Client& it) { it.sessions_valid_from = mint.now; });
  EXPECT_EQ(refused(first), OAuthCode::invalid_grant);
}

// The login read the old password before the change and stores its family after it, so what the change revokes by hand
// does not include it, and its time is later.
TEST_F(Refresh, ALoginUnderWayWhileThePasswordChangesLeavesNoSession) {
  mint.hasher.while_verifying = [&] {
    mint.change_user([&](accounts::User& it) { it.sessions_valid_from = mint.now - seconds(1); });
  };
  const TokenOutcome outcome = mint.login();
  mint.hasher.while_verifying = {};
  ASSERT_TRUE(outcome.result);
  EXPECT_EQ(refused(*outcome.result->refresh_token), OAuthCode::invalid_grant);
  next(*mint.login().result->refresh_token);
}

TEST_F(Refresh, ALoginUnderWayWhileTheClientIsReplacedLeavesNoSession) {
  mint.hasher.while_verifying = [&] {
    mint.change_client("app", [&](Client& it) { it.sessions_valid_from = mint.now - seconds(1); });
  };
  const TokenOutcome outcome = mint.login();
  mint.hasher.while_verifying = {};
  ASSERT_TRUE(outcome.result);
  EXPECT_EQ(refused(*outcome.result->refresh_token), OAuthCode::invalid_grant);
  next(*mint.login().result->refresh_token);
}

// Attack 17, refresh against revoke: whoever wins, nothing that comes after the revocation is good.
TEST_F(Refresh, Attack17_ConcurrentRefreshAndRevokeLeaveNothingAlive) {
  const FamilyId family = RefreshToken::parse(first)->family();
  std::vector<Secret> alive;
  {
    const std::jthread revoke([&] { EXPECT_TRUE(mint.store->refresh_families().revoke_family(family, mint.now)); });
    Secret token = first;
    for (TokenOutcome outcome = mint.refresh(token); outcome.result; outcome = mint.refresh(token)) {
      token = *outcome.result->refresh_token;
      alive.push_back(token);
    }
  }
  alive.push_back(first);
  for (const Secret& token : alive)
    EXPECT_EQ(refused(token), OAuthCode::invalid_grant);
}

TEST_F(Refresh, ManyAtTheSameInstantGetTheSameSuccessor) {
  constexpr int kThreads = 16;
  std::vector<std::string> answers(kThreads);
  std::atomic<int> ready{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        ready.fetch_add(1);
        while (ready.load() < kThreads)
          std::this_thread::yield();
        const TokenOutcome outcome = mint.refresh(first);
        if (outcome.result) answers[static_cast<std::size_t>(i)] = outcome.result->refresh_token->reveal_text();
      });
    }
  }
  const std::set<std::string> distinct(answers.begin(), answers.end());
  EXPECT_EQ(distinct.size(), 1u);
  EXPECT_FALSE(distinct.contains(""));
}

TEST_F(Refresh, GarbageIsRefused) {
  for (const std::string& text :
       {std::string("x"), std::string("mmr_"), "mmr_" + std::string(112, 'A'), "mmr_" + std::string(111, 'A'),
        std::string(first.reveal_text()) + "A", "xxx_" + std::string(first.reveal_text().substr(4))}) {
    EXPECT_EQ(refused(Secret(std::string_view(text))), OAuthCode::invalid_grant) << text;
  }
}

}  // namespace
}  // namespace mintmark::oauth
