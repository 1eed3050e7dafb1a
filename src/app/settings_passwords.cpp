#include "setting_groups.hpp"
#include "setting_makers.hpp"

namespace mintmark::app {

void append_passwords(std::vector<Setting>& table) {
  table.push_back(make_integer(
      "passwords.memory_kib", 8, 256 * 1024, [](auto& c) -> auto& { return c.passwords.argon2.memory_kib; },
      "Argon2id memory of new hashes, in KiB."));
  table.push_back(make_integer(
      "passwords.iterations", 1, 16, [](auto& c) -> auto& { return c.passwords.argon2.iterations; },
      "Argon2id passes of new hashes."));
  table.push_back(make_integer(
      "passwords.parallelism", 1, 16, [](auto& c) -> auto& { return c.passwords.argon2.parallelism; },
      "Argon2id lanes of new hashes."));
  table.push_back(make_byte_size(
      "passwords.memory_budget", 8 * 1024, std::uint64_t{1} << 40U,
      [](auto& c) -> auto& { return c.passwords.memory_budget_bytes; },
      "Memory of all password hashes that are computed at once."));
  table.push_back(make_integer(
      "passwords.queue", 1, 1'000'000, [](auto& c) -> auto& { return c.passwords.queue; },
      "Logins that may wait for such memory; further ones are told 503."));
}

}  // namespace mintmark::app
