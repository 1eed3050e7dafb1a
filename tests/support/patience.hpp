#pragma once
// How long tests wait for what other threads and processes do. Thread safety: all functions from any thread.

#include <chrono>
#include <functional>

namespace mintmark::testing {

/// How many times longer than usual everything may take: MINTMARK_TEST_PATIENCE, which is set where the code under test
/// is slowed down by a sanitizer or by Valgrind; else 1.
int patience();

/// Polls until `holds`, or for `limit` times patience(): then false. An exception of `holds` counts as false: what it
/// asks may not be listening yet.
bool eventually(const std::function<bool()>& holds, std::chrono::milliseconds limit = std::chrono::seconds(20));

}  // namespace mintmark::testing
