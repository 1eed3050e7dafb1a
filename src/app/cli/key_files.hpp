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

/// Likewise, while something else is on standard input, so not "-".
Result<std::vector<jose::Jwk>> load_keys_beside_input(const CliIo& io, const std::string& file);

bool is_url(const std::string& text);

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

/// The one key that may encrypt, likewise.
Result<jose::EncryptionKey> select_encryption_key(const std::vector<jose::Jwk>& keys, const std::string& kid,
                                                  std::optional<jose::KeyManagement> alg,
                                                  std::optional<jose::ContentEncryption> enc);

/// What may decrypt. Errors: invalid, where nothing is left.
Result<std::vector<jose::DecryptionKey>> select_decryption_keys(const std::vector<jose::Jwk>& keys,
                                                                std::optional<jose::KeyManagement> alg);
/// Likewise, of a password: PBES2 in all its forms, or as `alg` says.
Result<std::vector<jose::DecryptionKey>> make_password_keys(const Secret& password,
                                                            std::optional<jose::KeyManagement> alg);

}  // namespace mintmark::app::cli
