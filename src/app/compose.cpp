#include "mintmark/app/compose.hpp"

#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "background.hpp"
#include "key_set_fetcher.hpp"
#include "maintenance.hpp"
#include "mintmark/accounts/password_authenticator.hpp"
#include "mintmark/app/file_limit.hpp"
#include "mintmark/app/memory_limit.hpp"
#include "mintmark/app/open.hpp"
#include "mintmark/http/listen_check.hpp"
#include "mintmark/http/server.hpp"
#include "mintmark/oauth/grants/client_credentials.hpp"
#include "mintmark/oauth/grants/jwt_bearer.hpp"
#include "mintmark/oauth/grants/password.hpp"
#include "mintmark/oauth/grants/refresh_token.hpp"
#include "mintmark/oauth/grants/token_exchange.hpp"
#include "mintmark/oauth/token_endpoint.hpp"
#include "mintmark/oauth/token_inquiries.hpp"
#include "mintmark/ops/metrics_page.hpp"
#include "mintmark/ops/readiness.hpp"
#include "observers.hpp"
#include "reloader.hpp"
#include "timed_hasher.hpp"
#include "tls_watch.hpp"

namespace mintmark::app {
namespace {

/// A change made by another process is to be seen within two seconds.
constexpr Duration kTickPause = std::chrono::milliseconds(500);
/// Counting reads an index of each table from one end to the other.
constexpr Duration kMeasurePause = std::chrono::minutes(1);

/// Everything whose opening can fail, in the order of dependence.
struct Opened {
  std::unique_ptr<Observers> observers;
  std::unique_ptr<storage::Storage> storage;
  std::unique_ptr<oauth::Directory> directory;
  std::unique_ptr<accounts::UserDirectory> users;
  std::unique_ptr<accounts::PasswordHasher> hasher;
  std::unique_ptr<accounts::PasswordAuthenticator> authenticator;
  std::size_t password_workers = 1;
  std::unique_ptr<keys::KeyManager> key_manager;
};

Result<void> open_accounts(const Config& config, Opened& opened) {
  const crypto::Argon2Parameters& argon2 = config.passwords.argon2;
  Result<std::size_t> workers =
      accounts::password_workers(config.passwords.memory_budget_bytes, argon2, std::thread::hardware_concurrency());
  if (!workers) return workers.error();
  opened.password_workers = *workers;
  opened.users = std::make_unique<accounts::UserDirectory>(config.users, opened.storage->users());
  opened.hasher = std::make_unique<TimedHasher>(
      accounts::make_password_hasher(argon2, config.passwords.memory_budget_bytes),
      [&counters = opened.observers->counters](std::chrono::microseconds took) { counters.password_hashed(took); });
  auto authenticator = accounts::PasswordAuthenticator::make(*opened.users, opened.storage->users(), *opened.hasher);
  if (!authenticator) return authenticator.error();
  opened.authenticator = *std::move(authenticator);
  return {};
}

/// What opening the store would write must not be left behind by a start that fails.
Result<void> check_before_writing(const Config& config, bool brings_store) {
  if (const Result<keys::Sealer> sealer = load_sealer(config); !sealer) return sealer.error();
  if (Result<void> listening = http::check_can_listen(config.server); !listening) return listening;
  if (brings_store || has_storage(config)) return {};
  const std::unique_ptr<storage::Storage> empty = storage::open_memory();
  const Result<std::unique_ptr<oauth::Directory>> directory = open_directory(config, *empty);
  return directory ? Result<void>() : directory.error();
}

Result<Opened> open_parts(const Config& config, AppOptions& options, const Clock& clock) {
  const Instant now = clock.now();
  if (Result<void> checked = check_before_writing(config, options.storage != nullptr); !checked) return checked.error();
  Opened opened;
  Result<std::unique_ptr<Observers>> observers = Observers::open(config, clock, options.log_output);
  if (!observers) return observers.error();
  opened.observers = *std::move(observers);
  opened.storage = std::move(options.storage);
  if (opened.storage == nullptr) {
    Result<std::unique_ptr<storage::Storage>> storage = open_storage(config);
    if (!storage) return storage.error();
    opened.storage = *std::move(storage);
  }
  Result<std::unique_ptr<oauth::Directory>> directory = open_directory(config, *opened.storage);
  if (!directory) return directory.error();
  opened.directory = *std::move(directory);
  if (Result<void> accounts = open_accounts(config, opened); !accounts) return accounts.error();
  Result<std::unique_ptr<keys::KeyManager>> key_manager = open_key_manager(
      config, *opened.storage, make_key_demand(config, *opened.directory), opened.observers->keys, now);
  if (!key_manager) return key_manager.error();
  opened.key_manager = *std::move(key_manager);
  return opened;
}

constexpr int kGuardBatchesPerTick = 4;
constexpr int kGuardBatchesAtTheEnd = 100;  // more than there can be

/// From the refresh key, which outlives the process and leaves the store only sealed. Once it is revoked, every
/// refresh family is over, and what was counted is forgotten at the next start.
Secret make_guard_key(const keys::KeyManager& key_manager) {
  constexpr std::string_view kLabel = "mintmark guard key";
  return Secret(key_manager.ring().load()->derive_refresh(as_bytes(kLabel)));
}

}  // namespace

struct App::Impl {
  Impl(Config configuration, const Clock& the_clock, Opened parts, AppOptions options)
      : config(std::move(configuration)),
        clock(the_clock),
        file_limit(options.file_limit),
        opened(std::move(parts)),
        log(*opened.observers->log),
        key_sets(config.fetch.addresses),
        recipients(key_sets, opened.observers->recipients),
        verification_keys(key_sets, opened.observers->verification_keys),
        assertions(config.issuer, config.assertion_audience, verification_keys),
        dpop(config.issuer, opened.key_manager->ring(), config.dpop_requires_nonce),
        secret_uses(opened.storage->secret_uses()),
        families(opened.storage->refresh_families(), opened.key_manager->ring(), opened.observers->tokens),
        guard(make_guard_key(*opened.key_manager), config.guard, opened.storage->attempt_counters()),
        guard_counters(log, "storing counters of failed attempts"),
        storing_uses(log, "storing uses of client secrets"),
        gatekeeper(guard, config.limits),
        policy(config.keys.periods.longest_lifetime),
        issuer(config.issuer.url, opened.key_manager->ring(), recipients, families, opened.storage->one_time(),
               opened.storage->opaque_tokens(), opened.observers->tokens),
        access_tokens(config.issuer.url, opened.key_manager->ring(), *opened.users, *opened.directory,
                      opened.storage->one_time(), opened.storage->opaque_tokens(), opened.storage->refresh_families()),
        trusted_subjects(config.issuer.url, *opened.directory, *opened.users, verification_keys),
        gate(*opened.directory, opened.key_manager->ring(), assertions, secret_uses, gatekeeper),
        endpoint(*opened.directory, policy, issuer, make_grants(), opened.key_manager->ring(), recipients, gate, dpop,
                 gatekeeper, opened.observers->tokens),
        inquiries(config.issuer.url, *opened.directory, policy, gate, opened.key_manager->ring(), *opened.users,
                  access_tokens, families, opened.storage->one_time(), opened.observers->tokens),
        metadata(render_metadata()),
        default_client(std::make_shared<const oauth::DefaultLoginClient>(config.default_client)),
        readiness([this] { return opened.storage->check(); }, opened.key_manager->ring(), log),
        maintenance(
            *opened.storage, *opened.key_manager, [this](Instant now) { return follow_changes(now); }, log),
        tls_watch(log),
        reloader(
            config, std::move(options.environment),
            [this](const Config& next, Instant now) { return apply(next, now); }, opened.observers->configuration),
        storage_pool(config.storage.threads, config.storage.queue),
        password_pool(opened.password_workers, config.passwords.queue, http::ThreadPriority::background),
        metrics(opened.observers->counters, make_metrics_sources()),
        measuring(log, "counting the rows of the store") {
    opened.observers->counters.config_reloaded(ops::ReloadTrigger::start, {}, clock.now());
    // So that the first fetch begins with the first request. The first tick says it again, and logs where it fails.
    (void)recipients.follow(*opened.directory->resources(), clock.now());
  }

