#pragma once
// How settings of each form are made, for the tables of settings_*.cpp. Each maker takes `field`, which answers a
// reference into the configuration that it is given. Thread safety: pure functions.

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "byte_size.hpp"
#include "mintmark/base/duration.hpp"
#include "settings.hpp"

namespace mintmark::app {

inline constexpr std::string_view kByteSizePattern = "^[0-9]+(B|KiB|MiB|GiB)$";
inline constexpr Duration kYear = std::chrono::hours(24) * 366;

template <class Field>
Setting make_text(std::string_view path, Field field, std::string_view doc) {
  return {.path = path,
          .doc = doc,
          .form = ValueForm::text,
          .schema = {{"type", "string"}, {"minLength", 1}},
          .expected = "a string that is not empty",
          .assign =
              [field](Config& config, const Json& value) {
                if (!value.is_string() || value.get_ref<const std::string&>().empty()) return false;
                field(config) = value.get<std::string>();
                return true;
              },
          .read =
              [field](const Config& config) {
                const std::string& text = field(config);
                return text.empty() ? Json() : Json(text);
              }};
}

template <class Field>
Setting make_integer(std::string_view path, std::int64_t least, std::int64_t most, Field field, std::string_view doc) {
  return {.path = path,
          .doc = doc,
          .form = ValueForm::number,
          .schema = {{"type", "integer"}, {"minimum", least}, {"maximum", most}},
          .expected = "a whole number from " + std::to_string(least) + " to " + std::to_string(most),
          .assign =
              [=](Config& config, const Json& value) {
                // A number above the range of int64_t is kept as unsigned and would wrap.
                if (!value.is_number_integer()) return false;
                if (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX) return false;
                const auto number = value.get<std::int64_t>();
                if (number < least || number > most) return false;
                auto& target = field(config);
                target = static_cast<std::remove_reference_t<decltype(target)>>(number);
                return true;
              },
          .read = [field](const Config& config) { return Json(field(config)); }};
}

template <class Field>
Setting make_duration(std::string_view path, Duration least, Duration most, Field field, std::string_view doc) {
  return {.path = path,
          .doc = doc,
          .form = ValueForm::text,
          .schema = {{"type", "string"}, {"pattern", kDurationPattern}},
          .expected = "a duration from \"" + format_duration(least) + "\" to \"" + format_duration(most) +
                      "\" (units ms, s, m, h, d)",
          .assign =
              [=](Config& config, const Json& value) {
                if (!value.is_string()) return false;
                const Result<Duration> duration = parse_duration(value.get_ref<const std::string&>());
                if (!duration || *duration < least || *duration > most) return false;
                field(config) = *duration;
                return true;
              },
          .read =
              [field](const Config& config) {
                const std::optional<Duration> duration = field(config);
                return duration ? Json(format_duration(*duration)) : Json();
              }};
}

template <class Field>
Setting make_byte_size(std::string_view path, std::uint64_t least, std::uint64_t most, Field field,
                       std::string_view doc) {
  return {.path = path,
          .doc = doc,
          .form = ValueForm::text,
          .schema = {{"type", "string"}, {"pattern", kByteSizePattern}},
          .expected = "an amount of memory from \"" + format_byte_size(least) + "\" to \"" + format_byte_size(most) +
                      "\" (units B, KiB, MiB, GiB)",
          .assign =
              [=](Config& config, const Json& value) {
                if (!value.is_string()) return false;
                const std::optional<std::uint64_t> bytes = parse_byte_size(value.get_ref<const std::string&>());
                if (!bytes || *bytes < least || *bytes > most) return false;
                field(config) = *bytes;
                return true;
              },
          .read = [field](const Config& config) { return Json(format_byte_size(field(config))); }};
}

/// A TCP port, or "off" where there is to be no TCP.
template <class Field>
Setting make_port(std::string_view path, Field field, std::string_view doc) {
  return {.path = path,
          .doc = doc,
          .form = ValueForm::number,
          .schema = {{"anyOf", {{{"type", "integer"}, {"minimum", 0}, {"maximum", 65535}}, {{"const", "off"}}}}},
          .expected = R"(a whole number from 0 to 65535, or "off")",
          .assign =
              [field](Config& config, const Json& value) {
                if (value == "off") {
                  field(config) = std::nullopt;
                  return true;
                }
                if (!value.is_number_integer() || value < 0 || value > 65535) return false;
                field(config) = value.get<std::uint16_t>();
                return true;
              },
          .read =
              [field](const Config& config) {
                const std::optional<std::uint16_t> port = field(config);
                return port ? Json(*port) : Json("off");
              }};
}

/// Permissions of a file, as chmod(1) takes them in octal.
template <class Field>
Setting make_file_mode(std::string_view path, Field field, std::string_view doc) {
  return {.path = path,
          .doc = doc,
          .form = ValueForm::text,
          .schema = {{"type", "string"}, {"pattern", "^0[0-7]{3}$"}},
          .expected = R"(permissions in octal, such as "0660")",
          .assign =
              [field](Config& config, const Json& value) {
                if (!value.is_string()) return false;
                const auto& text = value.get_ref<const std::string&>();
                const auto is_octal = [](char c) { return c >= '0' && c <= '7'; };
                if (text.size() != 4 || text[0] != '0' || !std::ranges::all_of(text, is_octal)) return false;
                field(config) = static_cast<std::uint32_t>(std::stoul(text, nullptr, 8));
                return true;
              },
          .read =
              [field](const Config& config) {
                std::string text = "0000";
                std::uint32_t mode = field(config);
                for (std::size_t i = text.size(); i-- > 1; mode /= 8)
                  text[i] = static_cast<char>('0' + mode % 8);
                return Json(text);
              }};
}

/// `get` (of a configuration) and `set` (a configuration and the new value) rather than a field, which need be no bool.
template <class Get, class Set>
Setting make_flag(std::string_view path, Get get, Set set, std::string_view doc) {
  return {.path = path,
          .doc = doc,
          .form = ValueForm::flag,
          .schema = {{"type", "boolean"}},
          .expected = "true or false",
          .assign =
              [set](Config& config, const Json& value) {
                if (!value.is_boolean()) return false;
                set(config, value.get<bool>());
                return true;
              },
          .read = [get](const Config& config) { return Json(get(config)); }};
}

/// One of a few values, which `spell` writes.
template <class Value, class Spell, class Field>
Setting make_choice(std::string_view path, std::vector<Value> values, Spell spell, Field field, std::string_view doc) {
  Setting setting{
      .path = path, .doc = doc, .form = ValueForm::text, .schema = {}, .expected = "one of", .assign = {}, .read = {}};
  nlohmann::ordered_json spellings = nlohmann::ordered_json::array();
  for (const Value& value : values) {
    const Json spelling(spell(value));
    if (spelling.is_number()) setting.form = ValueForm::number;
    setting.expected += (spellings.empty() ? " " : ", ") + spelling.dump();
    spellings.emplace_back(spelling);
  }
  setting.schema["enum"] = spellings;
  setting.assign = [=](Config& config, const Json& given) {
    const auto found = std::ranges::find_if(values, [&](const Value& value) { return Json(spell(value)) == given; });
    if (found == values.end()) return false;
    field(config) = *found;
    return true;
  };
  setting.read = [=](const Config& config) { return Json(spell(field(config))); };
  return setting;
}

/// Texts in one value, none of them twice. `add` (value and text to bool) takes one over, or says that it is none;
/// `render` makes all texts of a value.
template <class Add, class Render, class Field>
Setting make_list(std::string_view path, std::string element, Add add, Render render, Field field,
                  std::string_view doc) {
  return {.path = path,
          .doc = doc,
          .form = ValueForm::list,
          .schema = {{"type", "array"}, {"items", {{"type", "string"}, {"minLength", 1}}}, {"uniqueItems", true}},
          .expected = "a list without repetition, each element " + std::move(element),
          .assign =
              [=](Config& config, const Json& value) {
                if (!value.is_array()) return false;
                std::remove_cvref_t<decltype(field(config))> whole;
                std::set<std::string> seen;
                for (const Json& one : value) {
                  if (!one.is_string() || !seen.insert(one.get<std::string>()).second) return false;
                  if (!add(whole, one.get_ref<const std::string&>())) return false;
                }
                field(config) = std::move(whole);
                return true;
              },
          .read = [=](const Config& config) { return Json(render(field(config))); }};
}

template <class Field>
Setting make_path(std::string_view path, Field field, std::string_view doc) {
  Setting setting = make_text(path, field, doc);
  setting.read = [field](const Config& config) {
    return field(config).empty() ? Json() : Json(field(config).string());
  };
  return setting;
}

}  // namespace mintmark::app
