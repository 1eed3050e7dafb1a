#pragma once
// What the public side serves, as an OpenAPI 3.1 document: for people who generate clients, and as a promise that a
// test holds us to. Thread safety: pure function.

#include <string>
#include <string_view>

#include "mintmark/oauth/metadata.hpp"

namespace mintmark::http {

/// `version` is the program's.
std::string render_openapi(const oauth::Issuer& issuer, std::string_view version);

}  // namespace mintmark::http
