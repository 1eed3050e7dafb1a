#pragma once
// What hardware may do to a signature: faults in OpenSSL's EVP_PKEY_sign, which this executable puts its own function
// in front of. Thread safety: none; for the signatures of one thread.

namespace mintmark::keys::testing {

enum class SigningFault { none, fails, flips_a_bit };

/// In force for the life of this object.
class ScopedSigningFault {
 public:
  explicit ScopedSigningFault(SigningFault fault);
  ScopedSigningFault(const ScopedSigningFault&) = delete;
  ScopedSigningFault& operator=(const ScopedSigningFault&) = delete;
  ~ScopedSigningFault();
};

}  // namespace mintmark::keys::testing