  [[nodiscard]] std::vector<std::unique_ptr<oauth::Grant>> make_grants() {
    std::vector<std::unique_ptr<oauth::Grant>> grants;
    grants.push_back(std::make_unique<oauth::PasswordGrant>(*opened.authenticator));
    grants.push_back(std::make_unique<oauth::ClientCredentialsGrant>());
    grants.push_back(std::make_unique<oauth::RefreshTokenGrant>(families, *opened.users));
    grants.push_back(std::make_unique<oauth::JwtBearerGrant>(trusted_subjects));
    grants.push_back(std::make_unique<oauth::TokenExchangeGrant>(config.issuer.url, access_tokens, trusted_subjects,
                                                                 *opened.users, *opened.directory));
    return grants;
  }

  [[nodiscard]] std::shared_ptr<const std::string> render_metadata() const {
    return std::make_shared<const std::string>(oauth::render_metadata(
        config.issuer, endpoint.grant_types(), *opened.directory->resources(), mutual_tls_of(config)));
  }

  [[nodiscard]] ops::MetricsSources make_metrics_sources() {
    return {.version = MINTMARK_VERSION,
            .clock = clock,
            .readiness = readiness,
            .key_ring = opened.key_manager->ring(),
            .recipients = recipients,
            .verification_keys = verification_keys,
            .storage_pool = storage_pool,
            .password_pool = password_pool,
            .server = [this] { return server->load(); },
            .hashing = [this] { return opened.hasher->load(); },
            .key_plan =
                [this] {
                  const std::scoped_lock lock(config_changes);
                  return ops::KeyPlan{config.keys.periods, make_key_demand(config, *opened.directory).algs};
                }};
  }

