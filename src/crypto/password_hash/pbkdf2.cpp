// RFC 8018 §5.2 with HMAC-SHA-256 and HMAC-SHA-512.
#include <algorithm>

#include "hash_text.hpp"
#include "mintmark/base/text.hpp"
#include "mintmark/crypto/kdf.hpp"
#include "stored_hash.hpp"

namespace mintmark::crypto {
namespace {

constexpr std::uint32_t kMaxIterations = INT32_MAX;  // what pbkdf2() takes

struct Pbkdf2Text {
  Hash digest;
  std::uint32_t iterations;
  Bytes salt;
  Bytes hash;
};

std::optional<Hash> find_digest(std::string_view name) noexcept {
  if (name == "pbkdf2-sha256" || name == "pbkdf2_sha256") return Hash::sha256;
  if (name == "pbkdf2-sha512" || name == "pbkdf2_sha512") return Hash::sha512;
  return std::nullopt;
}

std::optional<Pbkdf2Text> make_text(std::string_view name, std::optional<std::uint32_t> iterations,
                                    std::optional<Bytes> salt, std::optional<Bytes> hash) {
  const std::optional<Hash> digest = find_digest(name);
  if (!digest || !iterations || !salt || !hash) return std::nullopt;
  if (*iterations == 0 || *iterations > kMaxIterations) return std::nullopt;
  // More than the digest gives at once would cost the service a second round and an attacker none.
  if (hash->size() > digest_bytes(*digest)) return std::nullopt;
  return Pbkdf2Text{*digest, *iterations, *std::move(salt), *std::move(hash)};
}

/// passlib writes '.' where base64 has '+'.
std::optional<Bytes> find_passlib_part(std::string_view text, std::size_t least_bytes) {
  if (text.find('+') != std::string_view::npos) return std::nullopt;
  std::string standard(text);
  std::ranges::replace(standard, '.', '+');
  return find_part(standard, least_bytes);
}

/// "$pbkdf2-sha256$29000$salt$hash"
std::optional<Pbkdf2Text> find_passlib_text(const std::vector<std::string_view>& fields) {
  return make_text(fields[1], find_number(fields[2]), find_passlib_part(fields[3], kMinSaltBytes),
                   find_passlib_part(fields[4], kMinHashBytes));
}

/// "$pbkdf2-sha256$i=600000,l=32$salt$hash", where l may be missing.
std::optional<Pbkdf2Text> find_phc_text(const std::vector<std::string_view>& fields) {
  const std::vector<std::string_view> items = split(fields[2], ',');
  std::optional<Bytes> hash = find_part(fields[4], kMinHashBytes);
  if (items.size() > 2) return std::nullopt;
  if (items.size() == 2 && (!hash || find_parameter(items[1], "l") != hash->size())) return std::nullopt;
  return make_text(fields[1], find_parameter(items[0], "i"), find_part(fields[3], kMinSaltBytes), std::move(hash));
}

/// "pbkdf2_sha256$600000$salt$hash", where the salt is the text itself and the hash has padding.
std::optional<Pbkdf2Text> find_django_text(const std::vector<std::string_view>& fields) {
  const std::string_view salt = fields[2];
  const auto printable = [](char c) { return c > 0x20 && c < 0x7f; };
  if (salt.size() < kMinSaltBytes || salt.size() > kMaxPartBytes) return std::nullopt;
  if (!std::ranges::all_of(salt, printable) || fields[3].size() % 4 != 0) return std::nullopt;
  const std::string_view hash = fields[3].substr(0, fields[3].find('='));
  if (fields[3].size() - hash.size() > 2) return std::nullopt;
  const ByteView salt_bytes = as_bytes(salt);
  return make_text(fields[0], find_number(fields[1]), Bytes(salt_bytes.begin(), salt_bytes.end()),
                   find_part(hash, kMinHashBytes));
}

std::optional<Pbkdf2Text> find_pbkdf2_text(std::string_view text) {
  const std::vector<std::string_view> fields = split(text, '$');
  if (fields.size() == 4) return find_django_text(fields);
  if (fields.size() != 5 || !fields[0].empty()) return std::nullopt;
  return fields[2].starts_with("i=") ? find_phc_text(fields) : find_passlib_text(fields);
}

class Pbkdf2Hash final : public StoredHash {
 public:
  explicit Pbkdf2Hash(Pbkdf2Text text) : text_(std::move(text)) {}

  Result<void> check_cost(const HashLimits& limits) const override {
    if (text_.iterations > limits.max_pbkdf2_iterations) return invalid("PBKDF2 hash: too many iterations");
    return {};
  }

  std::uint64_t memory_bytes() const noexcept override { return text_.hash.size(); }

  Result<PasswordMatch> verify(const Secret& password) const override {
    const Secret computed = pbkdf2(text_.digest, password, text_.salt, text_.iterations, text_.hash.size());
    return compare_hashes(computed.reveal(), text_.hash);
  }

 private:
  Pbkdf2Text text_;
};

}  // namespace

StoredHashResult parse_pbkdf2(std::string_view text) {
  std::optional<Pbkdf2Text> parsed = find_pbkdf2_text(text);
  if (!parsed) return invalid("PBKDF2 hash: malformed");
  return std::make_unique<const Pbkdf2Hash>(*std::move(parsed));
}

}  // namespace mintmark::crypto
