#pragma once
// The key sets of resources, over HTTP. Thread safety: fetch() from any thread.

#include <atomic>

#include "mintmark/http/fetch.hpp"
#include "mintmark/oauth/recipient_keys.hpp"

namespace mintmark::app {

class KeySetFetcher final : public oauth::KeySetSource {
 public:
  explicit KeySetFetcher(http::AllowedAddresses addresses) noexcept : addresses_(addresses) {}

  /// Of the fetches to come.
  void set_addresses(http::AllowedAddresses addresses) noexcept { addresses_ = addresses; }

  Result<oauth::KeySet> fetch(const std::string& url, const std::stop_token& stop) override;

 private:
  std::atomic<http::AllowedAddresses> addresses_;
};

}  // namespace mintmark::app
