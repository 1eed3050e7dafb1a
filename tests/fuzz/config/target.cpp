// Configuration files: whatever is accepted can be rendered, and that is read as the same.

#include "fuzz_target.hpp"
#include "mintmark/app/config.hpp"

namespace mintmark::fuzz {
namespace {

/// What a file holds is told by its name, so that a document decides it; no file is ever opened.
Result<Secret> read_named(const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  if (name == "secret") return Secret(std::string_view("mms_0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdef"));
  if (name == "number") return Secret(std::string_view("8443"));
  if (name == "short") return Secret(std::string_view("short"));
  if (name == "jwk") {
    return Secret(std::string_view(
        R"({"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"})"));
  }
  if (name == "hash") return Secret(std::string_view("$2b$04$abcdefghijklmnopqrstuuSJr2nlfZT6dHnJWVTnhy0IKlwxzHH6y"));
  return not_found(name + ": No such file or directory");
}

Result<app::Config> load(std::string_view text) {
  static const app::Environment environment{{"MINTMARK_LOG_LEVEL", "debug"}, {"MINTMARK_SERVER_PORT_FILE", "number"}};
  return app::parse_config(text, "/nowhere/mintmark.json", environment, read_named);
}

void run(std::string_view text) {
  const Result<app::Config> config = load(text);
  if (!config) return;
  require(app::check_config(*config).has_value(), "what is loaded has been checked");
  const std::string rendered = app::render_config(*config);
  const Result<app::Config> again = load(rendered);
  require(again.has_value(), "what is rendered can be loaded");
  require(app::render_config(*again) == rendered, "what is rendered is loaded as the same");
}

}  // namespace
}  // namespace mintmark::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mintmark::fuzz::run(mintmark::as_text(mintmark::ByteView(data, size)));
  return 0;
}
