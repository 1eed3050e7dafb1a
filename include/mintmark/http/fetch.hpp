#pragma once
// One GET of a public document of somebody else: a key set, a metadata document. Over https with the certificate
// checked against the name asked for; over http only from this machine itself. No redirect is followed, for a redirect
// is how a fetcher is led to where its caller would not have sent it.
// Thread safety: pure function; each call has an event loop of its own and blocks its thread.

#include <cstddef>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "mintmark/base/clock.hpp"
#include "mintmark/base/result.hpp"

namespace mintmark::http {

/// Where a connection may go. The addresses that a name resolves to are looked at, and one of these connected to, so no
/// spelling and no second resolution leads anywhere else.
enum class AllowedAddresses {
  any,
  public_only,  ///< is_public_address(); http URLs, which reach this machine alone, are as they were
};

struct FetchOptions {
  /// Of the body; a larger answer is refused unread.
  std::size_t max_bytes = std::size_t{512} * 1024;
  /// For all of it: connection, handshake, request, answer. A name server that does not answer can make it longer, up
  /// to the resolver's own time limit.
  Duration deadline = std::chrono::seconds(10);
  AllowedAddresses addresses = AllowedAddresses::any;
  /// The certificates that are trusted, as PEM; empty: those of the system.
  std::filesystem::path ca_file = {};
  /// Ends the fetch before its deadline.
  std::stop_token stop = {};
};

struct FetchedDocument {
  std::string body;
  /// How long it may be kept (RFC 9111 §5.2.2.1); 0 where it may not, none where its server does not say.
  std::optional<Duration> max_age;
};

/// A 200. Errors: invalid (a URL that parse_fetch_url() refuses), unavailable, with the URL and why: no connection, no
/// address that is allowed, an untrusted certificate, another status, too large, too slow.
Result<FetchedDocument> fetch(std::string_view url, const FetchOptions& options = {});

}  // namespace mintmark::http
