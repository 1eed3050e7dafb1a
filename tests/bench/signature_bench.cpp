#include "signature_bench.hpp"

#include <benchmark/benchmark.h>

#include <string>

#include "mintmark/jose/key.hpp"

namespace mintmark::bench {
namespace {

// About what an access token's header and claims take.
const std::string kMessage(400, 'm');

void sign(benchmark::State& state, jose::Alg alg) {
  const Result<jose::SigningKey> key = jose::SigningKey::generate(alg);
  if (!key) return state.SkipWithError(key.error().detail.c_str());
  for ([[maybe_unused]] auto _ : state) {
    const Result<Bytes> signature = key->sign(as_bytes(kMessage));
    if (!signature) return state.SkipWithError(signature.error().detail.c_str());
    benchmark::DoNotOptimize(signature->data());
  }
}

void verify(benchmark::State& state, jose::Alg alg) {
  const Result<jose::SigningKey> key = jose::SigningKey::generate(alg);
  if (!key) return state.SkipWithError(key.error().detail.c_str());
  const Result<Bytes> signature = key->sign(as_bytes(kMessage));
  if (!signature) return state.SkipWithError(signature.error().detail.c_str());
  for ([[maybe_unused]] auto _ : state) {
    const Result<void> verified = key->verification_key().verify(as_bytes(kMessage), *signature);
    if (!verified) return state.SkipWithError(verified.error().detail.c_str());
  }
}

}  // namespace

void register_signature_benchmarks() {
  for (const jose::Alg alg : jose::all_algs()) {
    if (!jose::is_available(alg)) continue;
    const std::string name(jose::name(alg));
    benchmark::RegisterBenchmark(("sign/" + name).c_str(), [alg](benchmark::State& state) { sign(state, alg); });
    benchmark::RegisterBenchmark(("verify/" + name).c_str(), [alg](benchmark::State& state) { verify(state, alg); });
  }
}

}  // namespace mintmark::bench
