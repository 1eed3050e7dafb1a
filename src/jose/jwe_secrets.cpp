#include "jwe_secrets.hpp"

#include <string>

#include "mintmark/crypto/kdf.hpp"

namespace mintmark::jose {
namespace {

Error wrong_key(KeyManagement alg) {
  return invalid("key: not one for " + std::string(name(alg)));
}

void append_number(Bytes& out, std::size_t number) {
  for (const int shift : {24, 16, 8, 0})
    out.push_back(static_cast<std::uint8_t>(number >> shift));
}

void append_sized(Bytes& out, ByteView data) {
  append_number(out, data.size());
  out.insert(out.end(), data.begin(), data.end());
}

crypto::Hash password_hash(KeyManagement alg) noexcept {
  switch (alg) {
    case KeyManagement::PBES2_HS384_A192KW:
      return crypto::Hash::sha384;
    case KeyManagement::PBES2_HS512_A256KW:
      return crypto::Hash::sha512;
    default:
      return crypto::Hash::sha256;
  }
}

}  // namespace

Result<void> check_wrapping_secret(KeyManagement alg, const Secret& secret) {
  if (recipient_kind(alg) != RecipientKind::secret || alg == KeyManagement::dir) return wrong_key(alg);
  if (secret.size() != wrapping_key_bytes(alg)) {
    return invalid(std::string(name(alg)) + " key: not of " + std::to_string(wrapping_key_bytes(alg)) + " bytes");
  }
  return {};
}

Result<void> check_direct_secret(ContentEncryption enc, const Secret& secret) {
  if (secret.size() != content_key_bytes(enc)) {
    return invalid(std::string(name(enc)) + " key: not of " + std::to_string(content_key_bytes(enc)) + " bytes");
  }
  return {};
}

Result<void> check_password(KeyManagement alg, const Secret& password) {
  if (recipient_kind(alg) != RecipientKind::password) return wrong_key(alg);
  if (password.empty()) return invalid("the password is empty");
  return {};
}

Result<void> check_key_pair(KeyManagement alg, crypto::KeyType type) {
  if (!is_for(alg, type)) return wrong_key(alg);
  return {};
}

std::size_t content_key_bytes(ContentEncryption enc) noexcept {
  return crypto::key_bytes(aead(enc));
}

Secret derive_agreed_key(KeyManagement alg, ContentEncryption enc, const Secret& shared, ByteView apu, ByteView apv) {
  const bool is_direct = alg == KeyManagement::ECDH_ES;
  const std::size_t bytes = is_direct ? content_key_bytes(enc) : wrapping_key_bytes(alg);
  Bytes other_info;  // RFC 7518 §4.6.2: AlgorithmID, PartyUInfo, PartyVInfo, SuppPubInfo
  append_sized(other_info, as_bytes(is_direct ? name(enc) : name(alg)));
  append_sized(other_info, apu);
  append_sized(other_info, apv);
  append_number(other_info, bytes * 8);
  return crypto::concat_kdf(shared, other_info, bytes);
}

Secret derive_password_key(KeyManagement alg, const Secret& password, ByteView salt, std::uint32_t count) {
  const ByteView algorithm = as_bytes(name(alg));
  Bytes salted(algorithm.begin(), algorithm.end());
  salted.push_back(0);
  salted.insert(salted.end(), salt.begin(), salt.end());
  return crypto::pbkdf2(password_hash(alg), password, salted, count, wrapping_key_bytes(alg));
}

crypto::Aead gcm_of(std::size_t key_bytes) noexcept {
  if (key_bytes == 16) return crypto::Aead::aes128_gcm;
  return key_bytes == 24 ? crypto::Aead::aes192_gcm : crypto::Aead::aes256_gcm;
}

}  // namespace mintmark::jose
