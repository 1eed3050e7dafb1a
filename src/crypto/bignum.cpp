#include "bignum.hpp"

#include "fatal.hpp"

namespace mintmark::crypto {

BnPtr to_bignum(ByteView big_endian) {
  BnPtr number(BN_bin2bn(big_endian.data(), static_cast<int>(big_endian.size()), nullptr));
  if (!number) fatal("no memory for a number");
  return number;
}

Bytes to_bytes(const BIGNUM* number) {
  return to_bytes(number, static_cast<std::size_t>(BN_num_bytes(number)));
}

Bytes to_bytes(const BIGNUM* number, std::size_t size) {
  Bytes bytes(size);
  if (BN_bn2binpad(number, bytes.data(), static_cast<int>(size)) < 0) fatal("a number longer than its type allows");
  return bytes;
}

}  // namespace mintmark::crypto
