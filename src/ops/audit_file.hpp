#pragma once
// Where the lines of the audit stream go: a file that other processes append to as well, or standard error.
// Thread safety: none.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "mintmark/base/result.hpp"
#include "mintmark/ops/audit_line.hpp"

namespace mintmark::ops {

class AuditFile {
 public:
  /// An empty path is standard error.
  explicit AuditFile(std::filesystem::path path) : path_(std::move(path)) {}
  AuditFile(const AuditFile&) = delete;
  AuditFile& operator=(const AuditFile&) = delete;
  ~AuditFile();

  /// The file by its name, made where there is none. True where that is another file than before. Errors: unavailable,
  /// not_found, with the path; then the one that it has stays.
  Result<bool> open();

  /// What happened to the file since the last append().
  struct Change {
    bool truncated = false;          ///< it is shorter than what was written to it
    std::optional<AuditHead> after;  ///< of the line of another chain that is the last one now
  };

  /// Keeps other processes from appending while it exists, as far as they are ours; gives up waiting after a second,
  /// for a process that hangs must not stop this one.
  class Turn {
   public:
    explicit Turn(AuditFile& file);
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn();

   private:
    AuditFile& file_;
  };

  /// Whether somebody else has written since, without looking closer.
  [[nodiscard]] bool has_changed() const;
  [[nodiscard]] Result<Change> look(std::string_view own_chain) const;
  /// All of `lines` or nothing, where it has its turn. A line that a crash left half written is ended first.
  Result<void> append(std::string_view lines);
  Result<void> sync();

 private:
  [[nodiscard]] Error error_of(int code) const;
  [[nodiscard]] std::optional<std::uint64_t> size() const;
  Result<void> write_stream(std::string_view lines);
  [[nodiscard]] bool ends_within_line(std::uint64_t size) const;

  const std::filesystem::path path_;
  int fd_ = -1;
  bool is_regular_ = false;  ///< else a pipe, a terminal, a socket: nothing can be looked at
  bool is_locked_ = false;
  std::uint64_t known_size_ = 0;  ///< after the last append
};

}  // namespace mintmark::ops
