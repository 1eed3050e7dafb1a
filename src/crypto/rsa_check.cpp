#include <array>

#include "bignum.hpp"
#include "fatal.hpp"
#include "key_check.hpp"

namespace mintmark::crypto {
namespace {

constexpr int kMinModulusBits = 2048;
constexpr int kMaxModulusBits = 16384;  // beyond it one verification takes a noticeable part of a second
constexpr std::size_t kMaxExponentBytes = 8;

// The odd primes below 170.
constexpr std::array<unsigned, 38> kSmallPrimes = {3,   5,   7,   11,  13,  17,  19,  23,  29,  31,  37,  41,  43,
                                                   47,  53,  59,  61,  67,  71,  73,  79,  83,  89,  97,  101, 103,
                                                   107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167};

unsigned remainder(const BIGNUM* number, unsigned divisor) {
  return static_cast<unsigned>(BN_mod_word(number, divisor));
}

bool is_odd_without_small_factor(const BIGNUM* modulus) {
  if (BN_is_odd(modulus) != 1) return false;
  for (const unsigned prime : kSmallPrimes) {
    if (remainder(modulus, prime) == 0) return false;
  }
  return true;
}

/// Whether `value` is a power of 65537 modulo `prime`.
bool is_power_of_65537(unsigned value, unsigned prime) {
  const unsigned base = 65537 % prime;
  unsigned power = 1;
  do {
    if (power == value) return true;
    power = power * base % prime;
  } while (power != 1);
  return false;
}

/// CVE-2017-15361: whether the modulus has the structure that Infineon's library gave its keys.
bool has_roca_fingerprint(const BIGNUM* modulus) {
  // Nemec et al., "The Return of Coppersmith's Attack" (2017), §2.2: the primes are k*M + (65537^a mod M) with M the
  // product of the first primes, so the modulus is a power of 65537 modulo each of them. By chance: one in 2^27.
  for (const unsigned prime : kSmallPrimes) {
    if (!is_power_of_65537(remainder(modulus, prime), prime)) return false;
  }
  return true;
}

bool has_leading_zero(ByteView number) {
  return number.empty() || number.front() == 0;
}

/// Arithmetic on secret numbers that go with their wiping; every failure is one of memory.
class Arithmetic {
 public:
  Arithmetic() : context_(BN_CTX_secure_new()) { require(context_ != nullptr); }

  BnPtr minus_one(const BIGNUM* a) {
    BnPtr out(BN_dup(a));
    require(out && BN_sub_word(out.get(), 1) == 1);
    return out;
  }
  BnPtr product(const BIGNUM* a, const BIGNUM* b) {
    BnPtr out(BN_new());
    require(out && BN_mul(out.get(), a, b, context_.get()) == 1);
    return out;
  }
  BnPtr reduced(const BIGNUM* a, const BIGNUM* modulus) {
    BnPtr out(BN_new());
    require(out && BN_nnmod(out.get(), a, modulus, context_.get()) == 1);
    return out;
  }

 private:
  static void require(bool done) {
    if (!done) fatal("arithmetic on a key failed");
  }
  BnCtxPtr context_;
};

}  // namespace

Result<void> check_rsa_public(const PublicParts& parts) {
  if (has_leading_zero(parts.n)) return invalid("RSA key: modulus empty or with leading zeros");
  if (has_leading_zero(parts.e)) return invalid("RSA key: exponent empty or with leading zeros");
  if (parts.n.size() > kMaxModulusBits / 8) return invalid("RSA key: modulus longer than 16384 bits");
  if (parts.e.size() > kMaxExponentBytes) return invalid("RSA key: exponent longer than 64 bits");

  const BnPtr modulus = to_bignum(parts.n);
  const BnPtr exponent = to_bignum(parts.e);
  if (BN_num_bits(modulus.get()) < kMinModulusBits) return invalid("RSA key: modulus shorter than 2048 bits");
  if (BN_is_odd(exponent.get()) != 1 || BN_is_one(exponent.get()) == 1) {
    return invalid("RSA key: exponent even or 1");
  }
  if (!is_odd_without_small_factor(modulus.get())) return invalid("RSA key: modulus with a small factor");
  if (has_roca_fingerprint(modulus.get())) return invalid("RSA key: weak, ROCA (CVE-2017-15361)");
  return {};
}

Result<void> check_rsa_private(const PublicParts& public_parts, const PrivateParts& private_parts) {
  for (const Secret* number : {&private_parts.d, &private_parts.p, &private_parts.q, &private_parts.dp,
                               &private_parts.dq, &private_parts.qi}) {
    if (has_leading_zero(number->reveal())) return invalid("RSA key: private number missing or with leading zeros");
    if (number->size() > public_parts.n.size()) return invalid("RSA key: private number longer than the modulus");
  }
  const BnPtr n = to_bignum(public_parts.n);
  const BnPtr e = to_bignum(public_parts.e);
  const BnPtr d = to_bignum(private_parts.d.reveal());
  const BnPtr p = to_bignum(private_parts.p.reveal());
  const BnPtr q = to_bignum(private_parts.q.reveal());
  const BnPtr dp = to_bignum(private_parts.dp.reveal());
  const BnPtr dq = to_bignum(private_parts.dq.reveal());
  const BnPtr qi = to_bignum(private_parts.qi.reveal());

  if (BN_is_one(p.get()) == 1 || BN_is_one(q.get()) == 1) return invalid("RSA key: p or q is 1");
  if (BN_cmp(d.get(), n.get()) >= 0) return invalid("RSA key: d is not below the modulus");
  Arithmetic math;
  if (BN_cmp(math.product(p.get(), q.get()).get(), n.get()) != 0) return invalid("RSA key: p and q do not make n");

  const BnPtr p1 = math.minus_one(p.get());
  const BnPtr q1 = math.minus_one(q.get());
  if (BN_cmp(math.reduced(d.get(), p1.get()).get(), dp.get()) != 0 ||
      BN_cmp(math.reduced(d.get(), q1.get()).get(), dq.get()) != 0) {
    return invalid("RSA key: dp or dq does not belong to d");
  }
  const BnPtr ed = math.product(e.get(), d.get());
  if (BN_is_one(math.reduced(ed.get(), p1.get()).get()) != 1 ||
      BN_is_one(math.reduced(ed.get(), q1.get()).get()) != 1) {
    return invalid("RSA key: d does not belong to e");
  }
  if (BN_cmp(qi.get(), p.get()) >= 0 ||
      BN_is_one(math.reduced(math.product(q.get(), qi.get()).get(), p.get()).get()) != 1) {
    return invalid("RSA key: qi does not belong to p and q");
  }
  return {};
}

}  // namespace mintmark::crypto
