#include "mintmark/jose/jwe.hpp"

#include <algorithm>

#include "compact.hpp"
#include "mintmark/base/base64.hpp"
#include "mintmark/base/json_writer.hpp"
#include "mintmark/crypto/aead.hpp"

namespace mintmark::jose {
namespace {

/// RFC 7516 §4.1. What the key management adds comes last.
std::string render_header(const EncryptionKey& key, ContentEncryption enc, const JweHeader& header,
                          const Json& parameters) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("alg", name(key.alg())).member("enc", name(enc));
  if (!key.kid().empty()) json.member("kid", key.kid().str());
  if (!header.typ.empty()) json.member("typ", header.typ);
  if (!header.cty.empty()) json.member("cty", header.cty);
  for (const auto& [parameter, value] : parameters.items())
    json.member(parameter, value);
  json.end_object();
  return text;
}

/// A token as it came, its parts decoded.
struct CompactJwe {
  std::string_view encoded_header;  ///< the associated data (RFC 7516 §5.1 step 14)
  Json header;
  Bytes encrypted_key;
  crypto::Sealed content;
};

Result<std::array<std::string_view, 5>> cut(std::string_view token, std::size_t max_bytes) {
  if (token.size() > max_bytes) return invalid("JWE: too large");
  const auto parts = cut_at_dots<5>(token);
  if (!parts) return invalid("JWE: not five parts");
  return *parts;
}

Result<CompactJwe> parse(std::string_view token, std::size_t max_bytes) {
  const Result<std::array<std::string_view, 5>> parts = cut(token, max_bytes);
  if (!parts) return parts.error();
  Result<Json> header = parse_header((*parts)[0], "JWE");
  if (!header) return header.error();
  std::array<Bytes, 4> decoded;
  for (std::size_t i = 0; i < decoded.size(); ++i) {
    Result<Bytes> bytes = decode_base64url((*parts)[i + 1]);
    if (!bytes) return invalid("JWE: a part is not base64url");
    decoded[i] = *std::move(bytes);
  }
  auto& [encrypted_key, nonce, ciphertext, tag] = decoded;
  return CompactJwe{(*parts)[0],
                    *std::move(header),
                    std::move(encrypted_key),
                    {std::move(nonce), std::move(ciphertext), std::move(tag)}};
}

/// The header parameters that choose among what the recipient allows.
struct HeaderFields {
  KeyManagement alg;
  ContentEncryption enc;
  std::optional<std::string> kid;
};

Result<HeaderFields> read_header(const Json& header, const JweExpectation& expectation) {
  if (Result<void> checked = check_header(header, "JWE"); !checked) return checked.error();
  // RFC 8725 §3.6: what a ciphertext's length tells of compressed text is a secret; and decompression has no bound.
  if (header.contains("zip")) return invalid("JWE: \"zip\" in the header: compression is not supported");
  const std::string alg_name = find_string(header, "alg").value_or("");
  // RFC 8725 §3.2: PKCS #1 v1.5 is an oracle (Bleichenbacher) wherever it is decrypted.
  if (alg_name == "RSA1_5") return invalid("JWE: \"alg\" RSA1_5 is not supported");
  const std::optional<KeyManagement> alg = find_key_management(alg_name);
  if (!alg) return invalid("JWE: \"alg\" is missing or unknown");
  const std::optional<ContentEncryption> enc = find_content_encryption(find_string(header, "enc").value_or(""));
  if (!enc) return invalid("JWE: \"enc\" is missing or unknown");
  if (std::ranges::find(expectation.encs, *enc) == expectation.encs.end()) {
    return invalid("JWE: \"enc\" is not one of those expected");
  }
  return HeaderFields{*alg, *enc, find_string(header, "kid")};
}

bool may_open(const DecryptionKey& key, const HeaderFields& fields) {
  return answers_to(key.kid(), fields.kid) && key.alg() == fields.alg &&
         key.only_enc().value_or(fields.enc) == fields.enc;
}

Result<Secret> open_with(const DecryptionKey& key, const HeaderFields& fields, const CompactJwe& jwe) {
  const Result<Secret> content_key = key.recover_content_key(fields.enc, jwe.header, jwe.encrypted_key);
  if (!content_key) return content_key.error();
  return crypto::open(aead(fields.enc), *content_key, jwe.content, as_bytes(jwe.encoded_header));
}

/// The first key that may open it and does.
struct Opened {
  const DecryptionKey* key;
  Secret plaintext;
};

Result<Opened> open(const CompactJwe& jwe, const HeaderFields& fields, std::span<const DecryptionKey> keys) {
  Error reason = invalid("JWE: no key with this \"kid\" for this \"alg\" and \"enc\"");
  for (const DecryptionKey& key : keys) {
    if (!may_open(key, fields)) continue;
    Result<Secret> plaintext = open_with(key, fields, jwe);
    if (plaintext) return Opened{&key, *std::move(plaintext)};
    const bool is_plain_to_all = plaintext.error().kind == ErrorKind::invalid;
    reason = is_plain_to_all ? plaintext.error() : crypto_error("JWE: cannot be decrypted");
  }
  return reason;
}

}  // namespace

Result<std::string> encrypt_jwe(const EncryptionKey& key, ContentEncryption enc, const JweHeader& header,
                                ByteView plaintext) {
  const Result<ContentKey> content_key = key.make_content_key(enc);
  if (!content_key) return content_key.error();
  std::string token = encode_base64url(as_bytes(render_header(key, enc, header, content_key->parameters)));
  const crypto::Sealed sealed = crypto::seal(aead(enc), content_key->key, plaintext, as_bytes(token));
  for (const Bytes* part : {&content_key->encrypted_key, &sealed.nonce, &sealed.ciphertext, &sealed.tag}) {
    token += '.';
    append_base64url(token, *part);
  }
  return token;
}

Result<DecryptedJwe> decrypt_jwe(std::string_view token, std::span<const DecryptionKey> keys,
                                 const JweExpectation& expectation) {
  Result<CompactJwe> jwe = parse(token, expectation.max_bytes);
  if (!jwe) return jwe.error();
  const Result<HeaderFields> fields = read_header(jwe->header, expectation);
  if (!fields) return fields.error();
  Result<Opened> opened = open(*jwe, *fields, keys);
  if (!opened) return opened.error();
  std::string cty = find_string(jwe->header, "cty").value_or("");
  return DecryptedJwe{fields->alg,
                      fields->enc,
                      opened->key->kid(),
                      std::move(cty),
                      std::move(jwe->header),
                      std::move(opened->plaintext)};
}

bool looks_like_jwe(std::string_view token) noexcept {
  return std::ranges::count(token, '.') == 4;
}

Result<Json> decode_jwe_header(std::string_view token, std::size_t max_bytes) {
  const Result<std::array<std::string_view, 5>> parts = cut(token, max_bytes);
  if (!parts) return parts.error();
  return parse_header((*parts)[0], "JWE");
}

}  // namespace mintmark::jose
