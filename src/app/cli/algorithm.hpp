#pragma once
// Algorithms as options. Thread safety: pure functions.

#include <string>
#include <vector>

#include "cli/session.hpp"
#include "mintmark/jose/alg.hpp"
#include "mintmark/jose/jwe_alg.hpp"

namespace mintmark::app::cli {

// --alg ALG of signatures, of key management, of both as far as they have keys of their own; --enc ENC. A name that is
// none is refused while arguments are parsed, and all that there are are named.
CLI::Option& add_alg_option(CLI::App& command, std::string& alg, const std::string& description);
CLI::Option& add_key_management_option(CLI::App& command, std::string& alg, const std::string& description);
CLI::Option& add_key_alg_option(CLI::App& command, std::string& alg, const std::string& description);
CLI::Option& add_enc_option(CLI::App& command, std::string& enc, const std::string& description);

// What such an option says; none where it was not given, or of another kind. Requires: what the option accepted.
std::optional<jose::Alg> alg_of(const std::string& option);
std::optional<jose::KeyManagement> key_management_of(const std::string& option);
std::optional<jose::ContentEncryption> content_encryption_of(const std::string& option);

}  // namespace mintmark::app::cli
