#include "mintmark/ops/audit_stream.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "audit_file.hpp"
#include "mintmark/ops/condition.hpp"

namespace mintmark::ops {
namespace {

using std::chrono::steady_clock;

/// How often the disk is told to keep what it was given, a failed write is tried again, and the file is looked at for
/// what others have appended.
constexpr std::chrono::seconds kInterval(1);
/// Between two writes, so that many events share one.
constexpr std::chrono::milliseconds kLinger(10);
/// How often the head is logged, for whoever keeps the log elsewhere.
constexpr std::chrono::hours kHeadInterval(1);

/// The members of `head` as those of an object, under `name`.
void add_head(JsonWriter& json, std::string_view name, const AuditHead& head) {
  json.key(name).begin_object();
  json.member("chain", head.chain).member("seq", static_cast<std::int64_t>(head.seq)).member("hash", head.hash);
  json.end_object();
}

}  // namespace

std::string_view name(AuditOutput output) noexcept {
  switch (output) {
    case AuditOutput::standard_error:
      return "stderr";
    case AuditOutput::file:
      return "file";
    case AuditOutput::none:
      break;
  }
  return "none";
}

class AuditStream::Impl {
 public:
  Impl(const AuditOptions& options, std::optional<AuditKey> key, AuditProcess process, const Clock& clock, Log& log)
      : process_(process),
        clock_(clock),
        log_(log),
        condition_(log, "audit stream"),
        file_(options.output == AuditOutput::file ? options.file : std::filesystem::path()),
        key_(std::move(key)),
        limit_(options.buffer_bytes) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
  }

  Result<void> start() {
    if (Result<bool> opened = file_.open(); !opened) return opened.error();
    thread_ = std::thread([this] { run(); });
    return {};
  }

  void push(std::string_view content) {
    bool wake = false;
    {
      const std::scoped_lock lock(mutex_);
      if (buffer_.size() + content.size() + 1 > limit_ || content.size() > kMaxAuditLineBytes / 2) {
        ++unreported_;
        ++lost_;
        return;
      }
      const bool was_below = buffer_.size() < limit_ / 2;
      buffer_.append(content).push_back('\n');
      wake = idle_ || (was_below && buffer_.size() >= limit_ / 2);
      idle_ = false;
    }
    if (wake) wake_.notify_one();
  }

  void count_lost() noexcept {
    const std::scoped_lock lock(mutex_);
    ++unreported_;
    ++lost_;
  }

  Result<void> flush() {
    std::unique_lock lock(mutex_);
    const std::uint64_t ticket = ++flushes_wanted_;
    wake_.notify_one();
    flushed_.wait(lock, [&] { return flushes_done_ >= ticket; });
    return flush_outcome_;
  }

  void reopen() {
    {
      const std::scoped_lock lock(mutex_);
      reopening_ = true;
    }
    wake_.notify_one();
  }

  void change_key(AuditKey key) {
    {
      const std::scoped_lock lock(mutex_);
      next_key_ = std::move(key);
    }
    wake_.notify_one();
  }

  AuditHead head() const {
    const std::scoped_lock lock(mutex_);
    return published_head_;
  }

  std::uint64_t lost() const noexcept {
    const std::scoped_lock lock(mutex_);
    return lost_;
  }

 private:
  /// What the thread is asked for.
  struct Wanted {
    std::uint64_t flushes = 0;
    bool reopen = false;
    bool stop = false;
    std::optional<AuditKey> key;
  };

  [[nodiscard]] bool is_asked() const {
    return stopping_ || reopening_ || next_key_ || flushes_wanted_ > flushes_done_;
  }

  void run() {
    bool works = true;
    bool wrote = false;
    for (;;) {
      Wanted wanted = wait(works, wrote);
      wrote = !pending_.empty();
      const Result<void> outcome = step(wanted);
      condition_.report(outcome);
      works = outcome.has_value();
      finish(wanted, outcome);
      if (wanted.stop) return;
    }
  }

  Wanted wait(bool works, bool wrote) {
    std::unique_lock lock(mutex_);
    // After a write, others are waited for to share the next one; after a failure, the disk is given time.
    if (!works) {
      wake_.wait_for(lock, kInterval, [this] { return is_asked(); });
    } else if (wrote) {
      wake_.wait_for(lock, kLinger, [this] { return is_asked() || buffer_.size() >= limit_ / 2; });
    }
    if (works) {
      idle_ = true;
      wake_.wait_for(lock, kInterval, [this] { return is_asked() || !buffer_.empty(); });
      idle_ = false;
    }
    Wanted wanted{.flushes = flushes_wanted_,
                  .reopen = std::exchange(reopening_, false),
                  .stop = stopping_,
                  .key = std::exchange(next_key_, std::nullopt)};
    if (pending_.empty()) take();
    return wanted;
  }

