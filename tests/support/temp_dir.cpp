#include "support/temp_dir.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>  // mkdtemp is POSIX

#include <fstream>
#include <sstream>

namespace mintmark::testing {

TempDir::TempDir() {
  std::string name = (std::filesystem::temp_directory_path() / "mintmark-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  path_ = name;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path TempDir::write(std::string_view name, std::string_view content) const {
  const std::filesystem::path file = path_ / name;
  std::ofstream(file, std::ios::binary) << content;
  return file;
}

std::string read_all(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

}  // namespace mintmark::testing