  /// What is declared is fetched ahead of the first request. Stored clients may be too many for that.
  void ask_for_declared_keys() {
    const Instant now = clock.now();
    const std::shared_ptr<const oauth::Directory::View> view = opened.directory->view();
    for (const auto& [name, trusted] : view->trusted_issuers)
      (void)verification_keys.find(trusted.keys, now);
    for (const auto& [id, client] : view->declared_clients) {
      if (client->keys && !client->disabled) (void)verification_keys.find(*client->keys, now);
    }
  }

  void measure_storage() {
    Result<storage::StorageSize> size = opened.storage->measure();
    measuring.report(size ? Result<void>() : size.error());
    if (size) metrics.storage_measured(*std::move(size), clock.now());
  }

  /// A start without what was counted before would be a way to be forgotten.
  Result<void> load_guard() { return guard.load(clock.now()); }

  /// At most `batches`, so that what else the caller does gets its turn under an attack.
  void store_guard_counters(int batches) {
    Result<bool> more = true;
    for (; batches > 0 && more && *more; --batches)
      more = guard.store_batch();
    guard_counters.report(more ? Result<void>() : more.error());
  }

  /// Keys before metadata: what is advertised can be signed.
  Result<void> follow_changes(Instant now) {
    if (Result<void> refreshed = opened.directory->refresh(); !refreshed) return refreshed;
    Result<void> demanded = opened.key_manager->set_demand(make_key_demand(config, *opened.directory), now);
    Result<void> followed = recipients.follow(*opened.directory->resources(), now);
    metadata.store(render_metadata());
    return demanded ? followed : demanded;
  }

  /// What can fail comes first and changes nothing; what follows changes over at once, so that a request meets either
  /// the old configuration or the new one.
  Result<void> apply(const Config& next, Instant now) {
    const Result<std::shared_ptr<const oauth::Directory::View>> view =
        opened.directory->prepare(next.clients, next.resources, trusted_issuers_of(next));
    if (!view) return view.error();
    const oauth::Directory::ResourceMap& resources = (*view)->resources;
    if (Result<void> checked = check_resources(next, resources); !checked) return checked;
    Result<keys::KeySetup> setup = make_key_setup(next, resources);
    if (!setup) return setup.error();
    if (Result<void> checked = opened.key_manager->check(*setup, now); !checked) return checked;
    std::optional<ops::AuditKey> audit_key;
    if (opened.observers->audit && setup->sealer) audit_key = ops::make_audit_keys(*setup->sealer).front();
    // Checks for itself before it changes anything. It is what can be taken back, where the next step fails.
    if (Result<void> done = update_server(next.server); !done) return done;
    // Keys before what is signed with them, and before any lifetime that they must be kept for.
    if (Result<void> done = opened.key_manager->reconfigure(*std::move(setup), now); !done) {
      const Result<void> restored = update_server(config.server);
      return restored ? done : Result<void>(unavailable(done.error().detail + "; and " + restored.error().detail));
    }

    if (audit_key) opened.observers->audit->change_key(*std::move(audit_key));
    opened.users->set_declared(next.users);
    opened.directory->adopt(*view);
    policy.set_longest_lifetime(next.keys.periods.longest_lifetime);
    default_client.store(std::make_shared<const oauth::DefaultLoginClient>(next.default_client));
    guard.set_limits(next.guard);
    gatekeeper.set_limits(next.limits);
    key_sets.set_addresses(next.fetch.addresses);
    assertions.set_audience(next.assertion_audience);
    dpop.require_nonce(next.dpop_requires_nonce);
    opened.observers->log->set_options(next.log);
    {
      const std::scoped_lock lock(config_changes);
      config = next;
      config.sealing_key.value.reset();
    }
    metadata.store(render_metadata());
    // Too many key sets keep no other resource from its tokens; the maintenance says so.
    (void)recipients.follow(resources, now);
    return {};
  }

