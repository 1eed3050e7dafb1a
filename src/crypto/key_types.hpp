#pragma once
// What OpenSSL calls each type of key, and the lengths that belong to it.

#include <cstddef>
#include <optional>

#include "mintmark/crypto/pkey.hpp"
#include "openssl_ptr.hpp"

namespace mintmark::crypto {

enum class KeyFamily { rsa, ec, edwards, montgomery, ml_dsa };

struct KeyTypeInfo {
  KeyType type;
  KeyFamily family;
  const char* algorithm;  ///< what to ask a provider for
  const char* group;      ///< the curve of `ec`, else null
  std::size_t
      number_bytes;  ///< `ec`: a coordinate, and as much for r and s; `edwards`, `montgomery`: a public key; else 0
  std::size_t private_bytes;  ///< `ec`, `edwards`, `montgomery`: d; `ml_dsa`: the seed; else 0
};

const KeyTypeInfo& info(KeyType type) noexcept;

/// None for a key of a type that is not ours.
std::optional<KeyType> identify(const EVP_PKEY* pkey);

}  // namespace mintmark::crypto
