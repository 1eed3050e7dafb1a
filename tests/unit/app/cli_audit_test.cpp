// audit verify, and what commands leave in the stream.

#include "cli_fixture.hpp"

namespace mintmark::app {
namespace {

class CliAuditTest : public CliTest {
 protected:
  CliAuditTest() {
    document_ = full_document();
    document_["sealing_key_file"] = "sealing.key";
    document_["passwords"] = {{"memory_kib", 64}, {"iterations", 1}};
    document_["audit"] = {{"output", "file"}, {"file", "audit.log"}};
    configure(document_);
  }
  [[nodiscard]] std::string stream() const { return mintmark::testing::read_all(folder_ / "audit.log"); }

  Json document_;
};

TEST_F(CliAuditTest, ChangesAreThereAndVerify) {
  ok({"user", "add", "bob", "--no-password"});
  ok({"user", "disable", "bob"});
  ok({"user", "list"});
  EXPECT_NE(stream().find(R"("action":"user.create")"), std::string::npos) << stream();
  const CliResult verified = ok({"audit", "verify"});
  EXPECT_TRUE(verified.out.starts_with("intact: 6 lines of 2 chains in 1 file\n")) << verified.out;
  EXPECT_EQ(verified.field("head").find(':'), 11U) << verified.out;
}

TEST_F(CliAuditTest, ARefusedCommandLeavesNothing) {
  (void)refusal({"user", "disable", "nobody"});
  EXPECT_EQ(stream(), "");
}

TEST_F(CliAuditTest, WithoutTheSealingKeyTheChainHasNone) {
  std::filesystem::remove(folder_ / "sealing.key");
  ok({"user", "add", "bob", "--no-password"});
  EXPECT_NE(stream().find(R"(,"hash":")"), std::string::npos);
  EXPECT_NE(refusal({"audit", "verify"}).find("sealing.key"), std::string::npos);
  const CliResult form = ok({"audit", "verify", "--without-key"});
  EXPECT_NE(form.out.find("1 chains without a key"), std::string::npos) << form.out;
}

TEST_F(CliAuditTest, TheKeyCanBeGivenWithoutAConfiguration) {
  ok({"user", "add", "bob", "--no-password"});
  environment_.clear();
  const std::string file = (folder_ / "audit.log").string();
  EXPECT_NE(refusal({"audit", "verify", file}).find("which sealing key?"), std::string::npos);
  EXPECT_NE(refusal({"audit", "verify"}).find("there is nothing to verify"), std::string::npos);
  ok({"audit", "verify", "--key-file", (folder_ / "sealing.key").string(), file});
  (void)folder_.write("other.key", encode_base64(Bytes(32, 8)) + "\n");
  const CliResult other = run({"audit", "verify", "--key-file", (folder_ / "other.key").string(), file});
  EXPECT_EQ(other.code, 1);
  EXPECT_NE(other.err.find("a sealing key that is not at hand"), std::string::npos) << other.err;
}

TEST_F(CliAuditTest, AProblemIsNamedWithFileAndLine) {
  ok({"user", "add", "bob", "--no-password"});
  std::string text = stream();
  text.replace(text.find("user.create"), 11, "user.delete");
  (void)folder_.write("audit.log", text);
  const CliResult result = run({"audit", "verify"});
  EXPECT_EQ(result.code, 1);
  EXPECT_TRUE(result.out.starts_with("NOT INTACT: 3 lines")) << result.out;
  EXPECT_NE(result.err.find("audit.log:2: line 2 of chain "), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("has been altered"), std::string::npos);
  EXPECT_NE(run({"audit", "verify", "--head", "nonsense"}).err.find("--head: expected the head of a chain"),
            std::string::npos);
}

}  // namespace
}  // namespace mintmark::app
