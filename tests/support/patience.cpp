#include "support/patience.hpp"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <thread>

namespace mintmark::testing {
namespace {

bool holds_now(const std::function<bool()>& holds) {
  try {
    return holds();
  } catch (const std::runtime_error&) {
    return false;
  }
}

}  // namespace

int patience() {
  const char* const factor = std::getenv("MINTMARK_TEST_PATIENCE");
  return factor == nullptr ? 1 : std::max(1, std::atoi(factor));
}

bool eventually(const std::function<bool()>& holds, std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit * patience();
  while (!holds_now(holds)) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace mintmark::testing
