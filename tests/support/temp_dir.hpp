#pragma once
// A folder of one test, gone with it.

#include <filesystem>
#include <string>
#include <string_view>

namespace mintmark::testing {

class TempDir {
 public:
  TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir();

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  [[nodiscard]] std::filesystem::path operator/(std::string_view name) const { return path_ / name; }
  /// Writes a file into it and returns its path.
  std::filesystem::path write(std::string_view name, std::string_view content) const;

 private:
  std::filesystem::path path_;
};

/// The whole file; fails the test if it cannot be read.
std::string read_all(const std::filesystem::path& path);

}  // namespace mintmark::testing
