#include "test_server.hpp"

#include <algorithm>

#include "mintmark/base/base64.hpp"
#include "mintmark/crypto/digest.hpp"
#include "mintmark/oauth/grants/client_credentials.hpp"

namespace mintmark::http::testing {
namespace {

constexpr Instant kNow = from_unix_ms(1'800'000'000'000);

class StillClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const noexcept override { return kNow; }
};

class ScriptedStore final : public oauth::ClientRepository, public oauth::ResourceRepository {
 public:
  explicit ScriptedStore(const Script& script) : script_(script) {}

  Result<std::optional<oauth::Client>> find_client(const ClientId&) override { return std::optional<oauth::Client>(); }
  Result<std::vector<oauth::Client>> list_clients(const ClientId&, std::size_t) override {
    return std::vector<oauth::Client>();
  }
  Result<void> insert_client(const oauth::Client&) override { return unavailable("read-only"); }
  Result<void> update_client(const oauth::Client&) override { return unavailable("read-only"); }
  Result<void> erase_client(const ClientId&) override { return unavailable("read-only"); }
  Result<bool> has_cors_origin(std::string_view origin) override { return script_.stored_origin(origin); }

  Result<std::optional<oauth::Resource>> find_resource(const ResourceId&) override {
    return std::optional<oauth::Resource>();
  }
  Result<std::vector<oauth::Resource>> list_resources(const ResourceId&, std::size_t) override {
    return std::vector<oauth::Resource>();
  }
  Result<void> insert_resource(const oauth::Resource&) override { return unavailable("read-only"); }
  Result<void> update_resource(const oauth::Resource&) override { return unavailable("read-only"); }
  Result<void> erase_resource(const ResourceId&) override { return unavailable("read-only"); }

 private:
  const Script& script_;
};

class NoFamilies final : public oauth::RefreshFamilyRepository {
 public:
  Result<void> insert_family(const oauth::RefreshFamily&) override { return unavailable("none"); }
  Result<std::optional<oauth::RefreshFamily>> find_family(const FamilyId&) override { return unavailable("none"); }
  Result<bool> rotate_family(const oauth::RefreshRotation&) override { return unavailable("none"); }
  Result<void> revoke_family(const FamilyId&, Instant) override { return unavailable("none"); }
  Result<std::size_t> revoke_families_of(const UserId&, Instant) override { return unavailable("none"); }
};

class NoOneTimeValues final : public oauth::OneTimeStore {
 public:
  Result<std::optional<oauth::OneTimeKind>> consume(std::span<const oauth::OneTimeValue>, Instant) override {
    return unavailable("none");
  }
  Result<bool> contains(const oauth::OneTimeValue&, Instant) override { return unavailable("none"); }
};

class NoOpaqueTokens final : public oauth::OpaqueTokenRepository {
 public:
  Result<void> insert_token(const oauth::OpaqueToken&) override { return unavailable("none"); }
  Result<std::optional<oauth::OpaqueToken>> find_token(ByteView, Instant) override { return unavailable("none"); }
  Result<void> erase_token(ByteView) override { return unavailable("none"); }
};

class NoSecretUses final : public oauth::SecretUseRepository {
 public:
  Result<void> store_uses(std::span<const oauth::SecretUse>) override { return unavailable("none"); }
  Result<std::vector<oauth::SecretUse>> find_uses(const ClientId&) override { return unavailable("none"); }
};

class NoUsers final : public accounts::UserRepository {
 public:
  Result<std::optional<accounts::User>> find_by_id(const UserId&) override { return unavailable("none"); }
  Result<std::optional<accounts::User>> find_by_username(std::string_view) override { return unavailable("none"); }
  Result<std::vector<accounts::User>> list_users(std::string_view, std::size_t) override { return unavailable("none"); }
  Result<void> insert_user(const accounts::User&) override { return unavailable("none"); }
  Result<void> update_user(const accounts::User&) override { return unavailable("none"); }
  Result<void> erase_user(const UserId&) override { return unavailable("none"); }
  Result<bool> replace_password_hash(const UserId&, std::string_view, std::string_view) override {
    return unavailable("none");
  }
};

class NoCounters final : public accounts::AttemptCounterRepository {
 public:
  Result<std::vector<accounts::AttemptCounter>> load_counters(Instant, std::size_t) override {
    return unavailable("none");
  }
  Result<void> store_counters(std::span<const accounts::AttemptCounter>, std::span<const crypto::KeyedHash>) override {
    return unavailable("none");
  }
};

class SilentEvents final : public oauth::TokenEvents {
 public:
  void token_issued(const oauth::Issuance&, const oauth::RequestContext&) noexcept override {}
  void token_refused(const oauth::Refusal&, const oauth::RequestContext&) noexcept override {}
  void token_revoked(const oauth::Revocation&, const oauth::RequestContext&) noexcept override {}
  void refresh_reused(const oauth::RefreshFamily&, const oauth::RequestContext&) noexcept override {}
};

class NoKeySets final : public oauth::KeySetSource,
                        public oauth::RecipientKeyEvents,
                        public oauth::VerificationKeyEvents {
 public:
  Result<oauth::KeySet> fetch(const std::string&, const std::stop_token&) override { return unavailable("none"); }
  void recipient_key_fetched(const oauth::Recipient&, const KeyId&) noexcept override {}
  void recipient_key_not_fetched(const oauth::Recipient&, const Error&, std::optional<Duration>) noexcept override {}
  void verification_keys_fetched(const std::string&, std::size_t) noexcept override {}
  void verification_keys_not_fetched(const std::string&, const Error&, std::optional<Duration>) noexcept override {}
};

class ScriptedPasswordGrant final : public oauth::Grant {
 public:
  explicit ScriptedPasswordGrant(const Script& script) : script_(script) {}
  [[nodiscard]] oauth::GrantType type() const noexcept override { return oauth::GrantType::password; }
  [[nodiscard]] oauth::Work work() const noexcept override { return oauth::Work::password; }
  [[nodiscard]] std::optional<oauth::PresentedCredential> credential(const oauth::TokenRequest&) const override {
    return std::nullopt;
  }
  [[nodiscard]] oauth::OAuthResult<oauth::Authorization> authorize(
      const oauth::TokenRequest&, std::shared_ptr<const oauth::Client>,
      const oauth::RequestContext& context) const override {
    if (script_.password_grant) return script_.password_grant(context);
    return oauth::OAuthError{oauth::OAuthCode::invalid_grant, "wrong username or password"};
  }

