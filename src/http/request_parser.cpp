#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/verb.hpp>

#include <charconv>
#include <utility>

#include "chunked_decoder.hpp"
#include "mintmark/base/secret.hpp"
#include "mintmark/base/text.hpp"
#include "mintmark/http/request.hpp"

namespace mintmark::http {
namespace {

namespace beast = boost::beast;
using beast::error_code;
using beast::http::field;
using beast::http::verb;

std::string_view view(beast::string_view text) noexcept {
  return {text.data(), text.size()};
}

Method method_of(verb method) noexcept {
  switch (method) {
    case verb::get:
      return Method::get;
    case verb::head:
      return Method::head;
    case verb::post:
      return Method::post;
    case verb::options:
      return Method::options;
    default:
      return Method::other;
  }
}

/// RFC 9110 §5.3.
void append_line(std::string& list, std::string_view line) {
  if (!list.empty()) list += ", ";
  list += line;
}

bool is_decimal(std::string_view text) noexcept {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// The path and query of a request target in origin-form or absolute-form (RFC 9112 §3.2); empty for the other forms,
/// which are for proxies and for nothing that is served here.
std::string_view strip_authority(std::string_view target) noexcept {
  if (target.starts_with('/')) return target;
  const std::size_t scheme_end = target.find("://");
  if (scheme_end == std::string_view::npos) return {};
  const std::string_view scheme = target.substr(0, scheme_end);
  if (!equals_ignoring_case(scheme, "http") && !equals_ignoring_case(scheme, "https")) return {};
  const std::size_t path = target.find_first_of("/?", scheme_end + 3);
  return path == std::string_view::npos ? "/" : target.substr(path);
}

void set_target(Request& request, std::string_view target) noexcept {
  const std::string_view stripped = strip_authority(target);
  const std::size_t question_mark = stripped.find('?');
  request.path = stripped.substr(0, question_mark);
  if (question_mark != std::string_view::npos) request.query = stripped.substr(question_mark + 1);
}

constexpr Refusal kMalformed{400, "the request is malformed"};
constexpr Refusal kRepeatedField{400, "a header field that must be single is repeated"};
constexpr Refusal kHeadTooLarge{431, "the header fields are too large"};
constexpr Refusal kTargetTooLong{414, "the request target is too long"};
constexpr Refusal kBodyTooLarge{413, "the body is too large"};

}  // namespace

class RequestParser::Impl final : public beast::http::basic_parser<true> {
 public:
  Impl(std::size_t max_header_bytes, std::size_t max_body_bytes)
      : max_header_bytes_(max_header_bytes), max_body_bytes_(max_body_bytes) {
    header_limit(static_cast<std::uint32_t>(max_header_bytes));
    skip(true);  // Beast reads heads here; bodies are framed below.
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() override {
    wipe(head_.data(), head_.size());
    wipe(request.body.data(), request.body.size());
  }

  std::size_t consume(std::string_view input);

  State progress = State::head;
  Request request;
  Refusal refusal = kMalformed;
  bool awaits_continue = false;

 private:
  std::optional<std::size_t> find_head_end(std::string_view input);
  void parse_head(std::string_view head);
  void check_head();
  void begin_body();
  std::size_t read_body(std::string_view input);
  std::size_t read_chunked_body(std::string_view input);
  void refuse(const Refusal& why) noexcept {
    refusal = why;
    progress = State::refused;
  }
  /// For the callbacks: the reason is kept here, `error` only makes the parser stop.
  void refuse(const Refusal& why, error_code& error) noexcept {
    refuse(why);
    error = beast::http::error::bad_field;
  }
  /// https://www.w3.org/TR/trace-context/: what is not valid is as if it were not there. Of two, neither is right.
  void set_trace(std::string_view value) noexcept {
    request.trace =
        std::exchange(has_traceparent_, true) ? TraceContext() : parse_traceparent(value).value_or(TraceContext());
  }
  void set_once(std::optional<std::string_view>& member, std::string_view value, error_code& error) noexcept {
    if (member) return refuse(kRepeatedField, error);
    member = value;
  }

  void on_request_impl(verb method, beast::string_view method_text, beast::string_view target, int version,
                       error_code& error) override;
  void on_response_impl(int, beast::string_view, int, error_code&) override {}
  void on_field_impl(field name, beast::string_view name_text, beast::string_view value, error_code& error) override;
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(beast::string_view, error_code&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view, error_code&) override { return 0; }
  void on_finish_impl(error_code&) override {}

  const std::size_t max_header_bytes_;
  const std::size_t max_body_bytes_;
  std::string head_;            ///< what the request's views are views of
  std::size_t line_begin_ = 0;  ///< of the first line that is not complete
  std::size_t scanned_ = 0;
  bool skipped_empty_line_ = false;
  bool http_1_0_ = false;
  std::optional<std::string_view> host_;
  std::optional<std::string_view> content_length_;
  std::optional<std::string_view> transfer_encoding_;
  std::optional<std::string_view> expect_;
  bool has_traceparent_ = false;
  std::size_t body_bytes_ = 0;  ///< as Content-Length says
  std::optional<ChunkedDecoder> chunks_;
};

std::size_t RequestParser::Impl::consume(std::string_view input) {
  if (progress == State::body) return chunks_ ? read_chunked_body(input) : read_body(input);
  // RFC 9112 §2.2: some clients send an empty line after a body.
  if (!skipped_empty_line_ && line_begin_ == 0 && input.starts_with("\r\n")) {
    skipped_empty_line_ = true;
    scanned_ = 0;
    return 2;
  }
  const std::optional<std::size_t> end = find_head_end(input);
  if (!end) return 0;
  parse_head(input.substr(0, *end));
  return *end;
}

/// Where the head ends, if it does. Refuses, before the lenient parser sees them, lines that end in a bare LF and lines
/// that continue the one before (obs-fold): RFC 9112 §2.2 and §5.2.
std::optional<std::size_t> RequestParser::Impl::find_head_end(std::string_view input) {
  const std::string_view within = input.substr(0, max_header_bytes_);
  for (;;) {
    const std::size_t line_end = within.find('\n', scanned_);
    if (line_end == std::string_view::npos) break;
    scanned_ = line_end + 1;
    const char first = within[line_begin_];
    const bool folded = line_begin_ > 0 && (first == ' ' || first == '\t');
    if (line_end == line_begin_ || within[line_end - 1] != '\r' || folded) {
      refuse(kMalformed);
      return std::nullopt;
    }
    const bool empty = line_end == line_begin_ + 1;
    line_begin_ = scanned_;
    if (empty) return scanned_;
  }
  scanned_ = within.size();
  if (input.size() >= max_header_bytes_) refuse(line_begin_ == 0 ? kTargetTooLong : kHeadTooLarge);
  return std::nullopt;
}

void RequestParser::Impl::parse_head(std::string_view head) {
  head_.assign(head);
  error_code error;
  put(boost::asio::const_buffer(head_.data(), head_.size()), error);
  if (progress == State::refused) return;
  if (error || !is_done()) return refuse(kMalformed);
  check_head();
  if (progress != State::refused) begin_body();
}

/// The rules that need the whole head.
void RequestParser::Impl::check_head() {
  // RFC 9112 §3.2. Host is not used, but who does not send it is no HTTP/1.1 client.
  if (!http_1_0_ && !host_) return refuse(kMalformed);
  // RFC 9112 §6.1: an HTTP/1.0 recipient on the way would not have understood it.
  if (http_1_0_ && transfer_encoding_) return refuse(kMalformed);
  if (expect_ && !http_1_0_) {
    if (!equals_ignoring_case(*expect_, "100-continue")) return refuse({417, "only 100-continue can be expected"});
    awaits_continue = true;
  }
  if (request.method == Method::post && !content_length_ && !transfer_encoding_) {
    return refuse({411, "Content-Length is missing"});
  }
  request.keep_alive = !http_1_0_ && keep_alive();
}

void RequestParser::Impl::begin_body() {
  progress = State::body;
  // Room for all of it at once, because growing would leave copies of a password behind.
  if (transfer_encoding_) {
    chunks_.emplace(max_body_bytes_, max_header_bytes_);
    request.body.reserve(max_body_bytes_);
    return;
  }
  const std::string_view length = content_length_.value_or("0");
  const auto parsed = std::from_chars(length.data(), length.data() + length.size(), body_bytes_);
  if (parsed.ec != std::errc()) return refuse(kMalformed);
  if (body_bytes_ > max_body_bytes_) return refuse(kBodyTooLarge);
  request.body.reserve(body_bytes_);
  if (body_bytes_ == 0) progress = State::complete;
}

std::size_t RequestParser::Impl::read_body(std::string_view input) {
  const std::string_view part = input.substr(0, body_bytes_ - request.body.size());
  request.body += part;
  if (request.body.size() == body_bytes_) progress = State::complete;
  return part.size();
}

std::size_t RequestParser::Impl::read_chunked_body(std::string_view input) {
  const std::size_t used = chunks_->consume(input, request.body);
  switch (chunks_->state()) {
    case ChunkedDecoder::State::more:
      break;
    case ChunkedDecoder::State::done:
      progress = State::complete;
      break;
    case ChunkedDecoder::State::malformed:
      refuse(kMalformed);
      break;
    case ChunkedDecoder::State::body_too_large:
      refuse(kBodyTooLarge);
      break;
    case ChunkedDecoder::State::extras_too_large:
      refuse(kHeadTooLarge);
      break;
  }
  return used;
}

void RequestParser::Impl::on_request_impl(verb method, beast::string_view, beast::string_view target, int version,
                                          error_code&) {
  request.method = method_of(method);
  http_1_0_ = version == 10;
  set_target(request, view(target));
}

void RequestParser::Impl::on_field_impl(field name, beast::string_view name_text, beast::string_view field_value,
                                        error_code& error) {
  const std::string_view value = view(field_value);
  switch (name) {
    case field::host:
      return set_once(host_, value, error);
    case field::content_length:
      // RFC 9112 §6.3: the parser would take "5, 5".
      if (!is_decimal(value)) return refuse(kMalformed, error);
      return set_once(content_length_, value, error);
    case field::transfer_encoding:
      // RFC 9112 §6.1: the parser would take "chunked, gzip" for no body at all.
      if (!equals_ignoring_case(value, "chunked")) return refuse({501, "the transfer coding is not supported"}, error);
      return set_once(transfer_encoding_, value, error);
    case field::expect:
      return set_once(expect_, value, error);
    case field::authorization:
      return set_once(request.authorization, value, error);
    case field::content_type:
      return set_once(request.content_type, value, error);
    case field::origin:
      return set_once(request.origin, value, error);
    case field::access_control_request_method:
      return set_once(request.access_control_request_method, value, error);
    case field::accept:
      if (!request.accept) request.accept = value;  // A further one could only express another preference.
      return;
    case field::if_none_match:
      if (!request.if_none_match) request.if_none_match = value;  // A further one could only save more bytes.
      return;
    case field::forwarded:
      return append_line(request.forwarded, value);
    case field::unknown:  // to Beast
      if (equals_ignoring_case(view(name_text), "X-Forwarded-For")) return append_line(request.x_forwarded_for, value);
      if (equals_ignoring_case(view(name_text), "traceparent")) set_trace(value);
      if (equals_ignoring_case(view(name_text), "Client-Cert")) set_once(request.client_cert, value, error);
      if (equals_ignoring_case(view(name_text), "DPoP")) set_once(request.dpop, value, error);  // RFC 9449 §4.3
      return;
    default:
      return;
  }
}

RequestParser::RequestParser(std::size_t max_header_bytes, std::size_t max_body_bytes)
    : impl_(std::make_unique<Impl>(max_header_bytes, max_body_bytes)) {}
RequestParser::RequestParser(RequestParser&&) noexcept = default;
RequestParser& RequestParser::operator=(RequestParser&&) noexcept = default;
RequestParser::~RequestParser() = default;

std::size_t RequestParser::consume(std::string_view input) {
  return impl_->consume(input);
}
RequestParser::State RequestParser::state() const noexcept {
  return impl_->progress;
}
const Request& RequestParser::request() const noexcept {
  return impl_->request;
}
const Refusal& RequestParser::refusal() const noexcept {
  return impl_->refusal;
}
bool RequestParser::expects_continue() const noexcept {
  return impl_->awaits_continue;
}

}  // namespace mintmark::http
