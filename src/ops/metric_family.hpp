#pragma once
// Families of metrics as the library wants them, written shortly. Thread safety: none.

#include <prometheus/metric_family.h>

#include <initializer_list>
#include <string>
#include <string_view>

#include "mintmark/base/clock.hpp"

namespace mintmark::ops {

struct MetricLabel {
  std::string_view name;
  std::string_view value;
};
using MetricLabels = std::initializer_list<MetricLabel>;

class MetricFamilyBuilder {
 public:
  MetricFamilyBuilder(prometheus::MetricType type, std::string_view name, std::string_view help)
      : family_{std::string(name), std::string(help), type, {}} {}

  /// Requires: a counter or a gauge.
  MetricFamilyBuilder& add(MetricLabels labels, double value);
  MetricFamilyBuilder& add(MetricLabels labels, std::uint64_t value) { return add(labels, static_cast<double>(value)); }
  /// Seconds since the Unix epoch.
  MetricFamilyBuilder& add(MetricLabels labels, Instant instant);
  /// Requires: a histogram.
  MetricFamilyBuilder& add(MetricLabels labels, prometheus::ClientMetric::Histogram histogram);

  prometheus::MetricFamily take() { return std::move(family_); }

 private:
  prometheus::ClientMetric& append(MetricLabels labels);

  prometheus::MetricFamily family_;
};

inline MetricFamilyBuilder counter(std::string_view name, std::string_view help) {
  return {prometheus::MetricType::Counter, name, help};
}
inline MetricFamilyBuilder gauge(std::string_view name, std::string_view help) {
  return {prometheus::MetricType::Gauge, name, help};
}
inline MetricFamilyBuilder histogram(std::string_view name, std::string_view help) {
  return {prometheus::MetricType::Histogram, name, help};
}

}  // namespace mintmark::ops