 private:
  const Script& script_;
};

class ScriptedReadiness final : public Readiness {
 public:
  explicit ScriptedReadiness(const Script& script) : script_(script) {}
  Result<void> check_ready(Instant) override { return script_.readiness(); }

 private:
  const Script& script_;
};

class ScriptedMetrics final : public MetricsSource {
 public:
  explicit ScriptedMetrics(const Script& script) : script_(script) {}
  std::string render_metrics() noexcept override { return script_.metrics(); }

 private:
  const Script& script_;
};

oauth::Client make_service() {
  oauth::Client client;
  client.id = ClientId("service");
  client.auth_methods = {oauth::ClientAuthMethod::client_secret_basic, oauth::ClientAuthMethod::client_secret_post};
  client.secrets = {{"1", crypto::digest(crypto::Hash::sha256, as_bytes("service-secret")), Instant{}, std::nullopt}};
  client.grant_types = {oauth::GrantType::client_credentials};
  client.scopes = {"read"};
  client.resources = {ResourceId(kApi)};
  return client;
}

oauth::Client make_app() {
  oauth::Client client;
  client.id = ClientId("app");
  client.auth_methods = {oauth::ClientAuthMethod::none};
  client.grant_types = {oauth::GrantType::password};
  client.resources = {ResourceId(kApi)};
  client.cors_origins = {kAppOrigin};
  return client;
}

oauth::Resource make_resource() {
  oauth::Resource resource;
  resource.id = ResourceId(kApi);
  resource.scopes = {"read"};
  return resource;
}

keys::KeyRecord make_record(const keys::Sealer& sealer, keys::KeyPurpose purpose, jose::Alg alg) {
  const jose::SigningKey key = alg == jose::Alg::HS256 ? jose::SigningKey::make(alg, Secret(Bytes(32, 7))).value()
                                                       : jose::SigningKey::generate(alg).value();
  keys::KeyRecord record;
  record.kid = key.kid();
  record.purpose = purpose;
  record.alg = alg;
  record.created_at = record.activates_at = kNow - std::chrono::hours(48);
  sealer.seal(record, key);
  return record;
}

std::shared_ptr<const keys::KeyRing> make_ring() {
  const Secret sealing_key{std::string_view(encode_base64(Bytes(32, 9)))};
  const keys::Sealer sealer = keys::Sealer::from_base64(sealing_key).value();
  const std::vector<keys::KeyRecord> records = {make_record(sealer, keys::KeyPurpose::signing, jose::Alg::ES256),
                                                make_record(sealer, keys::KeyPurpose::refresh, jose::Alg::HS256)};
  return keys::KeyRing::make(records, sealer, {}, kNow).value();
}

std::vector<std::unique_ptr<oauth::Grant>> make_grants(const Script& script) {
  std::vector<std::unique_ptr<oauth::Grant>> grants;
  grants.push_back(std::make_unique<oauth::ClientCredentialsGrant>());
  grants.push_back(std::make_unique<ScriptedPasswordGrant>(script));
  return grants;
}

}  // namespace

