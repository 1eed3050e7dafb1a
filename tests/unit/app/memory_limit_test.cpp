#include "mintmark/app/memory_limit.hpp"

#include "config_files.hpp"

namespace mintmark::app {
namespace {

class MemoryLimit : public ConfigFiles {
 protected:
  void put(const std::string& file, const std::string& content) const {
    std::filesystem::create_directories((folder_ / file).parent_path());
    folder_.write(file, content);
  }
  [[nodiscard]] std::optional<std::uint64_t> find() const { return find_memory_limit(folder_.path()); }
};

TEST_F(MemoryLimit, OfVersion2IsTheLeastOfTheGroupAndThoseAbove) {
  put("proc/self/cgroup", "0::/kubepods/pod1/box\n");
  EXPECT_EQ(find(), std::nullopt);
  put("sys/fs/cgroup/kubepods/pod1/box/memory.max", "max\n");
  EXPECT_EQ(find(), std::nullopt);
  put("sys/fs/cgroup/kubepods/memory.max", "536870912\n");
  EXPECT_EQ(find(), 536870912U);
  put("sys/fs/cgroup/kubepods/pod1/memory.max", "134217728\n");
  EXPECT_EQ(find(), 134217728U);
}

TEST_F(MemoryLimit, IsFoundWhereTheContainerSeesItsGroupAsTheRoot) {
  put("proc/self/cgroup", "0::/docker/abc\n");
  put("sys/fs/cgroup/memory.max", "67108864\n");
  EXPECT_EQ(find(), 67108864U);
}

TEST_F(MemoryLimit, OfVersion1) {
  put("proc/self/cgroup", "5:cpu,cpuacct:/a\n4:memory:/box\n0::/\n");
  put("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(find(), std::nullopt);
  put("sys/fs/cgroup/memory/box/memory.limit_in_bytes", "33554432\n");
  EXPECT_EQ(find(), 33554432U);
}

TEST_F(MemoryLimit, OfNoGroupIsNone) {
  EXPECT_EQ(find(), std::nullopt);
  put("proc/self/cgroup", "nonsense\n::\n");
  EXPECT_EQ(find(), std::nullopt);
}

TEST_F(MemoryLimit, ASmallerOneThanTheBudgetIsNamedWithBothFigures) {
  const Config config = load(minimal_document()).value();
  EXPECT_TRUE(check_memory_limit(config, std::nullopt));
  EXPECT_TRUE(check_memory_limit(config, std::uint64_t{256} << 20U));
  const Result<void> refused = check_memory_limit(config, std::uint64_t{128} << 20U);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
  for (const char* part : {"mintmark.json: passwords.memory_budget: ", "256MiB", "128MiB"})
    EXPECT_NE(refused.error().detail.find(part), std::string::npos) << refused.error().detail;
  const Config by_variable = load(minimal_document(), {{"MINTMARK_PASSWORDS_MEMORY_BUDGET", "512MiB"}}).value();
  EXPECT_TRUE(check_memory_limit(by_variable, 1024).error().detail.starts_with("MINTMARK_PASSWORDS_MEMORY_BUDGET: "));
}

}  // namespace
}  // namespace mintmark::app
