#include "mintmark/app/config.hpp"

#include <algorithm>
#include <system_error>

#include "config_declared.hpp"
#include "config_environment.hpp"
#include "mintmark/base/file.hpp"
#include "settings.hpp"

namespace mintmark::app {
namespace {

constexpr JsonLimits kLimits{.max_bytes = std::size_t{16} * 1024 * 1024,
                             .max_depth = 16,
                             .max_values = 1'000'000,
                             .comments = JsonComments::allowed};

/// The reader of each section, "" being the root's own.
using Sections = std::map<std::string, JsonReader, std::less<>>;

/// "server.tls" of "server.tls.key_file"; "" of what is at the root.
std::string_view section_of(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? "" : path.substr(0, dot);
}

std::string_view name_in_section(std::string_view path) {
  return path.substr(path.rfind('.') + 1);  // behind npos is 0
}

JsonReader& find_section(std::string_view path, Sections& sections) {
  if (const auto found = sections.find(path); found != sections.end()) return found->second;
  JsonReader& parent = find_section(section_of(path), sections);
  return sections.emplace(path, parent.child(name_in_section(path))).first->second;
}

void read_setting(const Setting& setting, Sections& sections, Config& config) {
  JsonReader& in = find_section(section_of(setting.path), sections);
  const std::string_view name = name_in_section(setting.path);
  if (!in.has(name)) return;
  if (!setting.assign(config, in.any(name))) in.reject(name, "expected " + setting.expected);
}

void make_absolute(Config& config, const std::filesystem::path& folder) {
  // An absolute right side replaces the left one.
  http::ServerOptions& server = config.server;
  for (std::filesystem::path* path :
       {&config.storage.path, &config.sealing_key.file, &server.unix_socket, &server.private_side.unix_socket,
        &server.tls.certificate_file, &server.tls.key_file, &server.tls.client_ca_file}) {
    if (!path->empty()) *path = (folder / *path).lexically_normal();
  }
}

Result<void> read_document(Json& document, const std::filesystem::path& folder, Config& config) {
  if (Result<void> resolved = resolve_files(document, folder); !resolved) return resolved;
  Sections sections;
  JsonReader& root = sections.emplace("", JsonReader(document, "")).first->second;
  (void)root.string("$schema");  // for editors
  for (const Setting& setting : all_settings())
    read_setting(setting, sections, config);
  read_declared(root, folder, config);
  for (auto& [name, section] : sections) {
    if (Result<void> read = section.finish(); !read) return read;
  }
  make_absolute(config, folder);
  return {};
}

bool begins_with_variable(const Error& error, const Config& config) {
  return std::ranges::any_of(config.variables,
                             [&](const auto& given) { return error.detail.starts_with(given.second + ": "); });
}

}  // namespace

Result<Config> load_config(const std::filesystem::path& file, const Environment& environment) {
  std::error_code failure;
  const std::filesystem::path working_directory = std::filesystem::current_path(failure);
  if (failure) return unavailable("the working directory: " + failure.message());
  Config config;
  config.file = (working_directory / file).lexically_normal();
  const auto in_file = [&](const Error& error) { return Error{error.kind, file.string() + ": " + error.detail}; };

  Result<std::string> text = read_file(file, kLimits.max_bytes);
  if (!text) return text.error();
  Result<Json> document = parse_json_object(*text, kLimits);
  if (!document) return in_file(document.error());
  if (Result<void> read = read_document(*document, config.file.parent_path(), config); !read) {
    return in_file(read.error());
  }
  if (Result<void> applied = apply_environment(config, environment); !applied) return applied.error();
  make_absolute(config, working_directory);
  if (Result<void> checked = check_config(config); !checked) {
    return begins_with_variable(checked.error(), config) ? checked.error() : in_file(checked.error());
  }
  return config;
}

}  // namespace mintmark::app
