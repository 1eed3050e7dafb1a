#include "mintmark/oauth/recipient_keys.hpp"

#include "fake_key_sets.hpp"

namespace mintmark::oauth {
namespace {

using namespace std::chrono_literals;
using testing::ApiKey;
using testing::FakeKeySets;
using testing::key_set_of;

constexpr const char* kUrl = "https://api.example.com/jwks.json";
constexpr const char* kOtherUrl = "https://other.example.com/jwks.json";
constexpr auto kAlg = jose::KeyManagement::ECDH_ES_A128KW;

TokenEncryption at(const std::string& url, jose::KeyManagement alg = kAlg) {
  return {alg, jose::ContentEncryption::A256GCM, JwksUri{url}};
}

class RecipientKeysTest : public ::testing::Test {
 protected:
  Result<void> follow(const std::vector<TokenEncryption>& encryptions) {
    Directory::ResourceMap resources;
    for (std::size_t i = 0; i < encryptions.size(); ++i) {
      auto resource = std::make_shared<Resource>();
      resource->id = ResourceId("urn:api:" + std::to_string(10'000 + i));
      resource->encryption = encryptions[i];
      resources.emplace(resource->id, std::move(resource));
    }
    return keys.follow(resources, now);
  }
  /// Lets time pass and does what the background does.
  void pass(Duration duration) {
    now += duration;
    keys.refresh(now);
  }
  std::string kid_in_use(const TokenEncryption& encryption = at(kUrl)) {
    const std::optional<jose::EncryptionKey> key = keys.find(encryption);
    return key ? key->kid().str() : "none";
  }
  void serve(const ApiKey& key, std::optional<Duration> max_age = 1h) {
    source.sets[kUrl] = {key_set_of({key.public_jwk()}), max_age};
  }

  FakeKeySets source;
  RecipientKeys keys{source, source};
  Instant now = from_unix_ms(1'800'000'000'000);
  const ApiKey first{"first"};
  const ApiKey second{"second"};
};

TEST_F(RecipientKeysTest, AKeyInTheDocumentIsThereAtOnce) {
  const TokenEncryption encryption{kAlg, jose::ContentEncryption::A256GCM,
                                   make_recipient_key(first.public_jwk(), kAlg).value()};
  EXPECT_EQ(kid_in_use(encryption), "first");
  ASSERT_TRUE(follow({encryption}));
  pass(1h);
  EXPECT_TRUE(source.asked.empty());
}

TEST_F(RecipientKeysTest, FindingNeverFetches) {
  serve(first);
  ASSERT_TRUE(follow({at(kUrl)}));
  EXPECT_EQ(kid_in_use(), "none");
  EXPECT_TRUE(source.asked.empty());
  pass(0s);
  EXPECT_EQ(kid_in_use(), "first");
  EXPECT_EQ(source.fetched_kids, std::vector<std::string>{"first"});
}

TEST_F(RecipientKeysTest, SaysHowTheFetchingGoes) {
  serve(first, 1h);
  ASSERT_TRUE(follow({at(kUrl), at(kOtherUrl)}));
  EXPECT_EQ(keys.summary().fetched, 0U);
  EXPECT_EQ(keys.summary().missing, 2U);
  EXPECT_EQ(keys.summary().oldest_fetch, std::nullopt);
  const Instant begin = now;
  pass(0s);
  EXPECT_EQ(keys.summary().fetched, 1U);
  EXPECT_EQ(keys.summary().missing, 1U);
  source.sets[kOtherUrl] = {key_set_of({second.public_jwk()}), 1h};
  pass(10s);
  EXPECT_EQ(keys.summary().missing, 0U);
  EXPECT_EQ(keys.summary().oldest_fetch, begin);
}

TEST_F(RecipientKeysTest, ARotatedKeyIsTakenOverBeforeTheSetExpires) {
  serve(first, 1h);
  ASSERT_TRUE(follow({at(kUrl)}));
  pass(0s);
  serve(second, 1h);
  pass(45min - 1ms);
  EXPECT_EQ(kid_in_use(), "first");
  EXPECT_EQ(source.asked.size(), 1U);
  pass(1ms);
  EXPECT_EQ(kid_in_use(), "second");
}

TEST_F(RecipientKeysTest, MaxAgeIsKeptWithinBounds) {
  const std::vector<std::pair<std::optional<Duration>, Duration>> cases{
      {std::nullopt, 45min}, {0s, 45s}, {10s, 45s}, {4min, 3min}, {24h, 18h}, {24h * 365, 18h}};
  for (const auto& [max_age, until_refresh] : cases) {
    FakeKeySets fresh;
    fresh.sets[kUrl] = {key_set_of({first.public_jwk()}), max_age};
    RecipientKeys followed(fresh, fresh);
    auto resource = std::make_shared<Resource>();
    resource->encryption = at(kUrl);
    ASSERT_TRUE(followed.follow({{ResourceId("urn:a"), resource}}, now));
    followed.refresh(now);
    followed.refresh(now + until_refresh - 1ms);
    EXPECT_EQ(fresh.asked.size(), 1U) << until_refresh.count();
    followed.refresh(now + until_refresh);
    EXPECT_EQ(fresh.asked.size(), 2U) << until_refresh.count();
  }
}

TEST_F(RecipientKeysTest, TheLastGoodKeyIsKeptAndItsAgeIsReported) {
  serve(first);
  ASSERT_TRUE(follow({at(kUrl)}));
  pass(0s);
  source.sets.clear();
  pass(45min);
  EXPECT_EQ(kid_in_use(), "first");
  ASSERT_EQ(source.failures.size(), 1U);
  EXPECT_EQ(source.failures[0].url, kUrl);
  EXPECT_EQ(source.failures[0].detail, "cannot be reached");
  EXPECT_EQ(source.failures[0].age, 45min);
  pass(48h);
  EXPECT_EQ(kid_in_use(), "first");
  EXPECT_EQ(source.failures.back().age, 48h + 45min);
}

TEST_F(RecipientKeysTest, ASetWithoutAUsableKeyChangesNothing) {
  serve(first);
  ASSERT_TRUE(follow({at(kUrl)}));
  pass(0s);
  Json for_signatures = second.public_jwk();
  for_signatures["use"] = "sig";
  for (const std::string& text : {std::string("not json"), std::string(R"({"keys":[]})"), std::string(R"({"keys":7})"),
                                  key_set_of({for_signatures}), std::string(R"({"error":"gone"})")}) {
    source.sets[kUrl] = {text, 1h};
    pass(1h);
    EXPECT_EQ(kid_in_use(), "first") << text;
  }
  EXPECT_EQ(source.failures.size(), 5U);
}

TEST_F(RecipientKeysTest, FailuresAreTriedAgainAfterGrowingPauses) {
  ASSERT_TRUE(follow({at(kUrl)}));
  pass(0s);
  EXPECT_EQ(source.failures.size(), 1U);
  EXPECT_EQ(source.failures[0].age, std::nullopt);
  for (const Duration pause : std::vector<Duration>{10s, 20s, 40s, 80s, 160s, 320s, 10min, 10min}) {
    const std::size_t before = source.asked.size();
    pass(pause - 1ms);
    EXPECT_EQ(source.asked.size(), before) << pause.count();
    pass(1ms);
    EXPECT_EQ(source.asked.size(), before + 1) << pause.count();
  }
  serve(first);
  pass(10min);
  EXPECT_EQ(kid_in_use(), "first");
  source.sets.clear();
  pass(45min);
  const std::size_t before = source.asked.size();
  pass(10s);
  EXPECT_EQ(source.asked.size(), before + 1) << "a success forgets the failures before it";
}

TEST_F(RecipientKeysTest, OneUrlThatFailsKeepsNoOtherFromItsKey) {
  source.sets[kOtherUrl] = {key_set_of({second.public_jwk()}), 1h};
  ASSERT_TRUE(follow({at(kUrl), at(kOtherUrl)}));
  pass(0s);
  EXPECT_EQ(kid_in_use(at(kUrl)), "none");
  EXPECT_EQ(kid_in_use(at(kOtherUrl)), "second");
}

TEST_F(RecipientKeysTest, TheFirstKeyThatCanBeUsedIsChosenForTheAlgorithm) {
  const ApiKey rsa("rsa", crypto::KeyType::rsa);
  Json for_signatures = first.public_jwk();
  for_signatures["use"] = "sig";
  source.sets[kUrl] = {key_set_of({Json{{"kty", "new"}}, rsa.public_jwk(), for_signatures, second.public_jwk()}), 1h};
  const TokenEncryption for_rsa = at(kUrl, jose::KeyManagement::RSA_OAEP_256);
  ASSERT_TRUE(follow({at(kUrl), for_rsa, at(kUrl)}));
  pass(0s);
  EXPECT_EQ(kid_in_use(at(kUrl)), "second");
  EXPECT_EQ(kid_in_use(for_rsa), "rsa");
  EXPECT_EQ(source.asked.size(), 2U) << "once for each algorithm, however many resources share it";
}

TEST_F(RecipientKeysTest, WhatIsNoLongerNeededIsForgotten) {
  serve(first);
  ASSERT_TRUE(follow({at(kUrl)}));
  pass(0s);
  ASSERT_TRUE(follow({}));
  EXPECT_EQ(kid_in_use(), "none");
  pass(24h);
  EXPECT_EQ(source.asked.size(), 1U);
}

TEST_F(RecipientKeysTest, FollowingTheSameAgainFetchesNothing) {
  serve(first);
  ASSERT_TRUE(follow({at(kUrl)}));
  pass(0s);
  ASSERT_TRUE(follow({at(kUrl), at(kOtherUrl)}));
  EXPECT_EQ(kid_in_use(), "first");
  pass(0s);
  EXPECT_EQ(source.asked, (std::vector<std::string>{kUrl, kOtherUrl}));
}

TEST_F(RecipientKeysTest, AKeyThatArrivesTooLateIsDropped) {
  serve(first);
  ASSERT_TRUE(follow({at(kUrl)}));
  source.meanwhile = [this] { EXPECT_TRUE(follow({})); };
  pass(0s);
  EXPECT_EQ(kid_in_use(), "none");
  EXPECT_TRUE(source.fetched_kids.empty());
}

TEST_F(RecipientKeysTest, AStopEndsTheRoundAndIsNoFailure) {
  ASSERT_TRUE(follow({at(kUrl), at(kOtherUrl)}));
  std::stop_source stop;
  source.meanwhile = [&] { stop.request_stop(); };
  keys.refresh(now, stop.get_token());
  EXPECT_EQ(source.asked.size(), 1U);
  EXPECT_TRUE(source.failures.empty());
}

TEST_F(RecipientKeysTest, Invariant9_TheNumberOfUrlsIsBounded) {
  std::vector<TokenEncryption> encryptions;
  for (std::size_t i = 0; i < RecipientKeys::kMaxRecipients; ++i)
    encryptions.push_back(at("https://api.example.com/" + std::to_string(i)));
  EXPECT_TRUE(follow(encryptions));
  encryptions.push_back(at("https://api.example.com/one-more"));
  EXPECT_FALSE(follow(encryptions));
  pass(0s);
  EXPECT_EQ(source.asked.size(), RecipientKeys::kMaxRecipients);
  EXPECT_EQ(std::ranges::count(source.asked, "https://api.example.com/one-more"), 0);
}

}  // namespace
}  // namespace mintmark::oauth
