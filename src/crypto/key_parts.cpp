// Numbers to keys and back.

#include <openssl/core_names.h>

#include "bignum.hpp"
#include "fatal.hpp"
#include "key_agreement.hpp"
#include "key_check.hpp"
#include "key_object.hpp"
#include "key_params.hpp"

namespace mintmark::crypto {
namespace {

constexpr const char* kSeedParam =
    "seed";  // OSSL_PKEY_PARAM_ML_DSA_SEED, of which headers before OpenSSL 3.5 know nothing

/// Empty where the key has no such number.
BnPtr get_number(const EVP_PKEY* pkey, const char* name) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(pkey, name, &number) != 1) return nullptr;
  return BnPtr(number);
}

Bytes get_bytes(const EVP_PKEY* pkey, const char* name) {
  const BnPtr number = get_number(pkey, name);
  return number ? to_bytes(number.get()) : Bytes{};
}

/// With leading zeros to `size` bytes.
Bytes get_bytes(const EVP_PKEY* pkey, const char* name, std::size_t size) {
  const BnPtr number = get_number(pkey, name);
  return number ? to_bytes(number.get(), size) : Bytes{};
}

Bytes get_octets(const EVP_PKEY* pkey, const char* name) {
  std::size_t size = 0;
  if (EVP_PKEY_get_octet_string_param(pkey, name, nullptr, 0, &size) != 1) return {};
  Bytes octets(size);
  if (EVP_PKEY_get_octet_string_param(pkey, name, octets.data(), octets.size(), &size) != 1) return {};
  octets.resize(size);
  return octets;
}

Result<PkeyPtr> import_key(const KeyTypeInfo& type, int selection, KeyParams& params) {
  const PkeyCtxPtr context(EVP_PKEY_CTX_new_from_name(nullptr, type.algorithm, nullptr));
  if (!context || EVP_PKEY_fromdata_init(context.get()) != 1) {
    return unsupported(std::string("key: this OpenSSL has no ") + type.algorithm);
  }
  EVP_PKEY* pkey = nullptr;
  if (EVP_PKEY_fromdata(context.get(), &pkey, selection, params.finish()) != 1) {
    return invalid(std::string("key: not one of ") + (type.group != nullptr ? type.group : type.algorithm));
  }
  return PkeyPtr(pkey);
}

void add_ec_public(KeyParams& params, const KeyTypeInfo& type, const PublicParts& parts) {
  Bytes point = {POINT_CONVERSION_UNCOMPRESSED};
  point.insert(point.end(), parts.x.begin(), parts.x.end());
  point.insert(point.end(), parts.y.begin(), parts.y.end());
  params.add_text(OSSL_PKEY_PARAM_GROUP_NAME, type.group).add_octets(OSSL_PKEY_PARAM_PUB_KEY, point);
}

Result<void> check_lengths(const KeyTypeInfo& type, const PublicParts& parts) {
  if (type.family == KeyFamily::ec && (parts.x.size() != type.number_bytes || parts.y.size() != type.number_bytes)) {
    return invalid("EC key: coordinate not as long as the field");
  }
  const bool okp = type.family == KeyFamily::edwards || type.family == KeyFamily::montgomery;
  if (okp && parts.x.size() != type.number_bytes) return invalid("OKP key: public key of another length");
  return {};
}

Result<void> check_numbers(const KeyTypeInfo& type, const PublicParts& parts) {
  if (Result<void> lengths = check_lengths(type, parts); !lengths) return lengths;
  if (type.family == KeyFamily::rsa) return check_rsa_public(parts);
  if (type.family == KeyFamily::edwards) return check_edwards_public(type.type, parts.x);
  return {};
}

/// RFC 8725 §3.5: the point is on the curve and not at infinity. Cofactors are 1, so the quick check is the whole one.
Result<void> check_ec_point(EVP_PKEY* pkey) {
  const PkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, pkey, nullptr));
  if (!context || EVP_PKEY_public_check_quick(context.get()) != 1) return invalid("EC key: not a point on the curve");
  return {};
}

/// What only OpenSSL's object tells of a public key.
Result<void> check_point(const KeyTypeInfo& type, EVP_PKEY* pkey) {
  if (type.family == KeyFamily::ec) return check_ec_point(pkey);
  if (type.family == KeyFamily::montgomery) return check_montgomery_public(type.type, pkey);
  return {};
}

