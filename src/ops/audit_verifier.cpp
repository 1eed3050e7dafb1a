#include "mintmark/ops/audit_verifier.hpp"

#include <algorithm>
#include <istream>

#include "mintmark/base/json.hpp"
#include "mintmark/crypto/digest.hpp"

namespace mintmark::ops {
namespace {

constexpr std::size_t kMaxChains = 1'000'000;
constexpr std::size_t kMaxListed = 100;
constexpr std::size_t kBlockBytes = std::size_t{256} * 1024;
constexpr std::string_view kLineStart = R"({"chain":")";

/// What a crash or a full disk leaves of a line: its beginning.
bool is_torn(std::string_view text) noexcept {
  const std::size_t common = std::min(text.size(), kLineStart.size());
  return text.substr(0, common) == kLineStart.substr(0, common) && !text.ends_with('}');
}

std::optional<AuditHead> read_head(const Json& content, const char* name) {
  const auto found = content.find(name);
  if (found == content.end() || !found->is_object()) return std::nullopt;
  const std::optional<std::string> chain = find_string(*found, "chain");
  const std::optional<std::string> hash = find_string(*found, "hash");
  const auto seq = found->find("seq");
  if (!chain || !hash || seq == found->end() || !seq->is_number_unsigned()) return std::nullopt;
  return AuditHead{*chain, seq->get<std::uint64_t>(), *hash};
}

std::string name_of(const AuditLine& line) {
  return "line " + std::to_string(line.seq) + " of chain " + std::string(line.chain);
}

bool equal(std::string_view a, std::string_view b) noexcept {
  return crypto::constant_time_equal(as_bytes(a), as_bytes(b));
}

}  // namespace

void AuditVerifier::problem(std::string reason) {
  ++report_.problem_count;
  if (report_.problems.size() < kMaxListed) report_.problems.push_back({file_, line_number_, std::move(reason)});
}

void AuditVerifier::note(std::string text) {
  if (report_.notes.size() < kMaxListed) {
    report_.notes.push_back(file_ + ":" + std::to_string(line_number_) + ": " + std::move(text));
  }
}

void AuditVerifier::read(const std::string& name, std::istream& in) {
  file_ = name;
  line_number_ = 0;
  std::string rest;
  std::string block(kBlockBytes, '\0');
  bool skipping = false;  // a line that is too long to be kept
  while (in.read(block.data(), static_cast<std::streamsize>(block.size())), in.gcount() > 0) {
    std::string_view got(block.data(), static_cast<std::size_t>(in.gcount()));
    for (std::size_t end = got.find('\n'); end != std::string_view::npos; end = got.find('\n')) {
      rest.append(got.substr(0, end));
      got.remove_prefix(end + 1);
      if (!skipping) take_line(rest, true);
      skipping = false;
      rest.clear();
    }
    if (!skipping) rest.append(got);
    if (rest.size() <= kMaxAuditLineBytes) continue;
    take_line(rest, true);
    skipping = true;
    rest.clear();
  }
  if (!rest.empty()) take_line(rest, false);
}

void AuditVerifier::take_line(std::string_view text, bool is_whole) {
  ++line_number_;
  ++report_.lines;
  if (text.size() > kMaxAuditLineBytes) return problem("longer than any line of an audit stream");
  if (const std::optional<AuditLine> line = parse_audit_line(text)) {
    if (!is_whole) note("the last line has no line end");
    return take(*line, text);
  }
  if (is_torn(text)) return note("the beginning of a line: a crash or a full disk kept the rest from being written");
  problem("not a line of an audit stream");
}

AuditVerifier::Chain* AuditVerifier::begin(const AuditLine& line, const Json& content) {
  if (chains_.size() >= kMaxChains) {
    problem("more chains than can be followed");
    return nullptr;
  }
  const bool opens = line.event == kChainOpened;
  const bool continues = line.event == kChainContinued;
  Chain chain;
  chain.keyed = line.keyed;
  chain.seq = line.seq - 1;
  if (opens && line.seq != 1) problem(name_of(line) + " opens it: its beginning has been replaced");
  if (!opens && !continues) {
    problem("chain " + std::string(line.chain) + " begins with line " + std::to_string(line.seq) +
            ": what was before it has been removed");
  }
  if (continues) {
    chain.hash = find_string(content, "prev").value_or("");
    note("chain " + std::string(line.chain) + " continues from an earlier file, after " + std::to_string(line.seq - 1) +
         ":" + (chain.hash.size() == 43 ? chain.hash : "?"));
  }
  const std::string key_id = find_string(content, "key").value_or("");
  if (line.keyed) {
    const auto found = std::ranges::find(options_.keys, key_id, &AuditKey::id);
    if (found != options_.keys.end()) chain.key = &*found;
    // A chain whose beginning is gone does not say its key: any that fits will do.
    if (chain.key == nullptr && !opens && !continues && !options_.keys.empty()) chain.key = &options_.keys.front();
    chain.checked = options_.checks_keyed && chain.key != nullptr;
    if (options_.checks_keyed && chain.key == nullptr) {
      problem("chain " + std::string(line.chain) + " was made with a sealing key that is not at hand");
    }
  } else {
    chain.checked = true;
    ++report_.chains_without_key;
    if (find_string(content, "process") != "command") {
      problem("chain " + std::string(line.chain) + " is a server's and has no key");
    }
  }
  // Without the hash of the line before, the first hash has to be taken as it is.
  if (!opens && !continues) chain.hash = "?";
  ++report_.chains;
  return &chains_.emplace(std::string(line.chain), std::move(chain)).first->second;
}

