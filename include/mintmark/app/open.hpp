#pragma once
// The parts of a mint that a Config opens, one by one: for the server, which needs all, and for commands, which need
// one or two. Thread safety: pure functions; what they return is as its own header says.

#include <memory>
#include <string>

#include "mintmark/app/config.hpp"
#include "mintmark/keys/key_manager.hpp"
#include "mintmark/oauth/directory.hpp"
#include "mintmark/ops/audit_stream.hpp"
#include "mintmark/storage/storage.hpp"

namespace mintmark::app {

/// Whether there is a store. open_storage() creates one where there is none.
bool has_storage(const Config& config);

/// Errors: those of storage::open_sqlite, naming the path.
Result<std::unique_ptr<storage::Storage>> open_storage(const Config& config);

/// For whoever only reads: where there is no store, an empty one in memory, and nothing is written to disk.
Result<std::unique_ptr<storage::Storage>> open_storage_to_read(const Config& config);

/// Errors: not_found, unavailable, invalid, each naming `sealing_key_file` or MINTMARK_SEALING_KEY, where the
/// key-encryption key is missing or is no such key.
Result<keys::Sealer> load_sealer(const Config& config);

/// Whether there is a sealing key, and it opens the stored keys that are still of use. Errors: those of load_sealer();
/// crypto; those of the store.
Result<void> check_sealing_key(const Config& config, storage::Storage& storage, Instant now);

/// Whether the declared clients, and the lifetimes, agree with the resources of both sources. Errors: invalid.
Result<void> check_resources(const Config& config, const oauth::Directory::ResourceMap& resources);

/// By their `iss`.
oauth::TrustedIssuerMap trusted_issuers_of(const Config& config);

/// Both sources of clients and resources, refreshed once. Requires: `storage` outlives the directory.
/// Errors: those of the store and of check_resources(): invalid, where a declared client names a resource that neither
/// source has, or a stored resource has a longer lifetime than the keys are kept for.
Result<std::unique_ptr<oauth::Directory>> open_directory(const Config& config, storage::Storage& storage);

/// The keys that the resources of both sources need. A resource whose algorithm this machine's OpenSSL lacks is left
/// out: it gets no tokens here, and keeps nobody else from theirs.
keys::KeyDemand make_key_demand(const Config& config, const oauth::Directory::ResourceMap& resources);
keys::KeyDemand make_key_demand(const Config& config, const oauth::Directory& directory);

/// Loads or creates the keys. Requires: storage and events outlive the manager.
/// Errors: those of load_sealer() and KeyManager::open().
Result<std::unique_ptr<keys::KeyManager>> open_key_manager(const Config& config, storage::Storage& storage,
                                                           keys::KeyDemand demand, keys::KeyEvents& events,
                                                           Instant now);

/// The audit stream; null where there is to be none. Its chain has a key where the sealing key is at hand, which a
/// command need not have. Requires: clock and log outlive it. Errors: those of AuditStream::open().
Result<std::unique_ptr<ops::AuditStream>> open_audit(const Config& config, ops::AuditProcess process,
                                                     const Clock& clock, ops::Log& log);

/// Whether certificates of clients come to be seen, on a connection of theirs or in a field of a proxy.
oauth::MutualTls mutual_tls_of(const Config& config) noexcept;

/// What clients will read at the metadata endpoints.
std::string make_metadata(const Config& config, const oauth::Directory& directory);

}  // namespace mintmark::app
