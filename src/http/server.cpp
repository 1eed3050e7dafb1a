#include "mintmark/http/server.hpp"

#include <algorithm>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "network_thread.hpp"
#include "server_state.hpp"

namespace mintmark::http {
namespace {

// For metrics and readiness on the private side. One that hangs leaves the other; more than a few are nobody's scraper.
constexpr std::size_t kOperationsThreads = 2;
constexpr std::size_t kOperationsQueue = 16;

Result<std::shared_ptr<const TlsContext>> load_tls(const TlsOptions& options, const TlsContext* former) {
  if (!options.enabled()) return std::shared_ptr<const TlsContext>();
  const Result<TlsFiles> files = read_tls_files(options);
  if (!files) return files.error();
  return TlsContext::make(options, *files, former, TlsContext::Clock::now());
}

Result<void> require_same(bool same, const char* what) {
  return same ? Result<void>() : invalid(std::string(what) + " cannot be changed while the server runs");
}

/// Sockets that were handed over stay as they are, whatever `next` says of them.
Result<void> check_unchanged(const ServerOptions& now, const ServerOptions& next) {
  const PrivateOptions& own = now.private_side;
  const PrivateOptions& other = next.private_side;
  const std::pair<bool, const char*> rules[] = {
      {now.address == next.address && now.port == next.port, "the address and port"},
      {now.unix_socket == next.unix_socket && now.unix_socket_mode == next.unix_socket_mode, "the Unix-domain socket"},
      {now.threads == next.threads, "the number of network threads"},
      {own.address == other.address && own.port == other.port, "the private address and port"},
      {own.unix_socket == other.unix_socket && own.unix_socket_mode == other.unix_socket_mode,
       "the private Unix-domain socket"},
  };
  for (const auto& [same, what] : rules) {
    if (Result<void> checked = require_same(same, what); !checked) return checked;
  }
  return {};
}

}  // namespace

class Server::Impl {
 public:
  Impl(Settings settings, Services services, SideListeners public_side, SideListeners private_side)
      : services_(std::move(services)),
        settings_(std::make_shared<const Settings>(std::move(settings))),
        operations_pool_(kOperationsThreads, kOperationsQueue),
        public_side_(std::move(public_side)),
        private_side_(std::move(private_side)) {
    for (std::vector<Listener>& listeners : public_side_.by_thread) {
      network_threads_.push_back(std::make_unique<NetworkThread>(std::move(listeners), clients_));
    }
    private_thread_ = std::make_unique<NetworkThread>(std::move(private_side_.by_thread.front()), operators_);
  }

  [[nodiscard]] const SideListeners& public_side() const noexcept { return public_side_; }
  [[nodiscard]] const SideListeners& private_side() const noexcept { return private_side_; }

  [[nodiscard]] ServerLoad load() const {
    return {.connections = clients_.connections.load(std::memory_order_relaxed),
            .max_connections = settings_.load()->options.max_connections};
  }

  void run() {
    std::jthread private_thread;        // joined last: operators see how it ends
    std::vector<std::jthread> threads;  // joined at the end, whatever ends this
    try {
      private_thread = std::jthread([this] { private_thread_->run(); });
      for (const auto& network_thread : network_threads_) {
        threads.emplace_back([&network_thread] { network_thread->run(); });
      }
    } catch (...) {
      stop_now();
      throw;
    }
    threads.clear();
    operators_.last_answers = true;
    private_thread_->drain(Duration::zero());
  }

  void drain() {
    leaving_ = true;
    clients_.last_answers = true;
    const Duration delay = settings_.load()->options.drain_delay;
    for (const auto& network_thread : network_threads_) {
      network_thread->drain(delay);
    }
  }

  void stop_now() {
    leaving_ = true;
    for (ServerState* state : {&clients_, &operators_}) {
      state->last_answers = true;
      state->draining = true;
      state->cut = true;
    }
    for (const auto& network_thread : network_threads_) {
      network_thread->stop_now();
    }
    private_thread_->stop_now();
  }

