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

constexpr std::string_view kAlgIsOpen = "the key does not fix its algorithm: --alg does";

/// The one that has `kid`, if that is not empty, and `fits`; null where there is none. Errors: invalid, for several.
template <class Fits>
Result<const jose::Jwk*> select_one(const std::vector<jose::Jwk>& keys, const std::string& kid, Fits fits) {
  const jose::Jwk* selected = nullptr;
  for (const jose::Jwk& jwk : keys) {
    if (!fits(jwk) || (!kid.empty() && jwk.kid.str() != kid)) continue;
    if (selected != nullptr) return invalid("there are several keys: --kid chooses one");
    selected = &jwk;
  }
  return selected;
}

}  // namespace

bool is_url(const std::string& text) {
  return text.starts_with("https://") || text.starts_with("http://");
}

Result<std::vector<jose::Jwk>> load_keys(const CliIo& io, const std::string& file) {
  const Result<Secret> text = read_file_or_input(io, file);
  if (!text) return text.error();
  return parse_keys(*text, file == "-" ? "standard input" : file);
}

Result<std::vector<jose::Jwk>> load_keys_beside_input(const CliIo& io, const std::string& file) {
  if (file == "-") return invalid("--key: standard input is taken; give a file");
  return load_keys(io, file);
}

Result<std::vector<jose::Jwk>> load_or_fetch_keys(const CliIo& io, const std::string& file_or_url) {
  if (!is_url(file_or_url)) return load_keys(io, file_or_url);
  const Result<http::FetchedDocument> fetched = http::fetch(file_or_url);
  if (!fetched) return fetched.error();
  return parse_keys(Secret(std::string_view(fetched->body)), file_or_url);
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
  const auto may_sign = [](const jose::Jwk& jwk) { return !std::holds_alternative<crypto::PublicKey>(jwk.key); };
  const Result<const jose::Jwk*> selected = select_one(keys, kid, may_sign);
  if (!selected) return selected.error();
  if (*selected == nullptr) return invalid("there is no such private key or secret to sign with");
  if (!jose::signature_alg(**selected) && !alg) return invalid(std::string(kAlgIsOpen));
  return jose::make_signing_key(**selected, alg);
}

Result<jose::EncryptionKey> select_encryption_key(const std::vector<jose::Jwk>& keys, const std::string& kid,
                                                  std::optional<jose::KeyManagement> alg,
                                                  std::optional<jose::ContentEncryption> enc) {
  const auto may_encrypt = [](const jose::Jwk& jwk) { return !jwk.alg && jwk.use != "sig"; };
  const Result<const jose::Jwk*> selected = select_one(keys, kid, may_encrypt);
  if (!selected) return selected.error();
  if (*selected == nullptr) return invalid("there is no such key to encrypt to");
  const bool says_alg = (*selected)->key_management || (*selected)->content_encryption;
  if (!says_alg && !alg) return invalid(std::string(kAlgIsOpen));
  return jose::make_encryption_key(**selected, alg, enc);
}

Result<std::vector<jose::DecryptionKey>> select_decryption_keys(const std::vector<jose::Jwk>& keys,
                                                                std::optional<jose::KeyManagement> alg) {
  std::vector<jose::DecryptionKey> selected;
  for (const jose::Jwk& jwk : keys) {
    for (jose::DecryptionKey& key : jose::make_decryption_keys(jwk, alg))
      selected.push_back(std::move(key));
  }
  if (selected.empty() && alg) return invalid("no key decrypts " + std::string(jose::name(*alg)));
  if (selected.empty()) return invalid("there is no key that decrypts; of a secret, --alg says for what it is");
  return selected;
}

Result<std::vector<jose::DecryptionKey>> make_password_keys(const Secret& password,
                                                            std::optional<jose::KeyManagement> alg) {
  std::vector<jose::DecryptionKey> keys;
  for (const jose::KeyManagement each : jose::all_key_managements()) {
    if (alg.value_or(each) != each) continue;
    if (Result<jose::DecryptionKey> key = jose::DecryptionKey::from_password(each, password)) {
      keys.push_back(*std::move(key));
    }
  }
  if (keys.empty()) return invalid("--alg: not one that takes a password");
  return keys;
}

}  // namespace mintmark::app::cli
