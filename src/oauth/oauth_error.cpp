#include "mintmark/oauth/oauth_error.hpp"

namespace mintmark::oauth {

std::string_view name(OAuthCode code) noexcept {
  switch (code) {
    case OAuthCode::invalid_request:
      return "invalid_request";
    case OAuthCode::invalid_client:
      return "invalid_client";
    case OAuthCode::invalid_grant:
      return "invalid_grant";
    case OAuthCode::unauthorized_client:
      return "unauthorized_client";
    case OAuthCode::unsupported_grant_type:
      return "unsupported_grant_type";
    case OAuthCode::invalid_scope:
      return "invalid_scope";
    case OAuthCode::invalid_target:
      return "invalid_target";
    case OAuthCode::invalid_dpop_proof:
      return "invalid_dpop_proof";
    case OAuthCode::use_dpop_nonce:
      return "use_dpop_nonce";
    case OAuthCode::unsupported_token_type:
      return "unsupported_token_type";
    case OAuthCode::slow_down:
      return "slow_down";
    case OAuthCode::temporarily_unavailable:
      return "temporarily_unavailable";
    case OAuthCode::server_error:
      break;
  }
  return "server_error";
}

std::string_view name(RefusalReason reason) noexcept {
  switch (reason) {
    case RefusalReason::wrong_credential:
      return "wrong_credential";
    case RefusalReason::account_delay:
      return "account_delay";
    case RefusalReason::source_delay:
      return "source_delay";
    case RefusalReason::source_rate:
      return "source_rate";
    case RefusalReason::client_rate:
      return "client_rate";
    case RefusalReason::overload:
      return "overload";
    case RefusalReason::replay:
      return "replay";
    case RefusalReason::other:
      break;
  }
  return "other";
}

unsigned http_status(OAuthCode code) noexcept {
  switch (code) {
    case OAuthCode::invalid_client:
      return 401;
    case OAuthCode::slow_down:
      return 429;
    case OAuthCode::server_error:
      return 500;
    case OAuthCode::temporarily_unavailable:
      return 503;
    default:
      return 400;
  }
}

OAuthError refuse_grant(std::string reason) {
  return {OAuthCode::invalid_grant, "the credentials are wrong, expired, revoked or may not be used", std::nullopt,
          invalid(std::move(reason))};
}

OAuthError refuse_guess(std::string reason) {
  OAuthError error = refuse_grant(std::move(reason));
  error.reason = RefusalReason::wrong_credential;
  return error;
}

OAuthError refuse_client(std::string reason) {
  return {OAuthCode::invalid_client, "client authentication failed", std::nullopt, invalid(std::move(reason)),
          RefusalReason::wrong_credential};
}

OAuthError from_error(Error error) {
  if (error.kind == ErrorKind::unavailable) {
    return {OAuthCode::temporarily_unavailable, "the service cannot answer now", std::chrono::seconds(1),
            std::move(error)};
  }
  return {OAuthCode::server_error, "the service failed to answer", std::nullopt, std::move(error)};
}

}  // namespace mintmark::oauth
