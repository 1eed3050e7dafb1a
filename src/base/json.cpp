#include "mintmark/base/json.hpp"

#include <vector>

#include "mintmark/base/text.hpp"

namespace mintmark {
namespace {

/// Builds the document and stops at the first thing out of bounds.
class BoundedBuilder final : public nlohmann::json_sax<Json> {
 public:
  explicit BoundedBuilder(const JsonLimits& limits) : limits_(limits) {}

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t&) override { return add(value); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return fail("binary value"); }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    Json& object = *stack_.back();
    if (object.contains(name)) return fail("duplicate name");
    pending_ = &object[std::move(name)];
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) override {
    // The message of nlohmann quotes the input; only its position is taken over.
    const std::string_view what = error.what();
    const auto begin = what.find("at line ");
    const auto end = what.find(':', begin);
    error_ = "not JSON";
    if (begin != std::string_view::npos && end != std::string_view::npos) {
      error_ += ", ";
      error_ += what.substr(begin, end - begin);
    }
    return false;
  }

  [[nodiscard]] Json& root() noexcept { return root_; }
  [[nodiscard]] const std::string& error() const noexcept { return error_; }

 private:
  bool fail(std::string_view why) {
    error_ = why;
    return false;
  }

  template <class T>
  bool add(T&& value) {
    return place(Json(std::forward<T>(value))) != nullptr;
  }

  bool open(Json container) {
    if (stack_.size() >= limits_.max_depth) return fail("nested too deeply");
    Json* placed = place(std::move(container));
    if (placed == nullptr) return false;
    stack_.push_back(placed);
    return true;
  }

  bool close() {
    stack_.pop_back();
    return true;
  }

  Json* place(Json value) {
    if (++count_ > limits_.max_values) {
      fail("too many values");
      return nullptr;
    }
    if (stack_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    if (stack_.back()->is_array()) {
      stack_.back()->push_back(std::move(value));
      return &stack_.back()->back();
    }
    *pending_ = std::move(value);
    return pending_;
  }

  const JsonLimits& limits_;
  Json root_;
  std::vector<Json*> stack_;  // only the innermost container grows, so the pointers to the outer ones stay good
  Json* pending_ = nullptr;   // the member that the last key opened
  std::size_t count_ = 0;
  std::string error_ = "not JSON";
};

}  // namespace

Result<Json> parse_json(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.max_bytes) return invalid("JSON: too large");
  if (!is_valid_utf8(text)) return invalid("JSON: invalid UTF-8");
  if (text.starts_with("\xef\xbb\xbf")) return invalid("JSON: byte order mark");
  // nlohmann takes a NUL for the end of the text, and would not see what follows.
  if (text.find('\0') != std::string_view::npos) return invalid("JSON: NUL character");
  BoundedBuilder builder(limits);
  const bool complete = Json::sax_parse(text, &builder, nlohmann::detail::input_format_t::json, true,
                                        limits.comments == JsonComments::allowed);
  if (!complete) return invalid("JSON: " + builder.error());
  return std::move(builder.root());
}

Result<Json> parse_json_object(std::string_view text, const JsonLimits& limits) {
  Result<Json> json = parse_json(text, limits);
  if (json && !json->is_object()) return invalid("JSON: not an object");
  return json;
}

std::optional<std::string> find_string(const Json& object, std::string_view name) {
  const auto member = object.find(name);
  if (member == object.end() || !member->is_string()) return std::nullopt;
  return member->get<std::string>();
}

}  // namespace mintmark
