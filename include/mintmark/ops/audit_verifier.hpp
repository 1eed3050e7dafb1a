#pragma once
// Whether the lines of an audit stream are those that were written, in their order and without a gap. Files of any size
// in a bounded amount of memory; their content is nobody's word.
// Thread safety: none.

#include <cstdint>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mintmark/ops/audit_line.hpp"

namespace mintmark::ops {

struct AuditProblem {
  std::string file;
  std::uint64_t line = 0;  ///< from 1; 0 for what is about the whole
  std::string reason;      ///< without anything of the line that is not checked to be printable
};

struct AuditReport {
  std::uint64_t lines = 0;
  std::uint64_t chains = 0;
  std::uint64_t chains_without_key = 0;
  std::uint64_t problem_count = 0;
  std::vector<AuditProblem> problems;  ///< the first of them
  std::vector<std::string> notes;      ///< what is no tampering: a crash, a chain that goes on elsewhere
  std::string first_time;
  std::string last_time;
  std::optional<AuditHead> head;  ///< of the chain that the last line is of
};

class AuditVerifier {
 public:
  struct Options {
    std::vector<AuditKey> keys;
    bool checks_keyed = true;          ///< else of keyed chains only the numbers and the form are looked at
    std::vector<AuditHead> anchors{};  ///< heads noted earlier: the lines must be there
  };
  explicit AuditVerifier(Options options) : options_(std::move(options)) {}

  /// The next file: those that were moved away first, in their order. `name` is for the report.
  void read(const std::string& name, std::istream& in);
  [[nodiscard]] AuditReport finish();

 private:
  struct Chain {
    std::uint64_t seq = 0;
    std::string hash;
    const AuditKey* key = nullptr;
    bool keyed = false;
    bool checked = false;  ///< whether the hashes can be
    bool closed = false;
  };

  void take_line(std::string_view text, bool is_whole);
  void take(const AuditLine& line, std::string_view text);
  /// None where the chain cannot be begun.
  Chain* begin(const AuditLine& line, const Json& content);
  void check_hash(const AuditLine& line, Chain& chain, std::string_view previous);
  void check_after(const Json& content);
  void problem(std::string reason);
  void note(std::string text);

  const Options options_;
  AuditReport report_;
  std::map<std::string, Chain, std::less<>> chains_;
  std::vector<bool> anchors_met_;
  std::string file_;
  std::uint64_t line_number_ = 0;
};

}  // namespace mintmark::ops
