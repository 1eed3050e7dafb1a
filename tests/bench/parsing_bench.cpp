#include <benchmark/benchmark.h>

#include <string>

#include "mintmark/base/base64.hpp"
#include "mintmark/base/form.hpp"

namespace mintmark::bench {
namespace {

void parse_token_form(benchmark::State& state) {
  const std::string body =
      "grant_type=client_credentials&client_id=billing-worker&client_secret="
      "mms_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG&scope=invoices.read+invoices.write&"
      "resource=https%3A%2F%2Fapi.example.com%2Finvoices";
  for ([[maybe_unused]] auto _ : state) {
    const Result<Parameters> parameters = parse_form(body);
    benchmark::DoNotOptimize(&parameters);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}
BENCHMARK(parse_token_form);

void base64url_encode(benchmark::State& state) {
  const Bytes bytes(static_cast<std::size_t>(state.range(0)), 0xa5);
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(encode_base64url(bytes));
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(base64url_encode)->Arg(64)->Arg(512);

void base64url_decode(benchmark::State& state) {
  const std::string text = encode_base64url(Bytes(static_cast<std::size_t>(state.range(0)), 0xa5));
  for ([[maybe_unused]] auto _ : state) {
    const Result<Bytes> bytes = decode_base64url(text);
    benchmark::DoNotOptimize(&bytes);
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(base64url_decode)->Arg(64)->Arg(512);

}  // namespace
}  // namespace mintmark::bench
