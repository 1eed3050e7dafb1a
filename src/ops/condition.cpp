#include "mintmark/ops/condition.hpp"

namespace mintmark::ops {

void Condition::report(const Result<void>& outcome) noexcept {
  const bool fails = !outcome;
  if (fails == failing_) return;
  failing_ = fails;
  if (fails) {
    log_.error(
        "failing",
        {{"subject", subject_}, {"kind", mintmark::name(outcome.error().kind)}, {"detail", outcome.error().detail}});
  } else {
    log_.info("works again", {{"subject", subject_}});
  }
}

}  // namespace mintmark::ops
