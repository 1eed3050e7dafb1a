#include "network_thread.hpp"

#include <algorithm>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/wait_traits.hpp>
#include <chrono>
#include <list>
#include <string>
#include <utility>

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

std::optional<IpAddress> read_address(const asio::ip::address& address) {
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
  Impl(Listener listener, ServerState& state)
      : thread_(state),
        acceptor_(*thread_.io, listener.is_v6() ? tcp::v6() : tcp::v4(), listener.release()),
        ticker_(*thread_.io),
        accept_pause_(*thread_.io) {
    asio::co_spawn(*thread_.io, accept_connections(), asio::detached);
    asio::co_spawn(*thread_.io, watch_deadlines(), asio::detached);
  }

  void run();
  void post_drain() {
    asio::post(*thread_.io, [this] { drain(); });
  }
  void post_cut() {
    asio::post(*thread_.io, [this] {
      drain();
      cut();
    });
  }

 private:
  Task<> accept_connections();
  void report_accept_error(const error_code& error);
  void admit(Socket socket);
  void start_connection(Socket socket);
  void refuse(Socket socket);
  Task<> watch_deadlines();
  void drain();
  void accept_backlog();
  void cut();
  void report(std::string problem) {
    thread_.server.services.access_log.server_problem({}, unavailable(std::move(problem)));
  }

  ThreadContext thread_;
  Acceptor acceptor_;
  Timer ticker_;
  Timer accept_pause_;
  SteadyClock::time_point next_accept_report_;
  std::list<Connection> connections_;
  bool draining_ = false;
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
Task<> NetworkThread::Impl::accept_connections() {
  while (acceptor_.is_open()) {
    error_code error;
    Socket socket = co_await acceptor_.async_accept(resume_with(error));
    if (!acceptor_.is_open()) break;
    if (error == asio::error::connection_aborted) continue;
    if (!error) {
      admit(std::move(socket));
      continue;
    }
    report_accept_error(error);
    accept_pause_.expires_after(kPauseAfterAcceptError);
    co_await accept_pause_.async_wait(resume_with(error));
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
  const tcp::endpoint peer = socket.remote_endpoint(error);
  if (!error) socket.non_blocking(true, error);
  if (error) return;  // gone already
  socket.set_option(tcp::no_delay(true), error);
  const std::optional<IpAddress> address = read_address(peer.address());
  std::string remote_address = address ? address->str() : std::string();
  Result<ConnectionSlot, ConnectionRefusal> slot = ConnectionSlot::take(thread_.server, address);
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

/// As much as fits into the kernel's buffer: waiting for a client is what there is no room for.
void NetworkThread::Impl::refuse(Socket socket) {
  error_code ignored;
  socket.write_some(asio::buffer(render_full(thread_.server.services.clock.now())), ignored);
  socket.shutdown(Socket::shutdown_send, ignored);
}

Task<> NetworkThread::Impl::watch_deadlines() {
  const Duration tick = tick_of(thread_.server.options);
  while (!draining_ || !connections_.empty()) {
    ticker_.expires_after(tick);
    error_code cancelled;
    co_await ticker_.async_wait(resume_with(cancelled));
    const SteadyClock::time_point now = SteadyClock::now();
    if (now >= cut_at_) cut();
    for (Connection& connection : connections_) {
      connection.check_deadline(now);
    }
  }
}

void NetworkThread::Impl::drain() {
  if (draining_) return;
  draining_ = true;
  cut_at_ = SteadyClock::now() + thread_.server.options.drain_time;
  for (Connection& connection : connections_) {
    connection.drain();
  }
  accept_backlog();
  error_code ignored;
  acceptor_.close(ignored);
  accept_pause_.cancel();
  if (connections_.empty()) ticker_.cancel();
}

/// Closing the listener resets connections that nobody has accepted, and with them requests that they brought.
void NetworkThread::Impl::accept_backlog() {
  error_code error;
  acceptor_.non_blocking(true, error);
  while (!error) {
    Socket socket = acceptor_.accept(error);
    if (!error) admit(std::move(socket));
  }
}

void NetworkThread::Impl::cut() {
  thread_.server.cut.store(true, std::memory_order_relaxed);
  for (Connection& connection : connections_) {
    connection.cut();
  }
}

NetworkThread::NetworkThread(Listener listener, ServerState& state)
    : impl_(std::make_unique<Impl>(std::move(listener), state)) {}
NetworkThread::~NetworkThread() = default;

void NetworkThread::run() {
  impl_->run();
}
void NetworkThread::drain() {
  impl_->post_drain();
}
void NetworkThread::stop_now() {
  impl_->post_cut();
}

}  // namespace mintmark::http
