#include "mintmark/crypto/digest.hpp"

#include <openssl/core_names.h>

#include "fatal.hpp"
#include "message_digest.hpp"
#include "openssl_ptr.hpp"

namespace mintmark::crypto {
namespace {

constexpr std::array kHashNames = {"SHA256", "SHA384", "SHA512"};

constexpr std::size_t index_of(Hash hash) noexcept {
  return static_cast<std::size_t>(hash);
}

/// HMAC with its hash chosen and a key still to come. Setting the hash looks it up by name, so that is done once.
MacCtxPtr make_hmac_template(Hash hash) {
  const MacPtr mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  if (!mac) fatal("OpenSSL has no HMAC");
  MacCtxPtr context(EVP_MAC_CTX_new(mac.get()));
  std::string name = kHashNames[index_of(hash)];
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), name.size()),
                                   OSSL_PARAM_construct_end()};
  // A context can be duplicated only once it has a key; this one is replaced in every duplicate.
  const std::uint8_t placeholder = 0;
  if (!context || EVP_MAC_init(context.get(), &placeholder, 1, parameters) != 1) fatal("HMAC cannot be set up");
  return context;
}

const EVP_MAC_CTX* hmac_template(Hash hash) {
  static const std::array templates = {make_hmac_template(Hash::sha256), make_hmac_template(Hash::sha384),
                                       make_hmac_template(Hash::sha512)};
  return templates[index_of(hash)].get();
}

}  // namespace

const EVP_MD* message_digest(Hash hash) {
  static const std::array digests = [] {
    std::array<MdPtr, kHashNames.size()> fetched;
    for (std::size_t i = 0; i < fetched.size(); ++i) {
      fetched[i].reset(EVP_MD_fetch(nullptr, kHashNames[i], nullptr));
      if (!fetched[i]) fatal("OpenSSL has no SHA-2");
    }
    return fetched;
  }();
  return digests[index_of(hash)].get();
}

DigestValue compute_digest(Hash hash, ByteView data) {
  DigestValue value;
  unsigned size = 0;
  if (EVP_Digest(data.data(), data.size(), value.bytes.data(), &size, message_digest(hash), nullptr) != 1) {
    fatal("hashing failed");
  }
  value.size = size;
  return value;
}

DigestValue compute_hmac(Hash hash, ByteView key, std::initializer_list<ByteView> parts) {
  if (key.empty()) fatal("HMAC without a key");  // OpenSSL would go on with whatever key was there before
  const MacCtxPtr context(EVP_MAC_CTX_dup(hmac_template(hash)));
  bool done = context && EVP_MAC_init(context.get(), key.data(), key.size(), nullptr) == 1;
  for (const ByteView part : parts)
    done = done && EVP_MAC_update(context.get(), part.data(), part.size()) == 1;
  DigestValue value;
  if (!done || EVP_MAC_final(context.get(), value.bytes.data(), &value.size, value.bytes.size()) != 1) {
    fatal("HMAC failed");
  }
  return value;
}

std::size_t digest_bytes(Hash hash) noexcept {
  constexpr std::array<std::size_t, kHashNames.size()> kSizes = {32, 48, 64};
  return kSizes[index_of(hash)];
}

Bytes digest(Hash hash, ByteView data) {
  const DigestValue value = compute_digest(hash, data);
  return {value.view().begin(), value.view().end()};
}

Bytes hmac(Hash hash, ByteView key, ByteView data) {
  const DigestValue value = compute_hmac(hash, key, {data});
  return {value.view().begin(), value.view().end()};
}

bool constant_time_equal(ByteView a, ByteView b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace mintmark::crypto
