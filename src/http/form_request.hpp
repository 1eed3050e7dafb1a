#pragma once
// What all requests that carry parameters have in common, before the rules of OAuth.
// Thread safety: pure functions.

#include <optional>

#include "mintmark/base/form.hpp"
#include "mintmark/base/secret.hpp"
#include "mintmark/http/answer.hpp"
#include "mintmark/http/negotiation.hpp"
#include "mintmark/http/request.hpp"

namespace mintmark::http {

[[nodiscard]] HeaderAuth header_auth(const Request& request) noexcept;
[[nodiscard]] std::optional<Secret> read_authorization(const Request& request);

/// How the parameters in the body are written. An error where they are elsewhere, or in another way.
[[nodiscard]] Result<BodyFormat, Answer> read_body_format(const Request& request);

/// The parameters of a form.
[[nodiscard]] Result<Parameters, Answer> read_form(const Request& request);

}  // namespace mintmark::http
