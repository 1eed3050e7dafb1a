#pragma once
// The end of a process that cannot go on safely.

namespace mintmark::crypto {

/// Says `what` on standard error and aborts. For failures that leave no safe answer: no randomness, no SHA-2, no
/// memory.
[[noreturn]] void fatal(const char* what) noexcept;

}  // namespace mintmark::crypto
