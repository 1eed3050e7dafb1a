#pragma once
// Brute force: whoever has failed too often waits before the next attempt, longer each time. Failures are counted by
// account and source network together, so that nobody locks out a stranger by failing on purpose from elsewhere, and by
// source network alone, for those who try one password at many accounts; never by account alone. Each kind of
// credential is counted apart: a flood of logins must not keep the machines of the same network from their tokens.
// Thread safety: all functions from any thread; only attempts at the same account or from the same source share a lock.

#include <atomic>
#include <cstddef>
#include <optional>
#include <string_view>
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

  /// An attempt under way, which becomes a failure unless somebody says otherwise.
  class Attempt;

  /// Attempts that may be under way at once where there is no failure: many threads of one program, with one secret
  /// that is right, are nobody's guesses.
  static constexpr unsigned kMostAtOnce = 64;

  /// Counts an attempt as under way, before anything is checked. Where there are failures already, those under way
  /// count as further ones, so that parallel guesses cannot all pass. An error where it must wait.
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
    unsigned under_way = 0;
    Instant counted_at;
    Instant blocked_until;
    bool dirty = false;   ///< differs from the store
    bool stored = false;  ///< the store may have it
  };
  using Table = HashedTable<Counter>;

  /// The rule of one counter.
  struct Rule {
    unsigned free;
    const GuardLimits& limits;
    [[nodiscard]] double failures_at(const Counter& counter, Instant now) const;
    [[nodiscard]] Duration delay_after(double failures) const;
    [[nodiscard]] Duration remaining(const Counter& counter, Instant now) const;
    [[nodiscard]] double most_failures() const;
    [[nodiscard]] unsigned most_at_once(double failures) const;
    [[nodiscard]] Instant end_of(const Counter& counter) const;
  };

  /// One of the two counters of an attempt.
  struct Counted {
    crypto::KeyedHash key{};
    unsigned free = 0;
    Instant begun_at;
    bool counts = false;
  };

  [[nodiscard]] crypto::KeyedHash account_key(const Claim& claim) const;
  [[nodiscard]] crypto::KeyedHash source_key(const Claim& claim) const;
  /// The delay; none where it was counted.
  std::optional<Duration> count(Counted& counted, const Rule& rule);
  Counter& find_or_insert(Table::Set& set, const crypto::KeyedHash& key, const Rule& rule, Instant now);
  void take_back(const Counted& counted);
  void forgive(const Counted& counted);
  void fail(const Counted& counted);
  void end_attempt(Table::Set& set, const crypto::KeyedHash& key, Counter& counter);
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

  /// The credential was right: what was counted of the account from this source is forgotten, and of the source this
  /// attempt alone, so that nobody washes himself clean by an account of his own.
  void succeed();
  /// Nothing was learnt about the credential: this attempt is forgotten.
  void withdraw();

 private:
  friend class AttemptGuard;
  Attempt(AttemptGuard& guard, const Counted& account, const Counted& source) noexcept
      : guard_(&guard), account_(account), source_(source) {}

  AttemptGuard* guard_;
  Counted account_;
  Counted source_;
};

}  // namespace mintmark::accounts
