#include "mintmark/oauth/dpop.hpp"

#include <algorithm>

#include "jti.hpp"
#include "mintmark/base/base64.hpp"
#include "mintmark/base/text.hpp"
#include "mintmark/crypto/digest.hpp"
#include "mintmark/jose/jwt.hpp"

namespace mintmark::oauth {
namespace {

constexpr std::string_view kType = "dpop+jwt";
constexpr std::size_t kNonceBytes = 16;

/// How far `iat` may be from now.
struct Tolerance {
  Duration age;
  Duration skew;  ///< into the future
};
constexpr Tolerance kWithoutNonce{std::chrono::seconds(60), std::chrono::seconds(10)};
// A nonce says by itself that the proof is young, so that the client's clock may be off.
constexpr Tolerance kWithNonce{DpopNonces::kWindow, DpopNonces::kWindow};

OAuthError refuse_proof(Error cause) {
  return {OAuthCode::invalid_dpop_proof, "the DPoP proof is not valid here and now", std::nullopt, std::move(cause)};
}

/// `iat` and `jti`: what must be remembered, for as long as the proof is good.
Result<OneTimeValue> check_times(const jose::PossessionProof& proof, const Tolerance& tolerance, Instant now) {
  const Result<std::optional<Instant>> issued = jose::read_date(proof.claims, "iat");
  if (!issued || !*issued) return invalid("no \"iat\"");
  const Instant last = **issued + tolerance.age;
  if (**issued > now + tolerance.skew || now > last) return invalid("\"iat\" is too far from now");
  return read_jti(proof.claims, OneTimeKind::dpop_proof, proof.thumbprint, last + Duration(1));
}

std::int64_t window_of(Instant now) {
  return now.time_since_epoch() / DpopNonces::kWindow;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), to_lower);
  return out;
}

/// A URI without query and fragment, scheme and host in lower case, without a default port (RFC 3986 §6.2); empty for
/// what is none.
std::string normalise_http_uri(std::string_view uri) {
  uri = uri.substr(0, uri.find_first_of("?#"));
  const std::size_t colon = uri.find("://");
  if (colon == std::string_view::npos) return {};
  const std::string scheme = lower(uri.substr(0, colon));
  if (scheme != "https" && scheme != "http") return {};
  const std::string_view rest = uri.substr(colon + 3);
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  std::string authority = lower(rest.substr(0, slash));
  const std::string_view port = scheme == "https" ? ":443" : ":80";
  if (authority.ends_with(port)) authority.resize(authority.size() - port.size());
  if (authority.empty() || authority.find('@') != std::string::npos) return {};
  const std::string_view path = slash == rest.size() ? std::string_view("/") : rest.substr(slash);
  return scheme + "://" + authority + std::string(path);
}

}  // namespace

std::string DpopNonces::make(std::int64_t window) const {
  const std::string message = "mintmark dpop nonce " + std::to_string(window);
  const Bytes mac = ring_.load()->derive_refresh(as_bytes(message));
  return encode_base64url(ByteView(mac).first(kNonceBytes));
}

std::string DpopNonces::current(Instant now) const {
  return make(window_of(now));
}

bool DpopNonces::is_good(std::string_view nonce, Instant now) const {
  const std::int64_t window = window_of(now);
  return crypto::constant_time_equal(as_bytes(nonce), as_bytes(make(window))) ||
         crypto::constant_time_equal(as_bytes(nonce), as_bytes(make(window - 1)));
}

Dpop::Dpop(const Issuer& issuer, const keys::PublishedKeyRing& ring, bool requires_nonce)
    : target_(normalise_http_uri(issuer.token_endpoint())), nonces_(ring), requires_nonce_(requires_nonce) {}

std::optional<std::string> Dpop::next_nonce(Instant now) const {
  if (!requires_nonce_.load(std::memory_order_relaxed)) return std::nullopt;
  return nonces_.current(now);
}

OAuthResult<DpopProof> Dpop::verify(std::string_view proof, Instant now) const {
  Result<jose::PossessionProof> possession = check_binding(proof);
  if (!possession) return refuse_proof(possession.error());
  const std::optional<std::string> nonce = find_string(possession->claims, "nonce");
  const bool has_nonce = nonce && nonces_.is_good(*nonce, now);
  // RFC 9449 §8: one that is no longer good is told like one that is missing, so that the client takes the next. Where
  // nonces are not required there is no next one, and an old one says nothing.
  if (!has_nonce && requires_nonce_.load(std::memory_order_relaxed)) {
    return OAuthError{OAuthCode::use_dpop_nonce, "the DPoP proof needs the nonce of the DPoP-Nonce field"};
  }
  Result<OneTimeValue> value = check_times(*possession, has_nonce ? kWithNonce : kWithoutNonce, now);
  if (!value) return refuse_proof(value.error());
  return DpopProof{std::move(possession->thumbprint), *std::move(value)};
}

Result<jose::PossessionProof> Dpop::check_binding(std::string_view proof) const {
  Result<jose::PossessionProof> verified = jose::verify_possession(proof, kMaxProofBytes);
  if (!verified) return verified;
  if (!equals_ignoring_case(verified->typ, kType)) return invalid("another \"typ\"");
  if (find_string(verified->claims, "htm") != "POST") return invalid("for another method");
  if (normalise_http_uri(find_string(verified->claims, "htu").value_or("")) != target_) {
    return invalid("for another URI");
  }
  return verified;
}

}  // namespace mintmark::oauth
