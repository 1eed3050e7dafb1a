#include "process_metrics.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>

#include "metric_family.hpp"

namespace mintmark::ops {
namespace {

/// proc(5), /proc/[pid]/stat.
struct ProcessStat {
  double cpu_seconds;
  double started_after_boot;  ///< seconds
  std::uint64_t virtual_bytes;
  std::uint64_t resident_bytes;
};

std::optional<ProcessStat> read_process_stat() {
  std::ifstream file("/proc/self/stat");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  // The name of the program comes in parentheses, and may have some itself.
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(text.substr(name_end + 1));
  constexpr int kStateField = 3;
  constexpr int kUserTimeField = 14;
  std::string skipped;
  for (int field = kStateField; field < kUserTimeField; ++field)
    fields >> skipped;
  std::uint64_t user_ticks = 0;
  std::uint64_t system_ticks = 0;
  std::uint64_t start_ticks = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t resident_pages = 0;
  fields >> user_ticks >> system_ticks;
  for (int field = kUserTimeField + 2; field < 22; ++field)
    fields >> skipped;
  fields >> start_ticks >> virtual_bytes >> resident_pages;
  if (!fields) return std::nullopt;
  const auto ticks_per_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
  return ProcessStat{.cpu_seconds = static_cast<double>(user_ticks + system_ticks) / ticks_per_second,
                     .started_after_boot = static_cast<double>(start_ticks) / ticks_per_second,
                     .virtual_bytes = virtual_bytes,
                     .resident_bytes = resident_pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE))};
}

/// When the system started, in seconds since the Unix epoch.
std::optional<double> read_boot_time() {
  std::ifstream file("/proc/stat");
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string word;
    double seconds = 0;
    if (words >> word >> seconds && word == "btime") return seconds;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> count_open_files() {
  std::error_code failed;
  const std::filesystem::directory_iterator files("/proc/self/fd", failed);
  if (failed) return std::nullopt;
  const auto count = static_cast<std::uint64_t>(std::distance(begin(files), end(files)));
  return count - std::min<std::uint64_t>(count, 1);  // without the one that this looks with
}

}  // namespace

std::vector<prometheus::MetricFamily> collect_process_metrics() {
  std::vector<prometheus::MetricFamily> families;
  if (const std::optional<ProcessStat> stat = read_process_stat()) {
    families.push_back(counter("process_cpu_seconds_total", "Processor time spent, of user and system.")
                           .add({}, stat->cpu_seconds)
                           .take());
    families.push_back(
        gauge("process_resident_memory_bytes", "Memory that is resident.").add({}, stat->resident_bytes).take());
    families.push_back(
        gauge("process_virtual_memory_bytes", "Size of the address space.").add({}, stat->virtual_bytes).take());
    if (const std::optional<double> boot_time = read_boot_time()) {
      families.push_back(gauge("process_start_time_seconds", "When the process started, since the Unix epoch.")
                             .add({}, *boot_time + stat->started_after_boot)
                             .take());
    }
  }
  if (const std::optional<std::uint64_t> open_files = count_open_files()) {
    families.push_back(gauge("process_open_fds", "Open file descriptors.").add({}, *open_files).take());
  }
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    families.push_back(
        gauge("process_max_fds", "File descriptors that may be open.").add({}, std::uint64_t{limit.rlim_cur}).take());
  }
  return families;
}

}  // namespace mintmark::ops
