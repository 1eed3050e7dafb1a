#include "mintmark/base/form.hpp"

#include "mintmark/base/text.hpp"

namespace mintmark {

Result<std::string> decode_form_component(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+') {
      c = ' ';
    } else if (c == '%') {
      const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0) return invalid("form: broken percent-encoding");
      c = static_cast<char>(high << 4 | low);
      i += 2;
    }
    if (c == '\0') return invalid("form: NUL character");
    out += c;
  }
  if (!is_valid_utf8(out)) return invalid("form: invalid UTF-8");
  return out;
}

Result<Parameters> parse_form(std::string_view body, std::size_t max_parameters) {
  Parameters parameters;
  if (body.empty()) return parameters;
  for (std::size_t begin = 0; begin <= body.size();) {
    const std::size_t end = std::min(body.find('&', begin), body.size());
    const std::string_view pair = body.substr(begin, end - begin);
    begin = end + 1;
    if (pair.empty()) continue;
    if (parameters.size() == max_parameters) return invalid("form: too many parameters");
    const std::size_t equals = pair.find('=');
    Result<std::string> name = decode_form_component(pair.substr(0, equals));
    if (!name) return name.error();
    Result<std::string> value =
        decode_form_component(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1));
    if (!value) return value.error();
    parameters.emplace_back(*std::move(name), *std::move(value));
  }
  return parameters;
}

}  // namespace mintmark
