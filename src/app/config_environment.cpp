#include "config_environment.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "mintmark/base/contains.hpp"
#include "mintmark/base/number.hpp"
#include "mintmark/base/text.hpp"
#include "settings.hpp"

namespace mintmark::app {
namespace {

constexpr std::string_view kSealingKey = "MINTMARK_SEALING_KEY";

/// Read by `main` and by the tests, not settings.
constexpr std::array<std::string_view, 2> kOthers{"MINTMARK_CONFIG", "MINTMARK_VECTORS"};

constexpr std::array<std::string_view, 3> kLinkSchemes{"tcp://", "udp://", "sctp://"};

/// Kubernetes describes every Service of the namespace in the environment (enableServiceLinks). One called "mintmark"
/// gives MINTMARK_PORT=tcp://10.0.0.1:80 and further names; without that value they are somebody's mistake.
bool has_service_links(const Environment& environment) {
  const auto port = environment.find("MINTMARK_PORT");
  return port != environment.end() &&
         std::ranges::any_of(kLinkSchemes, [&](std::string_view scheme) { return port->second.starts_with(scheme); });
}

bool is_service_link(std::string_view name) {
  return name == "MINTMARK_PORT" || name.starts_with("MINTMARK_PORT_") || name.starts_with("MINTMARK_SERVICE_");
}

/// Spaces around elements are the writer's; nothing at all is no element.
Json parse_list(std::string_view text) {
  Json list = Json::array();
  if (trim(text).empty()) return list;
  for (const std::string_view element : split(text, ','))
    list.emplace_back(std::string(trim(element)));
  return list;
}

Json parse_value(ValueForm form, const std::string& text) {
  if (form == ValueForm::text) return text;
  if (form == ValueForm::list) return parse_list(text);
  // What is neither stays text, which the setting then refuses.
  if (form == ValueForm::flag) return text == "true" ? Json(true) : text == "false" ? Json(false) : Json(text);
  const std::optional<std::int64_t> number = parse_number<std::int64_t>(text);
  return number ? Json(*number) : Json(text);  // likewise what is no number
}

class Overrides {
 public:
  Overrides(const Environment& environment, const ReadSecret& read_secret)
      : environment_(environment), read_secret_(read_secret) {}

  Result<void> apply(const Setting& setting, Config& config) {
    const std::string name = environment_name(setting);
    const Result<std::optional<std::string>> text = find(name);
    if (!text) return text.error();
    if (!*text) return {};
    if (!setting.assign(config, parse_value(setting.form, **text))) {
      return invalid(name + ": expected " + setting.expected);
    }
    config.variables.emplace(setting.path, environment_.contains(name) ? name : name + "_FILE");
    return {};
  }

  Result<void> apply_sealing_key(Config& config) {
    const auto given = environment_.find(kSealingKey);
    if (given == environment_.end()) return {};
    known_.insert(std::string(kSealingKey));
    if (given->second.empty()) return invalid(std::string(kSealingKey) + ": expected base64 of 32 bytes");
    if (environment_.contains(std::string(kSealingKey) + "_FILE")) return refuse_both(kSealingKey);
    config.sealing_key = {.file = {}, .value = Secret(given->second), .was_given = true};
    return {};
  }

  [[nodiscard]] Result<void> check_all_known() const {
    const bool has_links = has_service_links(environment_);
    for (const auto& [name, value] : environment_) {
      if (known_.contains(name) || contains(kOthers, name)) continue;
      if (has_links && is_service_link(name)) continue;
      return invalid(name + ": is not the name of a setting");
    }
    return {};
  }

 private:
  static Error refuse_both(std::string_view name) {
    return invalid(std::string(name) + ": expected either this or " + std::string(name) + "_FILE, not both");
  }

  /// The variable's value, or the content of the file that its other form names.
  Result<std::optional<std::string>> find(const std::string& name) {
    const auto direct = environment_.find(name);
    const auto by_file = environment_.find(name + "_FILE");
    known_.insert(name);
    known_.insert(name + "_FILE");
    if (by_file == environment_.end()) {
      return direct == environment_.end() ? std::nullopt : std::optional(direct->second);
    }
    if (direct != environment_.end()) return refuse_both(name);
    const Result<Secret> content = read_secret_(by_file->second);
    if (!content) return Error{content.error().kind, name + "_FILE: " + content.error().detail};
    return std::optional(std::string(content->reveal_text()));
  }

  const Environment& environment_;
  const ReadSecret& read_secret_;
  std::set<std::string, std::less<>> known_;
};

}  // namespace

Result<void> apply_environment(Config& config, const Environment& environment, const ReadSecret& read_secret) {
  Overrides overrides(environment, read_secret);
  for (const Setting& setting : all_settings()) {
    if (Result<void> applied = overrides.apply(setting, config); !applied) return applied;
  }
  if (Result<void> applied = overrides.apply_sealing_key(config); !applied) return applied;
  return overrides.check_all_known();
}

}  // namespace mintmark::app
