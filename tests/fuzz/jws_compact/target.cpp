// JWS in compact serialization, verified with a key of each algorithm.

#include "fuzz_target.hpp"
#include "mintmark/base/base64.hpp"
#include "mintmark/jose/jws.hpp"

namespace mintmark::fuzz {
namespace {

std::vector<jose::VerificationKey> make_keys() {
  std::vector<jose::VerificationKey> keys;
  for (const jose::Jwk& jwk : read_test_keys()) {
    for (jose::VerificationKey& key : jose::make_verification_keys(jwk))
      keys.push_back(std::move(key));
  }
  return keys;
}

void check_decoded(const jose::UnverifiedJws& decoded, std::string_view token) {
  std::string written = encode_base64url(as_bytes(decoded.header.dump())) + "." + encode_base64url(decoded.payload);
  written += token.substr(token.rfind('.'));
  const Result<jose::UnverifiedJws> again = jose::decode_unverified(written, written.size());
  require(again && again->header == decoded.header && again->payload == decoded.payload,
          "a token means the same when it is written again");
}

void check_verified(const jose::VerifiedJws& verified, std::string_view token) {
  static const std::set<std::string> signing_inputs = read_signing_inputs();
  require(signing_inputs.contains(signing_input(token)), "no token verifies that was not signed");
  const Result<jose::UnverifiedJws> decoded = jose::decode_unverified(token);
  require(decoded && decoded->header == verified.header && decoded->payload == verified.payload,
          "a verified token is what it says of itself");
  require(verified.header.at("alg") == jose::name(verified.alg), "the key's algorithm is the header's");
  require(!verified.header.contains("crit"), "no extension is understood (RFC 7515 §4.1.11)");
}

void run(std::string_view token) {
  static const std::vector<jose::VerificationKey> keys = make_keys();
  if (const auto decoded = jose::decode_unverified(token)) check_decoded(*decoded, token);
  if (const auto verified = jose::verify_jws(token, keys)) check_verified(*verified, token);
}

}  // namespace
}  // namespace mintmark::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mintmark::fuzz::run(mintmark::as_text({data, size}));
  return 0;
}