Result<void> check_ec_pair(EVP_PKEY* pkey) {
  const PkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, pkey, nullptr));
  if (!context || EVP_PKEY_private_check(context.get()) != 1 || EVP_PKEY_pairwise_check(context.get()) != 1) {
    return invalid("EC key: private and public part do not belong together");
  }
  return {};
}

/// That a key signs what its public part verifies; numbers that only look right do not.
Result<void> check_trial_signature(const KeyObject& key) {
  static constexpr SignatureScheme kScheme{SignatureKind::rsa_pkcs1, Hash::sha256};
  if (!sign_with(key, kScheme, as_bytes("mintmark"))) return invalid("RSA key: does not sign");
  return {};
}

Result<KeyObject> make_rsa_private(const PublicParts& pub, const PrivateParts& priv) {
  if (Result<void> pair = check_rsa_private(pub, priv); !pair) return pair.error();
  KeyParams params;
  params.add_number(OSSL_PKEY_PARAM_RSA_N, pub.n)
      .add_number(OSSL_PKEY_PARAM_RSA_E, pub.e)
      .add_number(OSSL_PKEY_PARAM_RSA_D, priv.d.reveal())
      .add_number(OSSL_PKEY_PARAM_RSA_FACTOR1, priv.p.reveal())
      .add_number(OSSL_PKEY_PARAM_RSA_FACTOR2, priv.q.reveal())
      .add_number(OSSL_PKEY_PARAM_RSA_EXPONENT1, priv.dp.reveal())
      .add_number(OSSL_PKEY_PARAM_RSA_EXPONENT2, priv.dq.reveal())
      .add_number(OSSL_PKEY_PARAM_RSA_COEFFICIENT1, priv.qi.reveal());
  Result<PkeyPtr> pkey = import_key(info(KeyType::rsa), EVP_PKEY_KEYPAIR, params);
  if (!pkey) return pkey.error();
  Result<KeyObject> key = make_key_object(KeyType::rsa, std::move(*pkey), KeyHalves::both);
  if (!key) return key;
  if (Result<void> trial = check_trial_signature(*key); !trial) return trial.error();
  return key;
}

Result<KeyObject> make_ec_private(const KeyTypeInfo& type, const PublicParts& pub, const PrivateParts& priv) {
  KeyParams params;
  add_ec_public(params, type, pub);
  params.add_number(OSSL_PKEY_PARAM_PRIV_KEY, priv.d.reveal());
  Result<PkeyPtr> pkey = import_key(type, EVP_PKEY_KEYPAIR, params);
  if (!pkey) return pkey.error();
  if (Result<void> point = check_ec_point(pkey->get()); !point) return point.error();
  if (Result<void> pair = check_ec_pair(pkey->get()); !pair) return pair.error();
  return make_key_object(type.type, std::move(*pkey), KeyHalves::both);
}

/// OKP and ML-DSA: OpenSSL derives the public key from the few private bytes, and it must be the one given.
Result<KeyObject> make_derived_private(const KeyTypeInfo& type, const PublicParts& pub, const PrivateParts& priv) {
  const bool seeded = type.family == KeyFamily::ml_dsa;
  KeyParams params;
  params.add_octets(seeded ? kSeedParam : OSSL_PKEY_PARAM_PRIV_KEY, (seeded ? priv.seed : priv.d).reveal());
  Result<PkeyPtr> pkey = import_key(type, EVP_PKEY_KEYPAIR, params);
  if (!pkey) return pkey.error();
  const PublicParts derived = public_parts(type.type, pkey->get());
  if (derived.x != pub.x || derived.pub != pub.pub)
    return invalid("key: private and public part do not belong together");
  return make_key_object(type.type, std::move(*pkey), KeyHalves::both);
}

}  // namespace

