#include <benchmark/benchmark.h>

#include "encryption_bench.hpp"
#include "signature_bench.hpp"

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  mintmark::bench::register_signature_benchmarks();
  mintmark::bench::register_encryption_benchmarks();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
