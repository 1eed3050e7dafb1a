#pragma once
// base64url without padding (RFC 7515 §2) and base64 with it (RFC 4648 §4). Decoding is strict: no white space, no
// characters of the other alphabet, no stray bits, so that every byte sequence has exactly one spelling.
// Thread safety: pure functions. Errors: ErrorKind::invalid.

#include <string>
#include <string_view>

#include "mintmark/base/bytes.hpp"
#include "mintmark/base/result.hpp"
#include "mintmark/base/secret.hpp"

namespace mintmark {

std::string encode_base64url(ByteView bytes);
void append_base64url(std::string& out, ByteView bytes);
Result<Bytes> decode_base64url(std::string_view text);

/// `prefix`, by which scanners for leaked secrets know one, and the base64url of `bytes`.
Secret encode_secret(std::string_view prefix, ByteView bytes);

std::string encode_base64(ByteView bytes);
/// Padding is required, as `openssl rand -base64 32` writes it.
Result<Bytes> decode_base64(std::string_view text);

}  // namespace mintmark
