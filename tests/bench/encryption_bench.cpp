#include "encryption_bench.hpp"

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "mintmark/jose/jwt.hpp"

namespace mintmark::bench {
namespace {

using crypto::KeyType;
using jose::KeyManagement;

constexpr jose::ContentEncryption kEnc = jose::ContentEncryption::A256GCM;

// About what a signed access token takes.
const std::string kToken(700, 't');

struct Case {
  const char* name;
  KeyManagement alg;
  KeyType type;
};

constexpr Case kCases[] = {
    {"RSA-OAEP-256/2048", KeyManagement::RSA_OAEP_256, KeyType::rsa},
    {"ECDH-ES+A128KW/P-256", KeyManagement::ECDH_ES_A128KW, KeyType::p256},
    {"ECDH-ES+A128KW/P-384", KeyManagement::ECDH_ES_A128KW, KeyType::p384},
    {"ECDH-ES+A128KW/P-521", KeyManagement::ECDH_ES_A128KW, KeyType::p521},
    {"ECDH-ES+A128KW/X25519", KeyManagement::ECDH_ES_A128KW, KeyType::x25519},
    {"ECDH-ES+A128KW/X448", KeyManagement::ECDH_ES_A128KW, KeyType::x448},
};

void encrypt(benchmark::State& state, const Case& of) {
  const Result<crypto::PrivateKey> key = crypto::PrivateKey::generate(of.type);
  if (!key) return state.SkipWithError(key.error().detail.c_str());
  const Result<jose::EncryptionKey> recipient = jose::EncryptionKey::make(of.alg, KeyId("kid"), key->public_key());
  if (!recipient) return state.SkipWithError(recipient.error().detail.c_str());
  for ([[maybe_unused]] auto _ : state) {
    const Result<std::string> token = jose::encrypt_jwt(*recipient, kEnc, "at+jwt", kToken);
    if (!token) return state.SkipWithError(token.error().detail.c_str());
    benchmark::DoNotOptimize(token->data());
  }
}

void decrypt(benchmark::State& state, const Case& of) {
  const Result<crypto::PrivateKey> key = crypto::PrivateKey::generate(of.type);
  if (!key) return state.SkipWithError(key.error().detail.c_str());
  const Result<jose::EncryptionKey> recipient = jose::EncryptionKey::make(of.alg, KeyId("kid"), key->public_key());
  const Result<jose::DecryptionKey> own = jose::DecryptionKey::make(of.alg, KeyId("kid"), *key);
  if (!recipient || !own) return state.SkipWithError("the key does not fit its algorithm");
  const Result<std::string> token = jose::encrypt_jwt(*recipient, kEnc, "at+jwt", kToken);
  if (!token) return state.SkipWithError(token.error().detail.c_str());
  const std::vector keys = {*own};
  for ([[maybe_unused]] auto _ : state) {
    const Result<std::string> inner = jose::open_nested_jwt(*token, keys);
    if (!inner) return state.SkipWithError(inner.error().detail.c_str());
  }
}

}  // namespace

void register_encryption_benchmarks() {
  for (const Case& of : kCases) {
    benchmark::RegisterBenchmark((std::string("encrypt/") + of.name).c_str(),
                                 [&of](benchmark::State& state) { encrypt(state, of); });
    benchmark::RegisterBenchmark((std::string("decrypt/") + of.name).c_str(),
                                 [&of](benchmark::State& state) { decrypt(state, of); });
  }
}

}  // namespace mintmark::bench
