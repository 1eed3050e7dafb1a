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
        &server.tls.certificate_file, &server.tls.key_file, &server.tls.client_ca_file, &config.log.file,
        &config.audit.file}) {
    if (!path->empty()) *path = (folder / *path).lexically_normal();
  }
}

Result<void> read_document(Json& document, const NamedFiles& files, Config& config) {
  const Result<GivenSecrets> secrets = resolve_files(document, files);
  if (!secrets) return secrets.error();
  Sections sections;
  JsonReader& root = sections.emplace("", JsonReader(document, "")).first->second;
  (void)root.string("$schema");  // for editors
  for (const Setting& setting : all_settings())
    read_setting(setting, sections, config);
  read_declared(root, files, *secrets, config);
  for (auto& [name, section] : sections) {
    if (Result<void> read = section.finish(); !read) return read;
  }
  make_absolute(config, files.folder);
  return {};
}

bool begins_with_variable(const Error& error, const Config& config) {
  return std::ranges::any_of(config.variables,
                             [&](const auto& given) { return error.detail.starts_with(given.second + ": "); });
}

Result<std::filesystem::path> working_directory() {
  std::error_code failure;
  std::filesystem::path path = std::filesystem::current_path(failure);
  if (failure) return unavailable("the working directory: " + failure.message());
  return path;
}

Result<void> check_is_regular(const std::filesystem::path& file, const FileStamp& stamp) {
  std::error_code absent;  // then reading it says so
  if (stamp.is_regular || !std::filesystem::exists(file, absent)) return {};
  return unavailable(file.string() + ": is no regular file, and cannot be read again");
}

/// Reads the file and those that it names; `check` sees each of them first.
template <class Check>
Result<Config> load(const std::filesystem::path& file, const Environment& environment, FileStamps& read, Check check) {
  const Result<std::filesystem::path> directory = working_directory();
  if (!directory) return directory.error();
  const auto begin_reading = [&](const std::filesystem::path& path) {
    // Before it is read: what is written from then on gives it another stamp.
    const auto stamped = read.emplace((*directory / path).lexically_normal(), stamp_file(path)).first;
    return check(path, stamped->second);
  };
  const auto read_secret = [&](const std::filesystem::path& path) -> Result<Secret> {
    if (Result<void> begun = begin_reading(path); !begun) return begun.error();
    return read_secret_file(path);
  };
  if (Result<void> begun = begin_reading(file); !begun) return begun.error();
  const Result<std::string> text = read_file(file, kLimits.max_bytes);
  if (!text) return text.error();
  Result<Config> config = parse_config(*text, file, environment, read_secret);
  if (!config) return config;
  if (!config->sealing_key.file.empty()) {
    if (Result<void> begun = begin_reading(config->sealing_key.file); !begun) return begun.error();
  }
  config->files = read;
  return config;
}

}  // namespace

Result<Config> load_config(const std::filesystem::path& file, const Environment& environment) {
  FileStamps read;
  return load(file, environment, read,
              [](const std::filesystem::path&, const FileStamp&) -> Result<void> { return {}; });
}

Result<Config> load_config_again(const std::filesystem::path& file, const Environment& environment, FileStamps& read) {
  read.clear();
  return load(file, environment, read, check_is_regular);
}

Result<Config> parse_config(std::string_view text, const std::filesystem::path& file, const Environment& environment,
                            const ReadSecret& read_secret) {
  const Result<std::filesystem::path> directory = working_directory();
  if (!directory) return directory.error();
  Config config;
  config.file = (*directory / file).lexically_normal();
  const auto in_file = [&](const Error& error) { return Error{error.kind, file.string() + ": " + error.detail}; };

  Result<Json> document = parse_json_object(text, kLimits);
  if (!document) return in_file(document.error());
  const NamedFiles files{.folder = config.file.parent_path(), .read = read_secret};
  if (Result<void> read = read_document(*document, files, config); !read) return in_file(read.error());
  if (Result<void> applied = apply_environment(config, environment, read_secret); !applied) return applied.error();
  make_absolute(config, *directory);
  if (Result<void> checked = check_config(config); !checked) {
    return begins_with_variable(checked.error(), config) ? checked.error() : in_file(checked.error());
  }
  return config;
}

}  // namespace mintmark::app
