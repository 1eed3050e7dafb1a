#pragma once
// An audit stream in a folder of its own, and its verification.

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "mintmark/base/base64.hpp"
#include "mintmark/ops/audit_stream.hpp"
#include "mintmark/ops/audit_verifier.hpp"
#include "support/manual_clock.hpp"
#include "support/temp_dir.hpp"

namespace mintmark::ops {

inline AuditKey make_key(std::uint8_t byte) {
  const std::string text = encode_base64(Bytes(32, byte));
  return make_audit_keys(keys::Sealer::from_base64(Secret(std::string_view(text))).value()).front();
}

class AuditTest : public ::testing::Test {
 protected:
  std::unique_ptr<AuditStream> open(AuditProcess process = AuditProcess::server,
                                    std::optional<AuditKey> key = make_key(7)) {
    Result<std::unique_ptr<AuditStream>> stream =
        AuditStream::open({.output = AuditOutput::file, .file = file_}, std::move(key), process, clock_, log_);
    EXPECT_TRUE(stream) << stream.error().detail;
    return *std::move(stream);
  }
  /// One chain: its opening, `count` events, its end.
  void write_chain(int count, AuditProcess process = AuditProcess::server) {
    const std::unique_ptr<AuditStream> stream = open(process);
    for (int i = 0; i < count; ++i)
      stream->record(clock_.now(), "test.event", {{"number", std::int64_t{i}}});
  }

  [[nodiscard]] std::vector<std::string> lines() const { return lines_of(file_); }
  static std::vector<std::string> lines_of(const std::filesystem::path& file) {
    std::istringstream in(mintmark::testing::read_all(file));
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);)
      lines.push_back(line);
    return lines;
  }
  static std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines)
      text += line + "\n";
    return text;
  }

  static AuditReport verify_texts(const std::vector<std::string>& texts, std::vector<AuditHead> anchors = {},
                                  bool checks_keyed = true) {
    AuditVerifier::Options options{.keys = {}, .checks_keyed = checks_keyed, .anchors = std::move(anchors)};
    options.keys.push_back(make_key(7));
    AuditVerifier verifier(std::move(options));
    for (const std::string& text : texts) {
      std::istringstream in(text);
      verifier.read("audit.log", in);
    }
    return verifier.finish();
  }
  static AuditReport verify(const std::vector<std::string>& lines) { return verify_texts({joined(lines)}); }
  [[nodiscard]] AuditReport verify_file() const { return verify_texts({mintmark::testing::read_all(file_)}); }
  /// "3: reason" of the first problem; empty where there is none.
  static std::string first_problem(const AuditReport& report) {
    return report.problems.empty() ? "" : std::to_string(report.problems[0].line) + ": " + report.problems[0].reason;
  }

  mintmark::testing::TempDir folder_;
  const std::filesystem::path file_ = folder_ / "audit.log";
  mintmark::testing::ManualClock clock_;
  std::ostringstream log_text_;
  Log log_{{}, log_text_};
};

}  // namespace mintmark::ops
