#include "mintmark/keys/sealer.hpp"

#include <string>

#include "mintmark/base/base64.hpp"
#include "mintmark/base/text.hpp"
#include "mintmark/crypto/aead.hpp"

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

}  // namespace

Result<Sealer> Sealer::from_base64(const Secret& base64) {
  const Error wrong = invalid("the sealing key must be 32 bytes in base64, as `openssl rand -base64 32` prints them");
  Result<Bytes> decoded = decode_base64(trim(base64.reveal_text()));
  if (!decoded) return wrong;
  Secret key(*std::move(decoded));
  if (key.size() != kKeyBytes) return wrong;
  return Sealer(std::move(key));
}

void Sealer::seal(KeyRecord& record, const jose::SigningKey& key) const {
  record.sealed = crypto::seal_aes256_gcm(key_, key.serialize().reveal(), as_bytes(identity_of(record)));
}

Result<jose::SigningKey> Sealer::open(const KeyRecord& record) const {
  Result<Secret> plaintext = crypto::open_aes256_gcm(key_, record.sealed, as_bytes(identity_of(record)));
  if (!plaintext) {
    return crypto_error("the sealing key does not open key " + record.kid.str() +
                        ": it is not the one that this store was sealed with, or the row has been altered");
  }
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

}  // namespace mintmark::keys
