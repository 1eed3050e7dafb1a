// token: looking at tokens, without a service. `explain` is in a file of its own.

#include <ostream>

#include "cli/algorithm.hpp"
#include "cli/commands.hpp"
#include "cli/input.hpp"
#include "cli/key_files.hpp"
#include "cli/output.hpp"
#include "mintmark/base/base64.hpp"
#include "mintmark/base/text.hpp"
#include "mintmark/jose/jwt.hpp"

namespace mintmark::app::cli {
namespace {

/// Claims where the payload is JSON, else text, else base64url.
std::pair<std::string, Json> describe_payload(const Bytes& payload) {
  Result<Json> claims = parse_json(as_text(payload), {.max_bytes = kMaxTokenBytes});
  if (claims) return {"payload", *std::move(claims)};
  if (is_valid_utf8(as_text(payload))) return {"payload", std::string(as_text(payload))};
  return {"payload_base64url", encode_base64url(payload)};
}

Result<void> decode_encrypted(const Session& session, std::string_view token) {
  const Result<Json> header = jose::decode_jwe_header(token, kMaxTokenBytes);
  if (!header) return header.error();
  print_json(session.io.out, {{"verified", false}, {"encrypted", true}, {"header", *header}});
  session.io.err
      << "The token is encrypted: what is inside takes the key of its recipient to see. Nothing was verified: "
         "anybody could have written this.\n";
  return {};
}

Result<void> decode_token(const Session& session) {
  const Result<std::string> token = read_token(session.io);
  if (!token) return token.error();
  if (jose::looks_like_jwe(*token)) return decode_encrypted(session, *token);
  const Result<jose::UnverifiedJws> decoded = jose::decode_unverified(*token, kMaxTokenBytes);
  if (!decoded) return decoded.error();
  auto [name, payload] = describe_payload(decoded->payload);
  print_json(session.io.out, {{"verified", false}, {"header", decoded->header}, {name, std::move(payload)}});
  session.io.err << "Nothing was verified: anybody could have written this.\n";
  return {};
}

struct TokenVerifyOptions {
  std::string jwks;
  std::string decryption_key;
  std::string issuer;
  std::string audience;
  std::string alg;
  std::string typ;
};

std::optional<std::string> given(const std::string& option) {
  return option.empty() ? std::nullopt : std::optional(option);
}

/// The signed token on standard input, or inside what is there.
Result<std::string> read_signed_token(const Session& session, const TokenVerifyOptions& options) {
  Result<std::string> token = read_token(session.io);
  if (!token) return token;
  if (options.decryption_key.empty()) {
    if (jose::looks_like_jwe(*token)) return invalid("the token is encrypted: --decrypt-key opens it");
    return token;
  }
  const Result<std::vector<jose::Jwk>> keys = load_keys_beside_input(session.io, options.decryption_key);
  if (!keys) return keys.error();
  const Result<std::vector<jose::DecryptionKey>> selected = select_decryption_keys(*keys, std::nullopt);
  if (!selected) return Error{selected.error().kind, options.decryption_key + ": " + selected.error().detail};
  return jose::open_nested_jwt(*token, *selected);
}

Result<void> verify_token(const Session& session, const TokenVerifyOptions& options) {
  if (options.jwks == "-") return invalid("--jwks: standard input is taken by the token; give a file or a URL");
  const Result<std::string> token = read_signed_token(session, options);
  if (!token) return token.error();
  const Result<std::vector<jose::Jwk>> keys = load_or_fetch_keys(session.io, options.jwks);
  if (!keys) return keys.error();
  const Result<std::vector<jose::VerificationKey>> selected = select_verification_keys(*keys, alg_of(options.alg));
  if (!selected) return selected.error();
  const Result<jose::VerifiedJwt> verified = jose::verify_jwt(*token, *selected,
                                                              {.issuer = given(options.issuer),
                                                               .audience = given(options.audience),
                                                               .typ = given(options.typ),
                                                               .now = session.clock.now()});
  if (!verified) return verified.error();
  print_json(session.io.out, verified->claims());
  return {};
}

}  // namespace

void add_token_commands(CLI::App& app, Session& session) {
  CLI::App& group = add_group(app, "token", "Look at tokens, and at why there would be one");
  add_command(group, session, "decode", "Print what the token on standard input says, unverified",
              [&session] { return decode_token(session); });

  add_explain_command(group, session);

  const auto options = std::make_shared<TokenVerifyOptions>();
  CLI::App& verify = add_command(group, session, "verify",
                                 "Verify the token on standard input, and print its claims; or say why not, and exit 1",
                                 [&session, options] { return verify_token(session, *options); });
  add_value(verify, "--jwks", options->jwks, "The keys: a JWKS, a JWK or PEM, or an https URL (http on loopback)")
      .type_name("FILE|URL")
      ->required();
  add_value(verify, "--decrypt-key", options->decryption_key,
            "The token is encrypted, and this private JWK, JWKS or PEM opens it")
      .type_name("FILE");
  add_value(verify, "--issuer", options->issuer, "What iss must be");
  add_value(verify, "--audience", options->audience, "What must be in aud");
  add_alg_option(verify, options->alg, "What the token must be signed with");
  add_value(verify, "--typ", options->typ, "What typ must be: at+jwt or JWT");
  verify.footer(
      "Example:\n  echo \"$TOKEN\" | mintmark token verify --jwks https://id.example.com/.well-known/jwks.json \\\n"
      "    --issuer https://id.example.com --audience https://api.example.com");
}

}  // namespace mintmark::app::cli
