#pragma once
// What the HTTP server serves, as references to what others own.
// Thread safety: everything referred to is used from the network threads and the pools at once.

#include <string>
#include <string_view>

#include "mintmark/base/published.hpp"
#include "mintmark/http/access_log.hpp"
#include "mintmark/http/metrics_source.hpp"
#include "mintmark/http/worker_pool.hpp"
#include "mintmark/keys/key_ring.hpp"
#include "mintmark/oauth/metadata.hpp"
#include "mintmark/oauth/token_endpoint.hpp"
#include "mintmark/oauth/token_inquiries.hpp"

namespace mintmark::http {

class Readiness {
 public:
  virtual ~Readiness() = default;
  /// Whether a token could be issued now: storage answers, every active key signs. May block; runs on the storage pool
  /// and on the private listener's, on several threads at once. The error never reaches the client; nor the log from
  /// here, where every probe would repeat it.
  virtual Result<void> check_ready(Instant now) = 0;
};

/// Requires: everything referred to outlives the Server, and the pools outlive its run().
struct Services {
  const oauth::TokenEndpoint& token_endpoint;
  const oauth::TokenInquiries& inquiries;
  oauth::Directory& directory;             ///< for CORS
  const keys::PublishedKeyRing& key_ring;  ///< for the JWKS
  const Published<std::string>& metadata;  ///< oauth::render_metadata(), stored anew when resources change
  oauth::Issuer issuer;                    ///< its path is the prefix of {path}/token and the documents
  const Published<oauth::DefaultLoginClient>& default_login_client;
  Readiness& readiness;
  const Clock& clock;
  AccessLog& access_log;
  WorkerPool& storage_pool;
  WorkerPool& password_pool;
  std::string_view version = "0";    ///< the program's
  MetricsSource* metrics = nullptr;  ///< null: GET /metrics is 404
};

}  // namespace mintmark::http
