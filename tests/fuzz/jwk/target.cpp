// JWK, JWKS and PEM, as they are imported: what parses must be good for all that may be done with it.

#include "fuzz_target.hpp"
#include "mintmark/jose/jwe.hpp"

namespace mintmark::fuzz {
namespace {

const ByteView kMessage = as_bytes("message");

/// The one key in `text`.
jose::Jwk reread(std::string_view text) {
  Result<std::vector<jose::Jwk>> keys = jose::parse_key_file(Secret(text));
  require(keys && keys->size() == 1, "a key that we wrote can be read");
  return std::move(keys->front());
}

void check_verification_key(const jose::VerificationKey& key, const std::string& thumbprint) {
  if (jose::is_symmetric(key.alg())) return;
  const jose::Jwk jwk = reread(key.public_jwk().dump());
  require(std::holds_alternative<crypto::PublicKey>(jwk.key), "a public JWK holds nothing private");
  require(jwk.alg == key.alg() && jwk.kid == key.kid(), "a public JWK keeps algorithm and kid");
  require(jose::thumbprint(jwk) == thumbprint, "a public JWK keeps its key");
}

void check_signing_key(const jose::SigningKey& key) {
  const Secret text = key.serialize();
  const Result<jose::SigningKey> parsed = jose::SigningKey::parse(text);
  require(parsed.has_value(), "a serialized key can be parsed");
  require(parsed->alg() == key.alg() && parsed->kid() == key.kid(), "a serialized key keeps algorithm and kid");
  require(parsed->serialize().reveal_text() == text.reveal_text(), "a serialized key is written the same again");
  const Result<Bytes> signature = parsed->sign(kMessage);
  require(signature && key.verification_key().verify(kMessage, *signature), "a key verifies what it signs");
}

void check_signatures(const jose::Jwk& jwk, const std::string& thumbprint) {
  const std::vector<jose::VerificationKey> keys = jose::make_verification_keys(jwk);
  if (keys.empty()) return;
  check_verification_key(keys.front(), thumbprint);
  // One algorithm of those that the key leaves open: more would tell nothing more of the key.
  if (const auto key = jose::make_signing_key(jwk, keys.front().alg())) check_signing_key(*key);
}

/// With the first algorithm that the key leaves open.
std::optional<jose::EncryptionKey> find_encryption_key(const jose::Jwk& jwk) {
  for (const jose::KeyManagement alg : jose::all_key_managements()) {
    if (Result<jose::EncryptionKey> key = jose::make_encryption_key(jwk, alg)) return std::move(*key);
  }
  return std::nullopt;
}

bool decrypt(const std::vector<jose::DecryptionKey>& keys, const std::string& token) {
  const Result<jose::DecryptedJwe> decrypted = jose::decrypt_jwe(token, keys);
  return decrypted && decrypted->plaintext.reveal_text() == as_text(kMessage);
}

void check_decryption_key(const jose::DecryptionKey& key, const std::string& token) {
  if (key.only_enc() || jose::recipient_kind(key.alg()) == jose::RecipientKind::password) return;  // has no such form
  const jose::Jwk jwk = reread(key.serialize().reveal_text());
  require(jwk.key_management == key.alg() && jwk.kid == key.kid(), "a serialized key keeps algorithm and kid");
  require(decrypt(jose::make_decryption_keys(jwk), token), "a serialized key decrypts what it did before");
}

void check_encryption(const jose::Jwk& jwk) {
  const std::optional<jose::EncryptionKey> key = find_encryption_key(jwk);
  if (!key) return;
  const jose::ContentEncryption enc = key->only_enc().value_or(jose::ContentEncryption::A128CBC_HS256);
  const Result<std::string> token = jose::encrypt_jwe(*key, enc, {}, kMessage);
  require(token.has_value(), "what may be encrypted to can be");
  const std::vector<jose::DecryptionKey> keys = jose::make_decryption_keys(jwk, key->alg());
  if (keys.empty()) return;
  require(decrypt(keys, *token), "a key decrypts what it encrypts");
  check_decryption_key(keys.front(), *token);
}

void check_key(const jose::Jwk& jwk) {
  const std::string thumbprint = jose::thumbprint(jwk);
  require(thumbprint.size() == 43, "a thumbprint is a SHA-256 in base64url");
  check_signatures(jwk, thumbprint);
  check_encryption(jwk);
}

void run(const Secret& text) {
  const Result<std::vector<jose::Jwk>> keys = jose::parse_key_file(text);
  if (!keys) return;
  for (const jose::Jwk& jwk : *keys)
    check_key(jwk);
}

}  // namespace
}  // namespace mintmark::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mintmark::fuzz::run(mintmark::Secret(mintmark::ByteView(data, size)));
  return 0;
}
