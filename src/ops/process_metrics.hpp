#pragma once
// What the system knows of this process, under the names that every Prometheus client library uses.
// Thread safety: from any thread.

#include <prometheus/metric_family.h>

#include <vector>

namespace mintmark::ops {

/// What cannot be read from /proc is left out.
std::vector<prometheus::MetricFamily> collect_process_metrics();

}  // namespace mintmark::ops
