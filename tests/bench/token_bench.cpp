#include <benchmark/benchmark.h>

#include <vector>

#include "mintmark/base/base64.hpp"
#include "mintmark/crypto/random.hpp"
#include "mintmark/keys/key_ring.hpp"

namespace mintmark::bench {
namespace {

constexpr Instant kNow = from_unix_ms(1'800'000'000'000);

void add_access_token_claims(jose::UnsignedClaims& claims) {
  claims.add("iss", "https://id.example.com")
      .add("sub", "billing-worker")
      .add("aud", "https://api.example.com/invoices")
      .add("client_id", "billing-worker")
      .add("scope", "invoices.read invoices.write")
      .add("iat", kNow)
      .add("exp", kNow + std::chrono::minutes(15))
      .add("jti", "Zy7p3uX0k1VqT5rWm9sLbA");
}

void write_claims(benchmark::State& state) {
  for ([[maybe_unused]] auto _ : state) {
    jose::UnsignedClaims claims;
    add_access_token_claims(claims);
    benchmark::DoNotOptimize(claims.finish().data());
  }
}
BENCHMARK(write_claims);

Result<std::shared_ptr<const keys::KeyRing>> make_ring(const std::vector<jose::Alg>& algs) {
  const Result<keys::Sealer> sealer = keys::Sealer::from_base64(Secret(encode_base64(crypto::random_bytes(32))));
  if (!sealer) return sealer.error();
  std::vector<keys::KeyRecord> records;
  const auto add = [&](keys::KeyPurpose purpose, jose::Alg alg) -> Result<void> {
    const Result<jose::SigningKey> key = jose::SigningKey::generate(alg);
    if (!key) return key.error();
    keys::KeyRecord record;
    record.kid = key->kid();
    record.purpose = purpose;
    record.alg = alg;
    record.created_at = record.activates_at = kNow;
    sealer->seal(record, *key);
    records.push_back(std::move(record));
    return {};
  };
  if (Result<void> added = add(keys::KeyPurpose::refresh, jose::Alg::HS256); !added) return added.error();
  for (const jose::Alg alg : algs) {
    if (Result<void> added = add(keys::KeyPurpose::signing, alg); !added) return added.error();
  }
  return keys::KeyRing::make(records, *sealer, keys::KeyPeriods{}, kNow);
}

void find_signer(benchmark::State& state) {
  const auto ring = make_ring({jose::Alg::ES256, jose::Alg::ES384, jose::Alg::Ed25519});
  if (!ring) return state.SkipWithError(ring.error().detail.c_str());
  const keys::PublishedKeyRing published(*ring);
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(published.load()->find_signer(jose::Alg::ES256, kNow));
  }
}
BENCHMARK(find_signer);

void sign_access_token(benchmark::State& state) {
  const auto ring = make_ring({jose::Alg::ES256});
  if (!ring) return state.SkipWithError(ring.error().detail.c_str());
  for ([[maybe_unused]] auto _ : state) {
    jose::UnsignedClaims claims;
    add_access_token_claims(claims);
    const Result<std::string> token = (*ring)->find_signer(jose::Alg::ES256, kNow)->sign("at+jwt", claims);
    if (!token) return state.SkipWithError(token.error().detail.c_str());
    benchmark::DoNotOptimize(token->data());
  }
}
BENCHMARK(sign_access_token);

}  // namespace
}  // namespace mintmark::bench