PublicParts public_parts(KeyType type, const EVP_PKEY* pkey) {
  const KeyTypeInfo& of = info(type);
  PublicParts parts;
  switch (of.family) {
    case KeyFamily::rsa:
      parts.n = get_bytes(pkey, OSSL_PKEY_PARAM_RSA_N);
      parts.e = get_bytes(pkey, OSSL_PKEY_PARAM_RSA_E);
      break;
    case KeyFamily::ec:
      parts.x = get_bytes(pkey, OSSL_PKEY_PARAM_EC_PUB_X, of.number_bytes);
      parts.y = get_bytes(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, of.number_bytes);
      break;
    case KeyFamily::edwards:
    case KeyFamily::montgomery:
      parts.x = get_octets(pkey, OSSL_PKEY_PARAM_PUB_KEY);
      break;
    case KeyFamily::ml_dsa:
      parts.pub = get_octets(pkey, OSSL_PKEY_PARAM_PUB_KEY);
      break;
  }
  return parts;
}

PrivateParts private_parts(KeyType type, const EVP_PKEY* pkey) {
  const KeyTypeInfo& of = info(type);
  PrivateParts parts;
  switch (of.family) {
    case KeyFamily::rsa:
      parts.d = Secret(get_bytes(pkey, OSSL_PKEY_PARAM_RSA_D));
      parts.p = Secret(get_bytes(pkey, OSSL_PKEY_PARAM_RSA_FACTOR1));
      parts.q = Secret(get_bytes(pkey, OSSL_PKEY_PARAM_RSA_FACTOR2));
      parts.dp = Secret(get_bytes(pkey, OSSL_PKEY_PARAM_RSA_EXPONENT1));
      parts.dq = Secret(get_bytes(pkey, OSSL_PKEY_PARAM_RSA_EXPONENT2));
      parts.qi = Secret(get_bytes(pkey, OSSL_PKEY_PARAM_RSA_COEFFICIENT1));
      break;
    case KeyFamily::ec:
      parts.d = Secret(get_bytes(pkey, OSSL_PKEY_PARAM_PRIV_KEY, of.private_bytes));
      break;
    case KeyFamily::edwards:
    case KeyFamily::montgomery:
      parts.d = Secret(get_octets(pkey, OSSL_PKEY_PARAM_PRIV_KEY));
      break;
    case KeyFamily::ml_dsa:
      parts.seed = Secret(get_octets(pkey, kSeedParam));
      break;
  }
  return parts;
}

Result<KeyObject> make_public_key(KeyType type, const PublicParts& parts) {
  const KeyTypeInfo& of = info(type);
  if (!is_available(type)) return unsupported(std::string("key: this OpenSSL has no ") + of.algorithm);
  if (Result<void> numbers = check_numbers(of, parts); !numbers) return numbers.error();
  KeyParams params;
  switch (of.family) {
    case KeyFamily::rsa:
      params.add_number(OSSL_PKEY_PARAM_RSA_N, parts.n).add_number(OSSL_PKEY_PARAM_RSA_E, parts.e);
      break;
    case KeyFamily::ec:
      add_ec_public(params, of, parts);
      break;
    case KeyFamily::edwards:
    case KeyFamily::montgomery:
      params.add_octets(OSSL_PKEY_PARAM_PUB_KEY, parts.x);
      break;
    case KeyFamily::ml_dsa:
      params.add_octets(OSSL_PKEY_PARAM_PUB_KEY, parts.pub);
      break;
  }
  Result<PkeyPtr> pkey = import_key(of, EVP_PKEY_PUBLIC_KEY, params);
  if (!pkey) return pkey.error();
  if (Result<void> point = check_point(of, pkey->get()); !point) return point.error();
  return make_key_object(type, std::move(*pkey), KeyHalves::public_only);
}

Result<KeyObject> make_private_key(KeyType type, const PublicParts& public_numbers,
                                   const PrivateParts& private_numbers) {
  const KeyTypeInfo& of = info(type);
  if (!is_available(type)) return unsupported(std::string("key: this OpenSSL has no ") + of.algorithm);
  if (Result<void> numbers = check_numbers(of, public_numbers); !numbers) return numbers.error();
  if (of.family == KeyFamily::rsa) return make_rsa_private(public_numbers, private_numbers);
  const Secret& secret = of.family == KeyFamily::ml_dsa ? private_numbers.seed : private_numbers.d;
  if (secret.size() != of.private_bytes) return invalid("key: private part missing or of another length");
  if (of.family == KeyFamily::ec) return make_ec_private(of, public_numbers, private_numbers);
  return make_derived_private(of, public_numbers, private_numbers);
}

}  // namespace mintmark::crypto
