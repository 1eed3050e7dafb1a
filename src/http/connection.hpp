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

namespace mintmark::http {

/// What the connections of one network thread share.
struct ThreadContext {
  explicit ThreadContext(ServerState& state)
      : server(state), dispatcher(server.services, server.options, server.draining) {}

  ServerState& server;
  std::shared_ptr<asio::io_context> io = std::make_shared<asio::io_context>(1);
  Dispatcher dispatcher;
  HttpDate date;
};

class Connection {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// Requires: `socket` does not block; `thread` outlives the connection.
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
  enum class Phase { idle, reading, working, writing, lingering };
  enum class Received { bytes, end, timeout };
  enum class After { next_request, close };

  Task<bool> read_request();
  Task<bool> send_continue();
  Task<Received> receive();
  void parse_input();
  Task<Answer> find_answer();
  Task<std::optional<Answer>> run(Deferred& deferred);
  [[nodiscard]] After after_answer(const Answer& answer, std::size_t served) const;
  Task<bool> write_answer(const Answer& answer, After after);
  /// A request that the kernel has is in flight, although nobody here has seen it.
  [[nodiscard]] bool has_unread_bytes() const;
  /// Whom the request is from. Of one that was not understood, nothing is believed.
  [[nodiscard]] std::string find_client() const;
  void log_answer(const Answer& answer, std::size_t bytes) const;
  Task<> linger();
  void enter(Phase phase, Duration deadline);
  void enter_without_deadline(Phase phase);

  const ConnectionSlot slot_;
  Socket socket_;
  const std::string remote_address_;
  ThreadContext& thread_;

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