  [[nodiscard]] static Result<keys::KeySetup> make_key_setup(const Config& next,
                                                             const oauth::Directory::ResourceMap& resources) {
    keys::KeySetup setup{.sealer = {}, .periods = next.keys.periods, .demand = make_key_demand(next, resources)};
    if (next.sealing_key.was_given) return setup;
    Result<keys::Sealer> sealer = load_sealer(next);
    if (!sealer) return sealer.error();
    setup.sealer = *std::move(sealer);
    return setup;
  }

  Result<void> update_server(http::ServerOptions options) {
    const Result<std::size_t> connections = fit_connections(options, file_limit);
    if (!connections) return connections.error();
    if (*connections < options.max_connections) warn_of_fewer_connections(options.max_connections, *connections);
    options.max_connections = *connections;
    return server->update(options);
  }

  Result<void> listen(std::size_t connections) {
    http::ServerOptions options = config.server;
    options.max_connections = connections;
    Result<std::unique_ptr<http::Server>> opened_server =
        http::Server::open(std::move(options), {.token_endpoint = endpoint,
                                                .inquiries = inquiries,
                                                .directory = *opened.directory,
                                                .key_ring = opened.key_manager->ring(),
                                                .metadata = metadata,
                                                .issuer = config.issuer,
                                                .default_login_client = default_client,
                                                .readiness = readiness,
                                                .clock = clock,
                                                .access_log = opened.observers->requests,
                                                .storage_pool = storage_pool,
                                                .password_pool = password_pool,
                                                .version = MINTMARK_VERSION,
                                                .metrics = &metrics});
    if (!opened_server) return opened_server.error();
    server = *std::move(opened_server);
    return {};
  }

  void audit(std::string_view event, std::initializer_list<ops::LogField> fields = {}) {
    if (opened.observers->audit) opened.observers->audit->record(clock.now(), event, fields);
  }

  void warn_of_fewer_connections(std::size_t configured, std::size_t effective) {
    log.warning("fewer connections than server.max_connections",
                {{"configured", static_cast<std::int64_t>(configured)},
                 {"effective", static_cast<std::int64_t>(effective)},
                 {"file_limit", static_cast<std::int64_t>(file_limit)}});
  }

