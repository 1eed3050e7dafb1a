#include "mintmark/oauth/client_secret.hpp"

#include "mintmark/base/base64.hpp"
#include "mintmark/crypto/digest.hpp"
#include "mintmark/jose/jws.hpp"

namespace mintmark::oauth {
namespace {

constexpr std::string_view kLabel = "mintmark client secret";  // one key, several purposes
constexpr std::size_t kBlocks = 2;                             // of 32 bytes

Bytes hash_of(const Secret& secret) {
  return crypto::digest(crypto::Hash::sha256, secret.reveal());
}

bool is_alive(const ClientSecret& secret, Instant now) {
  return !secret.expires_at || now < *secret.expires_at;
}

/// None where it was derived from a refresh key that is no more.
std::optional<Secret> derive_again(const ClientSecret& secret, const Client& client, const keys::KeyRing& ring) {
  Secret text = derive_client_secret(ring, client.id, secret.id);
  return crypto::constant_time_equal(hash_of(text), secret.sha256) ? std::optional(std::move(text)) : std::nullopt;
}

std::optional<Secret> find_text(const ClientSecret& secret, const Client& client, const keys::KeyRing& ring) {
  if (secret.text) return *secret.text;
  return secret.derived ? derive_again(secret, client, ring) : std::nullopt;
}

}  // namespace

Secret derive_client_secret(const keys::KeyRing& ring, const ClientId& client, std::string_view secret_id) {
  Bytes bytes;
  bytes.reserve(kBlocks * 32);  // so that no copy is left behind by growing
  for (std::size_t block = 0; block < kBlocks; ++block) {
    // No client_id has a control character, so that no two pairs make one message.
    const std::string message =
        std::string(kLabel) + static_cast<char>(block) + client.str() + '\n' + std::string(secret_id);
    Bytes derived = ring.derive_refresh(as_bytes(message));
    bytes.insert(bytes.end(), derived.begin(), derived.end());
    wipe(derived.data(), derived.size());
  }
  const Secret secret(std::move(bytes));
  return encode_secret(kClientSecretPrefix, secret.reveal());
}

const ClientSecret* find_secret(const Client& client, const Secret& secret, const keys::KeyRing& ring, Instant now) {
  if (secret.empty()) return nullptr;
  const Bytes hash = hash_of(secret);
  const ClientSecret* found = nullptr;
  for (const ClientSecret& candidate : client.secrets) {  // all of them, so that the time tells nothing
    const bool is_good = is_alive(candidate, now) && (!candidate.derived || derive_again(candidate, client, ring));
    if (crypto::constant_time_equal(hash, candidate.sha256) && is_good) found = &candidate;
  }
  return found;
}

std::optional<MacSecret> find_mac_secret(const Client& client, std::string_view jws, jose::Alg alg,
                                         const keys::KeyRing& ring, Instant now) {
  for (const ClientSecret& secret : client.secrets) {
    if (!is_alive(secret, now)) continue;
    std::optional<Secret> text = find_text(secret, client, ring);
    if (!text) continue;
    // Without a `kid`, which a client does not know of its secrets: the key answers to any.
    const Result<jose::VerificationKey> key = jose::VerificationKey::make(alg, KeyId(), *std::move(text));
    if (key && jose::verify_jws(jws, {&*key, 1})) return MacSecret{&secret, *key};
  }
  return std::nullopt;
}

}  // namespace mintmark::oauth
