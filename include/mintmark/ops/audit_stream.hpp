#pragma once
// The audit stream of this process: what happened, as lines of one chain, appended to a file or to standard error.
// Whoever reports something only copies it into a buffer; a thread of the stream's own makes the lines and writes them.
// What cannot be written, because the disk is full, is kept and tried again; what then finds the buffer full is
// counted, and a line within the chain says how many were lost.
// Thread safety: all functions from any thread.

#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "mintmark/base/clock.hpp"
#include "mintmark/base/json_writer.hpp"
#include "mintmark/base/result.hpp"
#include "mintmark/ops/audit_line.hpp"
#include "mintmark/ops/log.hpp"

namespace mintmark::ops {

enum class AuditOutput { none, standard_error, file };

/// "none", "stderr", "file"
std::string_view name(AuditOutput output) noexcept;

struct AuditOptions {
  AuditOutput output = AuditOutput::none;
  std::filesystem::path file = {};
  std::size_t buffer_bytes = std::size_t{8} * 1024 * 1024;  ///< of what has not been written yet
};

/// What a process is to the stream.
enum class AuditProcess { server, command };

class AuditStream {
 public:
  /// Opens the file; the chain's first line is written with the first event. `key` is none where there is no sealing
  /// key at hand. Requires: `options.output` is not none; clock and log outlive the stream. Errors: unavailable,
  /// not_found, with the path. Throws std::system_error where a thread cannot be started.
  static Result<std::unique_ptr<AuditStream>> open(const AuditOptions& options, std::optional<AuditKey> key,
                                                   AuditProcess process, const Clock& clock, Log& log);
  AuditStream(const AuditStream&) = delete;
  AuditStream& operator=(const AuditStream&) = delete;
  /// Writes what is left, ends the chain, syncs. Waits for the file alone.
  ~AuditStream();

  /// `event` is a literal of ours, lower-case letters, "." and "_"; `fill` adds members to a JsonWriter. Never a
  /// secret, a token, a password or a hash of one. Does not wait.
  template <class Fill>
  void record(Instant time, std::string_view event, const Fill& fill) noexcept {
    try {
      thread_local std::string content;
      content.clear();
      JsonWriter json(content);
      begin_audit_content(json, time, event);
      fill(json);
      push(content);
    } catch (const std::exception&) {
      count_lost();  // out of memory
    }
  }
  void record(Instant time, std::string_view event, std::initializer_list<LogField> fields) noexcept;

  /// What was recorded before is on disk when it returns. Errors: why it is not.
  Result<void> flush();

  /// Opens the file by its name again, for whoever has moved it away; what was recorded before is in the old one. Does
  /// not wait; the log says how it went, and the stream goes on in the file that it has where it went wrong.
  void reopen();

  /// Ends the chain and begins another, where this is the key of another sealing key. Does not wait: what is recorded
  /// at the same time may still be in the old one.
  void change_key(AuditKey key);

  /// As far as the chain is on its way to disk.
  [[nodiscard]] AuditHead head() const;
  /// Events that found no room, ever.
  [[nodiscard]] std::uint64_t lost() const noexcept;

 private:
  class Impl;
  explicit AuditStream(std::unique_ptr<Impl> impl) noexcept;
  void push(std::string_view content);
  void count_lost() noexcept;

  std::unique_ptr<Impl> impl_;
};

}  // namespace mintmark::ops
