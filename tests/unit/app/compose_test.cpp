#include "mintmark/app/compose.hpp"

#include <atomic>
#include <latch>
#include <sstream>
#include <streambuf>
#include <thread>

#include "config_files.hpp"
#include "mintmark/app/open.hpp"
#include "mintmark/base/base64.hpp"
#include "support/http_client.hpp"
#include "support/manual_clock.hpp"

namespace mintmark::app {
namespace {

using mintmark::testing::HttpClient;

const std::string kSealingKey = encode_base64(Bytes(32, 7));

class ComposeTest : public ConfigFiles {
 protected:
  ComposeTest() {
    document_ = full_document();
    document_["server"] = {{"port", 0}, {"threads", 1}};
    document_["private"] = {{"port", 0}, {"max_connections", 1}};
    document_["issuer"] = "http://127.0.0.1:8080";
    document_["passwords"] = {{"memory_kib", 64}, {"iterations", 1}};
  }
  ~ComposeTest() override {
    if (app_ != nullptr) app_->stop_now();
    if (thread_.joinable()) thread_.join();
  }

  [[nodiscard]] Config config(const std::string& sealing_key = kSealingKey) const {
    Result<Config> loaded = load(document_, {{"MINTMARK_SEALING_KEY", sealing_key}});
    EXPECT_TRUE(loaded) << loaded.error().detail;
    return *std::move(loaded);
  }
  /// Over a store in memory, which storage_ then points to.
  void open_in_memory() {
    AppOptions options{.storage = storage::open_memory(), .log_output = &log_};
    storage_ = options.storage.get();
    Result<std::unique_ptr<App>> opened = App::open(config(), clock_, std::move(options));
    ASSERT_TRUE(opened) << opened.error().detail;
    app_ = *std::move(opened);
  }
  void run() {
    open_in_memory();
    ASSERT_NE(app_, nullptr);
    thread_ = std::thread([this] { app_->run(); });
  }
  [[nodiscard]] std::string refusal_to_open(const Config& config) {
    const Result<std::unique_ptr<App>> opened = App::open(config, clock_, {.storage = nullptr, .log_output = &log_});
    EXPECT_FALSE(opened);
    return opened ? "" : opened.error().detail;
  }

  Json document_;
  mintmark::testing::ManualClock clock_;
  std::ostringstream log_;
  storage::Storage* storage_ = nullptr;
  std::unique_ptr<App> app_;
  std::thread thread_;
};

TEST_F(ComposeTest, ServesReadinessKeysAndMetadata) {
  run();
  HttpClient client(app_->port());
  EXPECT_EQ(client.get("/healthz").status, 200);
  EXPECT_EQ(client.get("/readyz").status, 200);
  EXPECT_EQ(client.get("/.well-known/jwks.json").json()["keys"].size(), 1U);
  const auto metadata = client.get("/.well-known/oauth-authorization-server");
  const Result<std::unique_ptr<oauth::Directory>> directory = open_directory(config(), *storage_);
  ASSERT_TRUE(directory);
  EXPECT_EQ(metadata.body, make_metadata(config(), **directory));
}

TEST_F(ComposeTest, ATickTakesOverWhatAnotherProcessStored) {
  run();
  oauth::Resource resource;
  resource.id = ResourceId("https://new.example.com");
  resource.alg = jose::Alg::ES384;
  resource.scopes = {"fresh"};
  ASSERT_TRUE(storage_->resources().insert_resource(resource));
  app_->tick();
  HttpClient client(app_->port());
  EXPECT_NE(client.get("/.well-known/oauth-authorization-server").body.find("fresh"), std::string::npos);
  const Json keys = client.get("/.well-known/jwks.json").json()["keys"];
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_NE(keys.dump().find("ES384"), std::string::npos);
}

TEST_F(ComposeTest, ATickRotatesKeys) {
  open_in_memory();
  clock_.advance(std::chrono::hours(24 * 29) + std::chrono::minutes(1));
  app_->tick();
  const Result<keys::KeyTable> table = storage_->keys().load_keys();
  ASSERT_TRUE(table);
  const auto is_es256 = [](const keys::KeyRecord& record) {
    return record.purpose == keys::KeyPurpose::signing && record.alg == jose::Alg::ES256;
  };
  EXPECT_EQ(std::ranges::count_if(table->records, is_es256), 2);
}

TEST_F(ComposeTest, ADrainEndsTheRun) {
  run();
  HttpClient client(app_->port());
  EXPECT_EQ(client.get("/readyz").status, 200);
  app_->drain();
  thread_.join();
  EXPECT_NE(log_.str().find("info draining"), std::string::npos);
  EXPECT_NE(log_.str().find("info stopped"), std::string::npos);
}

/// A log that is written to but not read: from some line on, writing waits.
class StuckOutput final : public std::streambuf {
 public:
  /// The line of a request may come after its answer, and would wait behind the one that sticks.
  void wait_for_a_request() { requested_.wait(); }
  void wait_for_a_writer() { writing_.wait(); }
  void let_go() { released_.count_down(); }

