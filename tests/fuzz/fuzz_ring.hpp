#pragma once
// What targets of the oauth module share: a moment, and a key ring of which nothing in a corpus is derived.

#include <memory>

#include "fuzz_target.hpp"
#include "mintmark/base/base64.hpp"
#include "mintmark/keys/key_ring.hpp"

namespace mintmark::fuzz {

constexpr Instant kNow = from_unix_ms(1'800'000'000'000);
constexpr const char* kIssuer = "https://id.example.com";

inline std::shared_ptr<const keys::KeyRing> make_ring() {
  const Secret sealing_key{std::string_view(encode_base64(Bytes(32, 9)))};
  const keys::Sealer sealer = keys::Sealer::from_base64(sealing_key).value();
  const jose::SigningKey key = jose::SigningKey::generate(jose::Alg::HS256).value();
  keys::KeyRecord record;
  record.kid = key.kid();
  record.purpose = keys::KeyPurpose::refresh;
  record.alg = key.alg();
  sealer.seal(record, key);
  return keys::KeyRing::make({&record, 1}, sealer, {}, kNow).value();
}

}  // namespace mintmark::fuzz
