#pragma once
// The form of a line of the audit stream, and the chain that the lines of one process make.
//
//   {"chain":"pV0…","seq":7,"time":"2026-01-31T09:00:00.123Z","event":"token.issued",…,"mac":"…"}
//
// `mac` is HMAC-SHA-256 over the hash of the line before it in the chain (nothing for the first) and all of the line
// before `,"mac"`. A chain without a key has a SHA-256 in its place, as `hash`. docs/audit.md says what that proves.
// Thread safety: values and pure functions.

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mintmark/base/clock.hpp"
#include "mintmark/base/json_writer.hpp"
#include "mintmark/base/result.hpp"
#include "mintmark/base/secret.hpp"
#include "mintmark/keys/sealer.hpp"
#include "mintmark/ops/log.hpp"

namespace mintmark::ops {

/// No line of ours is longer, its end included.
inline constexpr std::size_t kMaxAuditLineBytes = std::size_t{64} * 1024;

/// What the chain begins, goes on, ends and counts with.
inline constexpr std::string_view kChainOpened = "chain.opened";
inline constexpr std::string_view kChainContinued = "chain.continued";
inline constexpr std::string_view kChainLinked = "chain.linked";
inline constexpr std::string_view kChainClosed = "chain.closed";
inline constexpr std::string_view kAuditGap = "audit.gap";

/// The key of keyed chains, which whoever has the sealing key has.
struct AuditKey {
  std::string id;  ///< says which, and nothing about it
  Secret key;
};
/// Of each sealing key; chains are made with the first.
std::vector<AuditKey> make_audit_keys(const keys::Sealer& sealer);

/// Where a chain has got to: an anchor, to be kept where whoever can write the stream cannot.
struct AuditHead {
  std::string chain;
  std::uint64_t seq = 0;  ///< of the last line; 0 before the first
  std::string hash;       ///< likewise, base64url; empty before the first

  bool operator==(const AuditHead&) const = default;
};
/// "CHAIN:SEQ:HASH"
std::string to_string(const AuditHead& head);
/// Errors: invalid.
Result<AuditHead> parse_audit_head(std::string_view text);

/// A chain that has no line yet, with 64 random bits for a name.
AuditHead make_audit_chain();

/// What a line says, still open: `{"time":"…","event":"…"`, to be gone on with by `member`.
void begin_audit_content(JsonWriter& json, Instant time, std::string_view event);
/// A member that is text, whatever its bytes, of at most `max_bytes`.
void add_audit_text(JsonWriter& json, std::string_view name, std::string_view text, std::size_t max_bytes = 4096);
/// Each as a member of its kind, text as add_audit_text() has it.
void add_audit_fields(JsonWriter& json, std::initializer_list<LogField> fields);
/// "2026-01-31T09:00:00.123Z"
std::string format_audit_time(Instant time);

/// Appends the next line of the chain, with its end, and moves `head` on. `key` is null for a chain without.
/// Requires: `content` as begin_audit_content() begins it, without the brace at its end.
void append_audit_line(std::string& out, AuditHead& head, const AuditKey* key, std::string_view content);

/// A line taken apart; valid as long as the text.
struct AuditLine {
  std::string_view chain;
  std::uint64_t seq = 0;
  std::string_view time;
  std::string_view event;
  std::string_view body;  ///< what the hash is over, beside the hash before
  std::string_view hash;
  bool keyed = false;
};
/// None for what is not as append_audit_line() writes it, line end not included. Says nothing about the hash, nor
/// whether what is between is JSON.
std::optional<AuditLine> parse_audit_line(std::string_view line);

/// What the hash of a line must be that comes after `previous_hash`.
std::string audit_hash(const AuditKey* key, std::string_view previous_hash, std::string_view body);

}  // namespace mintmark::ops
