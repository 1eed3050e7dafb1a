#pragma once
// A client (RFC 6749 §2) as registered, and its document, which is the same in the configuration file and in the store.
// Thread safety: values.

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "mintmark/base/bytes.hpp"
#include "mintmark/base/clock.hpp"
#include "mintmark/base/ids.hpp"
#include "mintmark/base/json_reader.hpp"
#include "mintmark/base/result.hpp"
#include "mintmark/base/secret.hpp"
#include "mintmark/oauth/client_certificate.hpp"
#include "mintmark/oauth/trusted_issuer.hpp"

namespace mintmark::oauth {

/// Spelt as RFC 7591 §2 and RFC 8705 §2 do.
enum class ClientAuthMethod {
  none,
  client_secret_basic,
  client_secret_post,
  private_key_jwt,
  client_secret_jwt,
  tls_client_auth,              ///< RFC 8705 §2.1
  self_signed_tls_client_auth,  ///< RFC 8705 §2.2
};
enum class GrantType { password, client_credentials, refresh_token, jwt_bearer, token_exchange };

std::string_view name(ClientAuthMethod method) noexcept;
std::string_view name(GrantType grant) noexcept;
std::span<const ClientAuthMethod> all_client_auth_methods() noexcept;
std::span<const GrantType> all_grant_types() noexcept;
/// Whether the client proves with it that it knows a secret of `Client::secrets`.
[[nodiscard]] bool uses_secret(ClientAuthMethod method) noexcept;
/// Whether it is the certificate of its connection that the client proves itself with.
[[nodiscard]] bool uses_certificate(ClientAuthMethod method) noexcept;

/// When something was last noted, so that it is noted seldom. Copies share it. Thread safety: from any thread.
class NotedAt {
 public:
  /// Whether the last time is a minute ago or more, and this is now the last.
  [[nodiscard]] bool renew(Instant now) const noexcept {
    Instant last = at_->load(std::memory_order_relaxed);
    return now - last >= std::chrono::minutes(1) && at_->compare_exchange_strong(last, now, std::memory_order_relaxed);
  }

 private:
  std::shared_ptr<std::atomic<Instant>> at_ = std::make_shared<std::atomic<Instant>>(Instant{});
};

/// One of several secrets that may be good at once. We generate them with 256 bits, so a plain hash is enough.
struct ClientSecret {
  std::string id;
  Bytes sha256;
  Instant created_at;
  std::optional<Instant> expires_at;
  bool derived = false;                          ///< by derive_client_secret(), so that it can be made again
  std::shared_ptr<const Secret> text = nullptr;  ///< itself, where the configuration gives it; never rendered
  NotedAt noted = {};                            ///< its use, see SecretUses

  bool operator==(const ClientSecret& other) const {  // the hash stands for the text
    return std::tie(id, sha256, created_at, expires_at, derived) ==
           std::tie(other.id, other.sha256, other.created_at, other.expires_at, other.derived);
  }
};

struct RefreshProfile {
  Duration grace = std::chrono::seconds(10);                 ///< in which a replay gets the same successor
  Duration idle_lifetime = std::chrono::hours(24 * 14);      ///< since the last rotation
  Duration absolute_lifetime = std::chrono::hours(24 * 90);  ///< since the grant

  bool operator==(const RefreshProfile&) const = default;
};

/// What a client may exchange tokens for (RFC 8693), beyond its own tokens and what these are for.
struct TokenExchange {
  std::vector<ResourceId> from;  ///< whose tokens it may exchange, whoever got them: it is these resources
  std::vector<ResourceId> to;    ///< that the new token may be for, though the old one was not
  bool impersonation = false;    ///< whether the new token may conceal that the client acts

  bool operator==(const TokenExchange&) const = default;
};

struct Client {
  ClientId id;
  std::string client_name;
  bool disabled = false;
  std::vector<ClientAuthMethod> auth_methods;
  std::vector<ClientSecret> secrets;
  std::optional<KeySetPlace> keys;                  ///< that its own assertions are signed with
  std::vector<jose::Alg> auth_signing_algs;         ///< of its own assertions; all that it has keys for where empty
  std::vector<WorkloadIdentity> identities;         ///< whose tokens are its assertions too
  std::optional<CertificateName> certificate_name;  ///< of its certificates (tls_client_auth)
  bool dpop_bound_access_tokens = false;            ///< RFC 9449 §5.2: no request without a proof
  bool tls_client_certificate_bound_access_tokens = false;  ///< RFC 8705 §3.4: none without a certificate
  std::vector<GrantType> grant_types;
  std::vector<std::string> scopes;
  std::vector<ResourceId> resources;
  std::vector<ResourceId> introspects;  ///< whose tokens it may ask about: it is these resources, or serves them
  std::vector<std::string> cors_origins;
  RefreshProfile refresh;
  TokenExchange token_exchange;
  Instant sessions_valid_from;       ///< as User::sessions_valid_from: refresh families of an earlier client are dead
  Json attributes = Json::object();  ///< for claims templates

  /// Grows with each change in the store; 0 for a declared client.
  std::uint64_t version = 0;

  [[nodiscard]] bool is_public() const noexcept;
  [[nodiscard]] bool may_use(ClientAuthMethod method) const noexcept;
  [[nodiscard]] bool may_use(GrantType grant) const noexcept;

  bool operator==(const Client&) const = default;
};

/// Reads all members of a client document and checks that they go together. Problems are recorded in `in`;
/// the caller calls in.finish().
Client read_client(JsonReader& in);
/// The document of `client`, without `version`: read_client gives it back.
Json render_client(const Client& client);

/// RFC 6749 §3.3: printable ASCII without space, quote and backslash, not empty, at most 128 characters.
[[nodiscard]] bool is_scope_token(std::string_view text) noexcept;
/// RFC 6749 appendix A.1: printable ASCII, not empty, at most 255 characters.
[[nodiscard]] bool is_client_id(std::string_view text) noexcept;

}  // namespace mintmark::oauth
