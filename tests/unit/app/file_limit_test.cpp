// What the limit of open files leaves for connections. That App::open() heeds it is in compose_test.cpp.

#include "mintmark/app/file_limit.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace mintmark::app {
namespace {

TEST(FileLimit, IsRaisedAsFarAsItMayBe) {
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlim_t former = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max / 2;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(raise_file_limit(), limit.rlim_max);
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(limit.rlim_cur, limit.rlim_max);
  limit.rlim_cur = former;
  EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
}

TEST(FileLimit, LeavesRoomBesideConnections) {
  const http::ServerOptions options{.threads = 4, .max_connections = 10'000};
  EXPECT_EQ(fit_connections(options, 1'000'000).value(), 10'000u);
  EXPECT_EQ(fit_connections(options, 10'153).value(), 10'000u);
  EXPECT_EQ(fit_connections(options, 10'152).value(), 9'999u);
  EXPECT_EQ(fit_connections(options, 1'024).value(), 871u);
  EXPECT_EQ(fit_connections(options, 154).value(), 1u);
  EXPECT_FALSE(fit_connections(options, 153));
}

}  // namespace
}  // namespace mintmark::app
