#pragma once
// One benchmark for signing and one for verifying with each algorithm that this machine's OpenSSL has.

namespace mintmark::bench {

void register_signature_benchmarks();

}  // namespace mintmark::bench
