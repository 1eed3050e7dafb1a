#pragma once
// Environment variables as overrides of settings. Thread safety: pure functions.

#include "mintmark/app/config.hpp"

namespace mintmark::app {

/// Every setting as MINTMARK_<PATH>, or from a file as MINTMARK_<PATH>_FILE; the sealing key as MINTMARK_SEALING_KEY.
/// Errors: invalid, naming the variable, for one that is not known, has a wrong value, or is given in both forms; those
/// of reading its file.
Result<void> apply_environment(Config& config, const Environment& environment, const ReadSecret& read_secret);

}  // namespace mintmark::app
