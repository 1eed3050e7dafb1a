#include "cli/input.hpp"

#include <array>
#include <istream>

#include "mintmark/accounts/password_authenticator.hpp"
#include "mintmark/base/file.hpp"
#include "mintmark/base/text.hpp"
#include "mintmark/crypto/digest.hpp"

namespace mintmark::app::cli {
namespace {

constexpr std::size_t kMaxInputBytes = std::size_t{1024} * 1024;
constexpr std::string_view kStandardInput = "-";

std::string_view without_line_end(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

Result<void> check_password(const Secret& password) {
  if (password.empty()) return invalid("the password is empty");
  if (password.size() > accounts::kMaxPasswordBytes) {
    return invalid("the password is longer than " + std::to_string(accounts::kMaxPasswordBytes) + " bytes");
  }
  // One that is not could never be posted: request parameters are UTF-8.
  if (!is_valid_utf8(password.reveal_text())) return invalid("the password is not UTF-8");
  return {};
}

Result<Secret> ask_twice(const CliIo& io) {
  Result<Secret> first = io.ask_secret("Password: ");
  if (!first) return Error{first.error().kind, "password: " + first.error().detail + "; see --password-file"};
  const Result<Secret> second = io.ask_secret("Password again: ");
  if (!second) return Error{second.error().kind, "password: " + second.error().detail};
  if (!crypto::constant_time_equal(first->reveal(), second->reveal())) return invalid("the two passwords differ");
  return first;
}

}  // namespace

Result<Secret> read_input(std::istream& in) {
  Bytes bytes;
  std::array<char, 16384> block;
  while (in.read(block.data(), block.size()) || in.gcount() > 0) {
    const ByteView got = as_bytes({block.data(), static_cast<std::size_t>(in.gcount())});
    if (bytes.size() + got.size() > kMaxInputBytes) return invalid("standard input: more than 1 MiB");
    bytes.insert(bytes.end(), got.begin(), got.end());
  }
  wipe(block.data(), block.size());
  if (in.bad()) return unavailable("standard input cannot be read");
  return Secret(std::move(bytes));
}

Result<Secret> read_file_or_input(const CliIo& io, const std::string& file) {
  if (file == kStandardInput) return read_input(io.in);
  Result<std::string> text = read_file(file, kMaxInputBytes);
  if (!text) return text.error();
  Secret content{std::string_view(*text)};
  wipe(text->data(), text->size());
  return content;
}

Result<Secret> read_secret(const CliIo& io, const std::string& file) {
  if (file != kStandardInput) return read_secret_file(file);
  const Result<Secret> text = read_input(io.in);
  if (!text) return text.error();
  return Secret(without_line_end(text->reveal_text()));
}

Result<Secret> read_password_beside_input(const CliIo& io, const std::string& file) {
  if (file == kStandardInput) return invalid("--password-file: standard input is taken; give a file");
  Result<Secret> password = read_secret(io, file);
  if (password && password->empty()) return invalid(file + ": the password is empty");
  return password;
}

Result<std::string> read_token(const CliIo& io) {
  const Result<Secret> text = read_input(io.in);
  if (!text) return text.error();
  std::string token(trim(text->reveal_text()));
  if (token.empty()) return invalid("there is no token on standard input");
  return token;
}

Result<Secret> read_new_password(const CliIo& io, const std::string& file) {
  Result<Secret> password = file.empty() ? ask_twice(io) : read_secret(io, file);
  if (!password) return password;
  if (Result<void> checked = check_password(*password); !checked) return checked.error();
  return password;
}

Result<void> set_attributes(Json& attributes, const std::vector<std::string>& assignments) {
  for (const std::string& assignment : assignments) {
    const std::size_t equals = assignment.find('=');
    const bool is_json = equals != std::string::npos && equals > 0 && assignment[equals - 1] == ':';
    const std::string name = assignment.substr(0, is_json ? equals - 1 : equals);
    if (equals == std::string::npos || name.empty()) {
      return invalid("attribute \"" + assignment + "\": expected NAME=TEXT or NAME:=JSON");
    }
    const std::string_view value = std::string_view(assignment).substr(equals + 1);
    Result<Json> parsed = is_json ? parse_json(value) : Result<Json>(Json(std::string(value)));
    if (!parsed) return invalid("attribute \"" + name + "\": " + parsed.error().detail);
    if (!is_valid_utf8(assignment)) return invalid("attribute \"" + name + "\": not UTF-8");
    attributes[name] = *std::move(parsed);
  }
  return {};
}

}  // namespace mintmark::app::cli
