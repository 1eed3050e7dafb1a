#pragma once
// The claims that a resource wants in its tokens beside the registered ones:
//
//   { "userId": "{user.id}", "role": "{user.attributes.role}", "greeting": "Hi {user.username}", "v": 2 }
//
// A string that is one reference alone takes the referenced value with its type; inside longer text it is
// spelt out; "{{" and "}}" stand for single braces. A claim whose reference leads nowhere is left out. Names that RFC
// 7519 and RFC 9068 reserve are refused. Thread safety: immutable.

#include <memory>
#include <string>

#include "mintmark/base/json.hpp"
#include "mintmark/base/result.hpp"
#include "mintmark/jose/jwt.hpp"

namespace mintmark::oauth {

/// What references can point at; null where there is none (no user in client_credentials).
struct ClaimsContext {
  const std::string* user_id = nullptr;
  const std::string* username = nullptr;
  const Json* user_attributes = nullptr;
  const std::string* client_id = nullptr;
  const std::string* client_name = nullptr;
  const Json* client_attributes = nullptr;
};

class ClaimsTemplate {
 public:
  ClaimsTemplate() = default;
  /// Errors: invalid, naming the claim: a reserved name, an unknown reference, a broken brace.
  static Result<ClaimsTemplate> make(Json document);

  [[nodiscard]] const Json& document() const noexcept { return document_; }
  void render(const ClaimsContext& context, jose::UnsignedClaims& claims) const;

  bool operator==(const ClaimsTemplate& other) const { return document_ == other.document_; }

 private:
  struct Compiled;

  Json document_ = Json::object();
  std::shared_ptr<const Compiled> compiled_;  // null while there are no claims
};

}  // namespace mintmark::oauth
