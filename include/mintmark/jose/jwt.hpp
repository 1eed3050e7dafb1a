#pragma once
// JSON Web Tokens (RFC 7519). UnsignedClaims can only be signed; VerifiedJwt can only come from verify_jwt.
// Thread safety: UnsignedClaims as a value; functions pure.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mintmark/base/clock.hpp"
#include "mintmark/base/json_writer.hpp"
#include "mintmark/jose/jwe.hpp"
#include "mintmark/jose/jws.hpp"

namespace mintmark::jose {

/// Claims on their way to a signature, written as they are added. Requires: no name twice, strings valid UTF-8.
class UnsignedClaims {
 public:
  UnsignedClaims() : json_(text_) { json_.begin_object(); }
  UnsignedClaims(const UnsignedClaims&) = delete;
  UnsignedClaims& operator=(const UnsignedClaims&) = delete;

  template <class T>
  UnsignedClaims& add(std::string_view name, const T& value) {
    json_.member(name, value);
    return *this;
  }
  /// A NumericDate.
  UnsignedClaims& add(std::string_view name, Instant instant) {
    json_.member(name, to_numeric_date(instant));
    return *this;
  }

  /// The finished object; nothing can be added after it.
  [[nodiscard]] std::string_view finish();

 private:
  std::string text_;
  JsonWriter json_;
  bool finished_ = false;
};

/// Signs with the key's own `alg` and `kid`. `typ` is "at+jwt" or "JWT".
Result<std::string> sign_jwt(const SigningKey& key, std::string_view typ, UnsignedClaims& claims);

/// A nested JWT (RFC 7519 §5.2): `signed_token` encrypted, with its `typ` as `cty`.
Result<std::string> encrypt_jwt(const EncryptionKey& key, ContentEncryption enc, std::string_view typ,
                                std::string_view signed_token);

struct JwtExpectation {
  std::optional<std::string> issuer;
  std::optional<std::string> audience;  ///< must be one of `aud`
  std::optional<std::string> typ;       ///< "application/" in front and case are no difference (RFC 7515 §4.1.9)
  Instant now;
  Duration leeway = std::chrono::seconds(0);
};

/// Claims of a token whose signature, times and expectations held. `exp` was there.
class VerifiedJwt {
 public:
  [[nodiscard]] const Json& claims() const noexcept { return claims_; }
  [[nodiscard]] const Json& header() const noexcept { return header_; }
  [[nodiscard]] Alg alg() const noexcept { return alg_; }
  [[nodiscard]] const KeyId& kid() const noexcept { return kid_; }
  /// Without "application/" (RFC 7515 §4.1.9), else as it came; empty if absent. Compare without case.
  [[nodiscard]] std::string_view typ() const noexcept { return typ_; }

 private:
  friend Result<VerifiedJwt> verify_jwt(std::string_view, std::span<const VerificationKey>, const JwtExpectation&);
  VerifiedJwt() = default;
  Json claims_;
  Json header_;
  Alg alg_{};
  KeyId kid_;
  std::string typ_;
};

/// Errors: those of verify_jws, and invalid for a claim that is missing, wrong, past or not yet good.
Result<VerifiedJwt> verify_jwt(std::string_view token, std::span<const VerificationKey> keys,
                               const JwtExpectation& expectation);

/// A NumericDate, fractions included (RFC 7519 §2); none where the claim is absent. Errors: invalid, for what is no
/// number, and for dates beyond the year 9999.
Result<std::optional<Instant>> read_date(const Json& claims, const char* name);

/// RFC 7519 §4.1.3: one string or an array of them; none where the claim is absent. Errors: invalid.
Result<std::vector<std::string>> read_audiences(const Json& claims);

/// The JWS inside a nested JWT, yet to be verified. Errors: those of decrypt_jwe, and invalid where `cty` does not say
/// that a JWT is inside.
Result<std::string> open_nested_jwt(std::string_view token, std::span<const DecryptionKey> keys);

}  // namespace mintmark::jose
