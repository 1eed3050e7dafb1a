#include "mintmark/jose/jws.hpp"

#include "compact.hpp"
#include "mintmark/base/base64.hpp"
#include "mintmark/base/json_writer.hpp"

namespace mintmark::jose {
namespace {

std::string render_header(const SigningKey& key, const JwsHeader& header) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("alg", name(key.alg()));
  if (!key.kid().empty()) json.member("kid", key.kid().str());
  if (!header.typ.empty()) json.member("typ", header.typ);
  if (!header.cty.empty()) json.member("cty", header.cty);
  json.end_object();
  return text;
}

/// A token cut at its two dots (RFC 7515 §7.1).
struct CompactParts {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
  std::string_view signing_input;
};

Result<CompactParts> cut(std::string_view token, std::size_t max_bytes) {
  if (token.size() > max_bytes) return invalid("JWS: too large");
  const auto parts = cut_at_dots<3>(token);
  if (!parts) return invalid("JWS: not three parts");
  const auto [header, payload, signature] = *parts;
  return CompactParts{header, payload, signature, token.substr(0, token.size() - signature.size() - 1)};
}

Result<Bytes> parse_payload(std::string_view encoded) {
  Result<Bytes> payload = decode_base64url(encoded);
  if (!payload) return invalid("JWS: payload is not base64url");
  return payload;
}

Result<Bytes> parse_signature(std::string_view encoded) {
  Result<Bytes> signature = decode_base64url(encoded);
  if (!signature) return invalid("JWS: signature is not base64url");
  if (signature->empty()) return invalid("JWS: no signature");
  return signature;
}

/// The header parameters that we act on. A parameter that is there has the right type.
struct HeaderFields {
  Alg alg;
  std::optional<std::string> kid;
  std::optional<std::string> typ;
};

Result<HeaderFields> read_header(const Json& header) {
  if (Result<void> checked = check_header(header, "JWS"); !checked) return checked.error();
  const std::optional<std::string> alg_name = find_string(header, "alg");
  if (!alg_name) return invalid("JWS: no \"alg\" in the header");
  const std::optional<Alg> alg = find_alg(*alg_name);
  if (!alg) return invalid("JWS: unknown \"alg\" in the header");
  return HeaderFields{*alg, find_string(header, "kid"), find_string(header, "typ")};
}

/// The first key that may verify and does.
Result<const VerificationKey*> verify_signature(const HeaderFields& fields, std::span<const VerificationKey> keys,
                                                const CompactParts& parts) {
  const Result<Bytes> signature = parse_signature(parts.signature);
  if (!signature) return signature.error();
  Error reason = invalid(fields.kid ? "JWS: no key with this \"kid\"" : "JWS: no key for this \"alg\"");
  for (const VerificationKey& key : keys) {
    if (!answers_to(key.kid(), fields.kid)) continue;
    if (key.alg() != fields.alg) {
      if (fields.kid) reason = invalid("JWS: \"alg\" is not the key's");
      continue;
    }
    Result<void> verified = key.verify(as_bytes(parts.signing_input), *signature);
    if (verified) return &key;
    reason = verified.error();
  }
  return reason;
}

}  // namespace

Result<std::string> sign_jws(const SigningKey& key, const JwsHeader& header, ByteView payload) {
  std::string token;
  token.reserve((payload.size() * 4 + 2) / 3 + 1024);
  append_base64url(token, as_bytes(render_header(key, header)));
  token += '.';
  append_base64url(token, payload);
  const Result<Bytes> signature = key.sign(as_bytes(token));
  if (!signature) return signature.error();
  token += '.';
  append_base64url(token, *signature);
  return token;
}

Result<VerifiedJws> verify_jws(std::string_view token, std::span<const VerificationKey> keys, std::size_t max_bytes) {
  const Result<CompactParts> parts = cut(token, max_bytes);
  if (!parts) return parts.error();
  Result<Json> header = parse_header(parts->header, "JWS");
  if (!header) return header.error();
  const Result<HeaderFields> fields = read_header(*header);
  if (!fields) return fields.error();
  Result<Bytes> payload = parse_payload(parts->payload);
  if (!payload) return payload.error();
  const Result<const VerificationKey*> key = verify_signature(*fields, keys, *parts);
  if (!key) return key.error();
  return VerifiedJws{fields->alg, (*key)->kid(), fields->typ.value_or(""), std::move(*header), std::move(*payload)};
}

Result<UnverifiedJws> decode_unverified(std::string_view token, std::size_t max_bytes) {
  const Result<CompactParts> parts = cut(token, max_bytes);
  if (!parts) return parts.error();
  Result<Json> header = parse_header(parts->header, "JWS");
  if (!header) return header.error();
  Result<Bytes> payload = parse_payload(parts->payload);
  if (!payload) return payload.error();
  return UnverifiedJws{std::move(*header), std::move(*payload)};
}

}  // namespace mintmark::jose
