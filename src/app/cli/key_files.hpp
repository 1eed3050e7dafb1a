#pragma once
// Keys from files and URLs, for the commands that need no service.
// Thread safety: none. Errors name the file or the URL.

#include <optional>
#include <string>
#include <vector>

#include "mintmark/app/cli.hpp"
#include "mintmark/jose/jwk.hpp"

namespace mintmark::app::cli {

/// A JWK, a JWKS or PEM; "-" is standard input.
Result<std::vector<jose::Jwk>> load_keys(const CliIo& io, const std::string& file);

/// Likewise, or a URL that fetch() takes.
Result<std::vector<jose::Jwk>> load_or_fetch_keys(const CliIo& io, const std::string& file_or_url);

/// What may verify. A key that leaves its algorithm open stands for each that its type allows; with `alg`, only what is
/// for that. Errors: invalid, where nothing is left.
Result<std::vector<jose::VerificationKey>> select_verification_keys(const std::vector<jose::Jwk>& keys,
                                                                    std::optional<jose::Alg> alg);

/// The one key that may sign, with `kid` if that is not empty. Errors: invalid, where there are none or several, or
/// where the algorithm is fixed neither by the key nor by `alg`.
Result<jose::SigningKey> select_signing_key(const std::vector<jose::Jwk>& keys, const std::string& kid,
                                            std::optional<jose::Alg> alg);

}  // namespace mintmark::app::cli
