#pragma once
// A whole token endpoint over the store in memory and a clock that stands still until it is told.

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fake_key_sets.hpp"
#include "mintmark/accounts/password_authenticator.hpp"
#include "mintmark/base/form.hpp"
#include "mintmark/keys/key_manager.hpp"
#include "mintmark/oauth/token_endpoint.hpp"
#include "mintmark/oauth/token_inquiries.hpp"
#include "mintmark/oauth/trusted_subjects.hpp"
#include "mintmark/storage/storage.hpp"

namespace mintmark::oauth::testing {

/// Remembers what was reported.
class RecordingEvents final : public TokenEvents, public keys::KeyEvents {
 public:
  struct Issued {
    GrantType grant;
    std::string jti;
    bool with_refresh_token;
    std::optional<jose::ContentEncryption> enc;
  };
  std::vector<Issued> issued;
  std::vector<OAuthCode> refused;
  std::vector<RefusalReason> reasons;
  std::vector<std::string> refused_clients;  ///< empty where there is none
  std::vector<FamilyId> reused;
  std::vector<std::string> revoked;  ///< the `jti` of a token or the id of a family

  void token_issued(const Issuance& issuance, const RequestContext&) noexcept override {
    const std::scoped_lock lock(mutex_);
    const std::optional enc = issuance.encryption ? std::optional(issuance.encryption->enc) : std::nullopt;
    issued.push_back(
        {issuance.admission.authorization().grant, std::string(issuance.jti), issuance.with_refresh_token, enc});
  }
  void token_refused(const Refusal& refusal, const RequestContext&) noexcept override {
    const std::scoped_lock lock(mutex_);
    refused.push_back(refusal.error.code);
    reasons.push_back(refusal.error.reason);
    refused_clients.push_back(refusal.client == nullptr ? std::string() : refusal.client->id.str());
  }
  void token_revoked(const Revocation& revocation, const RequestContext&) noexcept override {
    const std::scoped_lock lock(mutex_);
    revoked.push_back(revocation.family == nullptr ? std::string(revocation.jti) : revocation.family->str());
  }
  void refresh_reused(const RefreshFamily& family, const RequestContext&) noexcept override {
    const std::scoped_lock lock(mutex_);
    reused.push_back(family.id);
  }
  void key_created(const keys::KeyRecord&) noexcept override {}
  void key_activated(const keys::KeyRecord&) noexcept override {}
  void key_revoked(const keys::KeyRecord&) noexcept override {}
  void key_removed(const keys::KeyRecord&) noexcept override {}

 private:
  std::mutex mutex_;
};

/// Compares text where the real one computes Argon2; counts.
class PlainHasher final : public accounts::PasswordHasher {
 public:
  Result<std::string> hash(const Secret& password) override { return std::string(password.reveal_text()); }
  Result<crypto::PasswordMatch> verify(const Secret& password, std::string_view hash) override {
    ++verified;
    if (while_verifying) while_verifying();
    return password.reveal_text() == hash ? crypto::PasswordMatch::match : crypto::PasswordMatch::mismatch;
  }
  [[nodiscard]] bool needs_rehash(std::string_view) const override { return false; }

  std::atomic<int> verified{0};
  std::function<void()> while_verifying;  ///< what happens between reading a user and issuing to him
};

inline constexpr const char* kIssuer = "https://id.example.com";
inline constexpr const char* kApi = "https://api.example.com";
inline constexpr const char* kOtherApi = "https://other.example.com";
inline constexpr const char* kHmacApi = "https://hmac.example.com";
inline constexpr const char* kForeignApi = "https://foreign.example.com";

/// Clients: "service" (client_credentials, secret "service-secret"), "app" (public, password and refresh_token),
/// "multi" (as service, with three resources). User: alice, password "wonderland". Everything is in the store.
class Mint {
 public:
  Mint();

  /// As posted in a form.
  TokenOutcome post(std::string_view form) { return post_at(form, now); }
  TokenOutcome post_at(std::string_view form, Instant at);
  TokenOutcome post_from(std::string_view remote_address, std::string_view form);
  TokenOutcome post_with_certificate(std::string_view form, std::shared_ptr<const PresentedCertificate> certificate);
  TokenOutcome post_with_proof(std::string_view form, const std::string& proof);
  TokenOutcome login() { return post("grant_type=password&client_id=app&username=alice&password=wonderland"); }
  TokenOutcome refresh(const Secret& token, std::string_view more = "");

  /// The claims of a token that verifies now. Fails the test otherwise.
  jose::VerifiedJwt verified(const std::string& token);

  void change_client(const char* id, const std::function<void(Client&)>& change);
  void change_resource(const char* id, const std::function<void(Resource&)>& change);
  void change_user(const std::function<void(accounts::User&)>& change);

  std::string remote = "127.0.0.1";
  Instant now = from_unix_ms(1'800'000'000'123);
  RecordingEvents events;
  std::unique_ptr<storage::Storage> store = storage::open_memory();
  std::unique_ptr<Directory> directory;
  std::unique_ptr<keys::KeyManager> keys;
  std::unique_ptr<accounts::UserDirectory> users;
  PlainHasher hasher;
  std::unique_ptr<accounts::PasswordAuthenticator> authenticator;
  FakeKeySets key_sets;
  RecipientKeys recipients{key_sets, key_sets};
  VerificationKeySets verification_keys{key_sets, key_sets};
  ClientAssertions assertions{parse_issuer(kIssuer).value(), AssertionAudience::issuer, verification_keys};
  SecretUses secret_uses{store->secret_uses()};
  std::unique_ptr<RefreshFamilies> families;
  std::unique_ptr<AccessTokens> access_tokens;
  std::unique_ptr<TrustedSubjects> trusted_subjects;
  std::unique_ptr<Policy> policy;
  std::unique_ptr<TokenIssuer> issuer;
  std::unique_ptr<accounts::AttemptGuard> guard;
  std::unique_ptr<Gatekeeper> gatekeeper;
  std::unique_ptr<Dpop> dpop;
  std::unique_ptr<ClientGate> gate;
  std::unique_ptr<TokenEndpoint> endpoint;
  std::unique_ptr<TokenInquiries> inquiries;
};

/// None for a success.
std::optional<OAuthCode> code_of(const TokenOutcome& outcome);

}  // namespace mintmark::oauth::testing
