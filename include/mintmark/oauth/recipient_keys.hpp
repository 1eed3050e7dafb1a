#pragma once
// The keys that tokens are encrypted to, where resources publish them at a URL: fetched ahead of need, in the
// background, and kept while a fetch fails. No request ever waits for one.
// Thread safety: find() from any thread, without a lock. follow() and refresh() from any thread; they may overlap, but
// refresh() with itself only waits.

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "mintmark/base/clock.hpp"
#include "mintmark/base/published.hpp"
#include "mintmark/oauth/directory.hpp"
#include "mintmark/oauth/token_encryption.hpp"

namespace mintmark::oauth {

/// A key set as its server gave it.
struct KeySet {
  std::string text;
  std::optional<Duration> max_age;  ///< as of RFC 9111 §5.2.2.1; none where the server does not say
};

/// The port to wherever key sets are.
class KeySetSource {
 public:
  virtual ~KeySetSource() = default;
  /// Blocks, for a bounded time, or until `stop`. Errors: unavailable, invalid.
  virtual Result<KeySet> fetch(const std::string& url, const std::stop_token& stop) = 0;
};

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

/// How the fetching goes, of all recipients.
struct FetchSummary {
  std::size_t fetched = 0;  ///< recipients with a key
  std::size_t missing = 0;  ///< recipients that no key has been fetched for yet
  std::optional<Instant> oldest_fetch = {};
};

class RecipientKeys {
 public:
  /// Recipients that are followed at once, of all resources.
  static constexpr std::size_t kMaxRecipients = 1000;
  /// From the first failed fetch to the next; each further one doubles it, up to the longest.
  static constexpr Duration kFirstPause = std::chrono::seconds(10);
  static constexpr Duration kLongestPause = std::chrono::minutes(10);

  /// Requires: the references outlive this object.
  RecipientKeys(KeySetSource& source, RecipientKeyEvents& events);

  /// The key to encrypt with: the one in the document, or the last one fetched. None before that.
  [[nodiscard]] std::optional<jose::EncryptionKey> find(const TokenEncryption& encryption) const;

  [[nodiscard]] FetchSummary summary() const;

  /// Says which resources there are now: what they need is fetched at the next refresh(), what they do not is
  /// forgotten. Errors: invalid, beyond kMaxRecipients: those too many, last by their resource's id, get no key.
  Result<void> follow(const Directory::ResourceMap& resources, Instant now);

  /// Fetches what is due, one after the other: what is new, what has failed a while ago, and each key set when three
  /// quarters of its max-age are over (which counts as at least a minute and at most a day, and as an hour where it is
  /// not there). A failure, or a set in which no key can be used, leaves the key that was there. Ends early on `stop`.
  void refresh(Instant now, const std::stop_token& stop = {});

 private:
  struct Fetched {
    jose::EncryptionKey key;
    Instant fetched_at;
  };
  using FetchedKeys = std::map<Recipient, Fetched>;
  struct Schedule {
    Instant due;
    Duration pause = kFirstPause;  ///< after the next failure
  };

  [[nodiscard]] std::optional<Recipient> next_due(Instant now);
  void take_over(const Recipient& recipient, const Result<KeySet>& set, Instant now);
  void take_key(const Recipient& recipient, const jose::EncryptionKey& key, Instant now, Duration keep);
  void keep_key(const Recipient& recipient, const Error& error, Instant now);

  KeySetSource& source_;
  RecipientKeyEvents& events_;
  std::mutex refreshing_;
  mutable std::mutex mutex_;  // guards followed_ and who replaces fetched_; never held during a fetch
  std::map<Recipient, Schedule> followed_;
  Published<FetchedKeys> fetched_;
};

}  // namespace mintmark::oauth
