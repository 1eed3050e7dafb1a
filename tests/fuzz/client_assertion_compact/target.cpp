// Assertions of clients: nothing authenticates that was not signed, or that is not good for long.

#include <algorithm>

#include "fuzz_ring.hpp"
#include "mintmark/crypto/digest.hpp"
#include "mintmark/oauth/client_auth.hpp"
#include "mintmark/oauth/token_request.hpp"

namespace mintmark::fuzz {
namespace {

constexpr const char* kClient = "fuzz";
constexpr const char* kCluster = "https://cluster.example.com";
constexpr std::string_view kSecret = "mms_a-secret-of-the-fuzzer-that-is-long-enough";

class NoKeySets final : public oauth::KeySetSource, public oauth::VerificationKeyEvents {
 public:
  Result<oauth::KeySet> fetch(const std::string&, const std::stop_token&) override { return unavailable("nowhere"); }
  void verification_keys_fetched(const std::string&, std::size_t) noexcept override {}
  void verification_keys_not_fetched(const std::string&, const Error&, std::optional<Duration>) noexcept override {}
};

oauth::KeySetPlace key_set_of(std::string_view kid) {
  const std::vector<jose::Jwk> keys = read_test_keys();
  const auto found = std::ranges::find_if(keys, [&](const jose::Jwk& jwk) { return jwk.kid.str() == kid; });
  require(found != keys.end(), "the test keys have the one");
  const Json document = {
      {"keys", Json::array({jose::make_signing_key(*found).value().verification_key().public_jwk()})}};
  return oauth::InlineKeySet{document, std::make_shared<const oauth::VerificationKeys>(
                                           oauth::read_verification_keys(document.dump()).value())};
}

oauth::Client make_client() {
  oauth::Client client;
  client.id = ClientId(kClient);
  client.auth_methods = {oauth::ClientAuthMethod::private_key_jwt, oauth::ClientAuthMethod::client_secret_jwt};
  client.keys = key_set_of("client");
  client.secrets = {{"1", crypto::digest(crypto::Hash::sha256, as_bytes(kSecret)), Instant{}, std::nullopt, false,
                     std::make_shared<const Secret>(kSecret)}};
  client.identities = {{kCluster, "system:serviceaccount:shop:orders", ""}};
  return client;
}

struct World {
  NoKeySets nowhere;
  oauth::VerificationKeySets key_sets{nowhere, nowhere};
  oauth::ClientAssertions assertions{oauth::parse_issuer(kIssuer).value(), oauth::AssertionAudience::issuer, key_sets};
  oauth::Client client = make_client();
  oauth::TrustedIssuerMap trusted{{kCluster, {.issuer = kCluster, .keys = key_set_of("cluster"), .algs = {}}}};
  std::shared_ptr<const keys::KeyRing> ring = make_ring();
};

void check_proof(const oauth::ClientProof& proof, const oauth::ForeignToken& assertion) {
  static const std::set<std::string> signing_inputs = read_signing_inputs();
  require(signing_inputs.contains(signing_input(assertion.text.reveal_text())), "what authenticates was signed");
  const bool is_own = assertion.issuer == kClient;
  require(is_own || assertion.issuer == kCluster, "it is of somebody who is believed");
  require(proof.one_time.size() == (is_own ? 1 : 0), "a client's own is good for once");
  for (const oauth::OneTimeValue& value : proof.one_time) {
    require(value.expires_at > kNow, "it is remembered while it is good");
    require(value.expires_at <= kNow + oauth::ClientAssertions::kMaxLifetime + 2 * oauth::kForeignClockSkew,
            "and not for ever");
  }
}

void authenticate(const World& world, const oauth::TokenRequest& request) {
  const auto presented = oauth::read_presented_client(request);
  if (!presented) return;
  require(oauth::is_client_id(presented->id.str()), "a client that is named has a name");
  const oauth::Client* const registered = presented->id == world.client.id ? &world.client : nullptr;
  const auto proof =
      oauth::authenticate_client(*presented, registered, world.assertions, {world.trusted, *world.ring, kNow});
  if (proof) return check_proof(*proof, *request.client_assertion);
  require(proof.error().code == oauth::OAuthCode::invalid_client, "what does not authenticate is told one thing");
  require(proof.error().description.str() == "client authentication failed", "and in the same words");
}

void run(std::string_view token) {
  static const World world;
  oauth::TokenRequest request;
  request.client_assertion_type = std::string(oauth::kJwtBearerAssertion);
  request.client_assertion = std::make_shared<const oauth::ForeignToken>(oauth::read_foreign_token(Secret(token)));
  authenticate(world, request);
  request.client_id = kClient;
  authenticate(world, request);
}

}  // namespace
}  // namespace mintmark::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mintmark::fuzz::run(mintmark::as_text({data, size}));
  return 0;
}
