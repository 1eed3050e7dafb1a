#pragma once
// Identifiers as types of their own, so that a client's cannot be handed where a user's is expected.

#include <compare>
#include <functional>
#include <string>
#include <string_view>

namespace mintmark {

template <class Tag>
class Id {
 public:
  Id() = default;
  explicit Id(std::string value) noexcept : value_(std::move(value)) {}
  explicit Id(std::string_view value) : value_(value) {}
  explicit Id(const char* value) : value_(value) {}

  [[nodiscard]] const std::string& str() const noexcept { return value_; }
  [[nodiscard]] bool empty() const noexcept { return value_.empty(); }
  auto operator<=>(const Id&) const = default;

 private:
  std::string value_;
};

using ClientId = Id<struct ClientTag>;      ///< RFC 6749 §2.2
using UserId = Id<struct UserTag>;          ///< opaque, stable: a user's `sub`
using ResourceId = Id<struct ResourceTag>;  ///< an absolute URI, RFC 8707 §2: the `aud`
using KeyId = Id<struct KeyTag>;            ///< RFC 7515 §4.1.4
using FamilyId = Id<struct FamilyTag>;      ///< a refresh family: 16 bytes as base64url

}  // namespace mintmark

template <class Tag>
struct std::hash<mintmark::Id<Tag>> {
  std::size_t operator()(const mintmark::Id<Tag>& id) const noexcept { return std::hash<std::string>{}(id.str()); }
};
