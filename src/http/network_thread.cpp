#include "network_thread.hpp"

#include <algorithm>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/wait_traits.hpp>
#include <chrono>
#include <cstring>
#include <list>
#include <string>
#include <utility>
#include <vector>

#include "connection.hpp"

namespace mintmark::http {
namespace {

using SteadyClock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<SteadyClock, asio::wait_traits<SteadyClock>, Executor>;

constexpr Duration kPauseAfterAcceptError = std::chrono::milliseconds(100);
constexpr Duration kPauseAfterAcceptReport = std::chrono::seconds(10);

/// One timer looks after all connections, so a deadline is late by up to a quarter of the shortest one.
Duration tick_of(const ServerOptions& options) {
  const Duration shortest =
      std::min({options.request_deadline, options.write_deadline, options.idle_timeout, options.drain_time});
  return std::clamp<Duration>(shortest / 4, std::chrono::milliseconds(5), std::chrono::milliseconds(500));
}

/// An operator's scraper must not keep a server from ending.
constexpr Duration kOperatorsDrainTime = std::chrono::seconds(1);

/// None for a peer on a Unix-domain socket.
std::optional<IpAddress> read_address(const Protocol::endpoint& peer) {
  if (peer.protocol().family() == AF_UNIX) return std::nullopt;
  tcp::endpoint endpoint;
  endpoint.resize(peer.size());
  std::memcpy(endpoint.data(), peer.data(), peer.size());
  const asio::ip::address address = endpoint.address();
  if (address.is_v4()) return IpAddress::from_bytes(address.to_v4().to_bytes());
  return IpAddress::from_bytes(address.to_v6().to_bytes());
}

std::string render_full(Instant now) {
  HttpDate date;
  std::string out;
  append_answer(
      out,
      render_oauth_error({oauth::OAuthCode::temporarily_unavailable, "too many connections"}, HeaderAuth::absent, {}),
      {.date = date.render(now), .request_id = {}, .close = true});
  return out;
}

}  // namespace

class NetworkThread::Impl {
 public:
  Impl(std::vector<Listener> listeners, ServerState& state) : thread_(state), ticker_(*thread_.io) {
    for (Listener& listener : listeners) {
      const int protocol = listener.family() == AF_UNIX ? 0 : IPPROTO_TCP;
      Entrance& entrance = entrances_.emplace_back(*thread_.io);
      entrance.acceptor.assign(Protocol(listener.family(), protocol), listener.descriptor());
      (void)listener.release();
    }
    for (Entrance& entrance : entrances_) {
      asio::co_spawn(*thread_.io, accept_connections(entrance), asio::detached);
    }
    asio::co_spawn(*thread_.io, watch_deadlines(), asio::detached);
  }

  void run();
  void post_drain(Duration delay) {
    asio::post(*thread_.io, [this, delay] {
      drain_at_ = SteadyClock::now() + delay;
      if (delay <= Duration::zero()) drain();
    });
  }
  void post_cut() {
    asio::post(*thread_.io, [this] {
      drain();
      cut();
    });
  }

 private:
  struct Entrance {
    explicit Entrance(asio::io_context& io) : acceptor(io), pause(io) {}
    Acceptor acceptor;
    Timer pause;  ///< after an error
  };

  Task<> accept_connections(Entrance& entrance);
  void report_accept_error(const error_code& error);
  void admit(Socket socket);
  void start_connection(Socket socket);
  void refuse(Socket socket);
  Task<> watch_deadlines();
  void drain();
  void close(Entrance& entrance);
  void cut();
  void report(std::string problem) {
    thread_.server.services.access_log.server_problem({}, unavailable(std::move(problem)));
  }

