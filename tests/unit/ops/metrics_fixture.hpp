#pragma once
// The page of metrics over parts that a test owns.

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "mintmark/base/base64.hpp"
#include "mintmark/ops/metrics_page.hpp"
#include "support/manual_clock.hpp"

namespace mintmark::ops::testing {

class NoKeySets final : public oauth::KeySetSource {
 public:
  Result<oauth::KeySet> fetch(const std::string&, const std::stop_token&) override { return unavailable("none"); }
};

class FakeReadiness final : public http::Readiness {
 public:
  Result<void> check_ready(Instant) override { return outcome; }
  Result<void> outcome;
};

class MetricsTest : public ::testing::Test {
 protected:
  MetricsTest() { set_keys({}); }

  [[nodiscard]] keys::KeyRecord key(jose::Alg alg, Instant activates_at,
                                    keys::KeyPurpose purpose = keys::KeyPurpose::signing) const {
    const jose::SigningKey made = jose::SigningKey::generate(alg).value();
    keys::KeyRecord record;
    record.kid = made.kid();
    record.purpose = purpose;
    record.alg = alg;
    if (purpose == keys::KeyPurpose::resource_secret) record.resource = ResourceId("https://hmac.example.com");
    record.created_at = activates_at;
    record.activates_at = activates_at;
    sealer_.seal(record, made);
    return record;
  }
  /// Beside a refresh key.
  void set_keys(std::vector<keys::KeyRecord> records) {
    records.push_back(key(jose::Alg::HS256, now, keys::KeyPurpose::refresh));
    auto ring = keys::KeyRing::make(records, sealer_, plan.periods, now).value();
    if (ring_ == nullptr) {
      ring_ = std::make_unique<keys::PublishedKeyRing>(std::move(ring));
    } else {
      ring_->store(std::move(ring));
    }
  }

  /// One sample of the page, as "name{labels}"; "absent" where it is not there.
  std::string sample(const std::string& name_and_labels) {
    std::istringstream page(metrics_.render_metrics());
    for (std::string line; std::getline(page, line);) {
      if (line.starts_with(name_and_labels + ' ')) return line.substr(name_and_labels.size() + 1);
    }
    return "absent";
  }
  /// The lines that are neither HELP nor TYPE, without their values.
  std::set<std::string> series() {
    std::set<std::string> found;
    std::istringstream page(metrics_.render_metrics());
    for (std::string line; std::getline(page, line);) {
      if (!line.starts_with('#')) found.insert(line.substr(0, line.rfind(' ')));
    }
    return found;
  }
  /// Name to type.
  std::map<std::string, std::string> families() {
    std::map<std::string, std::string> found;
    std::istringstream page(metrics_.render_metrics());
    for (std::string line; std::getline(page, line);) {
      std::istringstream words(line);
      std::string hash;
      std::string keyword;
      std::string name;
      std::string type;
      if (words >> hash >> keyword >> name >> type && hash == "#" && keyword == "TYPE") found.emplace(name, type);
    }
    return found;
  }

  mintmark::testing::ManualClock clock;
  const Instant now = clock.now();
  EventCounters counters;
  FakeReadiness readiness;
  http::WorkerPool storage_pool{2, 3};
  http::WorkerPool password_pool{1, 4};
  accounts::HashingLoad hashing;
  KeyPlan plan;

 private:
  const keys::Sealer sealer_ = keys::Sealer::from_base64(Secret(encode_base64(Bytes(32, 1)))).value();
  NoKeySets key_sets_;
  std::unique_ptr<keys::PublishedKeyRing> ring_ = std::make_unique<keys::PublishedKeyRing>(
      keys::KeyRing::make(std::vector{key(jose::Alg::HS256, now, keys::KeyPurpose::refresh)}, sealer_, plan.periods,
                          now)
          .value());

 protected:
  oauth::RecipientKeys recipients{key_sets_, counters};
  oauth::VerificationKeySets verification_keys{key_sets_, counters};
  MetricsPage metrics_{counters,
                       {.version = "1.2.3",
                        .clock = clock,
                        .readiness = readiness,
                        .key_ring = *ring_,
                        .recipients = recipients,
                        .verification_keys = verification_keys,
                        .storage_pool = storage_pool,
                        .password_pool = password_pool,
                        .server = [] { return http::ServerLoad{.connections = 7, .max_connections = 100}; },
                        .hashing = [this] { return hashing; },
                        .key_plan = [this] { return plan; }}};
};

}  // namespace mintmark::ops::testing
