// DPoP proofs (RFC 9449 §4): nothing proves possession of a key but what was signed with it, and only for now.

#include "fuzz_ring.hpp"
#include "mintmark/oauth/dpop.hpp"

namespace mintmark::fuzz {
namespace {

struct World {
  keys::PublishedKeyRing ring{make_ring()};
  oauth::Dpop dpop{oauth::parse_issuer(kIssuer).value(), ring, false};
  oauth::Dpop dpop_with_nonces{oauth::parse_issuer(kIssuer).value(), ring, true};
};

void run(std::string_view proof) {
  static const World world;
  static const std::set<std::string> signing_inputs = read_signing_inputs();
  require(!world.dpop_with_nonces.verify(proof, kNow), "no proof of the corpus has a nonce of this ring");
  const auto verified = world.dpop.verify(proof, kNow);
  if (!verified) {
    require(verified.error().code == oauth::OAuthCode::invalid_dpop_proof, "what is no proof is told one thing");
    return;
  }
  require(signing_inputs.contains(signing_input(proof)), "what proves possession was signed");
  require(verified->jkt.size() == 43, "the thumbprint is a SHA-256");
  require(verified->value.issuer == verified->jkt, "keys do not share their jti");
  require(verified->value.expires_at > kNow, "it is remembered while it is good");
  require(verified->value.expires_at <= kNow + std::chrono::minutes(10), "and not for ever");
}

}  // namespace
}  // namespace mintmark::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mintmark::fuzz::run(mintmark::as_text({data, size}));
  return 0;
}
