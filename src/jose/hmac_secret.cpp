#include "hmac_secret.hpp"

#include <algorithm>
#include <array>

#include "mintmark/base/base64.hpp"
#include "mintmark/base/text.hpp"
#include "mintmark/crypto/digest.hpp"

namespace mintmark::jose {
namespace {

/// "ssh-ed25519 AAAA…" and its like: CVE-2022-29217.
bool is_openssh_key(std::string_view text) {
  constexpr std::array<std::string_view, 4> kPrefixes = {"ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-sha2-"};
  return std::any_of(kPrefixes.begin(), kPrefixes.end(),
                     [&](std::string_view prefix) { return text.starts_with(prefix); });
}

bool is_jwk(std::string_view text) {
  return text.starts_with('{') && text.find("\"kty\"") != std::string_view::npos;
}

/// A PEM file's content without its first and last line.
bool is_unarmoured_key(std::string_view text) {
  std::string joined(text);
  std::erase_if(joined, [](char c) { return c == '\n' || c == '\r'; });
  Result<Bytes> decoded = decode_base64(joined);
  wipe(joined.data(), joined.size());
  return decoded && crypto::holds_asymmetric_key(Secret(std::move(*decoded)).reveal());
}

}  // namespace

Result<void> check_hmac_secret(Alg alg, const Secret& secret) {
  const std::size_t least = crypto::digest_bytes(hmac_hash(alg));
  if (secret.size() < least) {
    return invalid(std::string(name(alg)) + " secret: shorter than " + std::to_string(least) + " bytes");
  }
  const std::string_view text = trim(secret.reveal_text());
  if (crypto::holds_asymmetric_key(secret.reveal()) || is_openssh_key(text) || is_jwk(text) ||
      is_unarmoured_key(text)) {
    return invalid(std::string(name(alg)) + " secret: a public or private key is not a secret");
  }
  return {};
}

}  // namespace mintmark::jose
