#pragma once
// Algorithms as options. Thread safety: pure functions.

#include <string>
#include <vector>

#include "cli/session.hpp"
#include "mintmark/jose/alg.hpp"

namespace mintmark::app::cli {

/// --alg ALG. A name that is none is refused while arguments are parsed, and all that there are are named.
CLI::Option& add_alg_option(CLI::App& command, std::string& alg, const std::string& description);
/// The algorithm of the option; none where it was not given. Requires: what the option accepted.
std::optional<jose::Alg> alg_of(const std::string& option);

}  // namespace mintmark::app::cli
