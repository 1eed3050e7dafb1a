#include "key_params.hpp"

#include <algorithm>
#include <bit>

namespace mintmark::crypto {

Bytes& KeyParams::keep(Bytes bytes) {
  return values_.emplace_back(std::move(bytes)).bytes;
}

KeyParams& KeyParams::add_number(const char* name, ByteView big_endian) {
  Bytes& native = keep(Bytes(big_endian.begin(), big_endian.end()));
  if constexpr (std::endian::native == std::endian::little) std::reverse(native.begin(), native.end());
  params_.push_back(OSSL_PARAM_construct_BN(name, native.data(), native.size()));
  return *this;
}

KeyParams& KeyParams::add_octets(const char* name, ByteView octets) {
  Bytes& copy = keep(Bytes(octets.begin(), octets.end()));
  params_.push_back(OSSL_PARAM_construct_octet_string(name, copy.data(), copy.size()));
  return *this;
}

KeyParams& KeyParams::add_text(const char* name, std::string_view text) {
  Bytes& copy = keep(Bytes(text.begin(), text.end()));
  copy.push_back(0);  // not counted, but some readers in OpenSSL rely on it
  params_.push_back(OSSL_PARAM_construct_utf8_string(name, reinterpret_cast<char*>(copy.data()), text.size()));
  return *this;
}

OSSL_PARAM* KeyParams::finish() {
  params_.push_back(OSSL_PARAM_construct_end());
  return params_.data();
}

}  // namespace mintmark::crypto
