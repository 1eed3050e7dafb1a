#include "mintmark/http/server.hpp"

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

#include "network_thread.hpp"
#include "server_state.hpp"

namespace mintmark::http {

class Server::Impl {
 public:
  Impl(ServerOptions options, Services services, Listeners listeners)
      : port_(listeners.port), state_{std::move(options), std::move(services)} {
    for (Listener& listener : listeners.sockets) {
      network_threads_.push_back(std::make_unique<NetworkThread>(std::move(listener), state_));
    }
  }

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  [[nodiscard]] ServerLoad load() const noexcept {
    return {.connections = state_.connections.load(std::memory_order_relaxed),
            .max_connections = state_.options.max_connections};
  }

  void run() {
    std::vector<std::jthread> threads;  // joined at the end, whatever ends this
    try {
      for (const auto& network_thread : network_threads_) {
        threads.emplace_back([&network_thread] { network_thread->run(); });
      }
    } catch (...) {
      stop_now();
      throw;
    }
  }

  void drain() {
    state_.draining = true;
    for (const auto& network_thread : network_threads_) {
      network_thread->drain();
    }
  }

  void stop_now() {
    state_.draining = true;
    state_.cut = true;
    for (const auto& network_thread : network_threads_) {
      network_thread->stop_now();
    }
  }

 private:
  const std::uint16_t port_;
  ServerState state_;
  std::vector<std::unique_ptr<NetworkThread>> network_threads_;
};

Result<std::unique_ptr<Server>> Server::open(ServerOptions options, Services services) {
  const std::size_t threads = options.threads > 0 ? options.threads : std::max(1u, std::thread::hardware_concurrency());
  Result<Listeners> listeners = open_listeners(options.address, options.port, threads);
  if (!listeners) return listeners.error();
  auto impl = std::make_unique<Impl>(std::move(options), std::move(services), *std::move(listeners));
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
Server::~Server() = default;

std::uint16_t Server::port() const noexcept {
  return impl_->port();
}
ServerLoad Server::load() const noexcept {
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
