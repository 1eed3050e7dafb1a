#pragma once
// What clients, resources and users do alike, on a map from id to object. Thread safety: the caller's lock.

#include <map>
#include <optional>
#include <vector>

#include "mintmark/base/result.hpp"

namespace mintmark::storage::memory {

template <class Id, class T>
std::optional<T> find_in(const std::map<Id, T>& map, const Id& id) {
  const auto found = map.find(id);
  return found == map.end() ? std::nullopt : std::optional<T>(found->second);
}

template <class Id, class T>
std::vector<T> list_after(const std::map<Id, T>& map, const Id& after, std::size_t limit) {
  std::vector<T> listed;
  for (auto next = map.upper_bound(after); next != map.end() && listed.size() < limit; ++next)
    listed.push_back(next->second);
  return listed;
}

template <class Id, class T>
Result<void> insert_into(std::map<Id, T>& map, const T& object) {
  const auto [inserted, is_new] = map.emplace(object.id, object);
  if (!is_new) return conflict("the id is taken");
  inserted->second.version = 1;
  return {};
}

template <class Id, class T>
Result<void> update_in(std::map<Id, T>& map, const T& object) {
  const auto found = map.find(object.id);
  if (found == map.end()) return not_found("no object with this id");
  if (found->second.version != object.version) return conflict("somebody else changed it meanwhile");
  found->second = object;
  ++found->second.version;
  return {};
}

template <class Id, class T>
Result<void> erase_from(std::map<Id, T>& map, const Id& id) {
  if (map.erase(id) == 0) return not_found("no object with this id");
  return {};
}

}  // namespace mintmark::storage::memory
