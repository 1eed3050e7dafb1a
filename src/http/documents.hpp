#pragma once
// The public documents: the JWKS (RFC 7517), the metadata (RFC 8414) and the description of it all (OpenAPI). They come
// from memory and are readable from every web page. Thread safety: none; one instance per network thread.

#include <memory>
#include <string>

#include "mintmark/http/answer.hpp"
#include "mintmark/http/request.hpp"
#include "mintmark/http/services.hpp"

namespace mintmark::http {

class Documents {
 public:
  /// Requires: `services` outlives the documents.
  explicit Documents(const Services& services) noexcept : services_(services) {}

  [[nodiscard]] Answer get_jwks(const Request& request) const;
  [[nodiscard]] Answer get_metadata(const Request& request);
  [[nodiscard]] Answer get_openapi(const Request& request);

 private:
  const Services& services_;
  std::shared_ptr<const std::string> metadata_;  ///< what `metadata_etag_` is of
  std::string metadata_etag_;
  std::string openapi_;  ///< empty before it is first asked for
  std::string openapi_etag_;
};

/// What a browser wants to know before it sends a request with unusual headers.
[[nodiscard]] Answer render_document_preflight();

}  // namespace mintmark::http
