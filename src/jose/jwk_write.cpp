#include "jwk_write.hpp"

#include <string>

#include "jwk_members.hpp"
#include "mintmark/base/base64.hpp"
#include "mintmark/base/json_writer.hpp"
#include "mintmark/jose/jwk.hpp"

namespace mintmark::jose {
namespace {

void write_secret_member(JsonWriter& json, std::string_view name, const Secret& number) {
  std::string encoded = encode_base64url(number.reveal());
  json.member(name, encoded);
  wipe(encoded.data(), encoded.size());
}

void write_key_pair(JsonWriter& json, const crypto::PrivateKey& key) {
  const Json public_half = public_jwk(key.public_key());
  for (const auto& [name, value] : public_half.items())
    json.member(name, value);
  const crypto::PrivateParts parts = key.parts();
  for (const PrivateMember& member : private_members(key.type()))
    write_secret_member(json, member.name, parts.*member.number);
}

}  // namespace

Secret write_private_jwk(std::string_view alg, std::string_view use, const KeyId& kid,
                         const std::variant<crypto::PrivateKey, Secret>& key) {
  std::string text;
  text.reserve(32 * 1024);  // beyond the largest key: growing would leave unwiped copies behind
  JsonWriter json(text);
  json.begin_object().member("alg", alg).member("kid", kid.str());
  if (!use.empty()) json.member("use", use);
  if (const auto* pair = std::get_if<crypto::PrivateKey>(&key)) {
    write_key_pair(json, *pair);
  } else {
    json.member("kty", "oct");
    write_secret_member(json, "k", std::get<Secret>(key));
  }
  json.end_object();
  Secret serialized{std::string_view(text)};
  wipe(text.data(), text.size());
  return serialized;
}

}  // namespace mintmark::jose
