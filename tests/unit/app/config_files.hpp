#pragma once
// A folder of its own for each test, with configuration files in it.

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "mintmark/app/config.hpp"
#include "support/temp_dir.hpp"

namespace mintmark::app {

/// The least that starts, as a document to be changed.
inline Json minimal_document() {
  return {{"issuer", "https://id.example.com"}, {"storage", {{"path", "mintmark.db"}}}};
}

/// One of each, referring to each other.
inline Json full_document() {
  Json document = minimal_document();
  document["resources"] = {{{"id", "https://api.example.com"}, {"alg", "ES256"}, {"scopes", {"read"}}},
                           {{"id", "https://legacy.example.com"}, {"alg", "HS256"}}};
  document["clients"] = {{{"client_id", "app"},
                          {"auth_methods", {"none"}},
                          {"grant_types", {"password", "refresh_token"}},
                          {"resources", {"https://api.example.com"}},
                          {"scopes", {"read"}}}};
  document["users"] = {{{"id", "u1"}, {"username", "alice"}, {"attributes", {{"role", "Admin"}}}}};
  document["login"] = {{"default_client", "app"}};
  return document;
}

class ConfigFiles : public ::testing::Test {
 protected:
  [[nodiscard]] Result<Config> load_text(std::string_view text, const Environment& environment = {}) const {
    return load_config(folder_.write("mintmark.json", text), environment);
  }
  [[nodiscard]] Result<Config> load(const Json& document, const Environment& environment = {}) const {
    return load_text(document.dump(), environment);
  }
  /// Why `document` is refused; fails the test where it is not.
  [[nodiscard]] std::string refusal(const Json& document, const Environment& environment = {}) const {
    const Result<Config> config = load(document, environment);
    EXPECT_FALSE(config) << document;
    return config ? "" : config.error().detail;
  }

  mintmark::testing::TempDir folder_;
};

}  // namespace mintmark::app
