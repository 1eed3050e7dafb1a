#pragma once
// The command line, as a function: `main` gives it the real streams, tests give it strings.
// Thread safety: one call at a time.

#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "mintmark/app/environment.hpp"
#include "mintmark/base/clock.hpp"
#include "mintmark/base/result.hpp"
#include "mintmark/base/secret.hpp"

namespace mintmark::app {

/// Where a command reads, writes, complains and asks for a secret.
struct CliIo {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  std::function<Result<Secret>(std::string_view prompt)> ask_secret;
};

/// Asks on the controlling terminal, whatever standard input is, without echo. Errors: unavailable, where there is no
/// terminal, or the answer was broken off.
Result<Secret> ask_on_terminal(std::string_view prompt);

/// Runs what `arguments`, without the program's name, ask for. Returns the exit code: 0 done, 1 refused or failed (one
/// line on `err`), 2 not a command that there is.
int run_cli(std::vector<std::string> arguments, const CliIo& io, Environment environment, const Clock& clock);

}  // namespace mintmark::app
