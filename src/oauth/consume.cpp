#include "consume.hpp"

#include <string>
#include <utility>

namespace mintmark::oauth {
namespace {

/// As what was proved with the value is told when it is wrong in any other way.
OAuthError refuse_used(OneTimeKind kind) {
  std::string reason = "a single-use " + std::string(name(kind)) + " has been used";
  if (kind == OneTimeKind::client_assertion) return refuse_client(std::move(reason));
  if (kind != OneTimeKind::dpop_proof) return refuse_grant(std::move(reason));
  return {OAuthCode::invalid_dpop_proof, "the DPoP proof has been used", std::nullopt, invalid(std::move(reason))};
}

OAuthError refuse_replay(OneTimeKind kind) {
  OAuthError error = refuse_used(kind);
  error.reason = RefusalReason::replay;
  return error;
}

}  // namespace

OAuthResult<void> consume(OneTimeStore& store, std::span<const OneTimeValue> values, Instant now) {
  if (values.empty()) return {};
  const Result<std::optional<OneTimeKind>> used = store.consume(values, now);
  if (!used) return from_error(used.error());
  if (*used) return refuse_replay(**used);
  return {};
}

}  // namespace mintmark::oauth
