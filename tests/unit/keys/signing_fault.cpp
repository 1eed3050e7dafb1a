#include "signing_fault.hpp"

#include <dlfcn.h>
#include <openssl/evp.h>

namespace mintmark::keys::testing {
namespace {

thread_local SigningFault current = SigningFault::none;

}  // namespace

ScopedSigningFault::ScopedSigningFault(SigningFault fault) {
  current = fault;
}

ScopedSigningFault::~ScopedSigningFault() {
  current = SigningFault::none;
}

}  // namespace mintmark::keys::testing

extern "C" int EVP_PKEY_sign(EVP_PKEY_CTX* context, unsigned char* signature, std::size_t* size,
                             const unsigned char* digest, std::size_t digest_size) {
  using mintmark::keys::testing::SigningFault;
  static const auto real = reinterpret_cast<decltype(&EVP_PKEY_sign)>(::dlsym(RTLD_NEXT, "EVP_PKEY_sign"));
  const SigningFault fault = mintmark::keys::testing::current;
  if (fault == SigningFault::fails) return 0;
  const int result = real(context, signature, size, digest, digest_size);
  if (fault == SigningFault::flips_a_bit && result == 1) signature[*size - 1] ^= 1;
  return result;
}
