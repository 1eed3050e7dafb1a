#pragma once
// RFC 7518 §4.3, and its successors with longer hashes.

#include "mintmark/crypto/pkey.hpp"
#include "mintmark/jose/jwe_alg.hpp"

namespace mintmark::jose {

/// Requires: RSA-OAEP*.
constexpr crypto::OaepHash oaep_hash(KeyManagement alg) noexcept {
  switch (alg) {
    case KeyManagement::RSA_OAEP_256:
      return crypto::OaepHash::sha256;
    case KeyManagement::RSA_OAEP_384:
      return crypto::OaepHash::sha384;
    case KeyManagement::RSA_OAEP_512:
      return crypto::OaepHash::sha512;
    default:
      return crypto::OaepHash::sha1;
  }
}

}  // namespace mintmark::jose
