// The Authorization header (RFC 6749 §2.3.1): whoever can be read from it can be written, and is read as the same.

#include "fuzz_target.hpp"
#include "mintmark/base/base64.hpp"
#include "mintmark/oauth/client_auth.hpp"
#include "mintmark/oauth/token_request.hpp"

namespace mintmark::fuzz {
namespace {

/// Every byte, so that nothing need be known of the others.
std::string encode_component(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kDigits[byte >> 4];
    encoded += kDigits[byte & 15];
  }
  return encoded;
}

oauth::OAuthResult<oauth::PresentedClient> read_header(std::string_view header) {
  oauth::TokenRequest request;
  request.authorization = Secret(header);
  return oauth::read_presented_client(request);
}

void run(std::string_view header) {
  const auto presented = read_header(header);
  if (!presented) {
    require(presented.error().code == oauth::OAuthCode::invalid_client, "what cannot be read is no client");
    return;
  }
  require(presented->method == oauth::ClientAuthMethod::client_secret_basic, "the header is for one method alone");
  require(oauth::is_client_id(presented->id.str()), "a client that is named has a name");
  const std::string pair =
      encode_component(presented->id.str()) + ":" + encode_component(presented->secret.reveal_text());
  const auto again = read_header("Basic " + encode_base64(as_bytes(pair)));
  require(again && again->id == presented->id && again->secret.reveal_text() == presented->secret.reveal_text(),
          "who is written again is the same");
}

}  // namespace
}  // namespace mintmark::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mintmark::fuzz::run(mintmark::as_text({data, size}));
  return 0;
}
