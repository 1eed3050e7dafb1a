#pragma once
// One benchmark for encrypting and one for decrypting a nested token, for each kind of recipient.

namespace mintmark::bench {

void register_encryption_benchmarks();

}  // namespace mintmark::bench