void RecordingLog::request_served(const ServedRequest& request) noexcept {
  const std::scoped_lock lock(mutex_);
  served_.push_back({request.method, request.route, request.status, request.answer_bytes, request.complete,
                     std::string(request.request_id), std::string(request.remote_address), request.error, request.grant,
                     std::string(request.trace.trace_id), std::string(request.trace.parent_id)});
  changed_.notify_all();
}

void RecordingLog::handshake_failed(const FailedHandshake& handshake) noexcept {
  const std::scoped_lock lock(mutex_);
  failed_handshakes_.push_back(std::string(handshake.remote_address) + " " + std::string(handshake.reason));
  changed_.notify_all();
}

std::vector<std::string> RecordingLog::wait_for_failed_handshakes(std::size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::seconds(10), [&] { return failed_handshakes_.size() >= count; });
  return failed_handshakes_;
}

void RecordingLog::server_problem(std::string_view request_id, const Error& error) noexcept {
  const std::scoped_lock lock(mutex_);
  problems_.push_back(std::string(request_id) + " " + error.detail);
  changed_.notify_all();
}

void RecordingLog::connection_refused(ConnectionRefusal why, std::string_view peer) noexcept {
  const std::scoped_lock lock(mutex_);
  refused_.push_back(std::string(name(why)) + " " + std::string(peer));
}

std::vector<std::string> RecordingLog::refused_connections() {
  const std::scoped_lock lock(mutex_);
  return refused_;
}

std::vector<RecordingLog::Served> RecordingLog::wait_for_served(std::size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::seconds(10), [&] { return served_.size() >= count; });
  return served_;
}

std::optional<RecordingLog::Served> RecordingLog::wait_for_incomplete() {
  std::unique_lock lock(mutex_);
  auto found = served_.end();
  changed_.wait_for(lock, std::chrono::seconds(10), [&] {
    found = std::ranges::find(served_, false, &Served::complete);
    return found != served_.end();
  });
  return found == served_.end() ? std::nullopt : std::optional(*found);
}

std::vector<std::string> RecordingLog::wait_for_problems(std::size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::seconds(10), [&] { return problems_.size() >= count; });
  return problems_;
}

std::vector<std::string> RecordingLog::problems() {
  const std::scoped_lock lock(mutex_);
  return problems_;
}

void Gate::pass() {
  std::unique_lock lock(mutex_);
  ++arrivals_;
  changed_.notify_all();
  changed_.wait(lock, [this] { return open_; });
}

void Gate::wait_for_arrivals(std::size_t count) {
  std::unique_lock lock(mutex_);
  EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(10), [&] { return arrivals_ >= count; }));
}

void Gate::open() {
  const std::scoped_lock lock(mutex_);
  open_ = true;
  changed_.notify_all();
}

struct TestServer::Mint {
  explicit Mint(const Script& script)
      : store(script),
        directory({make_service(), make_app()}, {make_resource()}, store, store, 10),
        ring(make_ring()),
        gatekeeper(guard, script.limits),
        endpoint(directory, policy, issuer, make_grants(script), ring, recipients, gate, dpop, gatekeeper, events),
        readiness(script),
        metrics(script) {
    EXPECT_TRUE(directory.refresh());
  }

