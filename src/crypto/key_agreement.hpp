#pragma once
// What key agreement knows about the keys that it takes.

#include "mintmark/crypto/pkey.hpp"
#include "openssl_ptr.hpp"

namespace mintmark::crypto {

/// That an X25519 or X448 public key is not one of the few of small order, with which every agreement gives zero
/// (RFC 7748 §6). Errors: invalid. Requires: `pkey` is of `type`.
Result<void> check_montgomery_public(KeyType type, EVP_PKEY* pkey);

}  // namespace mintmark::crypto
