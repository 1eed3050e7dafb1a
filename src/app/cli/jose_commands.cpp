// jose: signatures and keys in general, without a service.

#include <ostream>

#include "cli/algorithm.hpp"
#include "cli/commands.hpp"
#include "cli/input.hpp"
#include "cli/key_files.hpp"
#include "mintmark/jose/jws.hpp"

namespace mintmark::app::cli {
namespace {

constexpr std::size_t kMaxTokenBytes = std::size_t{1024} * 1024;

struct KeyOptions {
  std::string file;
  std::string kid;
  std::string alg;
  std::string typ;
};

/// Only one of the two can be on standard input.
Result<void> check_input_is_free(const KeyOptions& options) {
  if (options.file == "-") return invalid("--key: standard input is taken; give a file");
  return {};
}

Result<void> sign(const Session& session, const KeyOptions& options) {
  if (Result<void> free = check_input_is_free(options); !free) return free;
  const Result<std::vector<jose::Jwk>> keys = load_keys(session.io, options.file);
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
  if (Result<void> free = check_input_is_free(options); !free) return free;
  const Result<std::vector<jose::Jwk>> keys = load_keys(session.io, options.file);
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
  std::size_t rsa_bits = 2048;
  bool pem = false;
  bool traditional_pem = false;
};

Result<void> generate(const Session& session, const GenerateOptions& options) {
  const jose::Alg alg = *alg_of(options.alg);
  if ((options.pem || options.traditional_pem) && jose::is_symmetric(alg)) {
    return invalid("a shared secret has no PEM form");
  }
  const Result<jose::SigningKey> key = jose::SigningKey::generate(alg, options.rsa_bits);
  if (!key) return Error{key.error().kind, options.alg + ": " + key.error().detail};
  if (options.traditional_pem) {
    const Result<Secret> pem = key->traditional_pem();
    if (!pem) return Error{pem.error().kind, options.alg + ": " + pem.error().detail};
    session.io.out << pem->reveal_text();
  } else if (options.pem) {
    session.io.out << key->private_pem().reveal_text();
  } else {
    session.io.out << key->serialize().reveal_text() << '\n';
  }
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
  add_alg_option(command, options->alg, "What it is for").required();
  command.add_option("--rsa-bits", options->rsa_bits, "2048, 3072 or 4096; default 2048")
      ->check(CLI::IsMember({std::size_t{2048}, std::size_t{3072}, std::size_t{4096}}))
      ->type_name("N");
  CLI::Option* const pem = command.add_flag("--pem", options->pem, "As PKCS#8 PEM");
  command.add_flag("--traditional-pem", options->traditional_pem, "As PKCS#1 or SEC 1 PEM, for RSA and EC")
      ->excludes(pem);
  command.footer("Example:\n  mintmark jose generate --alg ES256 > key.json");
}

void register_thumbprint(CLI::App& group, Session& session) {
  const auto file = std::make_shared<std::string>("-");
  CLI::App& command = add_command(group, session, "thumbprint", "Print the RFC 7638 thumbprint of each key (SHA-256)",
                                  [&session, file] { return print_thumbprints(session, *file); });
  add_key_option(command, *file, "A JWK, JWKS or PEM; else standard input");
}

}  // namespace

void add_jose_commands(CLI::App& app, Session& session) {
  CLI::App& group = add_group(app, "jose", "Signatures and keys; no service is needed");
  register_sign(group, session);
  register_verify(group, session);
  register_generate(group, session);
  register_thumbprint(group, session);
}

}  // namespace mintmark::app::cli
