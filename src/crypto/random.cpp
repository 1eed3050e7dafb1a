#include "mintmark/crypto/random.hpp"

#include <openssl/rand.h>
#include <pthread.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <limits>

#include "fatal.hpp"

namespace mintmark::crypto {
namespace {

void fill_from_openssl(std::span<std::uint8_t> out) {
  constexpr std::size_t kMaxRequest = std::numeric_limits<int>::max();
  while (!out.empty()) {
    const std::size_t size = std::min(out.size(), kMaxRequest);
    if (RAND_bytes(out.data(), static_cast<int>(size)) != 1) fatal("no random bytes to be had");
    out = out.subspan(size);
  }
}

/// How often this process has become a child: a pool filled before a fork() must not be drawn from on both sides of it.
std::atomic<unsigned>& fork_count() {
  static std::atomic<unsigned> count{0};
  static const bool registered = pthread_atfork(nullptr, nullptr, [] { fork_count().fetch_add(1); }) == 0;
  if (!registered) fatal("no memory to watch for fork()");
  return count;
}

/// Random bytes in stock, because asking OpenSSL for sixteen costs nearly as much as asking for thousands.
class Pool {
 public:
  static constexpr std::size_t kBytes = 4096;

  ~Pool() { wipe(bytes_.data(), bytes_.size()); }

  /// Requires: out.size() <= kBytes.
  void take(std::span<std::uint8_t> out) {
    const unsigned forks = fork_count().load(std::memory_order_relaxed);
    if (available_ < out.size() || forks_ != forks) {
      fill_from_openssl(bytes_);
      available_ = bytes_.size();
      forks_ = forks;
    }
    available_ -= out.size();
    std::uint8_t* const taken = bytes_.data() + available_;
    std::copy_n(taken, out.size(), out.data());
    wipe(taken, out.size());
  }

 private:
  std::array<std::uint8_t, kBytes> bytes_{};
  std::size_t available_ = 0;
  unsigned forks_ = 0;
};

}  // namespace

void fill_random(std::span<std::uint8_t> out) {
  constexpr std::size_t kMaxPooled = 256;
  if (out.size() > kMaxPooled) return fill_from_openssl(out);
  thread_local Pool pool;
  pool.take(out);
}

Bytes random_bytes(std::size_t size) {
  Bytes bytes(size);
  fill_random(bytes);
  return bytes;
}

Secret random_secret(std::size_t size) {
  return Secret(random_bytes(size));
}

}  // namespace mintmark::crypto
