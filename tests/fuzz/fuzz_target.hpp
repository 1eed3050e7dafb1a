#pragma once
// What the fuzz targets share. A target is one LLVMFuzzerTestOneInput in tests/fuzz/TARGET/target.cpp. It is built
// twice: with libFuzzer, by `./dev fuzz`, and into a test that replays TARGET/corpus, by `./dev test`. An input that a
// fuzzer found goes into the corpus under a name that says what it was. Requires: MINTMARK_FUZZ_TARGET, the path of
// tests/fuzz/TARGET.

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mintmark/base/file.hpp"
#include "mintmark/jose/jwk.hpp"

/// The name and the types are libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace mintmark::fuzz {

/// Ends the program where an invariant is broken, whatever the build type: libFuzzer then keeps the input.
inline void require(bool holds, const char* invariant) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", invariant);
  std::abort();
}

inline std::string read(const std::filesystem::path& path) {
  Result<std::string> content = read_file(path, 1024 * 1024);
  require(content.has_value(), "a file of the target can be read");
  return std::move(*content);
}

inline std::vector<std::filesystem::path> corpus_files() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(MINTMARK_FUZZ_TARGET "/corpus"))
    files.push_back(entry.path());
  return files;
}

/// Not the whole token: whoever has one ECDSA signature has a second of the same.
inline std::string signing_input(std::string_view token) {
  return std::string(token.substr(0, token.rfind('.')));
}

/// All that was ever signed with the test keys: the corpus is made of such tokens, and of others that do not verify.
inline std::set<std::string> read_signing_inputs() {
  std::set<std::string> inputs;
  for (const std::filesystem::path& file : corpus_files())
    inputs.insert(signing_input(read(file)));
  return inputs;
}

/// The JWKS of the target's test keys, private parts included, so that new seeds can be made with them.
inline std::vector<jose::Jwk> read_test_keys() {
  Result<std::vector<jose::Jwk>> keys = jose::parse_jwk_set(read(MINTMARK_FUZZ_TARGET "/test_keys.json"));
  require(keys.has_value(), "the test keys are good");
  return std::move(*keys);
}

}  // namespace mintmark::fuzz
