#include "mintmark/oauth/key_set_source.hpp"

#include "mintmark/base/url.hpp"

namespace mintmark::oauth {

JwksUri read_jwks_uri(JsonReader& in) {
  JwksUri uri{in.required_string("jwks_uri")};
  if (const Result<FetchUrl> parsed = parse_fetch_url(uri.url); !parsed) in.reject("jwks_uri", parsed.error().detail);
  return uri;
}

}  // namespace mintmark::oauth
