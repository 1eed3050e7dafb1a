#include "document.hpp"

namespace mintmark::storage {
namespace {

constexpr JsonLimits kLimits = {.max_bytes = 1024 * 1024, .max_depth = 32, .max_values = 65536};

}  // namespace

Result<std::string> write_document(const Json& document) {
  try {
    std::string text = document.dump();
    if (const Result<Json> read = parse_json(text, kLimits); !read) return read.error();
    return text;
  } catch (const Json::exception&) {  // dump() refuses text that is not UTF-8
    return invalid("not UTF-8");
  }
}

Result<Json> read_document(std::string_view text) {
  Result<Json> document = parse_json(text, kLimits);
  if (!document) return corrupt(document.error().detail);
  return document;
}

Result<std::string> write_list(const std::vector<std::string>& list) {
  return write_document(list);
}

Result<std::vector<std::string>> read_list(std::string_view text) {
  const Result<Json> document = read_document(text);
  if (!document) return document.error();
  if (!document->is_array()) return corrupt("not an array");
  std::vector<std::string> list;
  for (const Json& element : *document) {
    if (!element.is_string()) return corrupt("not an array of strings");
    list.push_back(element.get<std::string>());
  }
  return list;
}

}  // namespace mintmark::storage
