#include "metric_family.hpp"

#include <chrono>
#include <utility>

namespace mintmark::ops {

prometheus::ClientMetric& MetricFamilyBuilder::append(MetricLabels labels) {
  prometheus::ClientMetric& metric = family_.metric.emplace_back();
  for (const MetricLabel& label : labels) {
    metric.label.push_back({std::string(label.name), std::string(label.value)});
  }
  return metric;
}

MetricFamilyBuilder& MetricFamilyBuilder::add(MetricLabels labels, double value) {
  prometheus::ClientMetric& metric = append(labels);
  if (family_.type == prometheus::MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  return *this;
}

MetricFamilyBuilder& MetricFamilyBuilder::add(MetricLabels labels, Instant instant) {
  return add(labels, std::chrono::duration<double>(instant.time_since_epoch()).count());
}

MetricFamilyBuilder& MetricFamilyBuilder::add(MetricLabels labels, prometheus::ClientMetric::Histogram histogram) {
  append(labels).histogram = std::move(histogram);
  return *this;
}

}  // namespace mintmark::ops
