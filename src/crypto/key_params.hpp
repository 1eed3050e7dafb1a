#pragma once
// Parameters in the form in which OpenSSL takes them: the numbers of a key, what a KDF works on. OSSL_PARAM_BLD would
// leave unwiped copies of secret ones behind.

#include <openssl/params.h>

#include <list>
#include <string>
#include <vector>

#include "mintmark/base/secret.hpp"

namespace mintmark::crypto {

class KeyParams {
 public:
  /// Requires: names are literals, which outlive everything.
  KeyParams& add_number(const char* name, ByteView big_endian);
  KeyParams& add_octets(const char* name, ByteView octets);
  KeyParams& add_text(const char* name, std::string_view text);

  /// Valid as long as this object and until the next add.
  [[nodiscard]] OSSL_PARAM* finish();

 private:
  Bytes& keep(Bytes bytes);

  struct WipedBytes {
    explicit WipedBytes(Bytes content) noexcept : bytes(std::move(content)) {}
    WipedBytes(const WipedBytes&) = delete;
    WipedBytes& operator=(const WipedBytes&) = delete;
    ~WipedBytes() { wipe(bytes.data(), bytes.size()); }
    Bytes bytes;  // mutable, as OSSL_PARAM's constructors want it; OpenSSL does not write to it
  };
  std::list<WipedBytes> values_;
  std::vector<OSSL_PARAM> params_;
};

}  // namespace mintmark::crypto
