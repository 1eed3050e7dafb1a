#include "mintmark/oauth/claims_template.hpp"

#include <array>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "mintmark/base/contains.hpp"

namespace mintmark::oauth {
namespace {

// RFC 7519 §4.1, RFC 9068 §2.2, RFC 7800, RFC 8693, RFC 9396, and what we write ourselves.
constexpr std::array<std::string_view, 15> kReserved{
    "iss",       "sub",   "aud", "exp", "iat",     "nbf",       "jti",
    "client_id", "scope", "cnf", "act", "may_act", "auth_time", "authorization_details",
    "status"};

enum class Subject { user_id, username, user_attribute, client_id, client_name, client_attribute };

struct Reference {
  Subject subject;
  std::string attribute;  // of the *_attribute subjects
};

std::optional<Reference> parse_reference(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, Subject>, 4> kPlain{{{"user.id", Subject::user_id},
                                                                               {"user.username", Subject::username},
                                                                               {"client.id", Subject::client_id},
                                                                               {"client.name", Subject::client_name}}};
  static constexpr std::array<std::pair<std::string_view, Subject>, 2> kAttributes{
      {{"user.attributes.", Subject::user_attribute}, {"client.attributes.", Subject::client_attribute}}};
  for (const auto& [name, subject] : kPlain) {
    if (text == name) return Reference{subject, {}};
  }
  for (const auto& [prefix, subject] : kAttributes) {
    if (text.starts_with(prefix) && text.size() > prefix.size()) {
      return Reference{subject, std::string(text.substr(prefix.size()))};
    }
  }
  return std::nullopt;
}

std::optional<Json> text_of(const std::string* text) {
  if (text == nullptr || text->empty()) return std::nullopt;
  return Json(*text);
}

std::optional<Json> attribute_of(const Json* attributes, const std::string& name) {
  if (attributes == nullptr) return std::nullopt;
  const auto found = attributes->find(name);
  if (found == attributes->end() || found->is_null()) return std::nullopt;
  return *found;
}

std::optional<Json> resolve(const Reference& reference, const ClaimsContext& context) {
  switch (reference.subject) {
    case Subject::user_id:
      return text_of(context.user_id);
    case Subject::username:
      return text_of(context.username);
    case Subject::user_attribute:
      return attribute_of(context.user_attributes, reference.attribute);
    case Subject::client_id:
      return text_of(context.client_id);
    case Subject::client_name:
      return text_of(context.client_name);
    case Subject::client_attribute:
      break;
  }
  return attribute_of(context.client_attributes, reference.attribute);
}

using Piece = std::variant<std::string, Reference>;

/// A string value taken apart: literal text and references in turn.
struct TextNode {
  std::vector<Piece> pieces;
};

struct Node;
struct ObjectNode {
  std::vector<std::pair<std::string, Node>> members;
};
struct ArrayNode {
  std::vector<Node> items;
};
struct Node {
  std::variant<Json, TextNode, ObjectNode, ArrayNode> value;
};

Result<TextNode> compile_text(std::string_view text) {
  TextNode node;
  std::string literal;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if ((c == '{' || c == '}') && i + 1 < text.size() && text[i + 1] == c) {
      literal += c;
      ++i;
    } else if (c == '{') {
      const std::size_t end = text.find('}', i);
      if (end == std::string_view::npos) return invalid("\"{\" without \"}\"");
      std::optional<Reference> reference = parse_reference(text.substr(i + 1, end - i - 1));
      if (!reference) {
        return invalid("\"" + std::string(text.substr(i, end - i + 1)) +
                       "\" is none of {user.id}, {user.username}, {user.attributes.NAME}, {client.id}, {client.name}, "
                       "{client.attributes.NAME}");
      }
      if (!literal.empty()) node.pieces.emplace_back(std::exchange(literal, {}));
      node.pieces.emplace_back(*std::move(reference));
      i = end;
    } else if (c == '}') {
      return invalid("\"}\" without \"{\"");
    } else {
      literal += c;
    }
  }
  if (!literal.empty() || node.pieces.empty()) node.pieces.emplace_back(std::move(literal));
  return node;
}

Result<Node> compile(const Json& json) {
  if (json.is_string()) {
    Result<TextNode> text = compile_text(json.get_ref<const std::string&>());
    if (!text) return text.error();
    return Node{*std::move(text)};
  }
  if (json.is_object()) {
    ObjectNode object;
    for (const auto& [name, member] : json.items()) {
      Result<Node> node = compile(member);
      if (!node) return node;
      object.members.emplace_back(name, *std::move(node));
    }
    return Node{std::move(object)};
  }
  if (json.is_array()) {
    ArrayNode array;
    for (const Json& item : json) {
      Result<Node> node = compile(item);
      if (!node) return node;
      array.items.push_back(*std::move(node));
    }
    return Node{std::move(array)};
  }
  return Node{json};
}

std::optional<Json> render_node(const Node& node, const ClaimsContext& context);

std::optional<Json> render_text(const TextNode& text, const ClaimsContext& context) {
  if (text.pieces.size() == 1 && std::holds_alternative<Reference>(text.pieces.front())) {
    return resolve(std::get<Reference>(text.pieces.front()), context);
  }
  std::string joined;
  for (const Piece& piece : text.pieces) {
    if (const auto* literal = std::get_if<std::string>(&piece)) {
      joined += *literal;
      continue;
    }
    const std::optional<Json> value = resolve(std::get<Reference>(piece), context);
    if (!value) return std::nullopt;
    joined += value->is_string() ? value->get_ref<const std::string&>()
                                 : value->dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  return Json(std::move(joined));
}

std::optional<Json> render_node(const Node& node, const ClaimsContext& context) {
  if (const auto* literal = std::get_if<Json>(&node.value)) return *literal;
  if (const auto* text = std::get_if<TextNode>(&node.value)) return render_text(*text, context);
  if (const auto* object = std::get_if<ObjectNode>(&node.value)) {
    Json json = Json::object();
    for (const auto& [name, member] : object->members) {
      if (std::optional<Json> value = render_node(member, context)) json[name] = *std::move(value);
    }
    return json;
  }
  Json json = Json::array();
  for (const Node& item : std::get<ArrayNode>(node.value).items) {
    if (std::optional<Json> value = render_node(item, context)) json.push_back(*std::move(value));
  }
  return json;
}

}  // namespace

struct ClaimsTemplate::Compiled {
  std::vector<std::pair<std::string, Node>> claims;
};

Result<ClaimsTemplate> ClaimsTemplate::make(Json document) {
  if (!document.is_object()) return invalid("expected an object");
  ClaimsTemplate result;
  auto compiled = std::make_shared<Compiled>();
  for (const auto& [name, value] : document.items()) {
    if (contains(kReserved, name)) return invalid(name + " is a reserved claim");
    Result<Node> node = compile(value);
    if (!node) return invalid(name + ": " + node.error().detail);
    compiled->claims.emplace_back(name, *std::move(node));
  }
  if (!compiled->claims.empty()) result.compiled_ = std::move(compiled);
  result.document_ = std::move(document);
  return result;
}

void ClaimsTemplate::render(const ClaimsContext& context, jose::UnsignedClaims& claims) const {
  if (!compiled_) return;
  for (const auto& [name, node] : compiled_->claims) {
    if (const std::optional<Json> value = render_node(node, context)) claims.add(name, *value);
  }
}

}  // namespace mintmark::oauth
