#include "bignum.hpp"
#include "fatal.hpp"
#include "key_check.hpp"

namespace mintmark::crypto {
namespace {

BnPtr from_hex(const char* hex) {
  BIGNUM* number = nullptr;
  if (BN_hex2bn(&number, hex) == 0) fatal("no memory for a number");
  return BnPtr(number);
}

/// The curve a x² + y² = 1 + d x² y² over the integers modulo `prime`, and arithmetic there.
class EdwardsCurve {
 public:
  EdwardsCurve(const char* prime, const char* a, const char* d)
      : prime_(from_hex(prime)), a_(from_hex(a)), d_(from_hex(d)), one_(from_hex("1")), context_(BN_CTX_new()) {}

  [[nodiscard]] bool is_reduced(const BnPtr& y) const { return BN_cmp(y.get(), prime_.get()) < 0; }

  /// Whether some x goes with y: x² = (1 - y²) / (a - d y²).
  [[nodiscard]] bool has_point(const BnPtr& y) const {
    const BnPtr y2 = multiply(y, y);
    const BnPtr numerator = subtract(one_, y2);
    const BnPtr denominator = subtract(a_, multiply(d_, y2));
    return BN_kronecker(multiply(numerator, denominator).get(), prime_.get(), context_.get()) >= 0;
  }

  /// Whether a point with y has an order of 1 or 2 (y = ±1), of 4 (y = 0), or of 8: its double has y = 0, which in
  /// terms of y alone is d y⁴ - 2 a y² + a = 0.
  [[nodiscard]] bool has_small_order(const BnPtr& y) const {
    const BnPtr y2 = multiply(y, y);
    if (BN_is_zero(y.get()) == 1 || BN_is_one(y2.get()) == 1) return true;
    const BnPtr a_y2 = multiply(a_, y2);
    const BnPtr d_y4 = multiply(d_, multiply(y2, y2));
    const BnPtr rest = subtract(subtract(d_y4, a_y2), subtract(a_y2, a_));
    return BN_is_zero(rest.get()) == 1;
  }

 private:
  [[nodiscard]] BnPtr multiply(const BnPtr& a, const BnPtr& b) const {
    BnPtr out(BN_new());
    if (!out || BN_mod_mul(out.get(), a.get(), b.get(), prime_.get(), context_.get()) != 1) fatal("arithmetic failed");
    return out;
  }
  [[nodiscard]] BnPtr subtract(const BnPtr& a, const BnPtr& b) const {
    BnPtr out(BN_new());
    if (!out || BN_mod_sub(out.get(), a.get(), b.get(), prime_.get(), context_.get()) != 1) fatal("arithmetic failed");
    return out;
  }

  BnPtr prime_;
  BnPtr a_;
  BnPtr d_;
  BnPtr one_;
  BnCtxPtr context_;
};

EdwardsCurve make_curve(KeyType type) {
  if (type == KeyType::ed25519) {
    // RFC 8032 §5.1: p = 2^255 - 19, a = -1, d = -121665/121666.
    return {"7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed",
            "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffec",
            "52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3"};
  }
  // RFC 8032 §5.2: p = 2^448 - 2^224 - 1, a = 1, d = -39081.
  return {
      "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffffffffffffffffffffffffffffffffffffffffffffffffffff"
      "f",
      "1",
      "fffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffffffffffffffffffffffffffffffffffffffffffffffff675"
      "6"};
}

}  // namespace

Result<void> check_edwards_public(KeyType type, ByteView x) {
  Bytes big_endian(x.rbegin(), x.rend());
  big_endian.front() &= 0x7f;  // the sign of the point's x-coordinate (RFC 8032 §5.1.2, §5.2.2)
  const BnPtr y = to_bignum(big_endian);
  const EdwardsCurve curve = make_curve(type);
  if (!curve.is_reduced(y) || !curve.has_point(y)) return invalid("EdDSA key: not a point on the curve");
  if (curve.has_small_order(y)) return invalid("EdDSA key: a point of small order");
  return {};
}

}  // namespace mintmark::crypto
