#include "mintmark/ops/log.hpp"

#include <fcntl.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <exception>
#include <mutex>
#include <utility>

#include "mintmark/base/descriptor.hpp"
#include "mintmark/base/json.hpp"

namespace mintmark::ops {
namespace {

constexpr std::size_t kMaxValueBytes = 1024;

spdlog::level::level_enum to_spdlog(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      break;
  }
  return spdlog::level::err;
}

/// Whether `text` can stand in a line as it is: no quote, no escape, no space, nothing that a terminal obeys.
bool is_plain(std::string_view text) noexcept {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '\\' && c != '='; });
}

/// As a JSON string in ASCII: line ends, escape sequences and invalid UTF-8 cannot get through.
void append_quoted(std::string& line, std::string_view text) {
  line += Json(text).dump(-1, ' ', true, Json::error_handler_t::replace);
}

void append_text_value(std::string& line, std::string_view text) {
  if (is_plain(text)) {
    line += text;
  } else {
    append_quoted(line, text);
  }
}

template <class AppendText>
void append_value(std::string& line, const LogField& field, AppendText append_text) {
  if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
    line += std::to_string(*number);
  } else if (const auto* flag = std::get_if<bool>(&field.value)) {
    line += *flag ? "true" : "false";
  } else {
    append_text(line, std::get<std::string_view>(field.value).substr(0, kMaxValueBytes));
  }
}

std::string render_text(std::string_view event, std::initializer_list<LogField> fields) {
  std::string line(event);
  for (const LogField& field : fields) {
    line.append(" ").append(field.name).append("=");
    append_value(line, field, append_text_value);
  }
  return line;
}

std::string render_json(std::string_view event, std::initializer_list<LogField> fields) {
  std::string line("\"event\":");
  append_quoted(line, event);
  for (const LogField& field : fields) {
    line.append(",\"").append(field.name).append("\":");
    append_value(line, field, append_quoted);
  }
  return line;
}

}  // namespace

std::string_view name(LogFormat format) noexcept {
  return format == LogFormat::json ? "json" : "text";
}

std::string_view name(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warning:
      return "warning";
    case LogLevel::error:
      break;
  }
  return "error";
}

namespace {

/// A line says by its logger's name which form it was rendered for, so that a change of form never mixes two in one.
class LineFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& line) override {
    const bool is_json = std::string_view(message.logger_name.data(), message.logger_name.size()) == kJsonLogger;
    (is_json ? json_ : text_).format(message, line);
  }
  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<LineFormatter>(); }

  static constexpr const char* kJsonLogger = "json";
  static constexpr const char* kTextLogger = "text";

 private:
  spdlog::pattern_formatter json_{R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})",
                                  spdlog::pattern_time_type::utc};
  spdlog::pattern_formatter text_{"%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc};
};

/// Appends each line by one write, so that several processes can share a file.
class FileSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit FileSink(std::filesystem::path path) : path_(std::move(path)) {}

  Result<void> open() {
    Descriptor file(::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640));
    if (!file.is_open()) return file_error(path_, errno);
    const std::scoped_lock lock(mutex_);
    std::swap(file_, file);
    return {};
  }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    if (std::exchange(is_torn_, false)) line.push_back('\n');
    formatter_->format(message, line);
    // Less of it on a full disk: the line is lost, as the header says, but it spoils no other.
    const std::size_t written = write_all(file_.get(), {line.data(), line.size()});
    is_torn_ = written > 0 && written < line.size();
  }
  void flush_() override {}

  const std::filesystem::path path_;
  // guarded by the mutex_ of the base:
  Descriptor file_;
  bool is_torn_ = false;  ///< whether the file ends within a line
};

}  // namespace

struct Log::Impl {
  Impl(const LogOptions& options, const spdlog::sink_ptr& sink)
      : format(options.format), text(LineFormatter::kTextLogger, sink), json(LineFormatter::kJsonLogger, sink) {
    sink->set_formatter(std::make_unique<LineFormatter>());
    for (spdlog::logger* logger : {&text, &json}) {
      logger->set_level(to_spdlog(options.level));
      // A line that cannot be written has nowhere to be reported; the default would throw or write to stderr again.
      logger->set_error_handler([](const std::string&) {});
    }
  }

  std::atomic<LogFormat> format;
  std::shared_ptr<FileSink> file = nullptr;  ///< null where it goes elsewhere
  spdlog::logger text;
  spdlog::logger json;
};

Result<std::unique_ptr<Log>> Log::open(const LogOptions& options) {
  if (options.file.empty()) {
    auto impl = std::make_unique<Impl>(options, std::make_shared<spdlog::sinks::stderr_sink_mt>());
    return std::unique_ptr<Log>(new Log(std::move(impl)));
  }
  auto file = std::make_shared<FileSink>(options.file);
  if (Result<void> opened = file->open(); !opened) return opened.error();
  auto impl = std::make_unique<Impl>(options, file);
  impl->file = std::move(file);
  return std::unique_ptr<Log>(new Log(std::move(impl)));
}

Log::Log(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}

Log::Log(const LogOptions& options, std::ostream& out)
    : impl_(std::make_unique<Impl>(options, std::make_shared<spdlog::sinks::ostream_sink_mt>(out, true))) {}

Log::~Log() = default;

void Log::set_options(const LogOptions& options) noexcept {
  impl_->format.store(options.format, std::memory_order_relaxed);
  impl_->text.set_level(to_spdlog(options.level));
  impl_->json.set_level(to_spdlog(options.level));
}

Result<void> Log::reopen() {
  return impl_->file == nullptr ? Result<void>() : impl_->file->open();
}

bool Log::writes(LogLevel level) const noexcept {
  return impl_->text.should_log(to_spdlog(level));
}

void Log::write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) noexcept {
  if (!writes(level)) return;
  try {
    const bool as_json = impl_->format.load(std::memory_order_relaxed) == LogFormat::json;
    const std::string line = as_json ? render_json(event, fields) : render_text(event, fields);
    (as_json ? impl_->json : impl_->text).log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
  } catch (const std::exception&) {
    // Out of memory: the work that is being logged matters more than its line.
  }
}

}  // namespace mintmark::ops
