#pragma once
// Key sets of APIs that tokens are encrypted to: their keys, and a server of them that does what the test says.

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "mintmark/jose/jwk.hpp"
#include "mintmark/oauth/recipient_keys.hpp"
#include "mintmark/oauth/verification_key_sets.hpp"

namespace mintmark::oauth::testing {

/// A key pair of an API.
struct ApiKey {
  explicit ApiKey(std::string name, crypto::KeyType type = crypto::KeyType::p256)
      : kid(std::move(name)), key(crypto::PrivateKey::generate(type).value()) {}

  [[nodiscard]] Json public_jwk() const {
    Json jwk = jose::public_jwk(key.public_key());
    jwk["kid"] = kid;
    jwk["use"] = "enc";
    return jwk;
  }
  [[nodiscard]] std::vector<jose::DecryptionKey> decryption(jose::KeyManagement alg) const {
    return {jose::DecryptionKey::make(alg, KeyId(kid), key).value()};
  }

  std::string kid;
  crypto::PrivateKey key;
};

inline std::string key_set_of(const std::vector<Json>& jwks) {
  return Json{{"keys", jwks}}.dump();
}

class FakeKeySets final : public KeySetSource, public RecipientKeyEvents, public VerificationKeyEvents {
 public:
  struct Failure {
    std::string url;
    std::string detail;
    std::optional<Duration> age;
  };

  /// What a URL answers; what is not here cannot be reached.
  std::map<std::string, KeySet> sets;
  /// Happens during each fetch.
  std::function<void()> meanwhile;

  std::vector<std::string> asked;
  std::vector<std::string> fetched_kids;
  std::vector<std::string> fetched_urls;
  std::vector<Failure> failures;

  Result<KeySet> fetch(const std::string& url, const std::stop_token& /*stop*/) override {
    asked.push_back(url);
    if (meanwhile) meanwhile();
    const auto found = sets.find(url);
    return found == sets.end() ? Result<KeySet>(unavailable("cannot be reached")) : found->second;
  }
  void verification_keys_fetched(const std::string& url, std::size_t) noexcept override { fetched_urls.push_back(url); }
  void verification_keys_not_fetched(const std::string& url, const Error& error,
                                     std::optional<Duration> age) noexcept override {
    failures.push_back({url, error.detail, age});
  }
  void recipient_key_fetched(const Recipient& /*recipient*/, const KeyId& kid) noexcept override {
    fetched_kids.push_back(kid.str());
  }
  void recipient_key_not_fetched(const Recipient& recipient, const Error& error,
                                 std::optional<Duration> age) noexcept override {
    failures.push_back({recipient.url, error.detail, age});
  }
};

}  // namespace mintmark::oauth::testing
