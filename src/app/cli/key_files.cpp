#include "cli/key_files.hpp"

#include <algorithm>

#include "cli/input.hpp"
#include "mintmark/http/fetch.hpp"

namespace mintmark::app::cli {
namespace {

Result<std::vector<jose::Jwk>> parse_keys(const Secret& text, const std::string& source) {
  Result<std::vector<jose::Jwk>> keys = jose::parse_key_file(text);
  if (!keys) return Error{keys.error().kind, source + ": " + keys.error().detail};
  if (keys->empty()) return invalid(source + ": there is no key in it that is supported");
  return keys;
}

bool is_url(const std::string& text) {
  return text.starts_with("https://") || text.starts_with("http://");
}

}  // namespace

Result<std::vector<jose::Jwk>> load_keys(const CliIo& io, const std::string& file) {
  const Result<Secret> text = read_file_or_input(io, file);
  if (!text) return text.error();
  return parse_keys(*text, file == "-" ? "standard input" : file);
}

Result<std::vector<jose::Jwk>> load_or_fetch_keys(const CliIo& io, const std::string& file_or_url) {
  if (!is_url(file_or_url)) return load_keys(io, file_or_url);
  const Result<std::string> body = http::fetch(file_or_url);
  if (!body) return body.error();
  return parse_keys(Secret(std::string_view(*body)), file_or_url);
}

Result<std::vector<jose::VerificationKey>> select_verification_keys(const std::vector<jose::Jwk>& keys,
                                                                    std::optional<jose::Alg> alg) {
  std::vector<jose::VerificationKey> selected;
  for (const jose::Jwk& jwk : keys) {
    for (jose::VerificationKey& key : jose::make_verification_keys(jwk)) {
      if (!alg || key.alg() == *alg) selected.push_back(std::move(key));
    }
  }
  if (selected.empty() && alg) return invalid("no key verifies " + std::string(jose::name(*alg)));
  if (selected.empty()) return invalid("no key is there to verify with");
  return selected;
}

Result<jose::SigningKey> select_signing_key(const std::vector<jose::Jwk>& keys, const std::string& kid,
                                            std::optional<jose::Alg> alg) {
  const jose::Jwk* selected = nullptr;
  for (const jose::Jwk& jwk : keys) {
    if (std::holds_alternative<crypto::PublicKey>(jwk.key) || (!kid.empty() && jwk.kid.str() != kid)) continue;
    if (selected != nullptr) return invalid("there are several keys: --kid chooses one");
    selected = &jwk;
  }
  if (selected == nullptr) return invalid("there is no such private key or secret to sign with");
  if (!selected->alg && !alg) return invalid("the key does not fix its algorithm: --alg does");
  return jose::make_signing_key(*selected, alg);
}

}  // namespace mintmark::app::cli
