#include "mintmark/ops/event_counters.hpp"

#include <prometheus/collectable.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <string_view>

#include "duration_histogram.hpp"
#include "metric_family.hpp"
#include "sharded_cells.hpp"

namespace mintmark::ops {
namespace {

using http::Method;
using http::Route;
using oauth::GrantType;
using oauth::OAuthCode;

constexpr std::string_view kNone = "none";

/// How many enumerators there are, given the last one.
template <class Enum>
constexpr std::size_t count_to(Enum last) noexcept {
  return static_cast<std::size_t>(last) + 1;
}

constexpr std::size_t kMethods = count_to(Method::other);
constexpr std::size_t kRoutes = count_to(Route::other);
constexpr std::size_t kGrants = count_to(GrantType::token_exchange);
constexpr std::size_t kNoGrant = kGrants;
constexpr std::size_t kCodes = count_to(OAuthCode::server_error);
constexpr std::size_t kAlgs = count_to(jose::Alg::ML_DSA_87);
constexpr std::size_t kNoAlg = kAlgs;  // of an opaque token
constexpr std::size_t kKeyManagements = count_to(jose::KeyManagement::PBES2_HS512_A256KW);
constexpr std::size_t kConnectionRefusals = count_to(http::ConnectionRefusal::too_many_of_source);
constexpr std::size_t kErrorKinds = count_to(ErrorKind::unsupported);

/// Within its block also where an enumerator is added behind the last one that is named above.
template <class Enum>
std::size_t index_of(Enum value, std::size_t count) noexcept {
  return std::min(static_cast<std::size_t>(value), count - 1);
}

std::size_t index_of(const std::optional<GrantType>& grant) noexcept {
  return grant ? index_of(*grant, kGrants) : kNoGrant;
}

std::string_view grant_name(std::size_t index) noexcept {
  return index == kNoGrant ? kNone : oauth::name(static_cast<GrantType>(index));
}

/// Every status that is answered, and at the end what else there may be.
struct Status {
  unsigned code;
  std::string_view text;
};
constexpr std::array kStatuses = {
    Status{200, "200"}, Status{204, "204"}, Status{304, "304"}, Status{400, "400"}, Status{401, "401"},
    Status{403, "403"}, Status{404, "404"}, Status{405, "405"}, Status{406, "406"}, Status{408, "408"},
    Status{411, "411"}, Status{413, "413"}, Status{414, "414"}, Status{415, "415"}, Status{417, "417"},
    Status{429, "429"}, Status{431, "431"}, Status{500, "500"}, Status{501, "501"}, Status{503, "503"},
    Status{0, "other"},
};

std::size_t status_index(unsigned status) noexcept {
  const auto* const found = std::ranges::find(kStatuses.begin(), kStatuses.end() - 1, status, &Status::code);
  return static_cast<std::size_t>(found - kStatuses.begin());
}

/// Why HTTP itself refuses, where the code of RFC 6749 says no more than invalid_request.
constexpr std::array kHttpReasons = {
    Status{404, "not_found"},          Status{405, "method_not_allowed"},      Status{408, "request_timeout"},
    Status{411, "length_required"},    Status{413, "body_too_large"},          Status{414, "target_too_long"},
    Status{415, "unsupported_media"},  Status{417, "unsupported_expectation"}, Status{431, "head_too_large"},
    Status{501, "unsupported_coding"},
};
constexpr std::size_t kReasons = kCodes + kHttpReasons.size();

std::size_t reason_index(unsigned status, OAuthCode code) noexcept {
  const auto* const found = std::ranges::find(kHttpReasons, status, &Status::code);
  if (found == kHttpReasons.end()) return index_of(code, kCodes);
  return kCodes + static_cast<std::size_t>(found - kHttpReasons.begin());
}

std::string_view reason_name(std::size_t index) noexcept {
  return index < kCodes ? oauth::name(static_cast<OAuthCode>(index)) : kHttpReasons[index - kCodes].text;
}

/// What a client can end.
constexpr std::array<std::string_view, 2> kRevocations = {"access_token", "refresh_family"};

enum class KeyEvent { created, activated, revoked, removed };
constexpr std::array<std::string_view, 4> kKeyEvents = {"created", "activated", "revoked", "removed"};

// Where in the cells each family begins. Within it, the last dimension varies fastest.
constexpr std::size_t kRequests = 0;
constexpr std::size_t kDurations = kRequests + kRoutes * kMethods * kStatuses.size();
constexpr std::size_t kTokenDurations = kDurations + kRoutes * DurationHistogram::kCells;
constexpr std::size_t kBytes = kTokenDurations + (kGrants + 1) * DurationHistogram::kCells;
constexpr std::size_t kIncomplete = kBytes + kRoutes;
constexpr std::size_t kRefusals = kIncomplete + 1;
constexpr std::size_t kIssued = kRefusals + kRoutes * kReasons;
constexpr std::size_t kRefused = kIssued + kGrants * (kAlgs + 1);
constexpr std::size_t kEncrypted = kRefused + (kGrants + 1) * kCodes;
constexpr std::size_t kRefreshReuses = kEncrypted + kKeyManagements;
constexpr std::size_t kRevoked = kRefreshReuses + 1;
constexpr std::size_t kHashDurations = kRevoked + kRevocations.size();
constexpr std::size_t kKeyChanges = kHashDurations + DurationHistogram::kCells;
constexpr std::size_t kFetched = kKeyChanges + kKeyEvents.size();
constexpr std::size_t kNotFetched = kFetched + 1;
constexpr std::size_t kSetFetched = kNotFetched + kErrorKinds;
constexpr std::size_t kSetNotFetched = kSetFetched + 1;
constexpr std::size_t kProblems = kSetNotFetched + kErrorKinds;
constexpr std::size_t kReloads = kProblems + kErrorKinds;
constexpr std::size_t kFailedReloads = kReloads + 1;
constexpr std::size_t kRefusedConnections = kFailedReloads + 1;
constexpr std::size_t kCells = kRefusedConnections + kConnectionRefusals;

}  // namespace

class EventCounters::Impl final : public prometheus::Collectable {
 public:
  void request_served(const http::ServedRequest& request) noexcept {
    const std::size_t route = index_of(request.route, kRoutes);
    const std::size_t method = index_of(request.method, kMethods);
    cells_.add(kRequests + (route * kMethods + method) * kStatuses.size() + status_index(request.status));
    cells_.add(kBytes + route, request.answer_bytes);
    request_durations(route).observe(request.duration);
    if (request.route == Route::token && request.method == Method::post) {
      token_durations(index_of(request.grant)).observe(request.duration);
    }
    if (request.error) cells_.add(kRefusals + route * kReasons + reason_index(request.status, *request.error));
    if (!request.complete) cells_.add(kIncomplete);
  }

