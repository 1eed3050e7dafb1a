#include "jwk_members.hpp"

namespace mintmark::jose {

using crypto::KeyType;
using crypto::PrivateParts;
using crypto::PublicParts;

std::string_view kty(KeyType type) noexcept {
  switch (type) {
    case KeyType::rsa:
      return "RSA";
    case KeyType::p256:
    case KeyType::p384:
    case KeyType::p521:
    case KeyType::secp256k1:
      return "EC";
    case KeyType::ed25519:
    case KeyType::ed448:
    case KeyType::x25519:
    case KeyType::x448:
      return "OKP";
    case KeyType::ml_dsa_44:
    case KeyType::ml_dsa_65:
    case KeyType::ml_dsa_87:
      return "AKP";
  }
  return {};
}

std::string_view crv(KeyType type) noexcept {
  switch (type) {
    case KeyType::p256:
      return "P-256";
    case KeyType::p384:
      return "P-384";
    case KeyType::p521:
      return "P-521";
    case KeyType::secp256k1:
      return "secp256k1";
    case KeyType::ed25519:
      return "Ed25519";
    case KeyType::ed448:
      return "Ed448";
    case KeyType::x25519:
      return "X25519";
    case KeyType::x448:
      return "X448";
    default:
      return {};
  }
}

const std::vector<PublicMember>& public_members(KeyType type) {
  static const std::vector<PublicMember> rsa = {{"n", &PublicParts::n}, {"e", &PublicParts::e}};
  static const std::vector<PublicMember> ec = {{"x", &PublicParts::x}, {"y", &PublicParts::y}};
  static const std::vector<PublicMember> okp = {{"x", &PublicParts::x}};
  static const std::vector<PublicMember> akp = {{"pub", &PublicParts::pub}};
  const std::string_view family = kty(type);
  if (family == "RSA") return rsa;
  if (family == "EC") return ec;
  return family == "OKP" ? okp : akp;
}

const std::vector<PrivateMember>& private_members(KeyType type) {
  static const std::vector<PrivateMember> rsa = {{"d", &PrivateParts::d},   {"p", &PrivateParts::p},
                                                 {"q", &PrivateParts::q},   {"dp", &PrivateParts::dp},
                                                 {"dq", &PrivateParts::dq}, {"qi", &PrivateParts::qi}};
  static const std::vector<PrivateMember> scalar = {{"d", &PrivateParts::d}};
  static const std::vector<PrivateMember> akp = {{"priv", &PrivateParts::seed}};
  const std::string_view family = kty(type);
  if (family == "RSA") return rsa;
  return family == "AKP" ? akp : scalar;
}

}  // namespace mintmark::jose
