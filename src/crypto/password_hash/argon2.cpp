// RFC 9106.
#include <argon2.h>

#include "hash_text.hpp"
#include "mintmark/base/text.hpp"
#include "mintmark/crypto/random.hpp"
#include "stored_hash.hpp"

namespace mintmark::crypto {
namespace {

constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;
constexpr std::uint32_t kMaxLanes = 255;
constexpr std::uint32_t kMinKibPerLane = 8;
constexpr std::uint32_t kMaxMemoryKib = 4 * 1024 * 1024;

struct Argon2Text {
  argon2_type type;
  std::uint32_t version;
  Argon2Parameters parameters;
  Bytes salt;
  Bytes hash;
};

bool is_in_range(const Argon2Parameters& parameters) noexcept {
  return parameters.iterations >= 1 && parameters.parallelism >= 1 && parameters.parallelism <= kMaxLanes &&
         parameters.memory_kib >= kMinKibPerLane * parameters.parallelism && parameters.memory_kib <= kMaxMemoryKib;
}

std::optional<argon2_type> find_type(std::string_view name) {
  if (name == "argon2id") return Argon2_id;
  if (name == "argon2i") return Argon2_i;
  return std::nullopt;
}

std::optional<Argon2Parameters> find_parameters(std::string_view text) {
  const std::vector<std::string_view> items = split(text, ',');
  if (items.size() != 3) return std::nullopt;
  const auto memory_kib = find_parameter(items[0], "m");
  const auto iterations = find_parameter(items[1], "t");
  const auto parallelism = find_parameter(items[2], "p");
  if (!memory_kib || !iterations || !parallelism) return std::nullopt;
  const Argon2Parameters parameters{*memory_kib, *iterations, *parallelism};
  if (!is_in_range(parameters)) return std::nullopt;
  return parameters;
}

/// "$argon2id$v=19$m=256,t=2,p=1$salt$hash"
std::optional<Argon2Text> find_argon2_text(std::string_view text) {
  const std::vector<std::string_view> fields = split(text, '$');
  if (fields.size() != 6 || !fields[0].empty()) return std::nullopt;
  const auto type = find_type(fields[1]);
  const auto version = find_parameter(fields[2], "v");
  const auto parameters = find_parameters(fields[3]);
  auto salt = find_part(fields[4], kMinSaltBytes);
  auto hash = find_part(fields[5], kMinHashBytes);
  const bool known_version = version == ARGON2_VERSION_10 || version == ARGON2_VERSION_13;
  if (!type || !known_version || !parameters || !salt || !hash) return std::nullopt;
  return Argon2Text{*type, *version, *parameters, *std::move(salt), *std::move(hash)};
}

/// The library's interface takes pointers to mutable bytes; it writes to none but `out` unless told to wipe its input.
std::uint8_t* as_mutable(ByteView bytes) noexcept {
  return const_cast<std::uint8_t*>(bytes.data());
}

Result<Secret> compute(const Secret& password, const Argon2Text& how) {
  Bytes out(how.hash.size());
  argon2_context context{};
  context.out = out.data();
  context.outlen = static_cast<std::uint32_t>(out.size());
  context.pwd = as_mutable(password.reveal());
  context.pwdlen = static_cast<std::uint32_t>(password.size());
  context.salt = as_mutable(how.salt);
  context.saltlen = static_cast<std::uint32_t>(how.salt.size());
  context.t_cost = how.parameters.iterations;
  context.m_cost = how.parameters.memory_kib;
  context.lanes = how.parameters.parallelism;
  context.threads = 1;  // the pool that calls has as many threads as there are cores
  context.version = how.version;
  context.flags = ARGON2_DEFAULT_FLAGS;
  const int code = ::argon2_ctx(&context, how.type);
  if (code == ARGON2_MEMORY_ALLOCATION_ERROR) return unavailable("no memory for an Argon2 hash");
  if (code != ARGON2_OK) return crypto_error(std::string("Argon2: ") + ::argon2_error_message(code));
  return Secret(std::move(out));
}

class Argon2Hash final : public StoredHash {
 public:
  explicit Argon2Hash(Argon2Text text) : text_(std::move(text)) {}

  Result<void> check_cost(const HashLimits& limits) const override {
    if (text_.parameters.memory_kib > limits.max_memory_kib) return invalid("Argon2 hash: needs too much memory");
    if (text_.parameters.iterations > limits.max_argon2_iterations) return invalid("Argon2 hash: too many iterations");
    if (text_.parameters.parallelism > limits.max_parallelism) return invalid("Argon2 hash: too many lanes");
    return {};
  }

  std::uint64_t memory_bytes() const noexcept override { return std::uint64_t{text_.parameters.memory_kib} * 1024; }

  Result<PasswordMatch> verify(const Secret& password) const override {
    const Result<Secret> computed = compute(password, text_);
    if (!computed) return computed.error();
    return compare_hashes(computed->reveal(), text_.hash);
  }

 private:
  Argon2Text text_;
};

}  // namespace

StoredHashResult parse_argon2(std::string_view text) {
  std::optional<Argon2Text> parsed = find_argon2_text(text);
  if (!parsed) return invalid("Argon2 hash: malformed");
  return std::make_unique<const Argon2Hash>(*std::move(parsed));
}

Result<std::string> hash_password(const Secret& password, const Argon2Parameters& parameters) {
  if (!is_in_range(parameters)) return invalid("Argon2 parameters out of range");
  const Argon2Text how{Argon2_id, ARGON2_VERSION_13, parameters, random_bytes(kSaltBytes), Bytes(kHashBytes)};
  const Result<Secret> computed = compute(password, how);
  if (!computed) return computed.error();
  return "$argon2id$v=" + std::to_string(how.version) + "$m=" + std::to_string(parameters.memory_kib) +
         ",t=" + std::to_string(parameters.iterations) + ",p=" + std::to_string(parameters.parallelism) + "$" +
         encode_part(how.salt) + "$" + encode_part(computed->reveal());
}

bool needs_rehash(std::string_view hash, const Argon2Parameters& parameters) {
  const std::optional<Argon2Text> parsed = find_argon2_text(hash);
  return !parsed || parsed->type != Argon2_id || parsed->version != ARGON2_VERSION_13 ||
         parsed->parameters != parameters || parsed->salt.size() != kSaltBytes || parsed->hash.size() != kHashBytes;
}

}  // namespace mintmark::crypto