  void token_issued(const oauth::Issuance& issuance) noexcept {
    const std::size_t grant = index_of(issuance.admission.authorization().grant, kGrants);
    cells_.add(kIssued + grant * (kAlgs + 1) + (issuance.alg ? index_of(*issuance.alg, kAlgs) : kNoAlg));
    if (issuance.encryption != nullptr) {
      cells_.add(kEncrypted + index_of(issuance.encryption->alg, kKeyManagements));
    }
  }

  void token_refused(const oauth::Refusal& refusal) noexcept {
    if (refusal.endpoint != oauth::Endpoint::token) return;  // counted by route and code already
    cells_.add(kRefused + index_of(refusal.grant) * kCodes + index_of(refusal.error.code, kCodes));
  }

  void add(std::size_t cell) noexcept { cells_.add(cell); }
  void add(KeyEvent event) noexcept { cells_.add(kKeyChanges + static_cast<std::size_t>(event)); }
  void add(std::size_t first, ErrorKind kind) noexcept { cells_.add(first + index_of(kind, kErrorKinds)); }

  void config_reloaded(bool ok, Instant now) noexcept {
    cells_.add(ok ? kReloads : kFailedReloads);
    last_reload_ok_.store(ok, std::memory_order_relaxed);
    if (ok) last_good_reload_.store(now, std::memory_order_relaxed);
  }

