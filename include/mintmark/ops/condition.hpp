#pragma once
// Something that is done again and again and either works or does not. Only the change between the two is news: a
// database that is away for an hour is two lines of log, not thousands.
// Thread safety: report() from one thread.

#include <string_view>

#include "mintmark/base/result.hpp"
#include "mintmark/ops/log.hpp"

namespace mintmark::ops {

class Condition {
 public:
  /// `subject` is a literal: "key rotation". Requires: `log` outlives this object.
  Condition(Log& log, std::string_view subject) noexcept : log_(log), subject_(subject) {}

  void report(const Result<void>& outcome) noexcept;

 private:
  Log& log_;
  const std::string_view subject_;
  bool failing_ = false;
};

}  // namespace mintmark::ops