 private:
  int_type overflow(int_type byte) override { return traits_type::not_eof(byte); }
  std::streamsize xsputn(const char* bytes, std::streamsize size) override {
    const std::string_view line(bytes, static_cast<std::size_t>(size));
    if (line.find("readiness") != std::string_view::npos && !was_requested_.exchange(true)) requested_.count_down();
    if (line.find("draining") != std::string_view::npos) wait();
    return size;
  }
  void wait() {
    if (!stuck_.exchange(false)) return;
    writing_.count_down();
    released_.wait();
  }

  std::atomic<bool> stuck_ = true;
  std::atomic<bool> was_requested_ = false;
  std::latch requested_{1};
  std::latch writing_{1};
  std::latch released_{1};
};

TEST_F(ComposeTest, ADrainDoesNotWaitForTheLog) {
  StuckOutput stuck;
  std::ostream log(&stuck);
  AppOptions options{.storage = storage::open_memory(), .log_output = &log};
  Result<std::unique_ptr<App>> opened = App::open(config(), clock_, std::move(options));
  ASSERT_TRUE(opened) << opened.error().detail;
  app_ = *std::move(opened);
  thread_ = std::thread([this] { app_->run(); });
  HttpClient idle(app_->port());
  EXPECT_EQ(idle.get("/readyz").status, 200);
  stuck.wait_for_a_request();
  std::thread drain([this] { app_->drain(); });
  stuck.wait_for_a_writer();
  EXPECT_NO_THROW(EXPECT_TRUE(idle.at_end()));
  stuck.let_go();
  drain.join();
  thread_.join();
  app_.reset();  // before its log
}

// What keeps the mint from starting, and that it leaves nothing behind.

TEST_F(ComposeTest, MissingSealingKeyIsNamedBeforeAnythingIsWritten) {
  Config without = config();
  without.sealing_key = {};
  EXPECT_NE(refusal_to_open(without).find("sealing_key_file"), std::string::npos);
  without.sealing_key.file = folder_ / "absent.key";
  EXPECT_NE(refusal_to_open(without).find("absent.key"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(without.storage.path));
}

TEST_F(ComposeTest, UnusableSealingKeyIsNamedBeforeAnythingIsWritten) {
  const Config bad = config("too-short");
  EXPECT_TRUE(refusal_to_open(bad).starts_with("MINTMARK_SEALING_KEY: "));
  EXPECT_FALSE(std::filesystem::exists(bad.storage.path));
}

TEST_F(ComposeTest, PortInUseIsNamedBeforeAnythingIsWritten) {
  open_in_memory();
  Config second = config();
  second.server.port = app_->port();
  EXPECT_NE(refusal_to_open(second).find("127.0.0.1:" + std::to_string(app_->port())), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(second.storage.path));
}

TEST_F(ComposeTest, UndeclaredResourceIsNamedBeforeAnythingIsWritten) {
  document_["clients"][0]["resources"].push_back("https://stored.example.com");
  EXPECT_NE(refusal_to_open(config()).find("https://stored.example.com"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "mintmark.db"));
}

TEST_F(ComposeTest, TooFewFilesForAnyConnectionIsRefusedBeforeAnythingIsWritten) {
  const Result<std::unique_ptr<App>> opened = App::open(config(), clock_, {.log_output = &log_, .file_limit = 64});
  ASSERT_FALSE(opened);
  EXPECT_TRUE(opened.error().detail.starts_with("server.max_connections: the process may have 64 files open"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "mintmark.db"));
}

// A default of 10000 must not keep a host from serving that allows a process 4096 files.
TEST_F(ComposeTest, ConnectionsAreLimitedToWhatTheFileLimitAllows) {
  document_["server"]["max_connections"] = 1000;
  AppOptions options{.storage = storage::open_memory(), .log_output = &log_, .file_limit = 77};  // one network thread
  Result<std::unique_ptr<App>> opened = App::open(config(), clock_, std::move(options));
  ASSERT_TRUE(opened) << opened.error().detail;
  EXPECT_NE(log_.str().find("warning fewer connections than server.max_connections configured=1000 effective=2 "
                            "file_limit=77"),
            std::string::npos)
      << log_.str();
  app_ = *std::move(opened);
  thread_ = std::thread([this] { app_->run(); });
  HttpClient first(app_->port());
  HttpClient second(app_->port());
  EXPECT_EQ(first.get("/healthz").status, 200);
  EXPECT_EQ(second.get("/healthz").status, 200);
  EXPECT_EQ(HttpClient(app_->port()).receive().status, 503);
}

TEST_F(ComposeTest, EnoughFilesAreNoNews) {
  document_["server"]["max_connections"] = 1000;
  AppOptions options{.storage = storage::open_memory(), .log_output = &log_, .file_limit = 4096};
  ASSERT_TRUE(App::open(config(), clock_, std::move(options)));
  EXPECT_EQ(log_.str().find("max_connections"), std::string::npos);
}

TEST_F(ComposeTest, WrongSealingKeyIsAClearError) {
  {
    const Result<std::unique_ptr<App>> first = App::open(config(), clock_, {.storage = nullptr, .log_output = &log_});
    ASSERT_TRUE(first) << first.error().detail;
  }
  const std::string message = refusal_to_open(config(encode_base64(Bytes(32, 8))));
  EXPECT_NE(message.find("sealing key"), std::string::npos) << message;
  const Result<std::unique_ptr<App>> again = App::open(config(), clock_, {.storage = nullptr, .log_output = &log_});
  EXPECT_TRUE(again) << again.error().detail;
}

TEST_F(ComposeTest, CorruptDatabaseIsNamedAndLeftAlone) {
  const std::string garbage(8192, 'x');
  folder_.write("mintmark.db", garbage);
  EXPECT_NE(refusal_to_open(config()).find("mintmark.db"), std::string::npos);
  EXPECT_EQ(mintmark::testing::read_all(folder_ / "mintmark.db"), garbage);
}

TEST_F(ComposeTest, AClientsResourcesMustBeDeclaredOrStored) {
  document_["clients"][0]["resources"].push_back("https://stored.example.com");
  const std::unique_ptr<storage::Storage> storage = storage::open_memory();
  const Result<std::unique_ptr<oauth::Directory>> missing = open_directory(config(), *storage);
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().detail.find("clients[0].resources: \"https://stored.example.com\" is neither"),
            std::string::npos);

  oauth::Resource resource;
  resource.id = ResourceId("https://stored.example.com");
  ASSERT_TRUE(storage->resources().insert_resource(resource));
  EXPECT_TRUE(open_directory(config(), *storage));
}

// Invariant 3: a configuration that would drop keys before their tokens end does not start.
TEST_F(ComposeTest, StoredResourceMustNotOutliveItsKeys) {
  const std::unique_ptr<storage::Storage> storage = storage::open_memory();
  oauth::Resource resource;
  resource.id = ResourceId("https://stored.example.com");
  resource.lifetime = std::chrono::hours(25);
  ASSERT_TRUE(storage->resources().insert_resource(resource));
  const Result<std::unique_ptr<oauth::Directory>> directory = open_directory(config(), *storage);
  ASSERT_FALSE(directory);
  EXPECT_NE(directory.error().detail.find("tokens.max_lifetime: expected at least 25h"), std::string::npos);
}

}  // namespace
}  // namespace mintmark::app
