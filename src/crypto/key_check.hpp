#pragma once
// What a key must be like before it is used (RFC 8725 §3.5).
// Errors: invalid, with what is wrong.

#include "mintmark/crypto/pkey.hpp"

namespace mintmark::crypto {

/// The modulus odd, of 2048 to 16384 bits, without small factor and without the ROCA fingerprint; the exponent odd, 3
/// or more, of at most 64 bits; neither with leading zeros (RFC 7518 §2, Base64urlUInt).
Result<void> check_rsa_public(const PublicParts& parts);

/// That the private numbers belong to each other and to the public ones. Requires: check_rsa_public holds.
Result<void> check_rsa_private(const PublicParts& public_parts, const PrivateParts& private_parts);

/// That an Ed25519 or Ed448 public key is the canonical encoding of a point on the curve that is not one of the few of
/// small order, under which anybody can forge. Requires: `x` has the length of the type.
Result<void> check_edwards_public(KeyType type, ByteView x);

}  // namespace mintmark::crypto
