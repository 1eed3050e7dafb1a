#include "mintmark/base/json_reader.hpp"

#include "mintmark/base/duration.hpp"

namespace mintmark {
namespace {

const Json& empty_object() {
  static const Json object = Json::object();
  return object;
}

}  // namespace

JsonReader::JsonReader(const Json& object, std::string path, UnknownMembers unknown)
    : JsonReader(object, std::move(path), unknown, std::make_shared<Problem>()) {}

JsonReader::JsonReader(const Json& object, std::string path, UnknownMembers unknown, std::shared_ptr<Problem> problem)
    : object_(&object), path_(std::move(path)), unknown_(unknown), problem_(std::move(problem)) {
  if (object.is_object()) return;
  if (!problem_->first) problem_->first = invalid((path_.empty() ? "the document" : path_) + ": expected an object");
  object_ = &empty_object();
}

bool JsonReader::has(std::string_view name) const {
  return object_->contains(name);
}

std::string JsonReader::path_of(std::string_view name) const {
  return path_.empty() ? std::string(name) : path_ + "." + std::string(name);
}

void JsonReader::reject(std::string_view name, std::string_view expected) {
  if (!problem_->first) problem_->first = invalid(path_of(name) + ": " + std::string(expected));
}

const Json* JsonReader::find(std::string_view name) {
  asked_.emplace(name);
  const auto member = object_->find(name);
  return member == object_->end() ? nullptr : &*member;
}

std::string JsonReader::required_string(std::string_view name) {
  std::string text = string(name);
  if (!has(name)) reject(name, "is required");
  if (has(name) && text.empty()) reject(name, "expected a string that is not empty");
  return text;
}

std::string JsonReader::string(std::string_view name, std::string_view otherwise) {
  const Json* value = find(name);
  if (value == nullptr) return std::string(otherwise);
  if (value->is_string()) return value->get<std::string>();
  reject(name, "expected a string");
  return {};
}

bool JsonReader::boolean(std::string_view name, bool otherwise) {
  const Json* value = find(name);
  if (value == nullptr) return otherwise;
  if (value->is_boolean()) return value->get<bool>();
  reject(name, "expected true or false");
  return otherwise;
}

std::int64_t JsonReader::integer(std::string_view name, std::int64_t otherwise, std::int64_t least, std::int64_t most) {
  const Json* value = find(name);
  if (value == nullptr) return otherwise;
  // A number above the range of int64_t is kept as unsigned and would wrap.
  const bool fits =
      value->is_number_integer() && (!value->is_number_unsigned() || value->get<std::uint64_t>() <= INT64_MAX);
  if (fits && value->get<std::int64_t>() >= least && value->get<std::int64_t>() <= most)
    return value->get<std::int64_t>();
  reject(name, "expected a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return otherwise;
}

Duration JsonReader::duration(std::string_view name, Duration otherwise) {
  const Json* value = find(name);
  if (value == nullptr) return otherwise;
  if (value->is_string()) {
    if (const Result<Duration> duration = parse_duration(value->get_ref<const std::string&>())) return *duration;
  }
  reject(name, "expected a duration such as \"15m\" (units ms, s, m, h, d)");
  return otherwise;
}

std::vector<std::string> JsonReader::strings(std::string_view name) {
  std::vector<std::string> texts;
  const Json* value = find(name);
  if (value == nullptr) return texts;
  if (!value->is_array()) {
    reject(name, "expected an array of strings");
    return texts;
  }
  for (const Json& item : *value) {
    if (!item.is_string()) {
      reject(std::string(name) + "[" + std::to_string(texts.size()) + "]", "expected a string");
      return texts;
    }
    texts.push_back(item.get<std::string>());
  }
  return texts;
}

std::optional<Instant> JsonReader::instant(std::string_view name) {
  const Json* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) {
    if (const Result<Instant> instant = parse_instant(value->get_ref<const std::string&>())) return *instant;
  }
  reject(name, "expected a time such as \"2026-01-31T09:00:00Z\"");
  return std::nullopt;
}

Json JsonReader::any(std::string_view name) {
  const Json* value = find(name);
  return value == nullptr ? Json() : *value;
}

Json JsonReader::object(std::string_view name) {
  const Json* value = find(name);
  if (value == nullptr) return Json::object();
  if (value->is_object()) return *value;
  reject(name, "expected an object");
  return Json::object();
}

JsonReader JsonReader::child(std::string_view name) {
  const Json* value = find(name);
  return {value == nullptr ? empty_object() : *value, path_of(name), unknown_, problem_};
}

std::vector<JsonReader> JsonReader::children(std::string_view name) {
  std::vector<JsonReader> readers;
  const Json* value = find(name);
  if (value == nullptr) return readers;
  if (!value->is_array()) {
    reject(name, "expected an array of objects");
    return readers;
  }
  for (const Json& item : *value) {
    readers.push_back(JsonReader(item, path_of(name) + "[" + std::to_string(readers.size()) + "]", unknown_, problem_));
  }
  return readers;
}

Result<void> JsonReader::finish() {
  if (!problem_->first && unknown_ == UnknownMembers::refused) {
    for (const auto& [name, value] : object_->items()) {
      if (asked_.contains(name)) continue;
      reject(name, "is not known here");
      break;
    }
  }
  if (problem_->first) return *problem_->first;
  return {};
}

}  // namespace mintmark
