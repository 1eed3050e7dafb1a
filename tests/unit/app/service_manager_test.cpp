// sd_notify(3) without libsystemd.

#include "mintmark/app/service_manager.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/datagram_socket.hpp"
#include "support/temp_dir.hpp"

namespace mintmark::app {
namespace {

using mintmark::testing::DatagramSocket;
using mintmark::testing::TempDir;
using namespace std::chrono_literals;

TEST(ServiceManager, IsToldThroughASocketOfTheFileSystem) {
  const TempDir folder;
  const std::string name = (folder / "notify").string();
  DatagramSocket socket(name);
  const ServiceManager manager(name);
  manager.ready();
  EXPECT_EQ(socket.receive(10s), "READY=1");
  manager.stopping();
  EXPECT_EQ(socket.receive(10s), "STOPPING=1");
}

TEST(ServiceManager, IsToldThroughASocketOfTheAbstractNamespace) {
  const std::string name = "@mintmark-test-" + std::to_string(::getpid());
  DatagramSocket socket(name);
  ServiceManager(name).ready();
  EXPECT_EQ(socket.receive(10s), "READY=1");
}

TEST(ServiceManager, NobodyNeedBeThere) {
  ServiceManager("").ready();
  ServiceManager("/nowhere/notify").ready();
  ServiceManager(std::string(200, 'x')).ready();
}

TEST(ServiceManager, NeverWaitsForAManagerThatDoesNotRead) {
  const TempDir folder;
  const std::string name = (folder / "notify").string();
  DatagramSocket socket(name);
  const ServiceManager manager(name);
  for (int i = 0; i < 10'000; ++i)
    manager.ready();
  EXPECT_EQ(socket.receive(10s), "READY=1");
}

TEST(ServiceManager, IsTakenOutOfTheEnvironment) {
  const TempDir folder;
  const std::string name = (folder / "notify").string();
  DatagramSocket socket(name);
  ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
  const ServiceManager manager = ServiceManager::from_environment();
  EXPECT_EQ(::getenv("NOTIFY_SOCKET"), nullptr);
  manager.ready();
  EXPECT_EQ(socket.receive(10s), "READY=1");
}

}  // namespace
}  // namespace mintmark::app
