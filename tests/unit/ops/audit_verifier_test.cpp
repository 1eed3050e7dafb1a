// Every way of tampering that the chain is there for.

#include "audit_fixture.hpp"

namespace mintmark::ops {
namespace {

using AuditVerifierTest = AuditTest;

TEST_F(AuditVerifierTest, WhatWasWrittenIsIntact) {
  write_chain(5);
  const AuditReport report = verify_file();
  EXPECT_EQ(first_problem(report), "");
  EXPECT_EQ(report.lines, 7U);
  EXPECT_EQ(report.chains, 1U);
  EXPECT_TRUE(report.notes.empty());
  EXPECT_EQ(report.head->seq, 7U);
}

TEST_F(AuditVerifierTest, ARemovedLine) {
  write_chain(5);
  auto text = lines();
  text.erase(text.begin() + 3);
  EXPECT_NE(first_problem(verify(text)).find("4: 1 line missing before line 5 of chain"), std::string::npos);
}

TEST_F(AuditVerifierTest, ALineAlteredAnywhere) {
  write_chain(3);
  const auto text = lines();
  for (std::size_t at = 0; at < text[2].size(); ++at) {
    auto altered = text;
    altered[2][at] = altered[2][at] == '0' ? '1' : '0';
    EXPECT_GT(verify(altered).problem_count, 0U) << altered[2];
  }
}

TEST_F(AuditVerifierTest, ALineWrittenAnewWithoutTheKey) {
  write_chain(3);
  auto text = lines();
  const AuditKey other = make_key(8);
  const AuditLine before = parse_audit_line(text[1]).value();
  AuditHead head{std::string(before.chain), before.seq, std::string(before.hash)};
  std::string forged;
  append_audit_line(forged, head, &other, R"({"time":"2026-01-31T09:00:00.123Z","event":"test.event","number":9)");
  forged.pop_back();
  text[2] = forged;
  EXPECT_NE(first_problem(verify(text)).find("3: line 3 of chain"), std::string::npos);
  EXPECT_NE(first_problem(verify(text)).find("altered"), std::string::npos);
}

TEST_F(AuditVerifierTest, SwappedLines) {
  write_chain(5);
  auto text = lines();
  std::swap(text[2], text[3]);
  EXPECT_EQ(verify(text).problems.at(0).line, 3U);
}

TEST_F(AuditVerifierTest, AnInsertedCopy) {
  write_chain(5);
  auto text = lines();
  text.insert(text.begin() + 4, text[3]);
  EXPECT_NE(first_problem(verify(text)).find("5: line 4 of chain"), std::string::npos);
}

TEST_F(AuditVerifierTest, WhatIsNoLineOfOurs) {
  write_chain(2);
  auto text = lines();
  text.insert(text.begin() + 1, "\x1b[2Jhello}");
  const std::string problem = first_problem(verify(text));
  EXPECT_EQ(problem, "2: not a line of an audit stream");
}

TEST_F(AuditVerifierTest, ARemovedBeginning) {
  write_chain(5);
  auto text = lines();
  text.erase(text.begin(), text.begin() + 2);
  EXPECT_NE(first_problem(verify(text)).find("begins with line 3"), std::string::npos);
}

TEST_F(AuditVerifierTest, ARemovedChain) {
  write_chain(2);
  write_chain(1, AuditProcess::command);
  write_chain(2);
  auto text = lines();
  ASSERT_EQ(text.size(), 11U);
  EXPECT_EQ(first_problem(verify(text)), "");
  auto without_middle = text;
  without_middle.erase(without_middle.begin() + 4, without_middle.begin() + 7);
  EXPECT_NE(first_problem(verify(without_middle)).find("5: the chain that stood before this line has been removed"),
            std::string::npos);
  auto without_end = text;
  without_end.erase(without_end.begin() + 2, without_end.begin() + 4);  // of the first chain
  EXPECT_NE(first_problem(verify(without_end)).find("3: the end of the chain that stood before"), std::string::npos);
}

TEST_F(AuditVerifierTest, ACutEndNeedsAnAnchor) {
  write_chain(5);
  auto text = lines();
  const AuditHead head = verify(text).head.value();
  text.pop_back();
  const AuditReport report = verify(text);
  EXPECT_EQ(report.problem_count, 0U);
  ASSERT_EQ(report.notes.size(), 1U);
  EXPECT_NE(report.notes[0].find("has no end, last line 6"), std::string::npos);
  EXPECT_EQ(verify_texts({joined(lines())}, {head}).problem_count, 0U);
  EXPECT_EQ(verify_texts({joined(text)}, {head}).problem_count, 1U);
  const Result<AuditHead> parsed = parse_audit_head(to_string(head));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, head);
  EXPECT_FALSE(parse_audit_head("abc:1:x"));
}

TEST_F(AuditVerifierTest, HalfALineAtTheEndIsACrashAndTheNextStartGoesOn) {
  write_chain(2);
  auto text = lines();
  const std::string whole = joined(text);
  { std::ofstream(file_, std::ios::trunc | std::ios::binary) << whole.substr(0, whole.size() - 30); }
  const AuditReport crashed = verify_file();
  EXPECT_EQ(first_problem(crashed), "");
  EXPECT_NE(crashed.notes.at(0).find("4: the beginning of a line"), std::string::npos);
  write_chain(1);
  const AuditReport report = verify_file();
  EXPECT_EQ(first_problem(report), "");
  EXPECT_EQ(report.lines, 7U);
  EXPECT_EQ(report.chains, 2U);
}

TEST_F(AuditVerifierTest, HalfALineInTheMiddleIsMissed) {
  write_chain(3);
  auto text = lines();
  text[2].resize(40);
  EXPECT_NE(first_problem(verify(text)).find("4: 1 line missing"), std::string::npos);
}

TEST_F(AuditVerifierTest, AServersChainHasAKey) {
  { open(AuditProcess::server, std::nullopt)->record(clock_.now(), "test.event", {}); }
  EXPECT_NE(first_problem(verify_file()).find("is a server's and has no key"), std::string::npos);
}

TEST_F(AuditVerifierTest, ACommandsChainMayBeWithoutOne) {
  { open(AuditProcess::command, std::nullopt)->record(clock_.now(), "test.event", {{"a", "b"}}); }
  EXPECT_EQ(first_problem(verify_file()), "");
  EXPECT_EQ(verify_file().chains_without_key, 1U);
  auto text = lines();
  text[1].replace(text[1].find("\"a\":\"b\""), 7, "\"a\":\"c\"");
  EXPECT_GT(verify(text).problem_count, 0U);
}

TEST_F(AuditVerifierTest, AnotherSealingKeyIsSaid) {
  { open(AuditProcess::server, make_key(8))->record(clock_.now(), "test.event", {}); }
  EXPECT_NE(first_problem(verify_file()).find("made with a sealing key that is not at hand"), std::string::npos);
  const AuditReport form = verify_texts({joined(lines())}, {}, false);
  EXPECT_EQ(form.problem_count, 0U);
}

TEST_F(AuditVerifierTest, HostileContentIsBounded) {
  EXPECT_EQ(first_problem(verify({std::string(3'000'000, 'x'), "y}"})), "1: longer than any line of an audit stream");
  std::string many;
  for (int i = 0; i < 1000; ++i)
    many += "}\n";
  const AuditReport report = verify_texts({many});
  EXPECT_EQ(report.problem_count, 1000U);
  EXPECT_EQ(report.problems.size(), 100U);
  EXPECT_GT(verify_texts({std::string("{\"chain\":\"\0\"}\n", 14)}).problem_count, 0U);
}

}  // namespace
}  // namespace mintmark::ops
