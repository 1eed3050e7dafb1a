// bcrypt as OpenBSD, PHP and their heirs write it, through libcrypt.
#include <crypt.h>

#include <algorithm>

#include "hash_text.hpp"
#include "stored_hash.hpp"

namespace mintmark::crypto {
namespace {

constexpr std::size_t kTextBytes = 60;      // "$2b$12$", 22 of salt, 31 of hash
constexpr std::size_t kHashTextBytes = 31;  // at the end
constexpr std::size_t kCostAt = 4;
constexpr std::size_t kSaltAt = 7;
constexpr std::uint32_t kMinCost = 4;
constexpr std::uint32_t kMaxCost = 31;
constexpr std::size_t kMaxPasswordBytes = 72;

bool is_bcrypt_base64(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '/';
}

/// Two digits, so that a leading zero is regular here.
std::optional<std::uint32_t> find_cost(std::string_view digits) {
  const auto cost = find_number(digits.starts_with('0') ? digits.substr(1) : digits);
  if (!cost || *cost < kMinCost || *cost > kMaxCost) return std::nullopt;
  return cost;
}

/// As much of the password as bcrypt reads, with the NUL that libcrypt wants.
Secret make_phrase(const Secret& password) {
  const ByteView bytes = password.reveal();
  Bytes phrase(std::min(bytes.size(), kMaxPasswordBytes) + 1);
  std::copy_n(bytes.begin(), phrase.size() - 1, phrase.begin());
  return Secret(std::move(phrase));
}

/// bcrypt drops what comes after 72 bytes or a NUL: everything with the same beginning would match.
bool is_read_in_full(const Secret& password) noexcept {
  return password.size() <= kMaxPasswordBytes && std::ranges::count(password.reveal(), std::uint8_t{0}) == 0;
}

class BcryptHash final : public StoredHash {
 public:
  BcryptHash(std::string text, std::uint32_t cost) : text_(std::move(text)), cost_(cost) {}

  Result<void> check_cost(const HashLimits& limits) const override {
    if (cost_ > limits.max_bcrypt_cost) return invalid("bcrypt hash: cost too high");
    return {};
  }

  std::uint64_t memory_bytes() const noexcept override { return sizeof(crypt_data); }

  Result<PasswordMatch> verify(const Secret& password) const override {
    const Secret phrase = make_phrase(password);
    const auto scratch = std::make_unique<crypt_data>();
    const char* const computed = ::crypt_r(phrase.reveal_text().data(), text_.c_str(), scratch.get());
    const std::string_view answer = computed == nullptr ? std::string_view() : std::string_view(computed);
    const bool failed = answer.size() != kTextBytes;
    // The hash alone: the last character of the salt has stray bits, which libcrypt clears.
    const bool same =
        !failed &&
        compare_hashes(as_bytes(answer.substr(kTextBytes - kHashTextBytes)),
                       as_bytes(std::string_view(text_).substr(kTextBytes - kHashTextBytes))) == PasswordMatch::match;
    wipe(scratch.get(), sizeof(crypt_data));
    if (failed) return crypto_error("bcrypt: libcrypt fails");
    return same && is_read_in_full(password) ? PasswordMatch::match : PasswordMatch::mismatch;
  }

 private:
  std::string text_;
  std::uint32_t cost_;
};

}  // namespace

StoredHashResult parse_bcrypt(std::string_view text) {
  if (text.size() != kTextBytes || text[kSaltAt - 1] != '$') return invalid("bcrypt hash: malformed");
  const auto cost = find_cost(text.substr(kCostAt, 2));
  if (!cost || !std::ranges::all_of(text.substr(kSaltAt), is_bcrypt_base64)) return invalid("bcrypt hash: malformed");
  return std::make_unique<const BcryptHash>(std::string(text), *cost);
}

}  // namespace mintmark::crypto
