#include <sys/resource.h>

#include <csignal>
#include <thread>

#include "audit_fixture.hpp"
#include "mintmark/ops/audit_events.hpp"

namespace mintmark::ops {
namespace {

using AuditStreamTest = AuditTest;

TEST_F(AuditStreamTest, ALineSaysWhenAndWhatAndCannotBeForged) {
  {
    const auto stream = open();
    stream->record(from_unix_ms(1'800'000'000'123), "test.event",
                   {{"text", "a\"}\n{\"b\xff"}, {"number", std::int64_t{-5}}, {"flag", true}});
  }
  ASSERT_EQ(lines().size(), 3U);
  const Json opened = Json::parse(lines()[0]);
  EXPECT_EQ(opened["event"], "chain.opened");
  EXPECT_EQ(opened["process"], "server");
  EXPECT_EQ(opened["version"], 1);
  const Json line = Json::parse(lines()[1]);
  EXPECT_EQ(line["time"], "2027-01-15T08:00:00.123Z");
  EXPECT_EQ(line["event"], "test.event");
  EXPECT_EQ(line["seq"], 2);
  EXPECT_EQ(line["chain"], opened["chain"]);
  EXPECT_EQ(line["text"], "a\"}\n{\"b\xef\xbf\xbd");
  EXPECT_EQ(line["number"], -5);
  EXPECT_EQ(line["flag"], true);
  EXPECT_EQ(line["mac"].get<std::string>().size(), 43U);
}

TEST_F(AuditStreamTest, NothingIsWrittenWhereNothingHappens) {
  open().reset();
  EXPECT_TRUE(lines().empty());
}

TEST_F(AuditStreamTest, FlushedIsOnDisk) {
  const auto stream = open();
  stream->record(clock_.now(), "test.event", {});
  ASSERT_TRUE(stream->flush());
  EXPECT_EQ(lines().size(), 2U);
  EXPECT_EQ(stream->head().seq, 2U);
}

TEST_F(AuditStreamTest, AFileThatCannotBeOpenedIsNamed) {
  const auto stream = AuditStream::open({.output = AuditOutput::file, .file = "/nowhere/audit.log"}, std::nullopt,
                                        AuditProcess::server, clock_, log_);
  ASSERT_FALSE(stream);
  EXPECT_EQ(stream.error().detail, "the audit stream: /nowhere/audit.log: No such file or directory");
}

TEST_F(AuditStreamTest, AChainVouchesForWhatOthersWroteInBetween) {
  const auto server = open();
  server->record(clock_.now(), "test.event", {});
  ASSERT_TRUE(server->flush());
  write_chain(1, AuditProcess::command);
  server->record(clock_.now(), "test.event", {});
  ASSERT_TRUE(server->flush());
  auto text = lines();
  ASSERT_EQ(text.size(), 7U);
  EXPECT_EQ(Json::parse(text[5])["event"], "chain.linked");
  EXPECT_EQ(first_problem(verify(text)), "");
  text.erase(text.begin() + 2, text.begin() + 5);
  EXPECT_NE(first_problem(verify(text)).find("3: the chain that stood before this line has been removed"),
            std::string::npos);
}

TEST_F(AuditStreamTest, MovedAwayUnderLoadNothingIsLostOrTorn) {
  constexpr int kThreads = 4;
  constexpr int kEvents = 5000;
  {
    const auto stream = open();
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kEvents; ++i)
          stream->record(clock_.now(), "test.event", {{"id", std::int64_t{t} * kEvents + i}});
      });
    }
    for (int i = 1; i <= 3; ++i) {
      stream->record(clock_.now(), "test.event", {});  // so that each file has a line
      ASSERT_TRUE(stream->flush());
      std::filesystem::rename(file_, file_.string() + "." + std::to_string(i));
      stream->reopen();
      ASSERT_TRUE(stream->flush());
    }
  }
  std::vector<std::string> texts;
  for (const char* suffix : {".1", ".2", ".3", ""}) {
    const std::string name = file_.string() + suffix;
    if (std::filesystem::exists(name)) texts.push_back(mintmark::testing::read_all(name));
  }
  EXPECT_GE(texts.size(), 3U);
  EXPECT_EQ(first_problem(verify_texts(texts)), "");
  std::size_t events = 0;
  for (const std::string& text : texts) {
    for (std::size_t at = text.find("test.event", {}); at != std::string::npos; at = text.find("test.event", at + 1))
      ++events;
  }
  EXPECT_EQ(events, std::size_t{kThreads} * kEvents + 3);
  // A file in the middle that is not there is missed; one at the beginning is only named.
  EXPECT_NE(first_problem(verify_texts({texts.front(), texts.back()})).find("missing before"), std::string::npos);
  const AuditReport without_first = verify_texts({texts.begin() + 1, texts.end()});
  EXPECT_EQ(first_problem(without_first), "");
  EXPECT_NE(without_first.notes.at(0).find("continues from an earlier file"), std::string::npos);
}

