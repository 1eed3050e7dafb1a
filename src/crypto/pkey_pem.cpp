// Keys from and to PEM (RFC 7468), PKCS#1 and SEC1 included.

#include <openssl/pem.h>

#include <string>

#include "fatal.hpp"
#include "key_object.hpp"

namespace mintmark::crypto {
namespace {

constexpr std::size_t kMaxPemBytes = 256 * 1024;

/// One "-----BEGIN label-----" block. The content may be secret and is wiped.
struct PemBlock {
  std::string label;
  bool encrypted = false;  ///< by the traditional "Proc-Type" header
  Secret der;
};

/// The next block, none at the end or where what follows is not PEM.
std::optional<PemBlock> read_block(BIO* in) {
  char* label = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  if (PEM_read_bio(in, &label, &header, &data, &size) != 1) return std::nullopt;
  const ByteView content(data, static_cast<std::size_t>(size));
  PemBlock block{label, std::string_view(header).find("ENCRYPTED") != std::string_view::npos, Secret(content)};
  OPENSSL_free(label);
  OPENSSL_free(header);
  OPENSSL_clear_free(data, content.size());
  return block;
}

/// Calls a d2i function, which must use up all of `der`.
template <class Decode>
auto decode_all(ByteView der, Decode decode) {
  const std::uint8_t* at = der.data();
  auto decoded = decode(&at, static_cast<long>(der.size()));
  if (decoded && at != der.data() + der.size()) decoded.reset();
  return decoded;
}

PkeyPtr decode_pkcs8(ByteView der) {
  const Pkcs8Ptr info = decode_all(
      der, [](const std::uint8_t** at, long size) { return Pkcs8Ptr(d2i_PKCS8_PRIV_KEY_INFO(nullptr, at, size)); });
  return PkeyPtr(info ? EVP_PKCS82PKEY(info.get()) : nullptr);
}

PkeyPtr decode_traditional(int id, ByteView der) {
  return decode_all(
      der, [id](const std::uint8_t** at, long size) { return PkeyPtr(d2i_PrivateKey(id, nullptr, at, size)); });
}

PkeyPtr decode_spki(ByteView der) {
  return decode_all(der, [](const std::uint8_t** at, long size) { return PkeyPtr(d2i_PUBKEY(nullptr, at, size)); });
}

PkeyPtr decode_pkcs1_public(ByteView der) {
  return decode_all(
      der, [](const std::uint8_t** at, long size) { return PkeyPtr(d2i_PublicKey(EVP_PKEY_RSA, nullptr, at, size)); });
}

PkeyPtr decode_certificate(ByteView der) {
  const CertificatePtr certificate =
      decode_all(der, [](const std::uint8_t** at, long size) { return CertificatePtr(d2i_X509(nullptr, at, size)); });
  return PkeyPtr(certificate ? X509_get_pubkey(certificate.get()) : nullptr);
}

using Decoder = PkeyPtr (*)(ByteView);

Decoder find_public_decoder(std::string_view label) {
  if (label == PEM_STRING_PUBLIC) return decode_spki;
  if (label == PEM_STRING_RSA_PUBLIC) return decode_pkcs1_public;
  if (label == PEM_STRING_X509) return decode_certificate;
  return nullptr;
}

Decoder find_private_decoder(std::string_view label) {
  if (label == PEM_STRING_PKCS8INF) return decode_pkcs8;
  if (label == PEM_STRING_RSA) return [](ByteView der) { return decode_traditional(EVP_PKEY_RSA, der); };
  if (label == PEM_STRING_ECPRIVATEKEY) return [](ByteView der) { return decode_traditional(EVP_PKEY_EC, der); };
  return nullptr;
}

/// The first key in `pem` that `find_decoder` knows; other blocks, such as "EC PARAMETERS", are passed over.
Result<PkeyPtr> read_key(std::string_view pem, Decoder (*find_decoder)(std::string_view)) {
  if (pem.size() > kMaxPemBytes) return invalid("PEM: too large");
  const BioPtr in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (!in) return unavailable("PEM: no memory");
  while (std::optional<PemBlock> block = read_block(in.get())) {
    if (block->encrypted || block->label == PEM_STRING_PKCS8) {
      return invalid("PEM: the key is encrypted; decrypt it first (openssl pkey)");
    }
    const Decoder decode = find_decoder(block->label);
    if (decode == nullptr) continue;
    PkeyPtr pkey = decode(block->der.reveal());
    if (!pkey) return invalid("PEM: \"" + block->label + "\" cannot be read");
    return pkey;
  }
  return invalid("PEM: no key in it");
}

Result<KeyType> require_our_type(const EVP_PKEY* pkey) {
  const std::optional<KeyType> type = identify(pkey);
  if (!type) return unsupported("PEM: a key of a type or on a curve that is not supported");
  return *type;
}

/// What `write` writes to a BIO.
template <class Write>
Secret write_pem(Write write) {
  const BioPtr out(BIO_new(BIO_s_mem()));
  if (!out || write(out.get()) != 1) fatal("a key cannot be written as PEM");
  const char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return Secret(std::string_view(data, static_cast<std::size_t>(size)));
}

}  // namespace

Result<PublicKey> PublicKey::from_pem(std::string_view pem) {
  const ErrorQueueScope errors;
  const Result<PkeyPtr> pkey = read_key(pem, find_public_decoder);
  if (!pkey) return pkey.error();
  const Result<KeyType> type = require_our_type(pkey->get());
  if (!type) return type.error();
  return from_parts(*type, public_parts(*type, pkey->get()));
}

Result<PrivateKey> PrivateKey::from_pem(const Secret& pem) {
  const ErrorQueueScope errors;
  const Result<PkeyPtr> pkey = read_key(pem.reveal_text(), find_private_decoder);
  if (!pkey) return pkey.error();
  const Result<KeyType> type = require_our_type(pkey->get());
  if (!type) return type.error();
  return from_parts(*type, public_parts(*type, pkey->get()), private_parts(*type, pkey->get()));
}

std::string PublicKey::to_pem() const {
  const ErrorQueueScope errors;
  const Secret pem = write_pem([this](BIO* out) { return PEM_write_bio_PUBKEY(out, impl_->pkey.get()); });
  return std::string(pem.reveal_text());
}

Secret PrivateKey::to_pem() const {
  const ErrorQueueScope errors;
  return write_pem([this](BIO* out) {
    return PEM_write_bio_PKCS8PrivateKey(out, impl_->pkey.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

Result<Secret> PrivateKey::to_traditional_pem() const {
  const ErrorQueueScope errors;
  const KeyFamily family = info(impl_->type).family;
  if (family != KeyFamily::rsa && family != KeyFamily::ec)
    return unsupported("PEM: only RSA and EC keys have this form");
  return write_pem([this](BIO* out) {
    return PEM_write_bio_PrivateKey_traditional(out, impl_->pkey.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

bool holds_asymmetric_key(ByteView bytes) {
  const ErrorQueueScope errors;
  if (as_text(bytes).find("-----BEGIN ") != std::string_view::npos) return true;
  constexpr std::uint8_t kSequence = 0x30;  // with which all of these begin: trying them takes a millisecond
  if (bytes.empty() || bytes.front() != kSequence) return false;
  for (const Decoder decode : {decode_spki, decode_pkcs1_public, decode_certificate, decode_pkcs8}) {
    if (decode(bytes)) return true;
  }
  return decode_traditional(EVP_PKEY_RSA, bytes) || decode_traditional(EVP_PKEY_EC, bytes);
}

}  // namespace mintmark::crypto
