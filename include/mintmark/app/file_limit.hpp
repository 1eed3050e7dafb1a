#pragma once
// How many files the process may have open, and what that leaves for connections. Thread safety: pure functions, but
// raise_file_limit(), which is for the whole process.

#include <cstdint>

#include "mintmark/app/config.hpp"

namespace mintmark::app {

/// Raises the limit as far as an ordinary process may, and returns it. The common default of 1024 is for programs that
/// use select().
std::uint64_t raise_file_limit() noexcept;

/// ServerOptions::max_connections, or what `file_limit` leaves room for beside listeners, event loops and database.
/// Errors: unavailable, where that is none.
Result<std::size_t> fit_connections(const http::ServerOptions& options, std::uint64_t file_limit);

}  // namespace mintmark::app
