#pragma once
// The keys of clients and of trusted issuers, also where they publish them at a URL. A set is fetched in the background
// once it is first asked for, kept fresh while it is used, and kept while a fetch fails, for a day at the most: a key
// that its owner has withdrawn must not be good for ever because his server is gone.
// Thread safety: all functions from any thread. find() takes no lock for a set that is there.

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "mintmark/oauth/followed_key_sets.hpp"
#include "mintmark/oauth/verification_keys.hpp"

namespace mintmark::oauth {

/// The port through which fetches are reported. The functions must return soon and must not throw.
class VerificationKeyEvents {
 public:
  virtual ~VerificationKeyEvents() = default;
  virtual void verification_keys_fetched(const std::string& url, std::size_t keys) noexcept = 0;
  /// `age` is that of the keys that stay in use; none where there have never been any.
  virtual void verification_keys_not_fetched(const std::string& url, const Error& error,
                                             std::optional<Duration> age) noexcept = 0;
};

class VerificationKeySets {
 public:
  static constexpr std::size_t kMaxSets = 2000;
  /// A set that nobody has asked for is forgotten after so long, and one that cannot be fetched is no longer believed.
  static constexpr Duration kLongestAge = std::chrono::hours(24);
  /// Least time between two fetches of a set because of a key that is not in it.
  static constexpr Duration kRenewalPause = std::chrono::minutes(1);

  /// Requires: the references outlive this object.
  VerificationKeySets(KeySetSource& source, VerificationKeyEvents& events) : source_(source), events_(events) {}

  /// Null where the set has not been fetched yet; then it soon will be.
  [[nodiscard]] std::shared_ptr<const VerificationKeys> find(const KeySetPlace& place, Instant now);

  /// For a key that is not in the set: whether the set is about to be fetched once more.
  [[nodiscard]] bool renew(const KeySetPlace& place, Instant now);

  [[nodiscard]] FetchSummary summary() const { return sets_.summary(); }

  /// Fetches what is due, one after the other. Ends early on `stop`.
  void refresh(Instant now, const std::stop_token& stop = {});

 private:
  struct Entry;
  using Sets = FollowedKeySets<JwksUri, std::shared_ptr<const Entry>>;

  void forget_what_is_over(Instant now);

  KeySetSource& source_;
  VerificationKeyEvents& events_;
  Sets sets_;
};

}  // namespace mintmark::oauth
