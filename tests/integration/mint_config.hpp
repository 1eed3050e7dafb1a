#pragma once
// A configuration for tests: a folder with a sealing key and a file that declares some of everything.

#include <filesystem>
#include <string>

#include "mintmark/base/json.hpp"
#include "support/temp_dir.hpp"

namespace mintmark::testing {

inline constexpr const char* kIssuer = "https://id.example.com";
inline constexpr const char* kApi = "https://api.example.com";
inline constexpr const char* kHmacApi = "https://hmac.example.com";
inline constexpr const char* kServiceSecret = "mms_service-secret-with-enough-characters-in-it";
inline constexpr const char* kPassword = "correct horse battery staple";
inline constexpr const char* kOrigin = "https://app.example.com";

/// Resources kApi (ES256; read, write; a claims template) and kHmacApi (HS256; read). Clients: "service"
/// (client_credentials at kApi, kServiceSecret), "app" (public: password, refresh_token at kApi; pages of kOrigin).
/// User alice with kPassword, whose hash is as cheap as Argon2 can be.
class MintConfig {
 public:
  MintConfig();

  /// To be changed before write().
  Json document;

  [[nodiscard]] const TempDir& folder() const noexcept { return folder_; }
  [[nodiscard]] std::filesystem::path file() const { return folder_ / "mintmark.json"; }
  [[nodiscard]] std::filesystem::path database() const { return folder_ / "mint.db"; }
  /// Writes the document; returns its path.
  std::filesystem::path write() const { return folder_.write("mintmark.json", document.dump(2)); }

 private:
  TempDir folder_;
};

}  // namespace mintmark::testing
