#include "setting_groups.hpp"
#include "setting_makers.hpp"

namespace mintmark::app {

void append_audit(std::vector<Setting>& table) {
  using enum ops::AuditOutput;
  table.push_back(make_choice(
      "audit.output", std::vector{none, standard_error, file},
      [](ops::AuditOutput output) { return ops::name(output); }, [](auto& c) -> auto& { return c.audit.output; },
      "Where the audit stream goes: who got which token, what was refused, what became of keys, what administrators "
      "changed. JSON lines, each tied to the one before; `mintmark audit verify` finds what has been altered."));
  table.push_back(make_path(
      "audit.file", [](auto& c) -> auto& { return c.audit.file; },
      "The file of output \"file\". Commands append to it as well, so whoever runs them must be allowed to. SIGUSR1 "
      "opens it anew, so that it can be moved away."));
  table.push_back(make_byte_size(
      "audit.buffer", std::uint64_t{64} * 1024, std::uint64_t{1024} * 1024 * 1024,
      [](auto& c) -> auto& { return c.audit.buffer_bytes; },
      "How much waits while the disk is full or slow. Events beyond are lost, and the stream says how many."));
}

}  // namespace mintmark::app