TEST_F(AuditStreamTest, AReopeningThatFailsChangesNothing) {
  std::filesystem::create_directory(folder_ / "sub");
  const std::filesystem::path file = folder_ / "sub" / "audit.log";
  auto stream =
      *AuditStream::open({.output = AuditOutput::file, .file = file}, make_key(7), AuditProcess::server, clock_, log_);
  stream->record(clock_.now(), "test.event", {});
  ASSERT_TRUE(stream->flush());
  std::filesystem::rename(folder_ / "sub", folder_ / "moved");
  stream->reopen();
  stream->record(clock_.now(), "test.event", {});
  ASSERT_TRUE(stream->flush());
  EXPECT_EQ(lines_of(folder_ / "moved" / "audit.log").size(), 3U);
  stream.reset();
  EXPECT_NE(log_text_.str().find("audit file not opened anew"), std::string::npos);
}

TEST_F(AuditStreamTest, AnotherKeyIsAnotherChain) {
  {
    const auto stream = open();
    stream->record(clock_.now(), "test.event", {});
    ASSERT_TRUE(stream->flush());
    stream->change_key(make_key(7));  // which it has
    stream->record(clock_.now(), "test.event", {});
    ASSERT_TRUE(stream->flush());
    stream->change_key(make_key(8));
    ASSERT_TRUE(stream->flush());
    stream->record(clock_.now(), "test.event", {});
  }
  AuditVerifier::Options options;
  options.keys = {make_key(7), make_key(8)};
  AuditVerifier verifier(std::move(options));
  std::istringstream in(mintmark::testing::read_all(file_));
  verifier.read("audit.log", in);
  const AuditReport report = verifier.finish();
  EXPECT_EQ(first_problem(report), "");
  EXPECT_EQ(report.chains, 2U);
}

/// The size that files may have: a disk that gets full, and then is not any more.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    former_ = std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, former_);
  }

 private:
  rlimit before_{};
  void (*former_)(int) = nullptr;
};

TEST_F(AuditStreamTest, AFullDiskIsWaitedForAndWhatWasLostIsCounted) {
  constexpr int kEvents = 2000;  // far beyond the buffer
  std::uint64_t lost = 0;
  {
    auto stream = *AuditStream::open({.output = AuditOutput::file, .file = file_, .buffer_bytes = 64 * 1024},
                                     make_key(7), AuditProcess::server, clock_, log_);
    stream->record(clock_.now(), "test.event", {{"id", std::int64_t{-1}}});
    ASSERT_TRUE(stream->flush());
    {
      const FullDisk full(1000);
      for (int i = 0; i < kEvents; ++i)
        stream->record(clock_.now(), "test.event", {{"text", std::string(100, 'x')}});
      EXPECT_FALSE(stream->flush());
      for (int i = 0; i < kEvents; ++i)
        stream->record(clock_.now(), "test.event", {{"text", std::string(100, 'x')}});
      EXPECT_FALSE(stream->flush());
      EXPECT_LE(std::filesystem::file_size(file_), 1000U);
    }
    lost = stream->lost();
    EXPECT_GT(lost, 0U);
    ASSERT_TRUE(stream->flush());
  }
  const AuditReport report = verify_file();
  EXPECT_EQ(first_problem(report), "");
  std::uint64_t counted = 0;
  std::uint64_t events = 0;
  for (const std::string& line : lines()) {
    const Json json = Json::parse(line);
    if (json["event"] == "audit.gap") counted += json["lost"].get<std::uint64_t>();
    if (json["event"] == "test.event") ++events;
  }
  EXPECT_EQ(counted, lost);
  EXPECT_EQ(events + lost, 2U * kEvents + 1);
  EXPECT_NE(log_text_.str().find("failing subject=\"audit stream\""), std::string::npos) << log_text_.str();
  EXPECT_NE(log_text_.str().find("works again"), std::string::npos);
  EXPECT_NE(log_text_.str().find("audit events lost"), std::string::npos);
}

