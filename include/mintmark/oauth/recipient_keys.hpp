#pragma once
// The keys that tokens are encrypted to, where resources publish them at a URL: fetched ahead of need, in the
// background, and kept while a fetch fails. No request ever waits for one.
// Thread safety: find() from any thread, without a lock. follow() and refresh() from any thread; they may overlap, but
// refresh() with itself only waits.

#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>

#include "mintmark/oauth/directory.hpp"
#include "mintmark/oauth/followed_key_sets.hpp"
#include "mintmark/oauth/token_encryption.hpp"

namespace mintmark::oauth {

/// What is encrypted with one key: tokens for the resources that name this URL and this algorithm.
struct Recipient {
  std::string url;
  jose::KeyManagement alg;

  auto operator<=>(const Recipient&) const = default;
};

/// The port through which fetches are reported. The functions must return soon and must not throw.
class RecipientKeyEvents {
 public:
  virtual ~RecipientKeyEvents() = default;
  virtual void recipient_key_fetched(const Recipient& recipient, const KeyId& kid) noexcept = 0;
  /// `age` is that of the key that stays in use; none where there has never been one, and so no token.
  virtual void recipient_key_not_fetched(const Recipient& recipient, const Error& error,
                                         std::optional<Duration> age) noexcept = 0;
};

class RecipientKeys {
 public:
  /// Recipients that are followed at once, of all resources.
  static constexpr std::size_t kMaxRecipients = 1000;
  static constexpr Duration kFirstPause = FollowedKeySets<Recipient, jose::EncryptionKey>::kFirstPause;
  static constexpr Duration kLongestPause = FollowedKeySets<Recipient, jose::EncryptionKey>::kLongestPause;

  /// Requires: the references outlive this object.
  RecipientKeys(KeySetSource& source, RecipientKeyEvents& events);

  /// The key to encrypt with: the one in the document, or the last one fetched. None before that.
  [[nodiscard]] std::optional<jose::EncryptionKey> find(const TokenEncryption& encryption) const;

  [[nodiscard]] FetchSummary summary() const { return followed_.summary(); }

  /// Says which resources there are now: what they need is fetched at the next refresh(), what they do not is
  /// forgotten. Errors: invalid, beyond kMaxRecipients: those too many, last by their URL, get no key.
  Result<void> follow(const Directory::ResourceMap& resources, Instant now);

  /// Fetches what is due: what is new, what has failed a while ago, and what is about to expire. A failure, or a set in
  /// which no key can be used, leaves the key that was there. Ends early on `stop`.
  void refresh(Instant now, const std::stop_token& stop = {});

 private:
  KeySetSource& source_;
  RecipientKeyEvents& events_;
  FollowedKeySets<Recipient, jose::EncryptionKey> followed_;
};

}  // namespace mintmark::oauth
