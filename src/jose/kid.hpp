#pragma once
// The names of keys (RFC 7515 §4.1.4).

#include "mintmark/base/ids.hpp"
#include "mintmark/base/result.hpp"

namespace mintmark::jose {

/// It is written into every header, so it must be short text. Errors: invalid.
Result<void> check_kid(const KeyId& kid);

/// For secrets, whose thumbprint would be a digest of them: 16 random bytes.
KeyId random_kid();

}  // namespace mintmark::jose
