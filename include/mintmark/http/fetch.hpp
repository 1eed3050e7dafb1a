#pragma once
// One GET of a public document of somebody else: a key set, a metadata document. Over https with the certificate
// checked against the name asked for; over http only from this machine itself. No redirect is followed, for a redirect
// is how a fetcher is led to where its caller would not have sent it.
// Thread safety: pure function; each call has an event loop of its own and blocks its thread.

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "mintmark/base/clock.hpp"
#include "mintmark/base/result.hpp"

namespace mintmark::http {

struct FetchOptions {
  /// Of the body; a larger answer is refused unread.
  std::size_t max_bytes = std::size_t{512} * 1024;
  /// For all of it: connection, handshake, request, answer. A name server that does not answer can make it longer, up
  /// to the resolver's own time limit.
  Duration deadline = std::chrono::seconds(10);
  /// The certificates that are trusted, as PEM; empty: those of the system.
  std::filesystem::path ca_file = {};
};

/// The body of a 200. Errors: invalid (a URL that is not fetched: see above), unavailable, with the URL and why: no
/// connection, an untrusted certificate, another status, too large, too slow.
Result<std::string> fetch(std::string_view url, const FetchOptions& options = {});

}  // namespace mintmark::http
