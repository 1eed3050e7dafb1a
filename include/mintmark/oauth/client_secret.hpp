#pragma once
// The secrets of clients. Only hashes are stored, which is enough to recognise a secret, but not to verify a MAC under
// it (client_secret_jwt). A secret for that is derived from the refresh key, so that it can be made again; nothing from
// which somebody could go back to it is stored, and with the refresh key it ends.
// Thread safety: pure functions.

#include <optional>
#include <string_view>

#include "mintmark/keys/key_ring.hpp"
#include "mintmark/oauth/client.hpp"

namespace mintmark::oauth {

/// So that scanners for leaked secrets know one.
inline constexpr std::string_view kClientSecretPrefix = "mms_";

/// The prefix and 86 characters of base64url: long enough for HS512 (RFC 7518 §3.2).
Secret derive_client_secret(const keys::KeyRing& ring, const ClientId& client, std::string_view secret_id);

/// The one of the client's that it is, if that is good at `now`; else null. Takes as long for each that is wrong.
[[nodiscard]] const ClientSecret* find_secret(const Client& client, const Secret& secret, const keys::KeyRing& ring,
                                              Instant now);

/// A secret as the key of a MAC.
struct MacSecret {
  const ClientSecret* secret;  ///< of the client
  jose::VerificationKey key;
};

/// The one under which the MAC of a JWS is right, of those that are good at `now`, whose text can be had, and that are
/// long enough for `alg`. Requires: `alg` is HS*.
std::optional<MacSecret> find_mac_secret(const Client& client, std::string_view jws, jose::Alg alg,
                                         const keys::KeyRing& ring, Instant now);

}  // namespace mintmark::oauth