  DurationHistogram hash_durations() noexcept { return {cells_, kHashDurations}; }

  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override {
    std::vector<prometheus::MetricFamily> families;
    collect_http(families);
    collect_tokens(families);
    collect_keys(families);
    collect_config(families);
    return families;
  }

 private:
  DurationHistogram request_durations(std::size_t route) const noexcept {
    return {cells_, kDurations + route * DurationHistogram::kCells};
  }
  DurationHistogram token_durations(std::size_t grant) const noexcept {
    return {cells_, kTokenDurations + grant * DurationHistogram::kCells};
  }

  void collect_http(std::vector<prometheus::MetricFamily>& families) const;
  void collect_tokens(std::vector<prometheus::MetricFamily>& families) const;
  void collect_keys(std::vector<prometheus::MetricFamily>& families) const;
  void collect_config(std::vector<prometheus::MetricFamily>& families) const;
  [[nodiscard]] prometheus::MetricFamily collect_fetches(MetricFamilyBuilder family, std::size_t fetched,
                                                         std::size_t not_fetched) const;

  mutable ShardedCells cells_{kCells};
  std::atomic<bool> last_reload_ok_{true};
  std::atomic<Instant> last_good_reload_{Instant()};
};

/// Combinations that have not occurred are left out: of methods, routes and statuses most never do.
void EventCounters::Impl::collect_http(std::vector<prometheus::MetricFamily>& families) const {
  auto requests = counter("mintmark_http_requests_total", "Requests answered, refused ones included.");
  auto refusals = counter("mintmark_refusals_total", "Requests refused, by the reason.");
  auto durations = histogram("mintmark_http_request_duration_seconds",
                             "From the first byte of a request to the last one of its answer.");
  auto bytes = counter("mintmark_http_response_bytes_total", "Bytes of answers sent, heads included.");
  for (std::size_t route = 0; route < kRoutes; ++route) {
    const std::string_view route_name = http::name(static_cast<Route>(route));
    for (std::size_t method = 0; method < kMethods; ++method) {
      for (std::size_t status = 0; status < kStatuses.size(); ++status) {
        const std::uint64_t count = cells_.total(kRequests + (route * kMethods + method) * kStatuses.size() + status);
        if (count == 0) continue;
        requests.add({{"route", route_name},
                      {"method", http::name(static_cast<Method>(method))},
                      {"code", kStatuses[status].text}},
                     count);
      }
    }
    for (std::size_t reason = 0; reason < kReasons; ++reason) {
      const std::uint64_t count = cells_.total(kRefusals + route * kReasons + reason);
      if (count > 0) refusals.add({{"route", route_name}, {"reason", reason_name(reason)}}, count);
    }
    durations.add({{"route", route_name}}, request_durations(route).collect());
    bytes.add({{"route", route_name}}, cells_.total(kBytes + route));
  }
  families.push_back(requests.take());
  families.push_back(refusals.take());
  families.push_back(durations.take());
  families.push_back(bytes.take());
  families.push_back(counter("mintmark_http_incomplete_responses_total", "Answers that were not sent to their end.")
                         .add({}, cells_.total(kIncomplete))
                         .take());
  auto connections =
      counter("mintmark_http_refused_connections_total",
              "Connections closed before anything was read from them: too many in all, or of one source.");
  for (std::size_t why = 0; why < kConnectionRefusals; ++why) {
    connections.add({{"reason", http::name(static_cast<http::ConnectionRefusal>(why))}},
                    cells_.total(kRefusedConnections + why));
  }
  families.push_back(connections.take());
  auto problems = counter("mintmark_server_problems_total",
                          "What should not happen: failed handlers, connections that could not be accepted.");
  for (std::size_t kind = 0; kind < kErrorKinds; ++kind) {
    problems.add({{"kind", mintmark::name(static_cast<ErrorKind>(kind))}}, cells_.total(kProblems + kind));
  }
  families.push_back(problems.take());
}

void EventCounters::Impl::collect_tokens(std::vector<prometheus::MetricFamily>& families) const {
  auto requests = counter("mintmark_token_requests_total",
                          "Requests that reached the token endpoint's rules, by what became of them: ok and the "
                          "algorithm that signed, or the error.");
  auto durations =
      histogram("mintmark_token_request_duration_seconds",
                "The same as mintmark_http_request_duration_seconds for POST at the token endpoint, by the "
                "grant that was reached.");
  for (std::size_t grant = 0; grant <= kGrants; ++grant) {
    for (std::size_t alg = 0; grant != kNoGrant && alg <= kAlgs; ++alg) {
      const std::uint64_t count = cells_.total(kIssued + grant * (kAlgs + 1) + alg);
      const std::string_view alg_name = alg == kNoAlg ? kNone : jose::name(static_cast<jose::Alg>(alg));
      if (count > 0) requests.add({{"grant", grant_name(grant)}, {"result", "ok"}, {"alg", alg_name}}, count);
    }
    for (std::size_t code = 0; code < kCodes; ++code) {
      const std::uint64_t count = cells_.total(kRefused + grant * kCodes + code);
      if (count == 0) continue;
      requests.add(
          {{"grant", grant_name(grant)}, {"result", oauth::name(static_cast<OAuthCode>(code))}, {"alg", kNone}}, count);
    }
    durations.add({{"grant", grant_name(grant)}}, token_durations(grant).collect());
  }
  families.push_back(requests.take());
  families.push_back(durations.take());
  auto encrypted =
      counter("mintmark_tokens_encrypted_total", "Tokens encrypted to an API, by key management algorithm.");
  for (std::size_t alg = 0; alg < kKeyManagements; ++alg) {
    const std::uint64_t count = cells_.total(kEncrypted + alg);
    if (count > 0) encrypted.add({{"alg", jose::name(static_cast<jose::KeyManagement>(alg))}}, count);
  }
  families.push_back(encrypted.take());
  families.push_back(counter("mintmark_refresh_reuses_total",
                             "Refresh tokens that came back after their grace, each of which revoked its family.")
                         .add({}, cells_.total(kRefreshReuses))
                         .take());
  auto revoked = counter("mintmark_tokens_revoked_total", "What clients ended at the revocation endpoint.");
  for (std::size_t what = 0; what < kRevocations.size(); ++what)
    revoked.add({{"kind", kRevocations[what]}}, cells_.total(kRevoked + what));
  families.push_back(revoked.take());
  families.push_back(histogram("mintmark_password_hash_duration_seconds",
                               "Time that one password hash took, with its wait for memory.")
                         .add({}, DurationHistogram(cells_, kHashDurations).collect())
                         .take());
}

void EventCounters::Impl::collect_keys(std::vector<prometheus::MetricFamily>& families) const {
  auto changes = counter("mintmark_key_events_total", "What happened to keys, as this process saw it.");
  for (std::size_t event = 0; event < kKeyEvents.size(); ++event) {
    changes.add({{"event", kKeyEvents[event]}}, cells_.total(kKeyChanges + event));
  }
  families.push_back(changes.take());
  families.push_back(
      collect_fetches(counter("mintmark_recipient_key_fetches_total",
                              "Fetches of the key sets that tokens are encrypted to: ok, or what went wrong."),
                      kFetched, kNotFetched));
  families.push_back(
      collect_fetches(counter("mintmark_verification_key_fetches_total",
                              "Fetches of the key sets of clients and trusted issuers: ok, or what went wrong."),
                      kSetFetched, kSetNotFetched));
}

prometheus::MetricFamily EventCounters::Impl::collect_fetches(MetricFamilyBuilder family, std::size_t fetched,
                                                              std::size_t not_fetched) const {
  family.add({{"result", "ok"}}, cells_.total(fetched));
  for (std::size_t kind = 0; kind < kErrorKinds; ++kind) {
    const std::uint64_t count = cells_.total(not_fetched + kind);
    if (count > 0) family.add({{"result", mintmark::name(static_cast<ErrorKind>(kind))}}, count);
  }
  return family.take();
}

void EventCounters::Impl::collect_config(std::vector<prometheus::MetricFamily>& families) const {
  families.push_back(counter("mintmark_config_reloads_total", "Configurations read, the one at the start included.")
                         .add({{"result", "success"}}, cells_.total(kReloads))
                         .add({{"result", "failure"}}, cells_.total(kFailedReloads))
                         .take());
  families.push_back(gauge("mintmark_config_last_reload_successful",
                           "1 where the configuration read last is in force, 0 where it was refused.")
                         .add({}, last_reload_ok_.load(std::memory_order_relaxed) ? 1.0 : 0.0)
                         .take());
  families.push_back(gauge("mintmark_config_last_reload_success_timestamp_seconds",
                           "When the configuration that is in force was read.")
                         .add({}, last_good_reload_.load(std::memory_order_relaxed))
                         .take());
}

EventCounters::EventCounters() : impl_(std::make_unique<Impl>()) {}
EventCounters::~EventCounters() = default;

void EventCounters::request_served(const http::ServedRequest& request) noexcept {
  impl_->request_served(request);
}
void EventCounters::server_problem(std::string_view, const Error& error) noexcept {
  impl_->add(kProblems, error.kind);
}
void EventCounters::connection_refused(http::ConnectionRefusal why, std::string_view) noexcept {
  impl_->add(kRefusedConnections + index_of(why, kConnectionRefusals));
}

void EventCounters::token_issued(const oauth::Issuance& issuance, const oauth::RequestContext&) noexcept {
  impl_->token_issued(issuance);
}
void EventCounters::token_refused(const oauth::Refusal& refusal, const oauth::RequestContext&) noexcept {
  impl_->token_refused(refusal);
}
void EventCounters::token_revoked(const oauth::Revocation& revocation, const oauth::RequestContext&) noexcept {
  impl_->add(kRevoked + (revocation.family == nullptr ? 0 : 1));
}
void EventCounters::refresh_reused(const oauth::RefreshFamily&, const oauth::RequestContext&) noexcept {
  impl_->add(kRefreshReuses);
}

void EventCounters::key_created(const keys::KeyRecord&) noexcept {
  impl_->add(KeyEvent::created);
}
void EventCounters::key_activated(const keys::KeyRecord&) noexcept {
  impl_->add(KeyEvent::activated);
}
void EventCounters::key_revoked(const keys::KeyRecord&) noexcept {
  impl_->add(KeyEvent::revoked);
}
void EventCounters::key_removed(const keys::KeyRecord&) noexcept {
  impl_->add(KeyEvent::removed);
}

void EventCounters::recipient_key_fetched(const oauth::Recipient&, const KeyId&) noexcept {
  impl_->add(kFetched);
}
void EventCounters::recipient_key_not_fetched(const oauth::Recipient&, const Error& error,
                                              std::optional<Duration>) noexcept {
  impl_->add(kNotFetched, error.kind);
}

void EventCounters::verification_keys_fetched(const std::string&, std::size_t) noexcept {
  impl_->add(kSetFetched);
}
void EventCounters::verification_keys_not_fetched(const std::string&, const Error& error,
                                                  std::optional<Duration>) noexcept {
  impl_->add(kSetNotFetched, error.kind);
}

void EventCounters::config_reloaded(ReloadTrigger /*trigger*/, std::string_view /*changed*/, Instant now) noexcept {
  impl_->config_reloaded(true, now);
}
void EventCounters::config_refused(ReloadTrigger /*trigger*/, const Error& /*reason*/, Instant now) noexcept {
  impl_->config_reloaded(false, now);
}

void EventCounters::password_hashed(std::chrono::microseconds duration) noexcept {
  impl_->hash_durations().observe(duration);
}

const prometheus::Collectable& EventCounters::collectable() const noexcept {
  return *impl_;
}

}  // namespace mintmark::ops
