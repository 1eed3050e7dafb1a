# Everything comes from the distribution: Debian 12 or newer.

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(spdlog 1.10 REQUIRED)
find_package(SQLite3 3.40 REQUIRED)
find_package(CLI11 2.1 REQUIRED)
pkg_check_modules(argon2 REQUIRED IMPORTED_TARGET libargon2)
pkg_check_modules(crypt REQUIRED IMPORTED_TARGET libcrypt)
# The core alone: its CMake package would also look for what its own HTTP server needs.
pkg_check_modules(prometheus REQUIRED IMPORTED_TARGET prometheus-cpp-core)
