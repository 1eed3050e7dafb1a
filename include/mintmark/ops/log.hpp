#pragma once
// The log: one line per event, on stderr or in a file, as text or as JSON. An event is a fixed name and fields;
// whatever the fields hold, a line stays one line and a field stays a field, so that no request can forge an entry.
// Thread safety: all functions from any thread. Errors: a line that cannot be written is lost; nothing throws.

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "mintmark/base/result.hpp"

namespace mintmark::ops {

enum class LogFormat { text, json };
enum class LogLevel { debug, info, warning, error };

std::string_view name(LogFormat format) noexcept;
std::string_view name(LogLevel level) noexcept;

struct LogOptions {
  LogFormat format = LogFormat::text;
  LogLevel level = LogLevel::info;
  std::filesystem::path file = {};  ///< empty: stderr
};

/// What a line says beside its event. Never a secret, a token or a password.
struct LogField {
  std::string_view name;  ///< a literal of ours
  std::variant<std::string_view, std::int64_t, bool> value;

  LogField(std::string_view field, std::string_view text) noexcept : name(field), value(text) {}
  LogField(std::string_view field, const char* text) noexcept : name(field), value(std::string_view(text)) {}
  LogField(std::string_view field, const std::string& text) noexcept : name(field), value(std::string_view(text)) {}
  LogField(std::string_view field, std::int64_t number) noexcept : name(field), value(number) {}
  LogField(std::string_view field, bool flag) noexcept : name(field), value(flag) {}
};

class Log {
 public:
  /// To the file, which is made where there is none and appended to, or to stderr. Errors: unavailable, not_found, with
  /// the path.
  static Result<std::unique_ptr<Log>> open(const LogOptions& options);
  /// Requires: `out` outlives the log.
  Log(const LogOptions& options, std::ostream& out);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  /// Of the lines that are begun from here on. Where they are written to stays.
  void set_options(const LogOptions& options) noexcept;

  /// The file anew, by its name, for whoever has moved it away. Errors: as of open(); then the log goes on in the file
  /// that it has. Nothing happens where there is none.
  Result<void> reopen();

  [[nodiscard]] bool writes(LogLevel level) const noexcept;

  /// `event` is a literal of ours, such as "key activated".
  void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {}) noexcept;

  void debug(std::string_view event, std::initializer_list<LogField> fields = {}) noexcept {
    write(LogLevel::debug, event, fields);
  }
  void info(std::string_view event, std::initializer_list<LogField> fields = {}) noexcept {
    write(LogLevel::info, event, fields);
  }
  void warning(std::string_view event, std::initializer_list<LogField> fields = {}) noexcept {
    write(LogLevel::warning, event, fields);
  }
  void error(std::string_view event, std::initializer_list<LogField> fields = {}) noexcept {
    write(LogLevel::error, event, fields);
  }

 private:
  struct Impl;
  explicit Log(std::unique_ptr<Impl> impl) noexcept;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mintmark::ops
