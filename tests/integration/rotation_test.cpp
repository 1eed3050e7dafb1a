// Invariant 3: a verifier that caches as long as it may never meets an unknown key.

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <set>

#include "integration/mint_server.hpp"

namespace mintmark::testing {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

Duration max_age_of(const HttpAnswer& answer) {
  const std::string field = answer.field("cache-control");
  return seconds(std::stoi(field.substr(field.find("max-age=") + 8)));
}

/// Asks for the key set again only when it must.
class CachingVerifier {
 public:
  explicit CachingVerifier(MintServer& mint) : mint_(mint) {}

  Result<jose::VerifiedJwt> verify(const std::string& token) {
    if (mint_.clock.now() >= stale_at_) {
      const HttpAnswer answer = mint_.get("/.well-known/jwks.json");
      keys_ = keys_of(answer);
      stale_at_ = mint_.clock.now() + max_age_of(answer);
    }
    jose::JwtExpectation expectation;
    expectation.issuer = kIssuer;
    expectation.now = mint_.clock.now();
    return jose::verify_jwt(token, keys_, expectation);
  }

 private:
  MintServer& mint_;
  std::vector<jose::VerificationKey> keys_;
  Instant stale_at_{};
};

struct Outstanding {
  std::string token;
  Instant expires_at;
};

TEST(Rotation, Invariant3_AVerifierThatCachesAsLongAsItMayNeverMeetsAnUnknownKey) {
  MintServer mint([](Json& config) {
    config["keys"] = {{"rotate_every", "2d"}, {"publish_ahead", "6h"}, {"jwks_max_age", "1h"}};
    config["tokens"] = {{"max_lifetime", "12h"}};
    config["resources"][0]["lifetime"] = "12h";
  });
  CachingVerifier verifier(mint);
  std::deque<Outstanding> outstanding;
  std::set<std::string> signers;
  constexpr Duration kStep = minutes(17);
  for (Duration passed{}; passed < hours(24 * 14); passed += kStep) {
    const HttpAnswer answer = mint.client_credentials();
    ASSERT_EQ(answer.status, 200) << answer.raw;
    const std::string token = answer.json().at("access_token");
    signers.insert(jose::decode_unverified(token)->header.at("kid"));
    ASSERT_TRUE(verifier.verify(token)) << "just issued, " << passed / hours(1) << " h";
    outstanding.push_back({token, mint.clock.now() + hours(12)});

    mint.clock.advance(kStep);
    mint.tick();
    // What is in its last step of life is verified once more; earlier ones were young enough a moment ago.
    while (!outstanding.empty() && outstanding.front().expires_at <= mint.clock.now())
      outstanding.pop_front();
    if (!outstanding.empty()) {
      const auto verified = verifier.verify(outstanding.front().token);
      ASSERT_TRUE(verified) << verified.error().detail << " after " << passed / hours(1) << " h";
    }
  }
  EXPECT_GE(signers.size(), 6u) << "it did rotate";
  EXPECT_LE(mint.get("/.well-known/jwks.json").json().at("keys").size(), 3u) << "and old keys went";
}

TEST(Rotation, MaxAgeNeverOutlivesTheNextActivation) {
  MintServer mint([](Json& config) {
    config["keys"] = {{"rotate_every", "2d"}, {"publish_ahead", "6h"}, {"jwks_max_age", "5h"}};
  });
  const auto signer = [&] {
    return jose::decode_unverified(mint.client_credentials().json().at("access_token").get<std::string>())
        ->header.at("kid")
        .get<std::string>();
  };
  const std::string first = signer();
  Instant longest_cached{};
  while (signer() == first) {
    longest_cached = std::max(longest_cached, mint.clock.now() + max_age_of(mint.get("/.well-known/jwks.json")));
    mint.clock.advance(minutes(1));
    mint.tick();
  }
  EXPECT_LE(longest_cached, mint.clock.now()) << "no cached set lived on when the next key began to sign";
  EXPECT_GE(longest_cached, mint.clock.now() - minutes(2)) << "and they were cached for as long as they could";
}

}  // namespace
}  // namespace mintmark::testing
