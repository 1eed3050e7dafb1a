#pragma once
// Reading a JSON object field by field into a type, with an error that names the path and what was expected:
//
//   JsonReader in(json, "clients[2]");
//   client.id = ClientId(in.required_string("client_id"));
//   client.scopes = in.strings("scopes");
//   if (Result<void> read = in.finish(); !read) return read.error();
//
// The first problem is kept and every later answer is a default, so one check at the end is enough.
// Thread safety: none. Requires: the Json outlives the reader.

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mintmark/base/clock.hpp"
#include "mintmark/base/json.hpp"
#include "mintmark/base/result.hpp"

namespace mintmark {

/// What finish() makes of members that nobody asked for. Files are read strictly; stored documents are not, because
/// an older version must read what a newer one wrote.
enum class UnknownMembers { refused, ignored };

class JsonReader {
 public:
  /// `path` is how messages name this object, "" for the root.
  JsonReader(const Json& object, std::string path, UnknownMembers unknown = UnknownMembers::refused);

  [[nodiscard]] bool has(std::string_view name) const;
  /// "clients[2].scopes"
  [[nodiscard]] std::string path_of(std::string_view name) const;

  std::string required_string(std::string_view name);
  std::string string(std::string_view name, std::string_view otherwise = {});
  bool boolean(std::string_view name, bool otherwise);
  /// A whole number within [least, most].
  std::int64_t integer(std::string_view name, std::int64_t otherwise, std::int64_t least, std::int64_t most);
  /// "15m"; see parse_duration.
  Duration duration(std::string_view name, Duration otherwise);
  /// An array of strings, empty if absent.
  std::vector<std::string> strings(std::string_view name);
  /// RFC 3339 in UTC, "2026-01-31T09:00:00Z".
  std::optional<Instant> instant(std::string_view name);
  /// Any value, null if absent.
  Json any(std::string_view name);
  /// An object, empty if absent.
  Json object(std::string_view name);
  /// A reader for the object `name`; reads an empty object if it is absent. Its problems count as this one's.
  JsonReader child(std::string_view name);
  /// A reader for each object of the array `name`.
  std::vector<JsonReader> children(std::string_view name);

  /// Records that `name` is not what it should be: "clients[2].alg: unknown algorithm". The first problem wins.
  void reject(std::string_view name, std::string_view expected);

  /// Errors: invalid, with the first problem of this reader and its children.
  Result<void> finish();

 private:
  struct Problem {
    std::optional<Error> first;
  };
  JsonReader(const Json& object, std::string path, UnknownMembers unknown, std::shared_ptr<Problem> problem);
  const Json* find(std::string_view name);

  const Json* object_;
  std::string path_;
  UnknownMembers unknown_;
  std::shared_ptr<Problem> problem_;
  std::set<std::string, std::less<>> asked_;
};

}  // namespace mintmark
