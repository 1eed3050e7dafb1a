// RFC 7914.
#include <openssl/evp.h>

#include "hash_text.hpp"
#include "mintmark/base/text.hpp"
#include "openssl_ptr.hpp"
#include "stored_hash.hpp"

namespace mintmark::crypto {
namespace {

struct ScryptText {
  std::uint32_t log2_n;
  std::uint32_t r;
  std::uint32_t p;
  Bytes salt;
  Bytes hash;
};

// Far above anything of use, and low enough for the products below to stay within 64 bits.
constexpr std::uint32_t kMaxLog2N = 30;
constexpr std::uint32_t kMaxFactor = 1024;

/// RFC 7914 §2: N > 1 and N < 2^(128 r / 8).
bool is_in_range(const ScryptText& text) noexcept {
  return text.log2_n >= 1 && text.log2_n <= kMaxLog2N && text.r >= 1 && text.r <= kMaxFactor && text.p >= 1 &&
         text.p <= kMaxFactor && text.log2_n < 16 * text.r;
}

/// "$scrypt$ln=16,r=8,p=1$salt$hash"
std::optional<ScryptText> find_scrypt_text(std::string_view text) {
  const std::vector<std::string_view> fields = split(text, '$');
  if (fields.size() != 5 || !fields[0].empty()) return std::nullopt;
  const std::vector<std::string_view> items = split(fields[2], ',');
  if (items.size() != 3) return std::nullopt;
  const auto log2_n = find_parameter(items[0], "ln");
  const auto r = find_parameter(items[1], "r");
  const auto p = find_parameter(items[2], "p");
  auto salt = find_part(fields[3], kMinSaltBytes);
  auto hash = find_part(fields[4], kMinHashBytes);
  if (!log2_n || !r || !p || !salt || !hash) return std::nullopt;
  ScryptText parsed{*log2_n, *r, *p, *std::move(salt), *std::move(hash)};
  if (!is_in_range(parsed)) return std::nullopt;
  return parsed;
}

class ScryptHash final : public StoredHash {
 public:
  explicit ScryptHash(ScryptText text) : text_(std::move(text)) {}

  Result<void> check_cost(const HashLimits& limits) const override {
    if (memory_bytes() / 1024 > limits.max_memory_kib) return invalid("scrypt hash: needs too much memory");
    if (text_.p > limits.max_parallelism) return invalid("scrypt hash: p too high");
    return {};
  }

  /// Blocks of 128 r bytes: N in the table, p in the input, and two to work with.
  std::uint64_t memory_bytes() const noexcept override {
    return std::uint64_t{128} * text_.r * ((std::uint64_t{1} << text_.log2_n) + text_.p + 2);
  }

  Result<PasswordMatch> verify(const Secret& password) const override {
    const ErrorQueueScope errors;
    Bytes out(text_.hash.size());
    const std::string_view phrase = password.reveal_text();
    const int done =
        EVP_PBE_scrypt(phrase.data(), phrase.size(), text_.salt.data(), text_.salt.size(),
                       std::uint64_t{1} << text_.log2_n, text_.r, text_.p, memory_bytes(), out.data(), out.size());
    const Secret computed(std::move(out));
    // The parameters have been checked, so what is left to fail is the allocation.
    if (done != 1) return unavailable("no memory for a scrypt hash");
    return compare_hashes(computed.reveal(), text_.hash);
  }

 private:
  ScryptText text_;
};

}  // namespace

StoredHashResult parse_scrypt(std::string_view text) {
  std::optional<ScryptText> parsed = find_scrypt_text(text);
  if (!parsed) return invalid("scrypt hash: malformed");
  return std::make_unique<const ScryptHash>(*std::move(parsed));
}

}  // namespace mintmark::crypto
