// Token requests, as a form and as JSON, and questions about tokens: what is accepted is bounded, and no parameter
// stands twice.

#include <set>

#include "fuzz_target.hpp"
#include "mintmark/oauth/client_auth.hpp"
#include "mintmark/oauth/token_question.hpp"
#include "mintmark/oauth/token_request.hpp"

namespace mintmark::fuzz {
namespace {

constexpr std::size_t kMostText = 4096;  // of any parameter that is no token

void check_accepted(const oauth::TokenRequest& request) {
  require(!request.grant_type.empty(), "a request that is accepted asks for something");
  require(request.resources.size() <= 16, "resources are few");
  for (const auto* text : {&request.client_id, &request.client_assertion_type, &request.scope, &request.username})
    require(!*text || (!(*text)->empty() && (*text)->size() <= kMostText), "no parameter is empty or without bound");
  for (const auto* secret : {&request.client_secret, &request.password, &request.refresh_token})
    require(!*secret || (!(*secret)->empty() && (*secret)->size() <= kMostText), "nor is a secret one");
  require(!request.client_assertion || request.client_assertion->text.size() <= oauth::kMaxTokenBytes,
          "nor is an assertion");
  const auto presented = oauth::read_presented_client(request);
  if (!presented) return;
  require(oauth::is_client_id(presented->id.str()), "a client that is named has a name");
  const bool has_assertion = presented->assertion != nullptr;
  require(!has_assertion || presented->secret.empty(), "one method stands alone (RFC 6749 §2.3)");
  require(!has_assertion || !request.client_secret, "one method stands alone (RFC 6749 §2.3)");
}

/// RFC 6749 §3.2.
bool repeats(const Parameters& parameters) {
  std::set<std::string> seen;
  for (const auto& [name, value] : parameters) {
    if (value.empty() || name == "resource") continue;
    if (!seen.insert(name).second) return true;
  }
  return false;
}

void run(std::string_view body) {
  if (const Result<Parameters> parameters = parse_form(body)) {
    const auto request = oauth::parse_token_request(*parameters, std::nullopt);
    require(!request || !repeats(*parameters), "a parameter that stands twice is refused, never chosen from");
    if (request) check_accepted(*request);
    const auto question = oauth::parse_token_question(*parameters, std::nullopt);
    require(!question || (!question->token.empty() && question->token.size() <= oauth::kMaxTokenBytes),
            "a question is about a token, and not one without bound");
  }
  static const oauth::DefaultLoginClient app = ClientId("app");
  if (const auto request = oauth::parse_json_token_request(body, std::nullopt, app)) check_accepted(*request);
}

}  // namespace
}  // namespace mintmark::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mintmark::fuzz::run(mintmark::as_text({data, size}));
  return 0;
}
