#include "setting_groups.hpp"
#include "setting_makers.hpp"

namespace mintmark::app {

void append_reload(std::vector<Setting>& table) {
  table.push_back(make_flag(
      "reload.watch", [](const Config& config) { return config.reload.watch; },
      [](Config& config, bool watch) { config.reload.watch = watch; },
      "Whether the service takes over this file by itself when it, or a file that it names, has changed. SIGHUP "
      "makes it do so in any case."));
}

}  // namespace mintmark::app
