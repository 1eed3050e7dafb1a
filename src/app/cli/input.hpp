#pragma once
// What commands read: standard input, files, secrets that are never arguments. Everything is bounded.
// Thread safety: none. Errors: those of reading; invalid, for what is too large or malformed.

#include <string>
#include <string_view>
#include <vector>

#include "mintmark/app/cli.hpp"
#include "mintmark/base/json.hpp"

namespace mintmark::app::cli {

/// Of a token that a command takes or makes.
inline constexpr std::size_t kMaxTokenBytes = std::size_t{1024} * 1024;

/// Standard input to its end, at most 1 MiB.
Result<Secret> read_input(std::istream& in);

/// A file, or standard input where `file` is "-".
Result<Secret> read_file_or_input(const CliIo& io, const std::string& file);

/// A secret that stands alone in its file or on standard input ("-"): one line end at its end is not part of it.
Result<Secret> read_secret(const CliIo& io, const std::string& file);

/// A password from a file while something else is on standard input, so not from "-". Errors: invalid, if empty.
Result<Secret> read_password_beside_input(const CliIo& io, const std::string& file);

/// Standard input without the white space around it: a compact token.
Result<std::string> read_token(const CliIo& io);

/// A password that is good enough to be kept: from `file` ("-": standard input), or asked for twice where it is empty.
Result<Secret> read_new_password(const CliIo& io, const std::string& file);

/// Sets members of `attributes`: "role=admin" is text, "level:=3" is JSON.
Result<void> set_attributes(Json& attributes, const std::vector<std::string>& assignments);

}  // namespace mintmark::app::cli
