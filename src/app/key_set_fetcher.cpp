#include "key_set_fetcher.hpp"

namespace mintmark::app {

Result<oauth::KeySet> KeySetFetcher::fetch(const std::string& url, const std::stop_token& stop) {
  const http::FetchOptions options{
      .max_bytes = oauth::kMaxKeySetBytes, .deadline = std::chrono::seconds(10), .addresses = addresses_, .stop = stop};
  Result<http::FetchedDocument> document = http::fetch(url, options);
  if (!document) return document.error();
  return oauth::KeySet{std::move(document->body), document->max_age};
}

}  // namespace mintmark::app
