#include "mintmark/ops/audit_line.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "mintmark/base/base64.hpp"
#include "mintmark/base/text.hpp"
#include "mintmark/crypto/digest.hpp"
#include "mintmark/crypto/random.hpp"

namespace mintmark::ops {
namespace {

constexpr std::string_view kKeyLabel = "mintmark audit chain v1";
constexpr std::string_view kKeyIdLabel = "mintmark audit key id v1";
constexpr std::size_t kKeyIdBytes = 8;
constexpr std::size_t kChainBytes = 8;
constexpr std::size_t kChainChars = 11;
constexpr std::size_t kHashChars = 43;
constexpr std::size_t kTimeChars = 24;
constexpr std::size_t kMaxEventChars = 64;

constexpr std::string_view kChainStart = R"({"chain":")";
constexpr std::string_view kSeqStart = R"(","seq":)";
constexpr std::string_view kTimeStart = R"(,"time":")";
constexpr std::string_view kEventStart = R"(","event":")";
constexpr std::string_view kMacStart = R"(,"mac":")";
constexpr std::string_view kHashStart = R"(,"hash":")";
constexpr std::string_view kEnd = R"("})";

bool is_base64url(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

void put_digits(char* at, unsigned number, int count) noexcept {
  for (int i = count - 1; i >= 0; --i) {
    at[i] = static_cast<char>('0' + number % 10);
    number /= 10;
  }
}

/// Years from 0 to 9999, which are all that the form has room for.
std::array<char, kTimeChars> spell_time(Instant time) noexcept {
  std::array<char, kTimeChars> text{'0', '0', '0', '0', '-', '0', '0', '-', '0', '0', 'T', '0',
                                    '0', ':', '0', '0', ':', '0', '0', '.', '0', '0', '0', 'Z'};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const auto ms = static_cast<unsigned>((time - day).count());
  put_digits(text.data(), static_cast<unsigned>(std::clamp(static_cast<int>(date.year()), 0, 9999)), 4);
  put_digits(text.data() + 5, static_cast<unsigned>(date.month()), 2);
  put_digits(text.data() + 8, static_cast<unsigned>(date.day()), 2);
  put_digits(text.data() + 11, ms / 3'600'000, 2);
  put_digits(text.data() + 14, ms / 60'000 % 60, 2);
  put_digits(text.data() + 17, ms / 1000 % 60, 2);
  put_digits(text.data() + 20, ms % 1000, 3);
  return text;
}

/// Reads one piece of a line after the other.
class Pieces {
 public:
  explicit Pieces(std::string_view text) noexcept : rest_(text) {}

  [[nodiscard]] bool good() const noexcept { return good_; }
  [[nodiscard]] std::string_view rest() const noexcept { return rest_; }

  void literal(std::string_view expected) noexcept {
    good_ = good_ && rest_.starts_with(expected);
    if (good_) rest_.remove_prefix(expected.size());
  }
  std::string_view take(std::size_t size) noexcept {
    good_ = good_ && rest_.size() >= size;
    if (!good_) return {};
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  template <class Is>
  std::string_view take_while(Is is, std::size_t most) noexcept {
    std::size_t size = 0;
    while (size < rest_.size() && size <= most && is(rest_[size]))
      ++size;
    good_ = good_ && size > 0 && size <= most;
    return take(size);
  }
  std::uint64_t number() noexcept {
    const std::string_view digits = take_while([](char c) { return c >= '0' && c <= '9'; }, 19);
    std::uint64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    good_ = good_ && value > 0 && !digits.starts_with('0');
    return value;
  }

 private:
  std::string_view rest_;
  bool good_ = true;
};

}  // namespace

std::vector<AuditKey> make_audit_keys(const keys::Sealer& sealer) {
  const std::vector<Secret> ids = sealer.derive_keys(kKeyIdLabel);
  std::vector<Secret> derived = sealer.derive_keys(kKeyLabel);
  std::vector<AuditKey> made;
  for (std::size_t i = 0; i < ids.size(); ++i)
    made.push_back({.id = encode_base64url(ids[i].reveal().first(kKeyIdBytes)), .key = std::move(derived[i])});
  return made;
}

std::string to_string(const AuditHead& head) {
  return head.chain + ":" + std::to_string(head.seq) + ":" + head.hash;
}

Result<AuditHead> parse_audit_head(std::string_view text) {
  Pieces in(text);
  AuditHead head;
  head.chain = in.take(kChainChars);
  in.literal(":");
  head.seq = in.number();
  in.literal(":");
  head.hash = in.take(kHashChars);
  if (!in.good() || !in.rest().empty() || !is_base64url(head.chain) || !is_base64url(head.hash)) {
    return invalid("expected the head of a chain, CHAIN:SEQ:HASH");
  }
  return head;
}

AuditHead make_audit_chain() {
  return {.chain = encode_base64url(crypto::random_bytes(kChainBytes)), .seq = 0, .hash = {}};
}

std::string format_audit_time(Instant time) {
  const auto text = spell_time(time);
  return {text.data(), text.size()};
}

void begin_audit_content(JsonWriter& json, Instant time, std::string_view event) {
  const auto text = spell_time(time);
  json.begin_object().member("time", std::string_view(text.data(), text.size())).member("event", event);
}

void add_audit_text(JsonWriter& json, std::string_view name, std::string_view text, std::size_t max_bytes) {
  text = text.substr(0, max_bytes);
  json.key(name);
  if (is_valid_utf8(text)) {
    json.value(text);
  } else {
    json.value(Json(text));  // with U+FFFD for what is none
  }
}

void add_audit_fields(JsonWriter& json, std::initializer_list<LogField> fields) {
  for (const LogField& field : fields) {
    if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
      json.member(field.name, *number);
    } else if (const auto* flag = std::get_if<bool>(&field.value)) {
      json.member(field.name, *flag);
    } else {
      add_audit_text(json, field.name, std::get<std::string_view>(field.value));
    }
  }
}

std::string audit_hash(const AuditKey* key, std::string_view previous_hash, std::string_view body) {
  std::string input(previous_hash);
  input += body;
  return encode_base64url(key == nullptr ? crypto::digest(crypto::Hash::sha256, as_bytes(input))
                                         : crypto::hmac(crypto::Hash::sha256, key->key.reveal(), as_bytes(input)));
}

void append_audit_line(std::string& out, AuditHead& head, const AuditKey* key, std::string_view content) {
  ++head.seq;
  const std::size_t begin = out.size();
  // `{"time"…` becomes `{"chain":…,"seq":…,"time"…`.
  out.append(kChainStart).append(head.chain).append(kSeqStart).append(std::to_string(head.seq)).append(",");
  out.append(content.substr(1));
  head.hash = audit_hash(key, head.hash, std::string_view(out).substr(begin));
  out.append(key == nullptr ? kHashStart : kMacStart).append(head.hash).append(kEnd).append("\n");
}

std::optional<AuditLine> parse_audit_line(std::string_view line) {
  AuditLine parsed;
  constexpr std::size_t kTail = kHashChars + kEnd.size();
  if (line.size() < kTail || !line.ends_with(kEnd)) return std::nullopt;
  parsed.hash = line.substr(line.size() - kTail, kHashChars);
  parsed.body = line.substr(0, line.size() - kTail);
  parsed.keyed = parsed.body.ends_with(kMacStart);
  if (!parsed.keyed && !parsed.body.ends_with(kHashStart)) return std::nullopt;
  parsed.body.remove_suffix(parsed.keyed ? kMacStart.size() : kHashStart.size());

  Pieces in(parsed.body);
  in.literal(kChainStart);
  parsed.chain = in.take(kChainChars);
  in.literal(kSeqStart);
  parsed.seq = in.number();
  in.literal(kTimeStart);
  parsed.time = in.take(kTimeChars);
  in.literal(kEventStart);
  parsed.event = in.take_while([](char c) { return (c >= 'a' && c <= 'z') || c == '.' || c == '_'; }, kMaxEventChars);
  in.literal("\"");
  const bool is_time =
      std::ranges::all_of(parsed.time, [](char c) { return (c >= '-' && c <= ':') || c == 'T' || c == 'Z'; });
  if (!in.good() || !is_time || !is_base64url(parsed.chain) || !is_base64url(parsed.hash)) return std::nullopt;
  if (!in.rest().empty() && !in.rest().starts_with(',')) return std::nullopt;
  return parsed;
}

}  // namespace mintmark::ops
