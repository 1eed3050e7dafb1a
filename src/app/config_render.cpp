#include "mintmark/app/config.hpp"
#include "mintmark/base/duration.hpp"
#include "settings.hpp"

namespace mintmark::app {
namespace {

using OrderedJson = nlohmann::ordered_json;

void place(OrderedJson& document, std::string_view path, const Json& value) {
  const std::size_t dot = path.find('.');
  OrderedJson& member = document[std::string(path.substr(0, dot))];
  if (dot == std::string_view::npos) {
    member = value;
  } else {
    place(member, path.substr(dot + 1), value);
  }
}

Json render_user(const accounts::User& user) {
  return {{"id", user.id.str()},
          {"username", user.username},
          {"disabled", user.disabled},
          {"sessions_valid_from", format_instant(user.sessions_valid_from)},
          {"attributes", user.attributes}};
}

}  // namespace

std::string render_config(const Config& config) {
  OrderedJson document;
  for (const Setting& setting : all_settings()) {
    const Json value = setting.read(config);
    if (!value.is_null()) place(document, setting.path, value);
  }
  document["resources"] = OrderedJson::array();
  for (const oauth::Resource& resource : config.resources)
    document["resources"].emplace_back(oauth::render_resource(resource));
  document["clients"] = OrderedJson::array();
  for (const oauth::Client& client : config.clients)
    document["clients"].emplace_back(oauth::render_client(client));
  document["trusted_issuers"] = OrderedJson::array();
  for (const oauth::TrustedIssuer& trusted : config.trusted_issuers)
    document["trusted_issuers"].emplace_back(oauth::render_trusted_issuer(trusted));
  document["users"] = OrderedJson::array();
  for (const accounts::User& user : config.users)
    document["users"].emplace_back(render_user(user));
  return document.dump(2) + "\n";
}

}  // namespace mintmark::app
