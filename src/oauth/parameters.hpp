#pragma once
// The parameters of requests by their names, with the most bytes that each may have: an oversized one is refused, never
// cut. Thread safety: pure functions.

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "mintmark/base/contains.hpp"
#include "mintmark/base/form.hpp"
#include "mintmark/base/secret.hpp"
#include "mintmark/oauth/client_parameters.hpp"
#include "mintmark/oauth/foreign_token.hpp"
#include "mintmark/oauth/oauth_error.hpp"

namespace mintmark::oauth {

template <class Request>
struct TextParameter {
  std::string_view name;
  std::optional<std::string> Request::*field;
  std::size_t max_bytes;
};

template <class Request>
struct SecretParameter {
  std::string_view name;
  std::optional<Secret> Request::*field;
  std::size_t max_bytes;
};

/// At most kMaxTokenBytes.
template <class Request>
struct TokenParameter {
  std::string_view name;
  std::shared_ptr<const ForeignToken> Request::*field;
};

enum class Taken { yes, too_long, unknown };

template <class Request>
struct ParameterTable {
  std::span<const TextParameter<Request>> texts;
  std::span<const SecretParameter<Request>> secrets;
  std::span<const TokenParameter<Request>> tokens;

  [[nodiscard]] bool has(std::string_view name) const {
    const auto is_it = [&](const auto& known) { return known.name == name; };
    return std::ranges::any_of(texts, is_it) || std::ranges::any_of(secrets, is_it) ||
           std::ranges::any_of(tokens, is_it);
  }

  [[nodiscard]] Taken take(Request& request, std::string_view name, std::string& value) const {
    for (const auto& parameter : texts) {
      if (name != parameter.name) continue;
      if (value.size() > parameter.max_bytes) return Taken::too_long;
      request.*parameter.field = std::move(value);
      return Taken::yes;
    }
    for (const auto& parameter : secrets) {
      if (name != parameter.name) continue;
      if (value.size() > parameter.max_bytes) return Taken::too_long;
      request.*parameter.field = Secret(std::string_view(value));
      return Taken::yes;
    }
    for (const auto& parameter : tokens) {
      if (name != parameter.name) continue;
      if (value.size() > kMaxTokenBytes) return Taken::too_long;
      request.*parameter.field =
          std::make_shared<const ForeignToken>(read_foreign_token(Secret(std::string_view(value))));
      return Taken::yes;
    }
    return Taken::unknown;
  }
};

/// Those of ClientParameters; the header is none of them.
const ParameterTable<ClientParameters>& client_parameter_table() noexcept;

/// Wipes what is left of the values.
void wipe_values(Parameters& parameters) noexcept;

/// RFC 6749 §3.2: each at most once, those of `repeated` excepted; an empty one counts as absent; an unknown one is
/// ignored. `take` says what becomes of each. Wipes the values.
template <class Take>
OAuthResult<void> take_parameters(Parameters parameters, std::span<const std::string_view> repeated, const Take& take) {
  std::set<std::string_view> seen;
  std::optional<OAuthError> problem;
  for (auto& [name, value] : parameters) {
    if (value.empty()) continue;
    if (!contains(repeated, std::string_view(name)) && !seen.insert(name).second) {
      problem = OAuthError{OAuthCode::invalid_request, "a parameter is given more than once"};
      break;
    }
    if (take(std::string_view(name), value) == Taken::too_long) {
      problem = OAuthError{OAuthCode::invalid_request, "a parameter is too long or given too often"};
      break;
    }
  }
  wipe_values(parameters);
  if (problem) return *std::move(problem);
  return {};
}

}  // namespace mintmark::oauth
