#include "documents.hpp"

#include <chrono>

#include "mintmark/base/base64.hpp"
#include "mintmark/crypto/digest.hpp"
#include "mintmark/http/negotiation.hpp"
#include "mintmark/http/openapi.hpp"

namespace mintmark::http {
namespace {

/// Metadata changes when somebody changes resources, and no verifier depends on when it hears of that.
constexpr Duration kMetadataMaxAge = std::chrono::minutes(5);

constexpr std::string_view kJwkSet = "application/jwk-set+json";  // RFC 7517 §8.5.2

struct Document {
  std::string_view body;
  std::string_view etag;
  std::string_view content_type;
  Duration max_age;
};

Answer render_document(const Document& document, const Request& request) {
  Answer answer{.content_type = document.content_type};
  add_field(answer, "ETag", document.etag);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(document.max_age).count();
  add_field(answer, "Cache-Control", "public, max-age=" + std::to_string(seconds));
  add_field(answer, "Vary", "Accept");
  add_field(answer, "Access-Control-Allow-Origin", "*");
  if (request.if_none_match && matches_etag(*request.if_none_match, document.etag)) {
    answer.status = 304;
  } else {
    answer.body = document.body;
  }
  return answer;
}

std::string make_etag(std::string_view content) {
  return '"' + encode_base64url(crypto::digest(crypto::Hash::sha256, as_bytes(content))) + '"';
}

}  // namespace

Answer Documents::get_openapi(const Request& request) {
  // Seldom asked for, so that no thread makes it before it is.
  if (openapi_.empty()) {
    openapi_ = render_openapi(services_.issuer, services_.version);
    openapi_etag_ = make_etag(openapi_);
  }
  return render_document(
      {.body = openapi_, .etag = openapi_etag_, .content_type = "application/json", .max_age = kMetadataMaxAge},
      request);
}

Answer Documents::get_jwks(const Request& request) const {
  const std::shared_ptr<const keys::KeyRing> ring = services_.key_ring.load();
  if (ring->jwks().body.empty())
    return render_refusal(404, "there are no public keys: every resource has a shared secret");
  const bool as_jwk_set = request.accept && prefers(*request.accept, kJwkSet);
  return render_document({.body = ring->jwks().body,
                          .etag = ring->jwks().etag,
                          .content_type = as_jwk_set ? kJwkSet : "application/json",
                          .max_age = ring->jwks_max_age(services_.clock.now())},
                         request);
}

Answer Documents::get_metadata(const Request& request) {
  if (std::shared_ptr<const std::string> current = services_.metadata.load(); current != metadata_) {
    metadata_etag_ = make_etag(*current);
    metadata_ = std::move(current);
  }
  return render_document(
      {.body = *metadata_, .etag = metadata_etag_, .content_type = "application/json", .max_age = kMetadataMaxAge},
      request);
}

Answer render_document_preflight() {
  Answer answer{.status = 204};
  add_field(answer, "Access-Control-Allow-Origin", "*");
  add_field(answer, "Access-Control-Allow-Methods", "GET, HEAD");
  add_field(answer, "Access-Control-Allow-Headers", "*");
  return answer;
}

}  // namespace mintmark::http