  Result<void> update(const ServerOptions& options) {
    const std::scoped_lock lock(updating_);
    const std::shared_ptr<const Settings> now = settings_.load();
    if (Result<void> checked = check_unchanged(now->options, options); !checked) return checked;
    Result<std::shared_ptr<const TlsContext>> tls = load_tls(options.tls, now->tls.get());
    if (!tls) return tls.error();
    refused_.reset();
    clients_.sources.set_limit(options.max_connections_per_source);
    settings_.store(std::make_shared<const Settings>(Settings{options, *std::move(tls)}));
    return {};
  }

  Result<bool> reload_certificate() {
    const std::scoped_lock lock(updating_);
    const std::shared_ptr<const Settings> now = settings_.load();
    if (!now->tls) return false;
    const Result<TlsFiles> files = read_tls_files(now->options.tls);
    if (!files) return refuse({}, files.error());
    const Bytes digest = files->digest();
    const TlsContext::Clock::time_point time = TlsContext::Clock::now();
    const bool same = digest == now->tls->digest();
    if (same && now->tls->has_young_ticket_keys(time)) {
      refused_.reset();
      return false;
    }
    auto next = TlsContext::make(now->options.tls, *files, now->tls.get(), time);
    if (!next) return refuse(digest, next.error());
    refused_.reset();
    settings_.store(std::make_shared<const Settings>(Settings{now->options, *std::move(next)}));
    return !same;
  }

  [[nodiscard]] std::optional<CertificateInfo> certificate() const {
    const std::shared_ptr<const Settings> now = settings_.load();
    return now->tls ? std::optional(now->tls->certificate()) : std::nullopt;
  }

 private:
  /// A file that is missing or half of a pair may be one that is just being replaced: that is said when it is still so
  /// the next time.
  Result<bool> refuse(const Bytes& digest, Error error) {
    if (std::exchange(refused_, digest) != digest) return false;
    return error;
  }

  const Services services_;
  Published<Settings> settings_;
  WorkerPool operations_pool_;
  std::atomic<bool> leaving_{false};
  ServerState clients_{Audience::clients, services_, settings_, operations_pool_, leaving_};
  ServerState operators_{Audience::operators, services_, settings_, operations_pool_, leaving_};
  SideListeners public_side_;  ///< its listeners are with the threads; its files go with this
  SideListeners private_side_;
  std::vector<std::unique_ptr<NetworkThread>> network_threads_;
  std::unique_ptr<NetworkThread> private_thread_;

  std::mutex updating_;           // guards what follows, and replacing settings_
  std::optional<Bytes> refused_;  ///< the digest of the files that could not be used the last time, if any could not
};

Result<std::unique_ptr<Server>> Server::open(ServerOptions options, Services services) {
  Result<std::shared_ptr<const TlsContext>> tls = load_tls(options.tls, nullptr);
  if (!tls) return tls.error();
  const std::size_t threads = options.threads > 0 ? options.threads : std::max(1u, std::thread::hardware_concurrency());
  Result<SideListeners> public_side = open_public_listeners(options, threads);
  if (!public_side) return public_side.error();
  Result<SideListeners> private_side = open_private_listeners(options);
  if (!private_side) return private_side.error();
  auto impl = std::make_unique<Impl>(Settings{std::move(options), *std::move(tls)}, std::move(services),
                                     *std::move(public_side), *std::move(private_side));
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
Server::~Server() = default;

std::uint16_t Server::port() const noexcept {
  return impl_->public_side().port;
}
std::uint16_t Server::private_port() const noexcept {
  return impl_->private_side().port;
}
const std::string& Server::addresses() const noexcept {
  return impl_->public_side().addresses;
}
const std::string& Server::private_addresses() const noexcept {
  return impl_->private_side().addresses;
}
Result<void> Server::update(const ServerOptions& options) {
  return impl_->update(options);
}
Result<bool> Server::reload_certificate() {
  return impl_->reload_certificate();
}
std::optional<CertificateInfo> Server::certificate() const {
  return impl_->certificate();
}
ServerLoad Server::load() const {
  return impl_->load();
}
void Server::run() {
  impl_->run();
}
void Server::drain() {
  impl_->drain();
}
void Server::stop_now() {
  impl_->stop_now();
}

}  // namespace mintmark::http
