// jose encrypt and decrypt: JWE without a service.

#include <ostream>

#include "cli/algorithm.hpp"
#include "cli/commands.hpp"
#include "cli/input.hpp"
#include "cli/key_files.hpp"
#include "mintmark/jose/jwe.hpp"

namespace mintmark::app::cli {
namespace {

struct EncryptOptions {
  std::string key_file;
  std::string password_file;
  std::string kid;
  std::string alg;
  std::string enc;
  std::string cty;
  std::uint32_t iterations = jose::kDefaultPbes2Count;
};

/// RFC 7518 §4.8 with the longest hash, unless told otherwise.
constexpr jose::KeyManagement kPasswordAlg = jose::KeyManagement::PBES2_HS512_A256KW;

Result<jose::EncryptionKey> load_encryption_key(const Session& session, const EncryptOptions& options) {
  if (!options.password_file.empty()) {
    const Result<Secret> password = read_password_beside_input(session.io, options.password_file);
    if (!password) return password.error();
    return jose::EncryptionKey::from_password(key_management_of(options.alg).value_or(kPasswordAlg), *password,
                                              options.iterations);
  }
  const Result<std::vector<jose::Jwk>> keys = load_keys_beside_input(session.io, options.key_file);
  if (!keys) return keys.error();
  Result<jose::EncryptionKey> key =
      select_encryption_key(*keys, options.kid, key_management_of(options.alg), content_encryption_of(options.enc));
  if (!key) return Error{key.error().kind, options.key_file + ": " + key.error().detail};
  return key;
}

Result<void> encrypt(const Session& session, const EncryptOptions& options) {
  const Result<jose::EncryptionKey> key = load_encryption_key(session, options);
  if (!key) return key.error();
  const Result<Secret> plaintext = read_input(session.io.in);
  if (!plaintext) return plaintext.error();
  const Result<std::string> token =
      jose::encrypt_jwe(*key, *content_encryption_of(options.enc), {.cty = options.cty}, plaintext->reveal());
  if (!token) return token.error();
  if (token->size() > kMaxTokenBytes) return invalid("standard input: too much for a token of at most 1 MiB");
  session.io.out << *token << '\n';
  return {};
}

struct DecryptOptions {
  std::string key_file;
  std::string password_file;
  std::string alg;
};

Result<std::vector<jose::DecryptionKey>> load_decryption_keys(const Session& session, const DecryptOptions& options) {
  const std::optional<jose::KeyManagement> alg = key_management_of(options.alg);
  if (!options.password_file.empty()) {
    const Result<Secret> password = read_password_beside_input(session.io, options.password_file);
    if (!password) return password.error();
    return make_password_keys(*password, alg);
  }
  const Result<std::vector<jose::Jwk>> keys = load_keys_beside_input(session.io, options.key_file);
  if (!keys) return keys.error();
  Result<std::vector<jose::DecryptionKey>> selected = select_decryption_keys(*keys, alg);
  if (!selected) return Error{selected.error().kind, options.key_file + ": " + selected.error().detail};
  return selected;
}

Result<void> decrypt(const Session& session, const DecryptOptions& options) {
  const Result<std::vector<jose::DecryptionKey>> keys = load_decryption_keys(session, options);
  if (!keys) return keys.error();
  const Result<std::string> token = read_token(session.io);
  if (!token) return token.error();
  const Result<jose::DecryptedJwe> decrypted = jose::decrypt_jwe(*token, *keys, {.max_bytes = kMaxTokenBytes});
  if (!decrypted) return decrypted.error();
  session.io.out << decrypted->plaintext.reveal_text();
  return {};
}

/// --key or --password-file, and exactly one of them.
void add_key_source(CLI::App& command, std::string& key_file, std::string& password_file, const std::string& keys) {
  CLI::Option_group& source = *command.add_option_group("The key");
  add_value(source, "--key", key_file, keys).type_name("FILE");
  add_value(source, "--password-file", password_file, "A file with a password, for PBES2").type_name("FILE");
  source.require_option(1);
}

}  // namespace

void add_encrypt_command(CLI::App& group, Session& session) {
  const auto options = std::make_shared<EncryptOptions>();
  CLI::App& command =
      add_command(group, session, "encrypt", "Encrypt the bytes on standard input, and print the compact JWE",
                  [&session, options] { return encrypt(session, *options); });
  add_key_source(command, options->key_file, options->password_file,
                 "The recipient's public JWK, JWKS or PEM, or a JWK with a shared secret");
  add_enc_option(command, options->enc, "What the content is encrypted with").required();
  add_key_management_option(command, options->alg,
                            "How the recipient comes to the content's key; only where the key "
                            "does not fix it");
  add_value(command, "--kid", options->kid, "Which of several keys");
  add_value(command, "--cty", options->cty, "cty of the header, as JWT where a token is encrypted");
  command.add_option("--iterations", options->iterations, "Of PBKDF2, with --password-file; default 310000")
      ->check(CLI::Range(jose::kMinPbes2Count, jose::kMaxPbes2Count))
      ->type_name("N");
  command.footer("Example:\n  mintmark jose encrypt --key api-public.json --enc A256GCM < report.json");
}

void add_decrypt_command(CLI::App& group, Session& session) {
  const auto options = std::make_shared<DecryptOptions>();
  CLI::App& command =
      add_command(group, session, "decrypt",
                  "Decrypt the compact JWE on standard input, and print its content; or say why not, and exit 1",
                  [&session, options] { return decrypt(session, *options); });
  add_key_source(command, options->key_file, options->password_file,
                 "The private JWK, JWKS or PEM, or a JWK with a shared secret");
  add_key_management_option(command, options->alg,
                            "What it must be encrypted with; needed for a secret that does not "
                            "say so itself");
}

}  // namespace mintmark::app::cli
