#pragma once
// The command line over a folder with a configuration, a sealing key and a store of its own.

#include <gtest/gtest.h>

#include <deque>
#include <sstream>

#include "config_files.hpp"
#include "mintmark/app/cli.hpp"
#include "mintmark/app/open.hpp"
#include "mintmark/base/base64.hpp"
#include "support/manual_clock.hpp"
#include "support/temp_dir.hpp"

namespace mintmark::app {

struct CliResult {
  int code;
  std::string out;
  std::string err;

  [[nodiscard]] Json json() const { return Json::parse(out); }
  /// The first line of `out` that begins with `name`, without it and the space after it.
  [[nodiscard]] std::string field(const std::string& name) const {
    std::istringstream lines(out);
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with(name)) return line.substr(line.find_first_not_of(' ', name.size()));
    }
    return {};
  }
};

class CliTest : public ::testing::Test {
 protected:
  using Arguments = std::vector<std::string>;

  CliTest() {
    (void)folder_.write("sealing.key", encode_base64(Bytes(32, 7)) + "\n");
    Json document = full_document();
    document["sealing_key_file"] = "sealing.key";
    document["passwords"] = {{"memory_kib", 64}, {"iterations", 1}};
    configure(document);
  }

  /// What later runs find in MINTMARK_CONFIG.
  void configure(const Json& document) {
    environment_["MINTMARK_CONFIG"] = folder_.write("mintmark.json", document.dump()).string();
  }

  CliResult run(Arguments arguments, const std::string& input = {}) {
    std::istringstream in(input);
    std::ostringstream out;
    std::ostringstream err;
    const CliIo io{in, out, err, [this](std::string_view) -> Result<Secret> {
                     if (typed_.empty()) return unavailable("there is no terminal to ask on");
                     const std::string answer = typed_.front();
                     typed_.pop_front();
                     return Secret(std::string_view(answer));
                   }};
    const int code = run_cli(std::move(arguments), io, environment_, clock_);
    return {code, out.str(), err.str()};
  }
  /// run(), and it must succeed.
  CliResult ok(const Arguments& arguments, const std::string& input = {}) {
    CliResult result = run(arguments, input);
    EXPECT_EQ(result.code, 0) << result.err;
    return result;
  }
  /// run(), and it must be refused: the one line on stderr, without its prefix and line end.
  std::string refusal(const Arguments& arguments, const std::string& input = {}) {
    const CliResult result = run(arguments, input);
    EXPECT_EQ(result.code, 1) << result.out << result.err;
    EXPECT_EQ(result.out, "");
    EXPECT_TRUE(result.err.starts_with("mintmark: ")) << result.err;
    EXPECT_EQ(result.err.find('\n'), result.err.size() - 1) << result.err;
    return result.code == 1 ? result.err.substr(10, result.err.size() - 11) : "";
  }
  /// The store that the commands work on.
  std::unique_ptr<storage::Storage> open_store() {
    const Result<Config> config = load_config(environment_.at("MINTMARK_CONFIG"), environment_);
    EXPECT_TRUE(config) << config.error().detail;
    Result<std::unique_ptr<storage::Storage>> store = open_storage(*config);
    EXPECT_TRUE(store) << store.error().detail;
    return *std::move(store);
  }
  /// A listing as JSON, its element whose `name` is `value`; null where there is none.
  Json listed(const Arguments& listing, const std::string& name, const std::string& value) {
    Arguments arguments = listing;
    arguments.emplace_back("--json");
    for (const Json& item : ok(arguments).json()) {
      if (item.at(name) == value) return item;
    }
    return {};
  }

  mintmark::testing::TempDir folder_;
  mintmark::testing::ManualClock clock_;
  Environment environment_;
  std::deque<std::string> typed_;  ///< what prompts are answered with
};

}  // namespace mintmark::app
