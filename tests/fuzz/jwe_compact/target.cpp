// JWE in compact serialization, decrypted with keys of all kinds.

#include <set>

#include "fuzz_target.hpp"
#include "mintmark/jose/jwe.hpp"

namespace mintmark::fuzz {
namespace {

std::vector<jose::DecryptionKey> make_keys() {
  std::vector<jose::DecryptionKey> keys;
  for (const jose::Jwk& jwk : read_test_keys()) {
    for (jose::DecryptionKey& key : jose::make_decryption_keys(jwk))
      keys.push_back(std::move(key));
  }
  const Secret password(std::string_view("test password"));
  for (const jose::KeyManagement alg : jose::all_key_managements()) {
    if (jose::recipient_kind(alg) != jose::RecipientKind::password) continue;
    Result<jose::DecryptionKey> key = jose::DecryptionKey::from_password(alg, password);
    require(key.has_value(), "a password is a key");
    keys.push_back(std::move(*key));
  }
  return keys;
}

/// All that was ever encrypted to the test keys.
std::set<std::string> read_tokens() {
  std::set<std::string> tokens;
  for (const std::filesystem::path& file : corpus_files())
    tokens.insert(read(file));
  return tokens;
}

void check_decrypted(const jose::DecryptedJwe& decrypted, const std::string& token) {
  static const std::set<std::string> tokens = read_tokens();
  require(tokens.contains(token), "no token decrypts that was not encrypted, to the last bit");
  const Result<Json> header = jose::decode_jwe_header(token);
  require(header && *header == decrypted.header, "a decrypted token is what it says of itself");
  require(decrypted.header.at("alg") == jose::name(decrypted.alg), "the key's algorithm is the header's");
  require(decrypted.header.at("enc") == jose::name(decrypted.enc), "the content's algorithm is the header's");
  for (const char* refused : {"crit", "zip"})
    require(!decrypted.header.contains(refused), "no extension and no compression is understood");
}

void check_refusal(const Error& error) {
  if (error.kind == ErrorKind::invalid) return;
  static const Error first = error;
  require(first.kind == ErrorKind::crypto && error == first, "all failures of a key look alike (RFC 7516 §11.5)");
}

void run(const std::string& token) {
  static const std::vector<jose::DecryptionKey> keys = make_keys();
  if (jose::decode_jwe_header(token))
    require(jose::looks_like_jwe(token), "what has the header of a JWE looks like one");
  const Result<jose::DecryptedJwe> decrypted = jose::decrypt_jwe(token, keys);
  decrypted ? check_decrypted(*decrypted, token) : check_refusal(decrypted.error());
}

}  // namespace
}  // namespace mintmark::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mintmark::fuzz::run(std::string(mintmark::as_text({data, size})));
  return 0;
}
