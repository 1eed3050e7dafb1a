#include "mintmark/crypto/pkey.hpp"

#include "fatal.hpp"
#include "key_object.hpp"

namespace mintmark::crypto {
namespace {

Result<KeyObject> generate_key(KeyType type, std::size_t rsa_bits) {
  const ErrorQueueScope errors;
  const KeyTypeInfo& of = info(type);
  const PkeyCtxPtr context(EVP_PKEY_CTX_new_from_name(nullptr, of.algorithm, nullptr));
  if (!context || EVP_PKEY_keygen_init(context.get()) != 1) {
    return unsupported(std::string("key: this OpenSSL has no ") + of.algorithm);
  }
  if (of.group != nullptr && EVP_PKEY_CTX_set_group_name(context.get(), of.group) != 1) {
    return unsupported(std::string("key: this OpenSSL has no ") + of.group);
  }
  if (of.family == KeyFamily::rsa && EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), static_cast<int>(rsa_bits)) != 1) {
    return unsupported("key: this OpenSSL makes no RSA keys of this length");
  }
  EVP_PKEY* pkey = nullptr;
  if (EVP_PKEY_generate(context.get(), &pkey) != 1) return crypto_error("key: cannot be generated");
  return make_key_object(type, PkeyPtr(pkey), KeyHalves::both);
}

}  // namespace

Result<PublicKey> PublicKey::from_parts(KeyType type, const PublicParts& parts) {
  const ErrorQueueScope errors;
  Result<KeyObject> key = make_public_key(type, parts);
  if (!key) return key.error();
  return PublicKey(std::make_shared<const Impl>(Impl{std::move(*key)}));
}

KeyType PublicKey::type() const noexcept {
  return impl_->type;
}

std::size_t PublicKey::bits() const noexcept {
  return static_cast<std::size_t>(EVP_PKEY_get_bits(impl_->pkey.get()));
}

PublicParts PublicKey::parts() const {
  const ErrorQueueScope errors;
  return public_parts(impl_->type, impl_->pkey.get());
}

Result<void> PublicKey::verify(const SignatureScheme& scheme, ByteView message, ByteView signature) const {
  return verify_with(*impl_, scheme, message, signature);
}

Result<PrivateKey> PrivateKey::generate(KeyType type, std::size_t rsa_bits) {
  if (type == KeyType::rsa && rsa_bits != 2048 && rsa_bits != 3072 && rsa_bits != 4096) {
    return unsupported("key: RSA keys are made with 2048, 3072 or 4096 bits");
  }
  Result<KeyObject> key = generate_key(type, rsa_bits);
  if (!key) return key.error();
  return PrivateKey(std::make_shared<const PublicKey::Impl>(PublicKey::Impl{std::move(*key)}));
}

Result<PrivateKey> PrivateKey::from_parts(KeyType type, const PublicParts& public_numbers,
                                          const PrivateParts& private_numbers) {
  const ErrorQueueScope errors;
  Result<KeyObject> key = make_private_key(type, public_numbers, private_numbers);
  if (!key) return key.error();
  return PrivateKey(std::make_shared<const PublicKey::Impl>(PublicKey::Impl{std::move(*key)}));
}

KeyType PrivateKey::type() const noexcept {
  return impl_->type;
}

PublicKey PrivateKey::public_key() const {
  return PublicKey(impl_);
}

PrivateParts PrivateKey::parts() const {
  const ErrorQueueScope errors;
  return private_parts(impl_->type, impl_->pkey.get());
}

Result<Bytes> PrivateKey::sign(const SignatureScheme& scheme, ByteView message) const {
  return sign_with(*impl_, scheme, message);
}

}  // namespace mintmark::crypto