  ScriptedStore store;
  oauth::Directory directory;
  keys::PublishedKeyRing ring;
  SilentEvents events;
  NoFamilies no_families;
  NoOneTimeValues no_one_time;
  NoOpaqueTokens no_opaque_tokens;
  oauth::RefreshFamilies families{no_families, ring, events};
  oauth::Policy policy{keys::KeyPeriods{}.longest_lifetime};
  NoKeySets no_key_sets;
  oauth::RecipientKeys recipients{no_key_sets, no_key_sets};
  oauth::TokenIssuer issuer{
      "https://id.example.com/auth", ring, recipients, families, no_one_time, no_opaque_tokens, events};
  oauth::VerificationKeySets verification_keys{no_key_sets, no_key_sets};
  oauth::ClientAssertions assertions{oauth::parse_issuer("https://id.example.com/auth").value(),
                                     oauth::AssertionAudience::issuer, verification_keys};
  oauth::Dpop dpop{oauth::parse_issuer("https://id.example.com/auth").value(), ring, false};
  NoSecretUses no_secret_uses;
  oauth::SecretUses secret_uses{no_secret_uses};
  NoUsers no_users;
  NoCounters no_counters;
  accounts::AttemptGuard guard{Secret(Bytes(32, 5)), {}, no_counters};
  oauth::Gatekeeper gatekeeper;
  oauth::ClientGate gate{directory, ring, assertions, secret_uses, gatekeeper};
  oauth::TokenEndpoint endpoint;
  accounts::UserDirectory users{{}, no_users};
  oauth::AccessTokens access_tokens{
      "https://id.example.com/auth", ring, users, directory, no_one_time, no_opaque_tokens, no_families};
  oauth::TokenInquiries inquiries{"https://id.example.com/auth",
                                  directory,
                                  policy,
                                  gate,
                                  ring,
                                  users,
                                  access_tokens,
                                  families,
                                  no_one_time,
                                  events};
  Published<std::string> metadata{std::make_shared<const std::string>(R"({"issuer":"https://id.example.com/auth"})")};
  Published<oauth::DefaultLoginClient> default_login_client{
      std::make_shared<const oauth::DefaultLoginClient>(ClientId("app"))};
  ScriptedReadiness readiness;
  ScriptedMetrics metrics;
  StillClock clock;
  WorkerPool storage_pool{1, 16};
  WorkerPool password_pool{1, 1};
};

TestServer::TestServer(ServerOptions options, Script script)
    : script_(std::move(script)), mint_(std::make_unique<Mint>(script_)) {
  if (options.port) options.port = 0;
  if (options.private_side.port) options.private_side.port = 0;
  if (options.threads == 0) options.threads = 2;
  server_ = Server::open(options, {.token_endpoint = mint_->endpoint,
                                   .inquiries = mint_->inquiries,
                                   .directory = mint_->directory,
                                   .key_ring = mint_->ring,
                                   .metadata = mint_->metadata,
                                   .issuer = oauth::parse_issuer("https://id.example.com/auth").value(),
                                   .default_login_client = mint_->default_login_client,
                                   .readiness = mint_->readiness,
                                   .clock = mint_->clock,
                                   .access_log = log_,
                                   .storage_pool = mint_->storage_pool,
                                   .password_pool = mint_->password_pool,
                                   .metrics = &mint_->metrics})
                .value();
  running_ = std::async(std::launch::async, [this] { server_->run(); });
}

TestServer::~TestServer() {
  server_->stop_now();
  running_.wait();
}

void TestServer::publish_metadata(std::string document) {
  mint_->metadata.store(std::make_shared<const std::string>(std::move(document)));
}

const keys::KeyRing& TestServer::ring() const {
  return *mint_->ring.load();
}

void TestServer::wait_for_queued_login() const {
  while (mint_->password_pool.queued() == 0) {
    std::this_thread::yield();
  }
}

bool TestServer::wait_until_stopped() {
  return running_.wait_for(std::chrono::seconds(10)) == std::future_status::ready;
}

HttpFields client_credentials() {
  return {{"grant_type", "client_credentials"}, {"client_id", "service"}, {"client_secret", "service-secret"}};
}

HttpFields password_login() {
  return {{"grant_type", "password"}, {"client_id", "app"}, {"username", "alice"}, {"password", "secret"}};
}

}  // namespace mintmark::http::testing
