// backup, restore: the store as one file.

#include <algorithm>
#include <memory>
#include <ostream>

#include "cli/admin_context.hpp"
#include "cli/commands.hpp"
#include "mintmark/app/open.hpp"

namespace mintmark::app::cli {
namespace {

struct BackupOptions {
  std::string file;
  bool force = false;
};

Result<void> back_up(const Session& session, const BackupOptions& options) {
  const Result<Config> config = load_config(session);
  if (!config) return config.error();
  const Result<std::unique_ptr<AdminAudit>> audit = AdminAudit::open(session, *config);
  if (!audit) return audit.error();
  const Result<storage::BackupReport> report = storage::backup_sqlite(
      {.path = config->storage.path}, options.file, options.force ? storage::Overwrite::yes : storage::Overwrite::no);
  if (!report && report.error().kind == ErrorKind::conflict)
    return conflict(report.error().detail + ": --force replaces it");
  if (!report) return report.error();
  session.io.out << printable(options.file) << ": " << report->bytes << " bytes, schema " << report->schema
                 << ", checked; its keys are sealed: keep the sealing key elsewhere\n";
  return (*audit)->changed("store.backup", options.file);
}

struct RestoreOptions {
  std::string file;
  bool force = false;
  bool keep_sessions = false;
};

bool have_a_key_in_common(const keys::KeyTable& a, const keys::KeyTable& b) {
  return std::ranges::any_of(a.records, [&](const keys::KeyRecord& record) {
    return std::ranges::find(b.records, record.kid, &keys::KeyRecord::kid) != b.records.end();
  });
}

/// A key of an algorithm that this machine lacks is another machine's to open.
Result<void> check_opens(const keys::KeyTable& table, const keys::Sealer& sealer) {
  for (const keys::KeyRecord& record : table.records) {
    const Result<jose::SigningKey> opened = sealer.open(record);
    if (!opened && opened.error().kind != ErrorKind::unsupported) return opened.error();
  }
  return {};
}

Result<void> replace_keys(keys::KeyRepository& repository, const keys::KeyTable& before, const keys::KeyTable& after) {
  std::vector<KeyId> removals;
  for (const keys::KeyRecord& record : before.records) {
    if (std::ranges::find(after.records, record.kid, &keys::KeyRecord::kid) == after.records.end())
      removals.push_back(record.kid);
  }
  return repository.store_keys(before.version, after.records, removals);
}

/// Keys do not go back in time: one that was revoked since the backup would sign again, and tokens of one that was made
/// since would be good nowhere. So where the store that is replaced is a later state of the same one and its keys open,
/// its keys stay. Says what it did.
Result<std::string> settle_keys(storage::Restoration& restoration, const keys::Sealer& sealer) {
  keys::KeyRepository& repository = restoration.storage().keys();
  const Result<keys::KeyTable> backed_up = repository.load_keys();
  if (!backed_up) return backed_up.error();
  const Result<std::optional<keys::KeyTable>> replaced = restoration.replaced_keys();
  const std::string as_in_backup =
      "as in the backup (" + std::to_string(backed_up->records.size()) + "): revoke again what was revoked since";
  std::string reason;
  if (!replaced) {
    reason = "; those of the store that was there cannot be read: " + replaced.error().detail;
  } else if (*replaced && have_a_key_in_common(**replaced, *backed_up)) {
    const Result<void> opened = check_opens(**replaced, sealer);
    if (opened) {
      if (Result<void> stored = replace_keys(repository, *backed_up, **replaced); !stored) return stored.error();
      return "those of the store that was there (" + std::to_string((*replaced)->records.size()) +
             "), so that none that was revoked comes back";
    }
    reason = "; of those of the store that was there: " + opened.error().detail;
  } else if (*replaced) {
    reason = "; the store that was there has none of them, so it is no later state of this one";
  }
  if (Result<void> opened = check_opens(*backed_up, sealer); !opened) return opened.error();
  return as_in_backup + reason;
}

Result<void> restore(const Session& session, const RestoreOptions& options) {
  const Result<Config> config = load_config(session);
  if (!config) return config.error();
  const Result<keys::Sealer> sealer = load_sealer(*config);
  if (!sealer) return sealer.error();
  const Result<std::unique_ptr<AdminAudit>> audit = AdminAudit::open(session, *config);
  if (!audit) return audit.error();
  Result<std::unique_ptr<storage::Restoration>> restoration = storage::prepare_restore(
      {.path = config->storage.path}, options.file, options.force ? storage::Overwrite::yes : storage::Overwrite::no);
  if (!restoration && restoration.error().kind == ErrorKind::conflict && !options.force)
    return conflict(restoration.error().detail + " (--force replaces a store, and keeps it under another name)");
  if (!restoration) return restoration.error();
  const Result<std::string> keys = settle_keys(**restoration, *sealer);
  if (!keys) return Error{keys.error().kind, options.file + ": " + keys.error().detail};
  const Instant now = session.clock.now();
  Result<std::size_t> ended = std::size_t{0};
  if (!options.keep_sessions) ended = (*restoration)->end_sessions(now);
  if (!ended) return ended.error();
  const Result<storage::RestoreReport> report = (*restoration)->put_in_place(now);
  if (!report) return report.error();

  std::ostream& out = session.io.out;
  out << config->storage.path.string() << ": restored from " << printable(options.file) << ", schema "
      << report->migrated.from;
  if (report->migrated.from != report->migrated.to) out << " -> " << report->migrated.to;
  out << '\n';
  if (!report->kept.empty()) out << "replaced: kept as " << report->kept.string() << '\n';
  out << "keys: " << printable(*keys) << '\n';
  if (options.keep_sessions) {
    out << "sessions: kept; refresh tokens that were used or revoked since the backup are good again\n";
  } else {
    out << "sessions: " << *ended << " ended, their users log in again\n";
  }
  out << "clients, users, resources: as in the backup; repeat what was disabled, removed or changed since, before the "
         "service starts\n";
  return (*audit)->changed("store.restore", options.file, {{"kept_sessions", options.keep_sessions}});
}

}  // namespace

void add_backup_commands(CLI::App& app, Session& session) {
  const auto backup_options = std::make_shared<BackupOptions>();
  CLI::App& backup = add_service_command(app, session, "backup", "Copy the store into one file, while the service runs",
                                         [&session, backup_options] { return back_up(session, *backup_options); });
  backup.add_option("FILE", backup_options->file, "To be written")->required();
  backup.add_flag("--force", backup_options->force, "Replace a file of that name");
  backup.footer("Example:\n  mintmark backup /backup/mintmark-$(date +%F).db");

  const auto restore_options = std::make_shared<RestoreOptions>();
  CLI::App& restored = add_service_command(app, session, "restore", "Make a backup the store, while the service stands",
                                           [&session, restore_options] { return restore(session, *restore_options); });
  restored.add_option("FILE", restore_options->file, "What backup wrote")->required();
  restored.add_flag("--force", restore_options->force,
                    "Replace the store that is there, and keep it under another name");
  restored.add_flag("--keep-sessions", restore_options->keep_sessions,
                    "Let refresh tokens go on: only where nothing has been used or revoked since the backup");
  restored.footer(
      "All sessions end, because of a refresh token that was used or revoked since the backup nothing is known in it.\n"
      "Example:\n  mintmark restore --force /backup/mintmark-2026-11-24.db");
}

}  // namespace mintmark::app::cli
