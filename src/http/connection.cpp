#include "connection.hpp"

#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

#include "mintmark/base/base64.hpp"
#include "mintmark/base/secret.hpp"
#include "mintmark/crypto/random.hpp"

namespace mintmark::http {
namespace {

constexpr std::size_t kReadBytes = 4096;
constexpr std::size_t kMaxLingerBytes = std::size_t{256} * 1024;
constexpr Duration kLingerTime = std::chrono::seconds(1);
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

std::string make_request_id() {
  constexpr std::size_t kBytes = 12;  // 16 characters
  return encode_base64url(crypto::random_bytes(kBytes));
}

std::shared_ptr<const oauth::PresentedCertificate> read_peer_certificate(const Stream& stream) {
  const std::optional<Stream::PeerCertificate> peer = stream.peer_certificate();
  if (!peer) return nullptr;
  Result<crypto::Certificate> certificate = crypto::parse_certificate(peer->der);
  if (!certificate) return nullptr;
  return std::make_shared<const oauth::PresentedCertificate>(
      oauth::PresentedCertificate{*std::move(certificate), peer->has_good_chain});
}

}  // namespace

Connection::Connection(ConnectionSlot slot, Socket socket, std::string remote_address, ThreadContext& thread)
    : slot_(std::move(slot)),
      stream_(std::move(socket), thread.tls()),
      remote_address_(std::move(remote_address)),
      thread_(thread) {}

Task<> Connection::serve() {
  if (stream_.is_tls()) {
    const bool begun = co_await begin_tls();
    if (!begun) co_return cut();
  }
  for (std::size_t served = 1; co_await read_request(); ++served) {
    request_id_ = make_request_id();
    client_address_ = find_client();
    const Answer answer = co_await find_answer();
    const After after = after_answer(answer, served);
    const bool written = co_await write_answer(answer, after);
    parser_.reset();
    if (!written) break;
    if (after == After::close) {
      co_await linger();
      break;
    }
  }
  cut();
}

/// True if requests can come.
Task<bool> Connection::begin_tls() {
  enter(Phase::shaking_hands, thread_.options().request_deadline);
  const Stream::Handshake outcome = co_await stream_.shake_hands();
  if (outcome == Stream::Handshake::done) {
    certificate_ = read_peer_certificate(stream_);
    client_demand_ = thread_.client_demand();
    co_return true;
  }
  if (!stream_.failure().empty()) {
    thread_.server.services.access_log.handshake_failed({remote_address_, stream_.failure()});
  }
  if (outcome == Stream::Handshake::plain_http) {
    co_await refuse_plain_http();
  } else if (!timed_out_) {
    stream_.finish_sending();
    co_await discard_input();  // what is left of the handshake, for the alert's sake
  }
  co_return false;
}

/// Whoever has written http for https is told so.
Task<> Connection::refuse_plain_http() {
  started_ = std::chrono::steady_clock::now();
  request_id_ = make_request_id();
  client_address_ = remote_address_;
  parser_.emplace(0, 0);
  refusal_.emplace(Refusal{400, "this port speaks TLS: use https"});
  const Answer answer = render_refusal(refusal_->status, refusal_->text);
  const bool written = co_await write_answer(answer, After::close);
  if (written) co_await linger();
}

/// True if there is a request, or a refusal of one.
Task<bool> Connection::read_request() {
  refusal_.reset();
  if (input_.empty()) {
    input_.release();
    std::string().swap(output_);  // assigning an empty one would keep the memory
    enter(Phase::idle, thread_.options().idle_timeout);
    if (thread_.server.draining.load(std::memory_order_relaxed) && !stream_.has_unread_bytes()) co_return false;
    if (!stream_.has_buffered_bytes()) {
      error_code error;
      co_await stream_.wait(Socket::wait_read, error);
      if (error) co_return false;
    }
  }
  started_ = std::chrono::steady_clock::now();
  enter(Phase::reading, thread_.options().request_deadline);
  parser_.emplace(thread_.options().max_header_bytes, thread_.options().max_body_bytes);
  bool continue_sent = false;
  for (;;) {
    parse_input();
    if (parser_->state() == RequestParser::State::complete || refusal_) co_return true;
    if (!continue_sent && input_.empty() && parser_->expects_continue()) {
      continue_sent = true;
      if (!co_await send_continue()) co_return false;
    }
    const Received received = co_await receive();
    if (received == Received::end) co_return false;
    if (received == Received::timeout) {
      refusal_.emplace(Refusal{408, "the request took too long"});
      co_return true;
    }
  }
}

void Connection::parse_input() {
  while (!input_.empty()) {
    const std::size_t used = parser_->consume(input_.view());
    input_.consume(used);
    if (parser_->state() == RequestParser::State::complete) return;
    if (parser_->state() == RequestParser::State::refused) {
      refusal_ = parser_->refusal();
      return;
    }
    if (used == 0) return;
  }
}

Task<bool> Connection::send_continue() {
  error_code error;
  co_await stream_.write(kContinue, error);
  co_return !error;
}

Task<Connection::Received> Connection::receive() {
  for (;;) {
    const Stream::Progress progress = stream_.try_read(input_.prepare(kReadBytes));
    if (progress.bytes > 0) {
      input_.commit(progress.bytes);
      co_return Received::bytes;
    }
    if (!progress.wait) co_return Received::end;
    error_code error;
    co_await stream_.wait(*progress.wait, error);
    if (timed_out_) co_return Received::timeout;
    if (error) co_return Received::end;
  }
}

/// The one place where a bug becomes a 500 instead of the end of the server.
Task<Answer> Connection::find_answer() {
  enter_without_deadline(Phase::working);
  if (refusal_) co_return render_refusal(refusal_->status, refusal_->text);
  const Exchange exchange{request_id_, client_address_, parser_->request().trace, find_certificate()};
  std::string problem;
  try {
    Reaction reaction = thread_.dispatcher.react(parser_->request(), exchange);
    if (Answer* answer = std::get_if<Answer>(&reaction)) co_return std::move(*answer);
    Deferred& deferred = std::get<Deferred>(reaction);
    std::optional<Answer> answer = co_await run(deferred);
    if (!answer) co_return std::move(deferred.if_busy);
    co_return std::move(*answer);
  } catch (const std::exception& exception) {
    problem = exception.what();
  } catch (...) {
    problem = "an exception of unknown type";
  }
  thread_.server.services.access_log.server_problem(request_id_, {ErrorKind::corrupt, "request failed: " + problem});
  co_return render_oauth_error({oauth::OAuthCode::server_error, "internal error"}, HeaderAuth::absent, request_id_);
}

/// Runs the job on its pool and comes back to this thread. None if the pool is full, or let the job wait for so long
/// that its client may have gone. Throws what the job threw.
Task<std::optional<Answer>> Connection::run(Deferred& deferred) {
  std::optional<Answer> answer;
  std::exception_ptr failure;
  const TimePoint too_late = std::chrono::steady_clock::now() + thread_.options().request_deadline;
  const auto is_worthwhile = [&cut = thread_.server.cut, too_late] {
    return !cut.load(std::memory_order_relaxed) && std::chrono::steady_clock::now() < too_late;
  };
  const auto work = [&deferred, &answer, &failure, &is_worthwhile] {
    try {
      if (is_worthwhile()) answer = deferred.job();
    } catch (...) {
      failure = std::current_exception();
    }
  };
  const auto submit = [&deferred, &work, io = thread_.io](auto handler) {
    // The io_context is held by the job, because post() may still touch it when this thread has long gone on.
    auto resume = std::make_shared<decltype(handler)>(std::move(handler));
    const bool submitted = deferred.pool.try_submit([&work, io, resume] {
      work();
      asio::post(*io, [resume] { std::move (*resume)(); });
    });
    if (!submitted) asio::post(*io, [resume] { std::move (*resume)(); });
  };
  constexpr asio::use_awaitable_t<Executor> kAwait;
  co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(submit, kAwait);
  if (failure) std::rethrow_exception(failure);
  co_return answer;
}

std::string Connection::find_client() {
  const ServerOptions& options = thread_.options();
  if (refusal_ || options.trusted_proxies.empty()) return remote_address_;
  const Request& request = parser_->request();
  return find_client_address(
      options.trusted_proxies, options.forwarded_header, remote_address_,
      options.forwarded_header == ForwardedHeader::forwarded ? request.forwarded : request.x_forwarded_for);
}

std::shared_ptr<const oauth::PresentedCertificate> Connection::find_certificate() {
  const ServerOptions& options = thread_.options();
  if (options.trusted_proxies.contains_peer(remote_address_)) {
    // The proxy's own certificate, if it has one, is no client's.
    const std::optional<std::string_view> field = parser_->request().client_cert;
    const bool is_believed = field && options.client_cert_field != ClientCertField::ignored;
    return is_believed ? read_client_cert(*field, options.client_cert_field) : nullptr;
  }
  // An authority may have been taken away since the handshake.
  return certificate_ && client_demand_ == thread_.client_demand() ? certificate_ : nullptr;
}

Connection::After Connection::after_answer(const Answer& answer, std::size_t served) const {
  // RFC 9112 §9.3: after a refusal nobody can tell where the next request would begin.
  const bool last = refusal_ || answer.status == 500 || !parser_->request().keep_alive ||
                    served >= thread_.options().max_requests_per_connection ||
                    thread_.server.last_answers.load(std::memory_order_relaxed);
  return last ? After::close : After::next_request;
}

Task<bool> Connection::write_answer(const Answer& answer, After after) {
  enter(Phase::writing, thread_.options().write_deadline);
  append_answer(output_, answer,
                {.date = thread_.date.render(thread_.server.services.clock.now()),
                 .request_id = request_id_,
                 .close = after == After::close,
                 .head_only = parser_->request().method == Method::head});
  error_code error;
  const std::size_t written = co_await stream_.write(output_, error);
  log_answer(answer, written);
  wipe(output_.data(), output_.size());
  output_.clear();
  co_return !error;
}

void Connection::log_answer(const Answer& answer, std::size_t bytes) const {
  const Request& request = parser_->request();
  const auto duration = std::chrono::steady_clock::now() - started_;
  thread_.server.services.access_log.request_served({
      .method = request.method,
      .route = thread_.dispatcher.find_route(request),
      .status = answer.status,
      .duration = std::chrono::duration_cast<std::chrono::microseconds>(duration),
      .answer_bytes = bytes,
      .complete = bytes == output_.size(),
      .request_id = request_id_,
      .remote_address = client_address_,
      .error = answer.error,
      .grant = answer.grant,
      .trace = request.trace,
  });
}

/// RFC 9112 §9.6: closing while the client still sends would reset the connection and could take the answer with it.
Task<> Connection::linger() {
  stream_.finish_sending();
  if (!refusal_ && input_.empty()) co_return;
  co_await discard_input();
}

Task<> Connection::discard_input() {
  enter(Phase::lingering, kLingerTime);
  for (std::size_t discarded = 0; discarded < kMaxLingerBytes;) {
    input_.release();
    if (co_await receive() != Received::bytes) break;
    discarded += input_.view().size();
  }
}

void Connection::enter(Phase phase, Duration deadline) {
  phase_ = phase;
  deadline_ = std::chrono::steady_clock::now() + deadline;
  timed_out_ = false;
}

void Connection::enter_without_deadline(Phase phase) {
  phase_ = phase;
  deadline_ = TimePoint::max();
}

void Connection::check_deadline(TimePoint now) {
  if (now < deadline_) return;
  deadline_ = TimePoint::max();
  if (phase_ != Phase::reading) return cut();
  timed_out_ = true;
  stream_.cancel();
}

void Connection::drain() {
  if (phase_ == Phase::idle && !stream_.has_unread_bytes()) cut();
}

void Connection::cut() {
  stream_.close();
}

}  // namespace mintmark::http
