#include "setting_groups.hpp"
#include "setting_makers.hpp"

namespace mintmark::app {

void append_reload(std::vector<Setting>& table) {
  table.push_back(
      {.path = "reload.watch",
       .doc =
           "Whether the service takes over this file by itself when it, or a file that it names, has changed. SIGHUP "
           "makes it do so in any case.",
       .form = ValueForm::flag,
       .schema = {{"type", "boolean"}},
       .expected = "true or false",
       .assign =
           [](Config& config, const Json& value) {
             if (!value.is_boolean()) return false;
             config.reload.watch = value.get<bool>();
             return true;
           },
       .read = [](const Config& config) { return Json(config.reload.watch); }});
}

}  // namespace mintmark::app
