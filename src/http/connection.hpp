#pragma once
// One client's connection: requests in order, each read within its deadline, answered and written before the next.
// Thread safety: none; everything runs on the thread of its io_context. Holds no buffer while it is idle.

#include <chrono>
#include <optional>
#include <string>

#include "asio_types.hpp"
#include "dispatcher.hpp"
#include "input_buffer.hpp"
#include "mintmark/http/http_date.hpp"
#include "mintmark/http/request.hpp"
#include "server_state.hpp"
#include "stream.hpp"

namespace mintmark::http {

/// What the connections of one network thread share.
class ThreadContext {
 public:
  explicit ThreadContext(ServerState& state) : server(state), dispatcher(state) {}

  /// What is in effect now. Valid until the next call. Takes a lock only after a change.
  [[nodiscard]] const Settings& settings() {
    if (const std::uint64_t version = server.settings.version(); version != version_) {
      settings_ = server.settings.load();
      version_ = version;
    }
    return *settings_;
  }
  /// What clients are asked for now; empty for bytes in clear.
  [[nodiscard]] Bytes client_demand() {
    const Settings& now = settings();
    return now.tls ? now.tls->client_demand() : Bytes();
  }
  [[nodiscard]] const ServerOptions& options() { return settings().options; }
  /// Null for bytes in clear.
  [[nodiscard]] SSL_CTX* tls() {
    const Settings& now = settings();
    return server.audience == Audience::clients && now.tls ? now.tls->handle() : nullptr;
  }

  ServerState& server;
  std::shared_ptr<asio::io_context> io = std::make_shared<asio::io_context>(1);
  Dispatcher dispatcher;
  HttpDate date;

 private:
  std::shared_ptr<const Settings> settings_;
  std::uint64_t version_ = 0;
};

class Connection {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// With TLS where the thread's settings have it now. Requires: `socket` does not block; `thread` outlives the
  /// connection.
  Connection(ConnectionSlot slot, Socket socket, std::string remote_address, ThreadContext& thread);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Until the client, a deadline, an error, drain() or cut() ends it. The connection must outlive the task.
  Task<> serve();

  /// Ends what should have been done by `now`.
  void check_deadline(TimePoint now);
  /// Ends the connection if it is idle. Requires: ServerState::draining, so that it ends after its request if not.
  void drain();
  void cut();

 private:
  enum class Phase { shaking_hands, idle, reading, working, writing, lingering };
  enum class Received { bytes, end, timeout };
  enum class After { next_request, close };

  Task<bool> begin_tls();
  Task<> refuse_plain_http();
  Task<bool> read_request();
  Task<bool> send_continue();
  Task<Received> receive();
  void parse_input();
  Task<Answer> find_answer();
  Task<std::optional<Answer>> run(Deferred& deferred);
  [[nodiscard]] After after_answer(const Answer& answer, std::size_t served) const;
  Task<bool> write_answer(const Answer& answer, After after);
  /// Whom the request is from. Of one that was not understood, nothing is believed.
  [[nodiscard]] std::string find_client();
  /// By which the client may be known: that of its own connection, or that which a trusted proxy shows.
  [[nodiscard]] std::shared_ptr<const oauth::PresentedCertificate> find_certificate();
  void log_answer(const Answer& answer, std::size_t bytes) const;
  Task<> linger();
  Task<> discard_input();
  void enter(Phase phase, Duration deadline);
  void enter_without_deadline(Phase phase);

  const ConnectionSlot slot_;
  Stream stream_;
  const std::string remote_address_;
  ThreadContext& thread_;

  std::shared_ptr<const oauth::PresentedCertificate> certificate_;  ///< of the peer; null without one
  Bytes client_demand_;                                             ///< that it was shown under
  Phase phase_ = Phase::idle;
  TimePoint deadline_ = TimePoint::max();
  bool timed_out_ = false;  ///< of this phase

  InputBuffer input_;
  std::string output_;

  // Of the current request:
  std::optional<RequestParser> parser_;
  std::optional<Refusal> refusal_;
  std::string request_id_;
  std::string client_address_;
  TimePoint started_;
};

}  // namespace mintmark::http