void AuditVerifier::check_hash(const AuditLine& line, Chain& chain, std::string_view previous) {
  if (line.keyed != chain.keyed) return problem(name_of(line) + " has been replaced: keyed and not keyed do not mix");
  if (!chain.checked || previous == "?") return;
  if (!equal(audit_hash(chain.key, previous, line.body), line.hash)) {
    problem(name_of(line) + " has been altered, or was not written by the service");
  }
}

void AuditVerifier::check_after(const Json& content) {
  const std::optional<AuditHead> after = read_head(content, "after");
  if (!after) return;
  const auto found = chains_.find(after->chain);
  if (found == chains_.end()) return problem("the chain that stood before this line has been removed");
  const Chain& chain = found->second;
  if (chain.seq < after->seq) {
    return problem("the end of the chain that stood before this line has been removed: " +
                   std::to_string(after->seq - chain.seq) + " lines");
  }
  if (chain.seq == after->seq && !equal(chain.hash, after->hash)) {
    problem("the chain that stood before this line has been replaced");
  }
}

void AuditVerifier::take(const AuditLine& line, std::string_view text) {
  if (report_.first_time.empty()) report_.first_time = line.time;
  report_.last_time = line.time;
  const bool is_of_chain = line.event.starts_with("chain.");
  Json content = Json::object();
  // A hash that fits vouches for the form as well; where none is checked, the form is.
  if (is_of_chain || !options_.checks_keyed) {
    Result<Json> parsed = parse_json_object(text, {.max_bytes = kMaxAuditLineBytes});
    if (!parsed) return problem("not a JSON object");
    content = *std::move(parsed);
  }
  const auto found = chains_.find(line.chain);
  Chain* const chain = found == chains_.end() ? begin(line, content) : &found->second;
  if (chain == nullptr) return;
  if (chain->closed) problem(name_of(line) + " comes after the end of its chain");
  if (line.seq <= chain->seq) return problem(name_of(line) + " is there twice, or not in its place");
  const std::uint64_t missing = line.seq - chain->seq - 1;
  std::string previous = missing == 0 ? chain->hash : "?";
  if (missing > 0) {
    problem(std::to_string(missing) + (missing == 1 ? " line" : " lines") + " missing before " + name_of(line));
  }
  if (line.event == kChainContinued) {
    const std::string stated = find_string(content, "prev").value_or("");
    if (missing == 0 && previous != "?" && !equal(stated, previous)) {
      problem(name_of(line) + " does not continue the line before");
    }
    previous = stated;
  }
  check_hash(line, *chain, previous);
  if (is_of_chain) check_after(content);
  chain->seq = line.seq;
  chain->hash = line.hash;
  chain->closed = line.event == kChainClosed;
  report_.head = AuditHead{std::string(line.chain), line.seq, std::string(line.hash)};
  anchors_met_.resize(options_.anchors.size());
  for (std::size_t i = 0; i < options_.anchors.size(); ++i) {
    if (options_.anchors[i] == *report_.head) anchors_met_[i] = true;
  }
}

AuditReport AuditVerifier::finish() {
  anchors_met_.resize(options_.anchors.size());
  line_number_ = 0;
  file_.clear();
  for (std::size_t i = 0; i < options_.anchors.size(); ++i) {
    if (anchors_met_[i]) continue;
    problem("line " + std::to_string(options_.anchors[i].seq) + " of chain " + options_.anchors[i].chain +
            ", whose hash was noted, is not there: the end has been cut off, or the chain replaced");
  }
  for (const auto& [name, chain] : chains_) {
    if (chain.closed || report_.notes.size() >= kMaxListed) continue;
    report_.notes.push_back("chain " + name + " has no end, last line " + std::to_string(chain.seq) +
                            ": its process runs, was killed, or the end has been cut off");
  }
  return report_;
}

}  // namespace mintmark::ops
