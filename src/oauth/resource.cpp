#include "mintmark/oauth/resource.hpp"

#include <algorithm>
#include <set>

#include "mintmark/base/duration.hpp"
#include "mintmark/base/text.hpp"
#include "mintmark/oauth/client.hpp"

namespace mintmark::oauth {
namespace {

constexpr std::size_t kMaxScopes = 256;

std::vector<std::string> read_scopes(JsonReader& in) {
  std::vector<std::string> scopes = in.strings("scopes");
  if (scopes.size() > kMaxScopes) in.reject("scopes", "has more than 256 entries");
  if (!std::ranges::all_of(scopes, is_scope_token)) in.reject("scopes", "expected scope tokens (RFC 6749 §3.3)");
  if (std::set<std::string>(scopes.begin(), scopes.end()).size() != scopes.size()) {
    in.reject("scopes", "names one value twice");
  }
  return scopes;
}

TokenType read_type(JsonReader& in) {
  const std::string text = in.string("typ", name(TokenType::at_jwt));
  if (text == name(TokenType::jwt)) return TokenType::jwt;
  if (text != name(TokenType::at_jwt)) in.reject("typ", "expected \"at+jwt\" or \"JWT\"");
  return TokenType::at_jwt;
}

constexpr std::string_view kSigned = "jwt";
constexpr std::string_view kEncrypted = "jwt+jwe";
constexpr std::string_view kOpaque = "opaque";

void read_format(JsonReader& in, Resource& resource) {
  const std::string format = in.string("format", kSigned);
  if (format == kEncrypted) {
    resource.encryption = read_token_encryption(in);
    return;
  }
  if (format == kOpaque) {
    resource.format = TokenFormat::opaque;
    if (jose::is_symmetric(resource.alg)) in.reject("alg", "is for tokens that are signed: format \"opaque\" has none");
  } else if (format != kSigned) {
    in.reject("format", "expected \"jwt\", \"jwt+jwe\" or \"opaque\"");
  }
  if (in.has("encryption")) in.reject("encryption", "is for format \"jwt+jwe\" alone");
}

}  // namespace

std::string_view format_name(const Resource& resource) noexcept {
  if (resource.format == TokenFormat::opaque) return kOpaque;
  return resource.encryption ? kEncrypted : kSigned;
}

std::string_view name(TokenType type) noexcept {
  return type == TokenType::jwt ? "JWT" : "at+jwt";
}

Resource read_resource(JsonReader& in) {
  Resource resource;
  resource.id = ResourceId(in.required_string("id"));
  if (!is_absolute_uri(resource.id.str()) || resource.id.str().size() > 2048) {
    in.reject("id", "expected an absolute URI without fragment (RFC 8707 §2)");
  }
  resource.disabled = in.boolean("disabled", false);
  if (const std::optional<jose::Alg> alg = jose::find_alg(in.string("alg", jose::name(resource.alg)))) {
    resource.alg = *alg;
  } else {
    in.reject("alg", "unknown algorithm");
  }
  resource.lifetime = in.duration("lifetime", resource.lifetime);
  if (resource.lifetime < std::chrono::seconds(1)) in.reject("lifetime", "expected at least \"1s\"");
  if (resource.lifetime % std::chrono::seconds(1) != Duration::zero()) in.reject("lifetime", "expected whole seconds");
  resource.typ = read_type(in);
  resource.scopes = read_scopes(in);
  if (Result<ClaimsTemplate> claims = ClaimsTemplate::make(in.object("claims"))) {
    resource.claims = *std::move(claims);
  } else {
    in.reject("claims", claims.error().detail);
  }
  resource.dpop_bound_access_tokens = in.boolean("dpop_bound_access_tokens", false);
  resource.tls_client_certificate_bound_access_tokens = in.boolean("tls_client_certificate_bound_access_tokens", false);
  read_format(in, resource);
  return resource;
}

Json render_resource(const Resource& resource) {
  Json document = {
      {"id", resource.id.str()},
      {"disabled", resource.disabled},
      {"alg", jose::name(resource.alg)},
      {"lifetime", format_duration(resource.lifetime)},
      {"typ", name(resource.typ)},
      {"scopes", resource.scopes},
      {"claims", resource.claims.document()},
      {"format", format_name(resource)},
  };
  if (resource.dpop_bound_access_tokens) document["dpop_bound_access_tokens"] = true;
  if (resource.tls_client_certificate_bound_access_tokens) {
    document["tls_client_certificate_bound_access_tokens"] = true;
  }
  if (resource.encryption) document["encryption"] = render_token_encryption(*resource.encryption);
  return document;
}

}  // namespace mintmark::oauth