  // In the order of dependence: what is below refers to what is above.
  Config config;              ///< in force; changed by apply() alone, within a tick
  std::mutex config_changes;  ///< for whoever reads `config` outside a tick
  const Clock& clock;
  const std::uint64_t file_limit;
  const Opened opened;
  ops::Log& log;
  KeySetFetcher key_sets;
  oauth::RecipientKeys recipients;
  oauth::VerificationKeySets verification_keys;
  oauth::ClientAssertions assertions;
  oauth::Dpop dpop;
  oauth::SecretUses secret_uses;
  const oauth::RefreshFamilies families;
  accounts::AttemptGuard guard;
  ops::Condition guard_counters;
  ops::Condition storing_uses;
  oauth::Gatekeeper gatekeeper;
  oauth::Policy policy;
  const oauth::TokenIssuer issuer;
  const oauth::AccessTokens access_tokens;
  const oauth::TrustedSubjects trusted_subjects;
  const oauth::ClientGate gate;
  const oauth::TokenEndpoint endpoint;
  const oauth::TokenInquiries inquiries;
  Published<std::string> metadata;
  Published<oauth::DefaultLoginClient> default_client;
  ops::ReadinessCheck readiness;
  Maintenance maintenance;
  TlsWatch tls_watch;
  Reloader reloader;
  std::mutex ticking;
  std::unique_ptr<http::Server> server;
  http::WorkerPool storage_pool;
  http::WorkerPool password_pool;
  ops::MetricsPage metrics;
  ops::Condition measuring;
  std::mutex draining;  ///< so that the log says first that it begins, then that it is done
};

App::App(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
App::~App() = default;

Result<std::unique_ptr<App>> App::open(Config config, const Clock& clock, AppOptions options) {
  if (Result<void> fitting = check_memory_limit(config, options.memory_limit); !fitting) return fitting.error();
  const Result<std::size_t> connections = fit_connections(config.server, options.file_limit);
  if (!connections) return connections.error();
  Result<Opened> opened = open_parts(config, options, clock);
  if (!opened) return opened.error();
  config.sealing_key.value.reset();  // the key manager has it, and nobody else
  auto impl = std::make_unique<Impl>(std::move(config), clock, *std::move(opened), std::move(options));
  if (Result<void> loaded = impl->load_guard(); !loaded) return loaded.error();
  if (Result<void> listening = impl->listen(*connections); !listening) return listening.error();
  const std::size_t configured = impl->config.server.max_connections;
  if (*connections < configured) impl->warn_of_fewer_connections(configured, *connections);
  return std::unique_ptr<App>(new App(std::move(impl)));
}

void App::run() {
  impl_->log.info("serving", {{"issuer", impl_->config.issuer.url},
                              {"addresses", impl_->server->addresses()},
                              {"private_addresses", impl_->server->private_addresses()},
                              {"tls", impl_->config.server.tls.enabled()}});
  impl_->audit("service.started", {{"issuer", impl_->config.issuer.url}, {"addresses", impl_->server->addresses()}});
  {
    const Background maintenance(kTickPause, [this](const std::stop_token&) { tick(); });
    // Apart, because a server that does not answer must hold up nothing else.
    const Background fetching(
        kTickPause, [this](const std::stop_token& stop) { impl_->recipients.refresh(impl_->clock.now(), stop); });
    // Two, so that neither kind of server holds up what the other kind is asked for.
    const Background fetching_more(kTickPause, [this](const std::stop_token& stop) {
      impl_->ask_for_declared_keys();
      impl_->verification_keys.refresh(impl_->clock.now(), stop);
    });
    // Apart likewise, because it takes long where the store is large.
    const Background measuring(kMeasurePause, [this](const std::stop_token&) { impl_->measure_storage(); });
    impl_->server->run();
  }
  impl_->store_guard_counters(kGuardBatchesAtTheEnd);
  impl_->storing_uses.report(impl_->secret_uses.store());
  const std::scoped_lock after_draining(impl_->draining);
  impl_->audit("service.stopped");
  impl_->log.info("stopped");
}

void App::drain() {
  const std::scoped_lock lock(impl_->draining);
  impl_->readiness.begin_drain();
  impl_->server->drain();
  impl_->log.info("draining");  // last, for whoever reads the log may have stopped reading
}

void App::stop_now() {
  impl_->server->stop_now();
  impl_->log.warning("stopping at once");
  // Whoever ends the process now lets no destructor write what is left.
  if (impl_->opened.observers->audit) (void)impl_->opened.observers->audit->flush();
}

std::uint16_t App::port() const noexcept {
  return impl_->server->port();
}

http::MetricsSource& App::metrics() noexcept {
  return impl_->metrics;
}

std::uint16_t App::private_port() const noexcept {
  return impl_->server->private_port();
}

void App::request_reload() noexcept {
  impl_->reloader.request();
}

void App::reopen_files() {
  if (const Result<void> reopened = impl_->log.reopen(); !reopened) {
    impl_->log.error("log file not opened anew", {{"detail", reopened.error().detail}});
  } else {
    impl_->log.info("log opened anew");
  }
  if (impl_->opened.observers->audit) impl_->opened.observers->audit->reopen();
}

void App::tick() {
  const std::scoped_lock lock(impl_->ticking);
  const Instant now = impl_->clock.now();
  impl_->reloader.tick(now);
  impl_->tls_watch.tick(*impl_->server, now);
  impl_->maintenance.tick(now);
  impl_->store_guard_counters(kGuardBatchesPerTick);
  impl_->storing_uses.report(impl_->secret_uses.store());
}

}  // namespace mintmark::app
