// Every file of a fuzz target's corpus, run once through the target: what a fuzzer ever found stays found.

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

#include "fuzz_target.hpp"

namespace mintmark::fuzz {
namespace {

class Replay : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(Replay, KeepsTheInvariants) {
  const std::string input = read(GetParam());
  EXPECT_EQ(LLVMFuzzerTestOneInput(as_bytes(input).data(), input.size()), 0);
}

/// GoogleTest allows letters, digits and underscores.
std::string test_name(const ::testing::TestParamInfo<std::filesystem::path>& file) {
  std::string name = file.param.filename().string();
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Corpus, Replay, ::testing::ValuesIn(corpus_files()), test_name);

}  // namespace
}  // namespace mintmark::fuzz