  /// What has been recorded, to be written. What was lost was lost after it, for it had found it in its way.
  void take() {
    pending_.swap(buffer_);
    if (unreported_ == 0) return;
    const auto lost = static_cast<std::int64_t>(std::exchange(unreported_, 0));
    add_content(pending_, kAuditGap, [&](JsonWriter& json) { json.member("lost", lost); });
    just_lost_ = lost;
  }

  Result<void> step(Wanted& wanted) {
    if (just_lost_ > 0) log_.error("audit events lost", {{"lost", std::exchange(just_lost_, 0)}});
    Result<void> written = write_pending(Ending::open);
    if (written && (wanted.stop || wanted.flushes > flushes_done_)) {
      // What was recorded while the disk was full.
      {
        const std::scoped_lock lock(mutex_);
        take();
      }
      written = write_pending(Ending::open);
    }
    // With another file, what is left would be there and not here; but a disk that is full may be why it is changed.
    if (wanted.reopen) {
      open_anew();
      if (!written) written = write_pending(Ending::open);
    }
    if (wanted.key && !(key_ && key_->id == wanted.key->id)) {
      if (written) written = write_pending(Ending::closed);
      begin_with(*std::move(wanted.key));
    }
    if (wanted.stop) {
      if (written) written = write_pending(Ending::closed);
      if (!written) report_unwritten();
    }
    const auto now = steady_clock::now();
    const bool is_asked_to_sync = wanted.stop || wanted.reopen || wanted.flushes > flushes_done_;
    if (is_dirty_ && (is_asked_to_sync || now - synced_at_ >= kInterval)) {
      const Result<void> synced = file_.sync();
      synced_at_ = now;
      is_dirty_ = !synced;
      if (written) written = synced;
    }
    if (wanted.stop || wanted.reopen || now - head_logged_at_ >= kHeadInterval) log_head(now);
    return written;
  }

  void finish(const Wanted& wanted, const Result<void>& outcome) {
    {
      const std::scoped_lock lock(mutex_);
      flushes_done_ = wanted.stop ? UINT64_MAX : wanted.flushes;
      flush_outcome_ = outcome;
      published_head_ = head_;
    }
    flushed_.notify_all();
  }

  enum class Ending { open, closed };

  /// All that is pending as lines, and before them what ties the chain to what stands before it in the file.
  Result<void> write_pending(Ending ending) {
    const bool closes = ending == Ending::closed && head_.seq > 0;
    if (pending_.empty() && !closes && !file_.has_changed()) return {};
    if (pending_.empty() && head_.seq == 0) return {};  // nothing to say yet
    const AuditFile::Turn turn(file_);
    Result<AuditFile::Change> change = file_.look(head_.chain);
    if (!change) return change.error();
    AuditHead head = head_;
    lines_.clear();
    add_connection(head, *change);
    add_pending(head);
    if (closes) {
      content_.clear();
      add_content(content_, kChainClosed, [](JsonWriter& /*json*/) {});
      add_line(head, content_);
    }
    if (lines_.empty()) return {};
    if (Result<void> appended = file_.append(lines_); !appended) return appended;
    if (change->truncated) log_.warning("audit file was cut by somebody else", {{"chain", head_.chain}});
    head_ = std::move(head);
    moves_file_ = false;
    is_dirty_ = true;
    pending_.clear();
    return {};
  }

  void add_connection(AuditHead& head, const AuditFile::Change& change) {
    const bool opens = head.seq == 0;
    const bool continues = !opens && (moves_file_ || change.truncated);
    if (!opens && !continues && !change.after) return;
    content_.clear();
    const std::string_view event = opens ? kChainOpened : continues ? kChainContinued : kChainLinked;
    add_content(content_, event, [&](JsonWriter& json) {
      if (opens || continues) {
        json.member("version", std::int64_t{1});
        json.member("process", process_ == AuditProcess::server ? "server" : "command");
        json.member("pid", static_cast<std::int64_t>(::getpid()));
        json.member("key", key_ ? std::string_view(key_->id) : std::string_view());
      }
      if (continues) json.member("prev", head.hash);
      if (change.after) add_head(json, "after", *change.after);
    });
    content_.pop_back();  // its line end
    add_line(head, content_);
  }

