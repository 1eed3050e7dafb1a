#pragma once
// Every scalar setting, once: its place in the file, its type and bounds, and what it means. Reading the file, the
// names of environment variables, the schema, and the rendering of a configuration all come from this table. Thread
// safety: pure functions.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "mintmark/app/config.hpp"

namespace mintmark::app {

/// What parse_duration() reads, for schemas.
inline constexpr std::string_view kDurationPattern = "^[0-9]+(ms|s|m|h|d)$";

/// How a value is written in the file; in the environment all are text, a list with commas between its elements.
enum class ValueForm { text, number, flag, list };

struct Setting {
  std::string_view path;  ///< "server.port"
  std::string_view doc;
  ValueForm form;
  nlohmann::ordered_json schema;  ///< what JSON Schema says of the value; without description and default
  std::string expected;           ///< completes "server.port: expected …"
  /// False, and nothing changed, where the value is not what is expected.
  std::function<bool(Config&, const Json&)> assign;
  /// The value as it stands in a file; null where there is none. Of a default Config: the default.
  std::function<Json(const Config&)> read;
};

/// In the order of the documentation.
const std::vector<Setting>& all_settings();

/// "MINTMARK_SERVER_PORT"
std::string environment_name(const Setting& setting);

/// Where the value of the setting at `path` can be changed: the variable that gave it, else its path in the file.
std::string place_of(const Config& config, std::string_view path);
/// Likewise, as an error begins that is about this setting: with the file where it is there.
std::string full_place_of(const Config& config, std::string_view path);

}  // namespace mintmark::app
