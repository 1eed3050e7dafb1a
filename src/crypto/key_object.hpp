#pragma once
// A key as OpenSSL holds it, and the steps between numbers and it. Every way to a key that others made goes through
// make_public_key or make_private_key, so no check can be passed by.

#include "key_types.hpp"
#include "mintmark/crypto/pkey.hpp"
#include "openssl_ptr.hpp"

namespace mintmark::crypto {

/// Immutable after it is made; OpenSSL's objects in it are only read and duplicated, which any thread may do.
struct KeyObject {
  KeyType type;
  PkeyPtr pkey;
  PkeyCtxPtr verifier;  ///< RSA and EC: initialised, to be duplicated, which saves the search for the algorithm
  PkeyCtxPtr signer;    ///< likewise; null without the private half
};

struct PublicKey::Impl : KeyObject {};

enum class KeyHalves { public_only, both };

/// Requires: `pkey` is checked, is of `type` and has these halves.
Result<KeyObject> make_key_object(KeyType type, PkeyPtr pkey, KeyHalves halves);

Result<KeyObject> make_public_key(KeyType type, const PublicParts& parts);
Result<KeyObject> make_private_key(KeyType type, const PublicParts& public_numbers,
                                   const PrivateParts& private_numbers);

PublicParts public_parts(KeyType type, const EVP_PKEY* pkey);
PrivateParts private_parts(KeyType type, const EVP_PKEY* pkey);

Result<Bytes> sign_with(const KeyObject& key, const SignatureScheme& scheme, ByteView message);
Result<void> verify_with(const KeyObject& key, const SignatureScheme& scheme, ByteView message, ByteView signature);

}  // namespace mintmark::crypto
