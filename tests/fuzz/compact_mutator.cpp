// Mutates a compact token inside its base64url: what the fuzzer would change in the encoded text is seldom JSON again.

#include <algorithm>

#include "mintmark/base/base64.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed);

namespace mintmark::fuzz {
namespace {

constexpr std::size_t kMaxGrowth = 64;

/// Part `index` of the token, counted round and round.
std::string_view find_part(std::string_view token, std::size_t index) {
  index %= static_cast<std::size_t>(std::count(token.begin(), token.end(), '.')) + 1;
  for (; index > 0; --index)
    token.remove_prefix(token.find('.') + 1);
  return token.substr(0, token.find('.'));
}

std::string mutate(Bytes bytes) {
  const std::size_t size = bytes.size();
  bytes.resize(size + kMaxGrowth);
  bytes.resize(LLVMFuzzerMutate(bytes.data(), size, bytes.size()));
  return encode_base64url(bytes);
}

/// Empty where the part is not base64url.
std::string mutate_part(std::string_view token, std::string_view part) {
  Result<Bytes> decoded = decode_base64url(part);
  if (!decoded) return {};
  std::string mutated(token);
  return mutated.replace(static_cast<std::size_t>(part.data() - token.data()), part.size(),
                         mutate(std::move(*decoded)));
}

}  // namespace
}  // namespace mintmark::fuzz

std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed) {
  using namespace mintmark::fuzz;
  const std::string_view token = mintmark::as_text({data, size});
  // The dots and the encoding itself are worth a quarter of the tries.
  const std::string mutated = seed % 4 == 0 ? std::string() : mutate_part(token, find_part(token, seed / 4));
  if (mutated.empty() || mutated.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::copy(mutated.begin(), mutated.end(), data);
  return mutated.size();
}
