#include "mintmark/ops/metrics_page.hpp"

#include <filesystem>
#include <fstream>
#include <latch>
#include <regex>
#include <thread>

#include "metrics_fixture.hpp"

namespace mintmark::ops::testing {
namespace {

using namespace std::chrono_literals;

using MetricsPageTest = MetricsTest;

std::string seconds(Instant instant) {
  std::ostringstream text;
  text << to_numeric_date(instant);
  return text.str();
}

std::filesystem::path source_folder() {
  return std::filesystem::path(__FILE__).parent_path().parent_path().parent_path().parent_path();
}

TEST_F(MetricsPageTest, SaysWhetherATokenCouldBeIssued) {
  EXPECT_EQ(sample("mintmark_ready"), "1");
  readiness.outcome = unavailable("the store is gone");
  EXPECT_EQ(sample("mintmark_ready"), "0");
  EXPECT_EQ(sample(R"(mintmark_build_info{version="1.2.3"})"), "1");
}

TEST_F(MetricsPageTest, SaysHowThePoolsAreDoing) {
  std::latch begun(1);
  std::latch release(1);
  ASSERT_TRUE(password_pool.try_submit([&] {
    begun.count_down();
    release.wait();
  }));
  begun.wait();
  ASSERT_TRUE(password_pool.try_submit([] {}));
  EXPECT_EQ(sample(R"(mintmark_pool_busy_threads{pool="password"})"), "1");
  EXPECT_EQ(sample(R"(mintmark_pool_queued_jobs{pool="password"})"), "1");
  while (password_pool.try_submit([] {})) {
  }
  EXPECT_EQ(sample(R"(mintmark_pool_queued_jobs{pool="password"})"), "4");
  EXPECT_EQ(sample(R"(mintmark_pool_rejected_jobs_total{pool="password"})"), "1");
  release.count_down();
  EXPECT_EQ(sample(R"(mintmark_pool_queue_capacity{pool="password"})"), "4");
  EXPECT_EQ(sample(R"(mintmark_pool_threads{pool="storage"})"), "2");
  EXPECT_EQ(sample(R"(mintmark_pool_rejected_jobs_total{pool="storage"})"), "0");
  // The job must have left the latches before they go.
  while (password_pool.load().busy > 0 || password_pool.load().queued > 0)
    std::this_thread::yield();
}

TEST_F(MetricsPageTest, SaysHowConnectionsAndHashesAreDoing) {
  hashing = {.memory_bytes = 1024, .memory_budget_bytes = 4096, .waiting = 3};
  EXPECT_EQ(sample("mintmark_password_memory_bytes"), "1024");
  EXPECT_EQ(sample("mintmark_password_memory_budget_bytes"), "4096");
  EXPECT_EQ(sample("mintmark_password_waiting_hashes"), "3");
  EXPECT_EQ(sample("mintmark_http_connections"), "7");
  EXPECT_EQ(sample("mintmark_http_connections_limit"), "100");
  counters.password_hashed(30ms);
  EXPECT_EQ(sample(R"(mintmark_password_hash_duration_seconds_bucket{le="0.025"})"), "0");
  EXPECT_EQ(sample(R"(mintmark_password_hash_duration_seconds_bucket{le="0.05"})"), "1");
}

TEST_F(MetricsPageTest, RowsAreThoseOfTheLastCount) {
  EXPECT_EQ(sample(R"(mintmark_storage_rows{table="users"})"), "absent");
  metrics_.storage_measured({.tables = {{"users", 5}, {"refresh_families", 10'000'000}}, .bytes = 8192}, now);
  EXPECT_EQ(sample(R"(mintmark_storage_rows{table="users"})"), "5");
  EXPECT_EQ(sample(R"(mintmark_storage_rows{table="refresh_families"})"), "10000000");
  EXPECT_EQ(sample("mintmark_storage_bytes"), "8192");
  EXPECT_EQ(sample("mintmark_storage_measured_timestamp_seconds"), seconds(now));
}

TEST_F(MetricsPageTest, SaysWhenKeysChange) {
  plan.algs = {jose::Alg::ES256, jose::Alg::EdDSA};
  set_keys({key(jose::Alg::ES256, now - 24h), key(jose::Alg::ES256, now + 1h), key(jose::Alg::ES384, now - 48h),
            key(jose::Alg::HS256, now, keys::KeyPurpose::resource_secret)});
  EXPECT_EQ(sample(R"(mintmark_keys{purpose="signing",alg="ES256",state="active"})"), "1");
  EXPECT_EQ(sample(R"(mintmark_keys{purpose="signing",alg="ES256",state="published"})"), "1");
  EXPECT_EQ(sample(R"(mintmark_keys{purpose="signing",alg="ES256",state="retiring"})"), "0");
  EXPECT_EQ(sample(R"(mintmark_keys{purpose="resource_secret",alg="HS256",state="active"})"), "1");
  EXPECT_EQ(sample(R"(mintmark_key_available{alg="ES256"})"), "1");
  EXPECT_EQ(sample(R"(mintmark_key_available{alg="EdDSA"})"), "0") << "wanted, and not there";
  EXPECT_EQ(sample(R"(mintmark_key_available{alg="ES384"})"), "absent") << "there, and not wanted";
  EXPECT_EQ(sample(R"(mintmark_key_active_since_timestamp_seconds{alg="ES256"})"), seconds(now - 24h));
  EXPECT_EQ(sample(R"(mintmark_key_next_activation_timestamp_seconds{alg="ES256"})"), seconds(now + 1h));
  EXPECT_EQ(sample(R"(mintmark_key_next_activation_timestamp_seconds{alg="ES384"})"), "absent");
  const Instant due = now - 24h + plan.periods.rotate_every;
  EXPECT_EQ(sample(R"(mintmark_key_rotation_due_timestamp_seconds{alg="ES256"})"), seconds(due));
  EXPECT_EQ(sample(R"(mintmark_key_successor_due_timestamp_seconds{alg="ES256"})"),
            seconds(due - plan.periods.publish_ahead));
  EXPECT_EQ(sample(R"(mintmark_key_successor_due_timestamp_seconds{alg="ES384"})"), "absent");
}

TEST_F(MetricsPageTest, StatesFollowTheClock) {
  set_keys({key(jose::Alg::ES256, now + 1h)});
  EXPECT_EQ(sample(R"(mintmark_keys{purpose="signing",alg="ES256",state="published"})"), "1");
  clock.advance(1h);
  EXPECT_EQ(sample(R"(mintmark_keys{purpose="signing",alg="ES256",state="published"})"), "0");
  EXPECT_EQ(sample(R"(mintmark_keys{purpose="signing",alg="ES256",state="active"})"), "1");
  EXPECT_EQ(sample(R"(mintmark_key_next_activation_timestamp_seconds{alg="ES256"})"), "absent");
}

TEST_F(MetricsPageTest, SaysWhichKeySetsOfClientsAreMissing) {
  EXPECT_EQ(sample(R"(mintmark_verification_key_sets{state="missing"})"), "0");
  EXPECT_EQ(verification_keys.find(oauth::JwksUri{"https://app.example.com/jwks.json"}, now), nullptr);
  verification_keys.refresh(now);
  EXPECT_EQ(sample(R"(mintmark_verification_key_sets{state="missing"})"), "1");
  EXPECT_EQ(sample(R"(mintmark_verification_key_sets{state="fetched"})"), "0");
  EXPECT_EQ(sample("mintmark_verification_key_set_oldest_fetch_timestamp_seconds"), "absent");
  EXPECT_EQ(sample(R"(mintmark_verification_key_fetches_total{result="unavailable"})"), "1");
}

TEST_F(MetricsPageTest, SaysWhichFetchedKeysAreMissing) {
  auto resource = std::make_shared<oauth::Resource>();
  resource->id = ResourceId("https://api.example.com");
  resource->encryption = {jose::KeyManagement::ECDH_ES, jose::ContentEncryption::A256GCM,
                          oauth::JwksUri{"https://api.example.com/jwks.json"}};
  ASSERT_TRUE(recipients.follow({{resource->id, resource}}, now));
  recipients.refresh(now);
  EXPECT_EQ(sample(R"(mintmark_recipient_keys{state="missing"})"), "1");
  EXPECT_EQ(sample(R"(mintmark_recipient_keys{state="fetched"})"), "0");
  EXPECT_EQ(sample("mintmark_recipient_key_oldest_fetch_timestamp_seconds"), "absent");
  EXPECT_EQ(sample(R"(mintmark_recipient_key_fetches_total{result="unavailable"})"), "1");
}

TEST_F(MetricsPageTest, SaysWhatTheProcessTakes) {
  EXPECT_GT(std::stod(sample("process_resident_memory_bytes")), 1e6);
  EXPECT_GT(std::stod(sample("process_virtual_memory_bytes")), std::stod(sample("process_resident_memory_bytes")));
  EXPECT_GE(std::stod(sample("process_cpu_seconds_total")), 0);
  EXPECT_GT(std::stod(sample("process_max_fds")), std::stod(sample("process_open_fds")));
  EXPECT_GE(std::stod(sample("process_open_fds")), 3);
  EXPECT_GT(std::stod(sample("process_start_time_seconds")), 1.6e9);
}

TEST_F(MetricsPageTest, OneMoreOpenFileIsOneMore) {
  const double before = std::stod(sample("process_open_fds"));
  const std::ifstream file("/proc/self/stat");
  EXPECT_EQ(std::stod(sample("process_open_fds")), before + 1);
}

/// The first column of the table's rows, with the second, its type.
std::map<std::string, std::string> documented_families() {
  std::map<std::string, std::string> found;
  std::ifstream document(source_folder() / "docs" / "metrics.md");
  const std::regex row(R"(^\| `([a-z_]+)` \| (counter|gauge|histogram) \|.*)");
  std::smatch match;
  for (std::string line; std::getline(document, line);) {
    if (std::regex_match(line, match, row)) found.emplace(match[1], match[2]);
  }
  return found;
}

/// The families that the queries in a file name.
std::set<std::string> named_families(const std::filesystem::path& file) {
  std::ifstream in(source_folder() / file);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  const std::regex name(R"(\b(mintmark|process)_[a-z_]+)");
  std::set<std::string> found;
  for (std::sregex_iterator match(text.begin(), text.end(), name); match != std::sregex_iterator(); ++match) {
    found.insert(std::regex_replace(match->str(), std::regex("_(bucket|sum|count)$"), ""));
  }
  return found;
}

TEST_F(MetricsPageTest, RulesAndDashboardNameWhatIsThere) {
  const std::map<std::string, std::string> there = families();
  for (const char* file : {"docker/prometheus/alerts.yml", "docker/grafana/dashboards/mintmark.json"}) {
    const std::set<std::string> named = named_families(file);
    EXPECT_GT(named.size(), 10U) << file;
    for (const std::string& family : named) {
      EXPECT_TRUE(there.contains(family)) << file << " names " << family;
    }
  }
  std::set<std::string> all;
  for (const auto& [family, type] : there)
    all.insert(family);
  EXPECT_EQ(named_families("docker/grafana/dashboards/mintmark.json"), all) << "the dashboard shows everything";
}

TEST_F(MetricsPageTest, TheDocumentListsEveryMetricAndNoOther) {
  EXPECT_EQ(families(), documented_families());
}

}  // namespace
}  // namespace mintmark::ops::testing
