#pragma once
// Brute force: whoever has failed too often waits before the next attempt, longer each time. Failures are counted by
// account and source network together, so that nobody locks out a stranger by failing on purpose from elsewhere, and by
// source network alone, for those who try one password at many accounts; never by account alone. Each kind of
// credential is counted apart: a flood of logins must not keep the machines of the same network from their tokens.
// Thread safety: all functions from any thread; only attempts at the same account or from the same source share a lock.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "mintmark/accounts/attempt_counters.hpp"
#include "mintmark/base/hashed_table.hpp"
#include "mintmark/base/published.hpp"
#include "mintmark/base/secret.hpp"

namespace mintmark::accounts {

struct GuardLimits {
  /// Failures of an account from one source that cost no delay; 0: these are not counted.
  unsigned account_failures = 5;
  /// Of a source, all accounts together; 0: these are not counted. High, because an office or a mobile network behind
  /// one IPv4 address has many people who mistype; each success takes its own attempt back, and refused attempts are
  /// not counted, so a program that repeats one wrong secret for ever adds a handful an hour.
  unsigned source_failures = 100;
  Duration base_delay = std::chrono::seconds(1);  ///< after the first failure too many; doubles with each further one
  Duration max_delay = std::chrono::minutes(15);
  /// In which the free failures wear off, evenly: 5 an hour are one in 12 minutes.
  Duration window = std::chrono::hours(1);

  bool operator==(const GuardLimits&) const = default;
};

enum class Credential { password, client_secret, refresh_token };

/// The enumerator as it is spelt.
std::string_view name(Credential credential) noexcept;

/// What is about to be checked. The account may exist or not; `source` as source_of() (base/ip_address.hpp) makes it.
struct Claim {
  Credential credential;
  std::string_view account;
  std::string_view source;
};

/// Why an attempt must wait, and how long.
struct AttemptDelay {
  enum class By { account, source };
  By by;
  Duration remaining;
};

class AttemptGuard {
 public:
  /// As many counters as are kept, 2 MiB of them; beyond it those with the fewest failures go.
  static constexpr std::size_t kCapacity = 32'768;

  /// `key` hides names and addresses in the table; with another one, what was stored is lost.
  /// Requires: `key` is not empty; the repository outlives the guard; `capacity` as HashedTable has it.
  AttemptGuard(Secret key, GuardLimits limits, AttemptCounterRepository& repository, std::size_t capacity = kCapacity);
  AttemptGuard(const AttemptGuard&) = delete;
  AttemptGuard& operator=(const AttemptGuard&) = delete;

  /// For attempts from now on; what was counted stays.
  void set_limits(const GuardLimits& limits);

  /// An attempt whose outcome is not known yet. It is a failure unless somebody says otherwise.
  class Attempt;

  /// Counts an attempt, before anything is checked: those in flight may be failures, so of parallel guesses no more
  /// pass than of guesses one after the other. Not so where the account has been right from this source since the
  /// guard began and has not failed too often since, or where the credential is a long random one: there, many at once
  /// are somebody's work, and no guess. An error where it must wait.
  [[nodiscard]] Result<Attempt, AttemptDelay> begin(const Claim& claim, Instant now);

  /// Whether begin() would refuse now; counts nothing. For refusing before work is queued; begin() decides.
  [[nodiscard]] std::optional<AttemptDelay> find_delay(const Claim& claim, Instant now);

  /// Takes over what was stored. Errors: those of the repository.
  Result<void> load(Instant now);
  /// Stores what has changed, at most a batch; true if there may be more. What could not be stored is tried again the
  /// next time. Errors: those of the repository.
  Result<bool> store_batch();

 private:
  struct Counter {
    double failures = 0;
    Instant counted_at;
    Instant blocked_until;
    std::uint32_t pending = 0;    ///< attempts in flight
    bool has_been_right = false;  ///< and not failed too often since
    bool dirty = false;           ///< differs from the store
    bool stored = false;          ///< the store may have it
  };
  using Table = HashedTable<Counter>;

  /// The rule of one counter.
  struct Rule {
    unsigned free;  ///< failures without a delay
    const GuardLimits& limits;
    [[nodiscard]] double failures_at(const Counter& counter, Instant now) const;
    [[nodiscard]] Duration delay_after(double failures) const;
    [[nodiscard]] Duration remaining(const Counter& counter, Instant now) const;
    [[nodiscard]] double most_failures() const;
    [[nodiscard]] Instant end_of(const Counter& counter) const;
  };

  /// One of the two counters of an attempt.
  struct Counted {
    crypto::KeyedHash key{};
    unsigned free = 0;  ///< 0: it is not counted
  };

  [[nodiscard]] crypto::KeyedHash account_key(const Claim& claim) const;
  [[nodiscard]] crypto::KeyedHash source_key(const Claim& claim) const;
  /// Where there is no room, the one with the fewest failures goes, and is remembered to be removed from the store.
  Counter& find_or_insert(Table::Set& set, const crypto::KeyedHash& key, const Rule& rule, Instant now);
  /// The delay; none where it was counted.
  std::optional<Duration> count(const Counted& counted, Credential credential, const GuardLimits& limits, Instant now);
  void fail(const Counted& counted, const GuardLimits& limits, Instant now);
  void succeed(const Counted& counted);
  void take_back(const Counted& counted);
  void remember_removal(const crypto::KeyedHash& key, const Counter& counter);
  [[nodiscard]] std::size_t capacity() const noexcept { return table_.set_count() * Table::kWays; }
  void collect(std::vector<AttemptCounter>& upserts, std::vector<crypto::KeyedHash>& removals);
  void mark_unstored(const std::vector<AttemptCounter>& upserts, const std::vector<crypto::KeyedHash>& removals);

  const Secret key_;
  Published<GuardLimits> limits_;
  AttemptCounterRepository& repository_;
  Table table_;

  // Keys that the store has and the table has not: as many as the table's entries at most.
  std::mutex removals_mutex_;
  std::vector<crypto::KeyedHash> removals_;

  std::mutex storing_;  ///< one batch at a time; guards what follows
  std::size_t next_set_ = 0;
};

class AttemptGuard::Attempt {
 public:
  Attempt(Attempt&& other) noexcept;
  Attempt& operator=(Attempt&&) = delete;
  /// Leaves it counted.
  ~Attempt();

  /// The credential was right: the failures of the account from this source are forgotten, and of the source none, so
  /// that nobody washes himself clean by an account of his own.
  void succeed();
  /// Nothing was learnt about the credential: this attempt is forgotten.
  void withdraw();

 private:
  friend class AttemptGuard;
  Attempt(AttemptGuard& guard, const Counted& account, const Counted& source, std::shared_ptr<const GuardLimits> limits,
          Instant begun) noexcept
      : guard_(&guard), account_(account), source_(source), limits_(std::move(limits)), begun_(begun) {}

  AttemptGuard* guard_;
  Counted account_;
  Counted source_;
  std::shared_ptr<const GuardLimits> limits_;
  Instant begun_;
};

}  // namespace mintmark::accounts
