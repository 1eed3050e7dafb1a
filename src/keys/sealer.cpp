#include "mintmark/keys/sealer.hpp"

#include <algorithm>
#include <string>

#include "mintmark/base/base64.hpp"
#include "mintmark/base/text.hpp"
#include "mintmark/crypto/aead.hpp"
#include "mintmark/crypto/digest.hpp"
#include "mintmark/crypto/kdf.hpp"

namespace mintmark::keys {
namespace {

constexpr std::size_t kKeyBytes = 32;

/// Each field behind its length, so that no two identities have one spelling.
std::string identity_of(const KeyRecord& record) {
  std::string identity = "mintmark key v1";
  for (const std::string_view field : {std::string_view(record.kid.str()), name(record.purpose), jose::name(record.alg),
                                       std::string_view(record.resource.str())}) {
    identity += ' ' + std::to_string(field.size()) + ':';
    identity += field;
  }
  return identity;
}

Error wrong_key() {
  return invalid(
      "each sealing key must be 32 bytes in base64 in a line of its own, as `openssl rand -base64 32` prints them");
}

}  // namespace

Result<Sealer> Sealer::from_base64(const Secret& base64) {
  std::vector<Secret> keys;
  for (const std::string_view line : split(base64.reveal_text(), '\n')) {
    const std::string_view text = trim(line);
    if (text.empty()) continue;
    Result<Bytes> decoded = decode_base64(text);
    if (!decoded) return wrong_key();
    Secret key(*std::move(decoded));
    if (key.size() != kKeyBytes) return wrong_key();
    const auto is_same = [&](const Secret& other) { return crypto::constant_time_equal(other.reveal(), key.reveal()); };
    if (std::ranges::any_of(keys, is_same)) return invalid("one sealing key is there twice");
    if (keys.size() == kMaxKeys) return invalid("more than " + std::to_string(kMaxKeys) + " sealing keys");
    keys.push_back(std::move(key));
  }
  if (keys.empty()) return wrong_key();
  return Sealer(std::move(keys));
}

void Sealer::seal(KeyRecord& record, const jose::SigningKey& key) const {
  record.sealed = crypto::seal_aes256_gcm(keys_.front(), key.serialize().reveal(), as_bytes(identity_of(record)));
}

std::optional<std::size_t> Sealer::find_key(const KeyRecord& record) const {
  const std::string identity = identity_of(record);
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    if (crypto::open_aes256_gcm(keys_[i], record.sealed, as_bytes(identity))) return i;
  }
  return std::nullopt;
}

Result<Secret> Sealer::open_sealed(const KeyRecord& record) const {
  const std::string identity = identity_of(record);
  for (const Secret& key : keys_) {
    Result<Secret> plaintext = crypto::open_aes256_gcm(key, record.sealed, as_bytes(identity));
    if (plaintext) return plaintext;
  }
  if (keys_.size() == 1) {
    return crypto_error("the sealing key does not open key " + record.kid.str() +
                        ": it is not the one that this store was sealed with, or the row has been altered");
  }
  return crypto_error("none of the " + std::to_string(keys_.size()) + " sealing keys opens key " + record.kid.str() +
                      ": the one that it was sealed with is missing, or the row has been altered");
}

Result<void> Sealer::reseal(KeyRecord& record) const {
  const Result<Secret> plaintext = open_sealed(record);
  if (!plaintext) return plaintext.error();
  record.sealed = crypto::seal_aes256_gcm(keys_.front(), plaintext->reveal(), as_bytes(identity_of(record)));
  return {};
}

Result<jose::SigningKey> Sealer::open(const KeyRecord& record) const {
  const Result<Secret> plaintext = open_sealed(record);
  if (!plaintext) return plaintext.error();
  Result<jose::SigningKey> key = jose::SigningKey::parse(*plaintext);
  if (!key) {
    const ErrorKind kind = key.error().kind == ErrorKind::unsupported ? ErrorKind::unsupported : ErrorKind::corrupt;
    return Error{kind, "key " + record.kid.str() + ": " + key.error().detail};
  }
  if (key->kid() != record.kid || key->alg() != record.alg) {
    return corrupt("key " + record.kid.str() + ": another key was sealed in its row");
  }
  return key;
}

std::vector<Secret> Sealer::derive_keys(std::string_view label) const {
  std::vector<Secret> derived;
  for (const Secret& key : keys_)
    derived.push_back(crypto::hkdf(key, as_bytes(label), kKeyBytes));
  return derived;
}

}  // namespace mintmark::keys
