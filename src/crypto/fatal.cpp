#include "fatal.hpp"

#include <cstdio>
#include <cstdlib>

namespace mintmark::crypto {

void fatal(const char* what) noexcept {
  std::fprintf(stderr, "mintmark: fatal: %s\n", what);
  std::abort();
}

}  // namespace mintmark::crypto
