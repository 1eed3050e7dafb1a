#pragma once
// Private JWKs as text, wiped on the way.

#include <string_view>
#include <variant>

#include "mintmark/base/ids.hpp"
#include "mintmark/base/secret.hpp"
#include "mintmark/crypto/pkey.hpp"

namespace mintmark::jose {

/// `use` is left out if empty.
Secret write_private_jwk(std::string_view alg, std::string_view use, const KeyId& kid,
                         const std::variant<crypto::PrivateKey, Secret>& key);

}  // namespace mintmark::jose
