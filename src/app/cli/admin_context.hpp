#pragma once
// The store, the directory and the keys of the service that --config names, as commands use them beside a server that
// may be running. Thread safety: none.

#include <initializer_list>
#include <memory>
#include <optional>
#include <ostream>
#include <string_view>

#include "cli/session.hpp"
#include "mintmark/keys/key_manager.hpp"
#include "mintmark/oauth/directory.hpp"
#include "mintmark/ops/audit_events.hpp"
#include "mintmark/storage/storage.hpp"

namespace mintmark::app::cli {

/// How often a change is tried again that somebody else's overtook.
inline constexpr int kMaxAttempts = 8;

/// What a command changes, in the audit stream. A command that could not say what it does does not begin.
class AdminAudit {
 public:
  /// Errors: those of open_audit().
  static Result<std::unique_ptr<AdminAudit>> open(const Session& session, const Config& config);

  /// Something has been changed. Errors: why it is not on disk; the change stands.
  Result<void> changed(std::string_view action, std::string_view id, std::initializer_list<ops::LogField> details = {});
  /// Null where there is no stream.
  [[nodiscard]] ops::AuditStream* stream() noexcept { return stream_.get(); }

 private:
  explicit AdminAudit(const Clock& clock) : clock_(clock) {}

  const Clock& clock_;
  std::ostream nowhere_{nullptr};
  ops::Log log_{{}, nowhere_};  ///< a command has none: it says what went wrong
  std::unique_ptr<ops::AuditStream> stream_;
};

struct AdminContext {
  Config config;
  std::unique_ptr<AdminAudit> audit;  ///< null where nothing is changed
  std::unique_ptr<storage::Storage> storage;
  std::unique_ptr<oauth::Directory> directory;
};

/// What to do where there is no store: a command that adds something may be the first; one about something that is
/// there finds nothing.
enum class IfAbsent { create, refuse };

/// Errors: those of the configuration and of the store.
Result<AdminContext> open_admin(const Session& session, IfAbsent if_absent);
/// Likewise, for listings: no store is made where there is none.
Result<AdminContext> open_admin_to_read(const Session& session);

/// With the keys, which may be created by this. Nothing is written where the sealing key is missing or wrong. Errors:
/// also not_found, where there is no store and none is to be made.
struct KeyContext {
  AdminContext admin;
  std::unique_ptr<keys::KeyEvents> events;
  std::unique_ptr<keys::KeyManager> manager;
};
Result<KeyContext> open_keys(const Session& session, IfAbsent if_absent);
/// As open_keys(), but makes no first key of `alg`, so that an imported one can be it.
Result<KeyContext> open_keys_to_import(const Session& session, jose::Alg alg);

/// Makes the keys follow a change of resources in the store.
Result<void> follow_resources(KeyContext& context, Instant now);

/// "store" or "config": where an object comes from, as listings say it.
std::string_view source_name(bool declared);
/// What is declared is changed in its file. `what` is "client", "user" or "resource".
Error refuse_declared(const Config& config, std::string_view what, std::string_view name);
Error no_such(std::string_view what, std::string_view name);

/// Everything of a listing that comes in pages. `list` takes the last one of the page before.
template <class Item, class List>
Result<std::vector<Item>> list_all(const List& list) {
  constexpr std::size_t kPage = 500;
  std::vector<Item> all;
  while (true) {
    Result<std::vector<Item>> page = list(all.empty() ? nullptr : &all.back(), kPage);
    if (!page) return page.error();
    const bool is_last = page->size() < kPage;
    all.insert(all.end(), std::make_move_iterator(page->begin()), std::make_move_iterator(page->end()));
    if (is_last) return all;
  }
}

/// Reads, changes and writes; again where somebody else wrote in between.
template <class Find, class Change, class Update>
Result<void> change_stored(const Find& find, const Change& change, const Update& update) {
  Result<void> changed;
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    auto found = find();
    if (!found) return found.error();
    if (changed = change(*found); !changed) return changed;
    changed = update(*found);
    if (changed || changed.error().kind != ErrorKind::conflict) return changed;
  }
  return changed;
}

}  // namespace mintmark::app::cli