  ThreadContext thread_;
  std::list<Entrance> entrances_;
  Timer ticker_;
  SteadyClock::time_point next_accept_report_;
  std::list<Connection> connections_;
  bool draining_ = false;
  SteadyClock::time_point drain_at_ = SteadyClock::time_point::max();
  SteadyClock::time_point cut_at_ = SteadyClock::time_point::max();
};

void NetworkThread::Impl::run() {
  for (;;) {
    try {
      thread_.io->run();
      return;
    } catch (const std::exception& exception) {
      report(std::string("network thread: ") + exception.what());
    }
  }
}

/// No error ends it: a server that has run out of descriptors for a moment must accept again afterwards.
Task<> NetworkThread::Impl::accept_connections(Entrance& entrance) {
  while (entrance.acceptor.is_open()) {
    error_code error;
    Socket socket = co_await entrance.acceptor.async_accept(resume_with(error));
    if (!entrance.acceptor.is_open()) break;
    if (error == asio::error::connection_aborted) continue;
    if (!error) {
      admit(std::move(socket));
      continue;
    }
    report_accept_error(error);
    entrance.pause.expires_after(kPauseAfterAcceptError);
    co_await entrance.pause.async_wait(resume_with(error));
  }
}

/// What keeps one connection out keeps the next ones out too: one line tells of all.
void NetworkThread::Impl::report_accept_error(const error_code& error) {
  const SteadyClock::time_point now = SteadyClock::now();
  if (now < next_accept_report_) return;
  next_accept_report_ = now + kPauseAfterAcceptReport;
  report("cannot accept a connection: " + error.message());
}

void NetworkThread::Impl::admit(Socket socket) {
  try {
    start_connection(std::move(socket));
  } catch (const std::exception& exception) {
    report(std::string("cannot serve a connection: ") + exception.what());
  }
}

void NetworkThread::Impl::start_connection(Socket socket) {
  error_code error;
  const Protocol::endpoint peer = socket.remote_endpoint(error);
  if (!error) socket.non_blocking(true, error);
  if (error) return;                              // gone already
  socket.set_option(tcp::no_delay(true), error);  // no matter for a Unix-domain socket
  const std::optional<IpAddress> address = read_address(peer);
  std::string remote_address = address ? address->str() : std::string(kUnixPeer);
  Result<ConnectionSlot, ConnectionRefusal> slot = ConnectionSlot::take(thread_.server, thread_.options(), address);
  if (!slot) {
    thread_.server.services.access_log.connection_refused(slot.error(), remote_address);
    return refuse(std::move(socket));
  }
  const auto place =
      connections_.emplace(connections_.end(), *std::move(slot), std::move(socket), std::move(remote_address), thread_);
  asio::co_spawn(*thread_.io, place->serve(), [this, place](const std::exception_ptr& failure) {
    if (failure) report("a connection ended by an exception");
    connections_.erase(place);
    if (draining_ && connections_.empty()) ticker_.cancel();
  });
}

/// As much as fits into the kernel's buffer: waiting for a client is what there is no room for, and so is a handshake.
void NetworkThread::Impl::refuse(Socket socket) {
  if (thread_.tls() != nullptr) return;
  error_code ignored;
  socket.write_some(asio::buffer(render_full(thread_.server.services.clock.now())), ignored);
  socket.shutdown(Socket::shutdown_send, ignored);
}

Task<> NetworkThread::Impl::watch_deadlines() {
  while (!draining_ || !connections_.empty()) {
    ticker_.expires_after(tick_of(thread_.options()));
    error_code cancelled;
    co_await ticker_.async_wait(resume_with(cancelled));
    const SteadyClock::time_point now = SteadyClock::now();
    if (now >= drain_at_) drain();
    if (now >= cut_at_) cut();
    for (Connection& connection : connections_) {
      connection.check_deadline(now);
    }
  }
}

void NetworkThread::Impl::drain() {
  if (draining_) return;
  draining_ = true;
  thread_.server.draining.store(true, std::memory_order_relaxed);
  const Duration time = thread_.options().drain_time;
  cut_at_ =
      SteadyClock::now() + (thread_.server.audience == Audience::clients ? time : std::min(time, kOperatorsDrainTime));
  for (Connection& connection : connections_) {
    connection.drain();
  }
  for (Entrance& entrance : entrances_) {
    close(entrance);
  }
  if (connections_.empty()) ticker_.cancel();
}

/// Closing a listener resets connections that nobody has accepted, and with them requests that they brought.
void NetworkThread::Impl::close(Entrance& entrance) {
  error_code error;
  entrance.acceptor.non_blocking(true, error);
  while (!error) {
    Socket socket = entrance.acceptor.accept(error);
    if (!error) admit(std::move(socket));
  }
  entrance.acceptor.close(error);
  entrance.pause.cancel();
}

void NetworkThread::Impl::cut() {
  thread_.server.cut.store(true, std::memory_order_relaxed);
  for (Connection& connection : connections_) {
    connection.cut();
  }
}

NetworkThread::NetworkThread(std::vector<Listener> listeners, ServerState& state)
    : impl_(std::make_unique<Impl>(std::move(listeners), state)) {}
NetworkThread::~NetworkThread() = default;

void NetworkThread::run() {
  impl_->run();
}
void NetworkThread::drain(Duration delay) {
  impl_->post_drain(delay);
}
void NetworkThread::stop_now() {
  impl_->post_cut();
}

}  // namespace mintmark::http
