#include "reloader.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "config_change.hpp"
#include "mintmark/base/text.hpp"

namespace mintmark::app {
namespace {

constexpr Duration kPauseBeforeTryingAgain = std::chrono::seconds(5);
/// Of files that change while they are read.
constexpr int kMaxReadings = 3;

FileStamps stamp(const FileStamps& files) {
  FileStamps stamps;
  for (const auto& [path, former] : files)
    stamps.emplace(path, stamp_file(path));
  return stamps;
}

}  // namespace

Reloader::Reloader(const Config& running, Environment environment, Apply apply, ops::ConfigEvents& events)
    : running_(running),
      environment_(std::move(environment)),
      apply_(std::move(apply)),
      events_(events),
      watched_(running.files) {}

void Reloader::tick(Instant now) {
  if (const std::optional<ops::ReloadTrigger> trigger = find_trigger(now)) reload(*trigger, now);
}

std::optional<ops::ReloadTrigger> Reloader::find_trigger(Instant now) {
  using enum ops::ReloadTrigger;
  if (requested_.exchange(false, std::memory_order_relaxed)) return signal;
  if (!running_.reload.watch) return std::nullopt;
  FileStamps seen = stamp(watched_);
  if (seen == watched_) {
    changing_.reset();
    // A clock that was set back must not make it wait until that has caught up.
    const bool is_due = try_again_at_ && (now >= *try_again_at_ || now < *try_again_at_ - kPauseBeforeTryingAgain);
    return is_due ? std::optional(file) : std::nullopt;
  }
  const bool is_at_rest = changing_ == seen;
  changing_ = std::move(seen);
  return is_at_rest ? std::optional(file) : std::nullopt;
}

Reloader::Attempt Reloader::read() const {
  Attempt attempt{unavailable("not read"), {}};
  try {
    attempt.config = load_config_again(running_.file, environment_, attempt.files);
  } catch (const std::exception& failure) {
    // Whatever is wrong with a file must not end a service that runs.
    attempt.config = unavailable(running_.file.string() + ": " + failure.what());
  }
  return attempt;
}

/// Files are replaced one after the other, and what is read meanwhile may be some of each.
Reloader::Attempt Reloader::read_at_rest() const {
  Attempt attempt = read();
  for (int i = 1; i < kMaxReadings && stamp(attempt.files) != attempt.files; ++i)
    attempt = read();
  return attempt;
}

void Reloader::reload(ops::ReloadTrigger trigger, Instant now) {
  FileStamps files = stamp(running_.files);
  Attempt attempt = read_at_rest();
  // Also those of an attempt that failed: one that is missing may come.
  for (const auto& [path, stamp] : attempt.files)
    files.insert_or_assign(path, stamp);
  watched_ = std::move(files);
  changing_.reset();
  try_again_at_.reset();

  if (!attempt.config) return refuse(trigger, attempt.config.error(), now);
  Config& next = *attempt.config;
  if (running_.sealing_key.was_given) next.sealing_key = running_.sealing_key;
  if (const Result<void> live = check_needs_no_restart(running_, next); !live) {
    return refuse(trigger, live.error(), now);
  }
  const std::string changed = join(find_changes(running_, next), ",");
  if (const Result<void> applied = apply_(next, now); !applied) return refuse(trigger, applied.error(), now);
  watched_ = attempt.files;
  refused_.reset();
  events_.config_reloaded(trigger, changed, now);
}

void Reloader::refuse(ops::ReloadTrigger trigger, const Error& reason, Instant now) {
  if (reason.kind == ErrorKind::unavailable) try_again_at_ = now + kPauseBeforeTryingAgain;
  // Whoever asks wants an answer each time; what is tried again by itself is news when it changes.
  if (trigger == ops::ReloadTrigger::file && refused_ == reason) return;
  refused_ = reason;
  events_.config_refused(trigger, reason, now);
}

}  // namespace mintmark::app
