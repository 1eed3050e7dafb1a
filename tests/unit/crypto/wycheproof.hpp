#pragma once
// What the tests with Project Wycheproof's vectors share.

#include <string>

#include "support/vectors.hpp"

namespace mintmark::crypto::wycheproof {

inline std::string text_of(const Json& object, const char* name) {
  return object.at(name).get<std::string>();
}

inline Bytes bytes_of(const Json& object, const char* name) {
  return testing::from_hex(text_of(object, name));
}

inline bool has_flag(const Json& test, const char* flag) {
  for (const Json& each : test.at("flags"))
    if (each == flag) return true;
  return false;
}

inline std::string path_of(const char* file) {
  return std::string("wycheproof-primitives/") + file;
}

/// For INSTANTIATE_TEST_SUITE_P, over parameters that have a `path`.
struct NameOfFile {
  template <class Info>
  std::string operator()(const Info& info) const {
    const std::string path = info.param.path;
    return path.substr(0, path.find("_test.json"));
  }
};

}  // namespace mintmark::crypto::wycheproof
