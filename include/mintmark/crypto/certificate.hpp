#pragma once
// What an X.509 certificate says (RFC 5280): whose key it is and by which names. Nothing is verified: neither its
// signature, nor who issued it, nor its times. Thread safety: values and pure functions.

#include <optional>
#include <string>
#include <vector>

#include "mintmark/base/clock.hpp"
#include "mintmark/crypto/pkey.hpp"

namespace mintmark::crypto {

struct Certificate {
  Bytes sha256;         ///< of its DER
  std::string subject;  ///< RFC 4514, as `openssl x509 -nameopt RFC2253,-esc_msb` prints it; empty where it has none
  // Subject alternative names (RFC 5280 §4.2.1.6) of four kinds, in their order.
  std::vector<std::string> dns_names;
  std::vector<std::string> uris;
  std::vector<std::string> emails;
  std::vector<std::string> ip_addresses;  ///< RFC 5952
  Instant not_before;
  Instant not_after;
  std::optional<PublicKey> key;  ///< none where it is of a kind that is not ours
};

/// One certificate and nothing after it. Errors: invalid, also for a name with a NUL in it, which others would read as
/// a shorter one.
Result<Certificate> parse_certificate(ByteView der);

}  // namespace mintmark::crypto
