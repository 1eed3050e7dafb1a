#include "setting_groups.hpp"
#include "setting_makers.hpp"

namespace mintmark::app {

using namespace std::chrono_literals;

void append_storage(std::vector<Setting>& table) {
  table.push_back(make_path(
      "storage.path", [](auto& c) -> auto& { return c.storage.path; },
      "Required. The SQLite database; its folder must exist. In the file, relative to the file's "
      "folder; in the environment, to the working directory."));
  table.push_back(make_integer(
      "storage.threads", 1, 256, [](auto& c) -> auto& { return c.storage.threads; },
      "Threads that wait for the database."));
  table.push_back(make_integer(
      "storage.queue", 1, 1'000'000, [](auto& c) -> auto& { return c.storage.queue; },
      "Requests that may wait for such a thread; further ones are told 503."));
  table.push_back(make_path(
      "sealing_key_file", [](auto& c) -> auto& { return c.sealing_key.file; },
      "File with the key under which private keys are stored: base64 of 32 bytes, as `openssl rand "
      "-base64 32` prints it. The key itself can be given as MINTMARK_SEALING_KEY, never in this "
      "file."));
}

void append_keys(std::vector<Setting>& table) {
  table.push_back(make_duration(
      "keys.rotate_every", 1s, kYear * 10, [](auto& c) -> auto& { return c.keys.periods.rotate_every; },
      "How long a signing key signs before its successor takes over."));
  table.push_back(make_duration(
      "keys.publish_ahead", 1s, kYear, [](auto& c) -> auto& { return c.keys.periods.publish_ahead; },
      "How long a key is in the JWKS before it signs: at least jwks_max_age, clock_skew and 2s together."));
  table.push_back(make_duration(
      "keys.jwks_max_age", 1s, 24h, [](auto& c) -> auto& { return c.keys.periods.jwks_max_age; },
      "How long a verifier may cache the JWKS."));
  table.push_back(make_duration(
      "keys.clock_skew", 1ms, 1h, [](auto& c) -> auto& { return c.keys.periods.clock_skew; },
      "How far the clocks of verifiers may be from ours."));
  table.push_back(make_duration(
      "keys.retain", 1s, kYear * 10, [](auto& c) -> auto& { return c.keys.periods.retain; },
      "How long a key stays in the JWKS after its last signature. Default, and least: "
      "tokens.max_lifetime and clock_skew."));
  table.push_back(make_choice(
      "keys.rsa_bits", std::vector<std::size_t>{2048, 3072, 4096}, [](std::size_t bits) { return bits; },
      [](auto& c) -> auto& { return c.keys.rsa_bits; }, "Size of new RSA keys."));
  table.push_back(make_duration(
      "tokens.max_lifetime", 1s, kYear, [](auto& c) -> auto& { return c.keys.periods.longest_lifetime; },
      "The longest lifetime that a resource may give its tokens. Keys are kept for so long "
      "after their last signature."));
}

}  // namespace mintmark::app