  void add_pending(AuditHead& head) {
    std::string_view rest = pending_;
    while (!rest.empty()) {
      const std::size_t end = rest.find('\n');
      add_line(head, rest.substr(0, end));
      rest.remove_prefix(end + 1);
    }
  }

  void add_line(AuditHead& head, std::string_view content) {
    if (content.ends_with('\n')) content.remove_suffix(1);
    append_audit_line(lines_, head, key_ ? &*key_ : nullptr, content);
  }

  template <class Fill>
  void add_content(std::string& out, std::string_view event, const Fill& fill) {
    std::string content;
    JsonWriter json(content);
    begin_audit_content(json, clock_.now(), event);
    fill(json);
    out.append(content).push_back('\n');
  }

  void open_anew() {
    const Result<void> synced = file_.sync();  // the one that is left
    const Result<bool> opened = file_.open();
    if (!opened || !synced) {
      log_.error("audit file not opened anew", {{"detail", opened ? synced.error().detail : opened.error().detail}});
    } else {
      log_.info("audit file opened anew", {{"moved", *opened}});
    }
    if (opened && *opened) moves_file_ = true;
  }

  void begin_with(AuditKey key) {
    key_ = std::move(key);
    head_ = make_audit_chain();
    moves_file_ = false;
  }

  void report_unwritten() {
    std::string_view rest = pending_;
    const auto lines = static_cast<std::int64_t>(std::ranges::count(rest, '\n'));
    log_.error("audit events lost", {{"lost", lines}});
  }

  void log_head(steady_clock::time_point now) {
    if (head_.seq > 0) log_.info("audit head", {{"head", to_string(head_)}});
    head_logged_at_ = now;
  }

  const AuditProcess process_;
  const Clock& clock_;
  Log& log_;

  // Of the thread alone, once it runs.
  Condition condition_;
  AuditFile file_;
  std::optional<AuditKey> key_;
  AuditHead head_ = make_audit_chain();
  std::string pending_;  ///< taken and not written yet
  std::string lines_;
  std::string content_;
  bool moves_file_ = false;  ///< the next line is the first of the chain in another file
  bool is_dirty_ = false;
  std::int64_t just_lost_ = 0;
  steady_clock::time_point synced_at_ = steady_clock::now();
  steady_clock::time_point head_logged_at_ = steady_clock::now();

  const std::size_t limit_;
  mutable std::mutex mutex_;  // guards what follows; never held while the file is waited for
  std::condition_variable wake_;
  std::condition_variable flushed_;
  std::string buffer_;
  bool idle_ = false;
  bool stopping_ = false;
  bool reopening_ = false;
  std::optional<AuditKey> next_key_;
  std::uint64_t unreported_ = 0;  ///< lost, and no line says so yet
  std::uint64_t lost_ = 0;
  std::uint64_t flushes_wanted_ = 0;
  std::uint64_t flushes_done_ = 0;
  Result<void> flush_outcome_;
  AuditHead published_head_;

  std::thread thread_;
};

Result<std::unique_ptr<AuditStream>> AuditStream::open(const AuditOptions& options, std::optional<AuditKey> key,
                                                       AuditProcess process, const Clock& clock, Log& log) {
  auto impl = std::make_unique<Impl>(options, std::move(key), process, clock, log);
  if (Result<void> started = impl->start(); !started) return started.error();
  return std::unique_ptr<AuditStream>(new AuditStream(std::move(impl)));
}

AuditStream::AuditStream(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
AuditStream::~AuditStream() = default;

void AuditStream::record(Instant time, std::string_view event, std::initializer_list<LogField> fields) noexcept {
  record(time, event, [&](JsonWriter& json) { add_audit_fields(json, fields); });
}

void AuditStream::push(std::string_view content) {
  impl_->push(content);
}
void AuditStream::count_lost() noexcept {
  impl_->count_lost();
}
Result<void> AuditStream::flush() {
  return impl_->flush();
}
void AuditStream::reopen() {
  impl_->reopen();
}
void AuditStream::change_key(AuditKey key) {
  impl_->change_key(std::move(key));
}
AuditHead AuditStream::head() const {
  return impl_->head();
}
std::uint64_t AuditStream::lost() const noexcept {
  return impl_->lost();
}

}  // namespace mintmark::ops
