#include "mintmark/ops/readiness.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <latch>
#include <sstream>
#include <thread>

#include "mintmark/base/base64.hpp"

namespace mintmark::ops {
namespace {

using namespace std::chrono_literals;

class ReadinessTest : public ::testing::Test {
 protected:
  ReadinessTest() {
    const keys::Sealer sealer = keys::Sealer::from_base64(Secret(encode_base64(Bytes(32, 1)))).value();
    const std::vector<keys::KeyRecord> records{record(keys::KeyPurpose::signing, jose::Alg::ES256, sealer),
                                               record(keys::KeyPurpose::refresh, jose::Alg::HS256, sealer)};
    ring_ = std::make_unique<keys::PublishedKeyRing>(
        keys::KeyRing::make(records, sealer, keys::KeyPeriods{}, now_).value());
    check_ = std::make_unique<ReadinessCheck>(
        [this] {
          ++asked_;
          if (while_checking_) while_checking_();
          return store_;
        },
        *ring_, log_);
  }

  keys::KeyRecord record(keys::KeyPurpose purpose, jose::Alg alg, const keys::Sealer& sealer) const {
    const jose::SigningKey key = jose::SigningKey::generate(alg).value();
    keys::KeyRecord made;
    made.kid = key.kid();
    made.purpose = purpose;
    made.alg = alg;
    made.created_at = now_ - 2h;  // so that it is active also when the clock is set back a little
    made.activates_at = now_ - 2h;
    sealer.seal(made, key);
    return made;
  }

  Instant now_ = from_unix_ms(1'800'000'000'000);
  std::ostringstream out_;
  Log log_{{}, out_};
  Result<void> store_;
  std::atomic<int> asked_ = 0;
  std::function<void()> while_checking_;
  std::unique_ptr<keys::PublishedKeyRing> ring_;
  std::unique_ptr<ReadinessCheck> check_;
};

TEST_F(ReadinessTest, ReadyWhereStoreAnswersAndKeysSign) {
  EXPECT_TRUE(check_->check_ready(now_));
  EXPECT_EQ(asked_, 1);
}

TEST_F(ReadinessTest, StoreThatFailsIsNotReadyAndLoggedOnce) {
  store_ = unavailable("disk full");
  EXPECT_FALSE(check_->check_ready(now_));
  EXPECT_FALSE(check_->check_ready(now_ + 1s));
  EXPECT_EQ(asked_, 2);
  const std::string written = out_.str();
  EXPECT_NE(written.find("disk full"), std::string::npos);
  EXPECT_EQ(written.find("disk full"), written.rfind("disk full"));
  store_ = {};
  EXPECT_TRUE(check_->check_ready(now_ + 2s));
}

TEST_F(ReadinessTest, AnOutcomeStandsForASecond) {
  EXPECT_TRUE(check_->check_ready(now_));
  EXPECT_TRUE(check_->check_ready(now_ + 999ms));
  EXPECT_EQ(asked_, 1);
  EXPECT_TRUE(check_->check_ready(now_ + 1s));
  EXPECT_EQ(asked_, 2);
}

TEST_F(ReadinessTest, AClockSetBackDoesNotKeepAnOutcome) {
  EXPECT_TRUE(check_->check_ready(now_ + 1h));
  EXPECT_TRUE(check_->check_ready(now_));
  EXPECT_EQ(asked_, 2);
}

TEST_F(ReadinessTest, NobodyWaitsForACheckThatIsUnderWay) {
  ASSERT_TRUE(check_->check_ready(now_));
  std::latch started(1);
  std::latch answered(1);
  while_checking_ = [&] {
    started.count_down();
    answered.wait();
  };
  store_ = unavailable("the store was held up for long");
  std::jthread slow([&] { EXPECT_FALSE(check_->check_ready(now_ + 2s)); });
  started.wait();
  EXPECT_TRUE(check_->check_ready(now_ + 3s)) << "the outcome before";
  answered.count_down();
  slow.join();
  EXPECT_EQ(asked_, 2);
  EXPECT_FALSE(check_->check_ready(now_ + 2s));
}

TEST_F(ReadinessTest, NotReadyWhileTheFirstCheckIsUnderWay) {
  while_checking_ = [&] { std::jthread([&] { EXPECT_FALSE(check_->check_ready(now_)); }).join(); };
  EXPECT_TRUE(check_->check_ready(now_));
  EXPECT_EQ(asked_, 1);
}

TEST_F(ReadinessTest, DrainingIsNotReady) {
  EXPECT_TRUE(check_->check_ready(now_));
  check_->begin_drain();
  EXPECT_FALSE(check_->check_ready(now_));
}

}  // namespace
}  // namespace mintmark::ops
