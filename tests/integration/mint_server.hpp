#pragma once
// The whole service in this process, over real sockets and SQLite, with a clock that the test owns.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <thread>

#include "integration/mint_config.hpp"
#include "mintmark/app/compose.hpp"
#include "mintmark/jose/jwk.hpp"
#include "mintmark/jose/jwt.hpp"
#include "mintmark/storage/storage.hpp"
#include "support/http_client.hpp"
#include "support/manual_clock.hpp"

namespace mintmark::testing {

class MintServer {
 public:
  /// `adjust` may change the configuration before it is read.
  explicit MintServer(const std::function<void(Json&)>& adjust = {});
  MintServer(const MintServer&) = delete;
  MintServer& operator=(const MintServer&) = delete;
  ~MintServer();

  [[nodiscard]] std::uint16_t port() const noexcept { return app_->port(); }
  [[nodiscard]] MintConfig& config() noexcept { return config_; }
  /// The same database through a connection of its own, as another process would have it.
  [[nodiscard]] storage::Storage& store() noexcept { return *store_; }
  /// The page that the private listener serves.
  [[nodiscard]] std::string metrics() { return app_->metrics().render_metrics(); }
  /// Takes over at once what store() changed.
  void tick() { app_->tick(); }

  HttpAnswer post(const std::string& path, const HttpFields& parameters, const HttpFields& fields = {});
  HttpAnswer token(const HttpFields& parameters, const HttpFields& fields = {});
  HttpAnswer client_credentials(const HttpFields& more = {});
  HttpAnswer login(const HttpFields& more = {});
  HttpAnswer refresh(const std::string& token, const HttpFields& more = {});
  /// A request on a connection of its own, for threads.
  HttpAnswer get(const std::string& path, const HttpFields& fields = {});

  /// Verifies as a resource server would: with nothing but the published key set and the issuer.
  Result<jose::VerifiedJwt> verify(const std::string& token, const std::string& audience = kApi);

  ManualClock clock;

 private:
  MintConfig config_;
  std::unique_ptr<app::App> app_;
  std::unique_ptr<storage::Storage> store_;
  std::thread thread_;
};

/// The keys of a JWKS answer, as a verifier reads them.
std::vector<jose::VerificationKey> keys_of(const HttpAnswer& jwks);

}  // namespace mintmark::testing
