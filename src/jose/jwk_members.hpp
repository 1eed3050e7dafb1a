#pragma once
// How a key's type and numbers are spelt as members of a JWK (RFC 7518 §6, RFC 8037 §2, RFC 8812 §3.1, RFC 9964).

#include <string_view>
#include <vector>

#include "mintmark/crypto/pkey.hpp"

namespace mintmark::jose {

std::string_view kty(crypto::KeyType type) noexcept;
/// Empty where the type has no curve.
std::string_view crv(crypto::KeyType type) noexcept;

template <class Numbers, class Number>
struct Member {
  std::string_view name;
  Number Numbers::*number;
};
using PublicMember = Member<crypto::PublicParts, Bytes>;
using PrivateMember = Member<crypto::PrivateParts, Secret>;

/// All of them are there in every key of the type.
const std::vector<PublicMember>& public_members(crypto::KeyType type);
/// All of them are there in every private key of the type.
const std::vector<PrivateMember>& private_members(crypto::KeyType type);

}  // namespace mintmark::jose
