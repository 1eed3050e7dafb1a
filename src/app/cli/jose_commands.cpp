// jose: signatures and keys in general, without a service; encryption is in a file of its own.

#include <map>
#include <ostream>

#include "cli/algorithm.hpp"
#include "cli/commands.hpp"
#include "cli/input.hpp"
#include "cli/key_files.hpp"
#include "cli/output.hpp"
#include "mintmark/jose/jws.hpp"

namespace mintmark::app::cli {
namespace {

const std::map<std::string, crypto::KeyType> kAgreementCurves = {{"P-256", crypto::KeyType::p256},
                                                                 {"P-384", crypto::KeyType::p384},
                                                                 {"P-521", crypto::KeyType::p521},
                                                                 {"X25519", crypto::KeyType::x25519},
                                                                 {"X448", crypto::KeyType::x448}};

struct KeyOptions {
  std::string file;
  std::string kid;
  std::string alg;
  std::string typ;
};

Result<void> sign(const Session& session, const KeyOptions& options) {
  const Result<std::vector<jose::Jwk>> keys = load_keys_beside_input(session.io, options.file);
  if (!keys) return keys.error();
  const Result<jose::SigningKey> key = select_signing_key(*keys, options.kid, alg_of(options.alg));
  if (!key) return Error{key.error().kind, options.file + ": " + key.error().detail};
  const Result<Secret> payload = read_input(session.io.in);
  if (!payload) return payload.error();
  const Result<std::string> token = jose::sign_jws(*key, {.typ = options.typ}, payload->reveal());
  if (!token) return token.error();
  session.io.out << *token << '\n';
  return {};
}

Result<void> verify(const Session& session, const KeyOptions& options) {
  const Result<std::vector<jose::Jwk>> keys = load_keys_beside_input(session.io, options.file);
  if (!keys) return keys.error();
  const Result<std::vector<jose::VerificationKey>> selected = select_verification_keys(*keys, alg_of(options.alg));
  if (!selected) return Error{selected.error().kind, options.file + ": " + selected.error().detail};
  const Result<std::string> token = read_token(session.io);
  if (!token) return token.error();
  const Result<jose::VerifiedJws> verified = jose::verify_jws(*token, *selected, kMaxTokenBytes);
  if (!verified) return verified.error();
  session.io.out << as_text(verified->payload);
  return {};
}

struct GenerateOptions {
  std::string alg;
  std::string crv = "P-256";
  std::size_t rsa_bits = 2048;
  bool pem = false;
  bool traditional_pem = false;
};

Result<Secret> generate_jwk(const GenerateOptions& options) {
  if (const std::optional<jose::Alg> alg = alg_of(options.alg)) {
    const Result<jose::SigningKey> key = jose::SigningKey::generate(*alg, options.rsa_bits);
    return key ? key->serialize() : Result<Secret>(key.error());
  }
  const jose::KeyManagement alg = *key_management_of(options.alg);
  const bool is_rsa = jose::recipient_kind(alg) == jose::RecipientKind::rsa;
  const Result<jose::DecryptionKey> key = jose::DecryptionKey::generate(
      alg, is_rsa ? crypto::KeyType::rsa : kAgreementCurves.at(options.crv), options.rsa_bits);
  return key ? key->serialize() : Result<Secret>(key.error());
}

/// The same key in the form that was asked for.
Result<Secret> render_key(const Secret& jwk, const GenerateOptions& options) {
  if (!options.pem && !options.traditional_pem) return jwk;
  const Result<std::vector<jose::Jwk>> keys = jose::parse_jwk_set(jwk.reveal_text());
  if (!keys) return keys.error();
  const auto* key = std::get_if<crypto::PrivateKey>(&keys->front().key);
  if (key == nullptr) return invalid("a shared secret has no PEM form");
  return options.pem ? key->to_pem() : key->to_traditional_pem();
}

Result<void> generate(const Session& session, const GenerateOptions& options) {
  const Result<Secret> jwk = generate_jwk(options);
  if (!jwk) return Error{jwk.error().kind, options.alg + ": " + jwk.error().detail};
  const Result<Secret> key = render_key(*jwk, options);
  if (!key) return Error{key.error().kind, options.alg + ": " + key.error().detail};
  session.io.out << key->reveal_text();
  if (!key->reveal_text().ends_with('\n')) session.io.out << '\n';
  return {};
}

/// What may be handed to others.
Result<void> print_public_keys(const Session& session, const std::string& file) {
  const Result<std::vector<jose::Jwk>> keys = load_keys(session.io, file);
  if (!keys) return keys.error();
  Json set = Json::array();
  for (const jose::Jwk& key : *keys) {
    Result<Json> half = jose::public_half(key);
    if (!half) return half.error();
    set.push_back(*std::move(half));
  }
  print_json(session.io.out, set.size() == 1 ? set.front() : Json{{"keys", set}});
  return {};
}

Result<void> print_thumbprints(const Session& session, const std::string& file) {
  const Result<std::vector<jose::Jwk>> keys = load_keys(session.io, file);
  if (!keys) return keys.error();
  for (const jose::Jwk& key : *keys)
    session.io.out << jose::thumbprint(key) << '\n';
  return {};
}

void add_key_option(CLI::App& command, std::string& file, const std::string& description) {
  add_value(command, "--key", file, description).type_name("FILE");
}

void register_sign(CLI::App& group, Session& session) {
  const auto options = std::make_shared<KeyOptions>();
  CLI::App& command = add_command(group, session, "sign", "Sign the bytes on standard input, and print the compact JWS",
                                  [&session, options] { return sign(session, *options); });
  add_key_option(command, options->file, "A private JWK, JWKS or PEM, or a JWK with a shared secret");
  command.get_option("--key")->required();
  add_value(command, "--kid", options->kid, "Which of several keys");
  add_alg_option(command, options->alg, "With what; only where the key does not fix it");
  add_value(command, "--typ", options->typ, "typ of the header");
  command.footer(
      "Example:\n  printf '{\"sub\":\"alice\"}' | mintmark jose sign --key private.pem --alg RS256 --typ JWT");
}

void register_verify(CLI::App& group, Session& session) {
  const auto options = std::make_shared<KeyOptions>();
  CLI::App& command =
      add_command(group, session, "verify",
                  "Verify the compact JWS on standard input, and print its payload; or say why not, and exit 1",
                  [&session, options] { return verify(session, *options); });
  add_key_option(command, options->file, "A JWK, JWKS or PEM");
  command.get_option("--key")->required();
  add_alg_option(command, options->alg, "What it must be signed with");
}

void register_generate(CLI::App& group, Session& session) {
  const auto options = std::make_shared<GenerateOptions>();
  CLI::App& command = add_command(group, session, "generate", "Generate a key, and print it as a private JWK",
                                  [&session, options] { return generate(session, *options); });
  add_key_alg_option(command, options->alg, "What it is for: signatures, or encryption").required();
  command.add_option("--crv", options->crv, "Of ECDH-ES: P-256, the default, P-384, P-521, X25519 or X448")
      ->check(CLI::IsMember(kAgreementCurves))
      ->type_name("CRV");
  command.add_option("--rsa-bits", options->rsa_bits, "2048, 3072 or 4096; default 2048")
      ->check(CLI::IsMember({std::size_t{2048}, std::size_t{3072}, std::size_t{4096}}))
      ->type_name("N");
  CLI::Option* const pem = command.add_flag("--pem", options->pem, "As PKCS#8 PEM");
  command.add_flag("--traditional-pem", options->traditional_pem, "As PKCS#1 or SEC 1 PEM, for RSA and EC")
      ->excludes(pem);
  command.footer("Example:\n  mintmark jose generate --alg ES256 > key.json");
}

void register_public(CLI::App& group, Session& session) {
  const auto file = std::make_shared<std::string>("-");
  CLI::App& command = add_command(group, session, "public", "Print the public half of each key, as a JWK or a JWKS",
                                  [&session, file] { return print_public_keys(session, *file); });
  add_key_option(command, *file, "A JWK, JWKS or PEM; else standard input");
  command.footer("Example:\n  mintmark jose public --key private.json > public.json");
}

void register_thumbprint(CLI::App& group, Session& session) {
  const auto file = std::make_shared<std::string>("-");
  CLI::App& command = add_command(group, session, "thumbprint", "Print the RFC 7638 thumbprint of each key (SHA-256)",
                                  [&session, file] { return print_thumbprints(session, *file); });
  add_key_option(command, *file, "A JWK, JWKS or PEM; else standard input");
}

}  // namespace

void add_jose_commands(CLI::App& app, Session& session) {
  CLI::App& group = add_group(app, "jose", "Signatures, encryption and keys; no service is needed");
  register_sign(group, session);
  register_verify(group, session);
  add_encrypt_command(group, session);
  add_decrypt_command(group, session);
  register_generate(group, session);
  register_public(group, session);
  register_thumbprint(group, session);
}

}  // namespace mintmark::app::cli