TEST_F(AuditStreamTest, EventsOfKeysReloadsAndAdministrators) {
  {
    const auto stream = open();
    keys::KeyRecord record;
    record.kid = KeyId("kid-1");
    record.alg = jose::Alg::ES256;
    record.sealed = {0x73, 0x65, 0x61, 0x6c};
    KeyAudit(*stream, clock_).key_revoked(record);
    ConfigAudit configuration(*stream);
    configuration.config_refused(ReloadTrigger::file, invalid("mintmark.json: server.port: expected"), clock_.now());
    configuration.config_reloaded(ReloadTrigger::signal, "clients,log.level", clock_.now());
    audit_change(*stream, clock_.now(), {.name = "root", .uid = 0, .login = 1000}, "client.create", "shop",
                 {{"secret_id", "5f1c"}});
  }
  const auto text = lines();
  ASSERT_EQ(text.size(), 6U);
  const Json key = Json::parse(text[1]);
  EXPECT_EQ(key["event"], "key.revoked");
  EXPECT_EQ(key["kid"], "kid-1");
  EXPECT_FALSE(key.contains("sealed"));
  EXPECT_EQ(Json::parse(text[2])["event"], "config.refused");
  EXPECT_EQ(Json::parse(text[2])["reason"], "mintmark.json: server.port: expected");
  EXPECT_EQ(Json::parse(text[3])["event"], "config.reloaded");
  EXPECT_EQ(Json::parse(text[3])["trigger"], "signal");
  EXPECT_EQ(Json::parse(text[3])["changed"], "clients,log.level");
  const Json change = Json::parse(text[4]);
  EXPECT_EQ(change["event"], "admin.change");
  EXPECT_EQ(change["user"], "root");
  EXPECT_EQ(change["uid"], 0);
  EXPECT_EQ(change["login_uid"], 1000);
  EXPECT_EQ(change["action"], "client.create");
  EXPECT_EQ(change["id"], "shop");
  EXPECT_EQ(change["secret_id"], "5f1c");
}

TEST_F(AuditStreamTest, ARefusalSaysWhyAndWho) {
  {
    const auto stream = open();
    const oauth::OAuthError error{oauth::OAuthCode::invalid_grant, "no refresh token that is good now"};
    oauth::Client client;
    client.id = ClientId("app");
    TokenAudit audit(*stream);
    const oauth::RequestContext context{.request_id = "r-1", .remote_address = "192.0.2.7", .now = clock_.now()};
    audit.token_refused({.error = error, .grant = oauth::GrantType::refresh_token, .client = &client}, context);
    oauth::RefreshFamily family;
    family.id = FamilyId("fam");
    family.client = client.id;
    family.user = UserId("u1");
    audit.refresh_reused(family, context);
  }
  const Json refused = Json::parse(lines()[1]);
  EXPECT_EQ(refused["event"], "token.refused");
  EXPECT_EQ(refused["error"], "invalid_grant");
  EXPECT_EQ(refused["reason"], "no refresh token that is good now");
  EXPECT_EQ(refused["client"], "app");
  EXPECT_EQ(refused["remote"], "192.0.2.7");
  EXPECT_EQ(refused["request_id"], "r-1");
  const Json reused = Json::parse(lines()[2]);
  EXPECT_EQ(reused["event"], "refresh.reused");
  EXPECT_EQ(reused["family"], "fam");
  EXPECT_EQ(reused["sub"], "u1");
}

}  // namespace
}  // namespace mintmark::ops
