#include "cli/algorithm.hpp"

#include "mintmark/base/contains.hpp"

namespace mintmark::app::cli {
namespace {

using Names = std::vector<std::string>;

template <class Enum>
void append_names(Names& names, std::span<const Enum> all) {
  for (const Enum each : all)
    names.emplace_back(jose::name(each));
}

CLI::Option& add_named_option(CLI::App& command, const std::string& option, std::string& value, const std::string& type,
                              const std::string& description, const Names& names) {
  const auto check = [names](const std::string& text) {
    const bool is_known = contains(names, text);
    return is_known ? std::string() : "expected one of " + CLI::detail::join(names, ", ");
  };
  return *command.add_option(option, value, description)->type_name(type)->check(check);
}

}  // namespace

CLI::Option& add_alg_option(CLI::App& command, std::string& alg, const std::string& description) {
  Names names;
  append_names(names, jose::all_algs());
  return add_named_option(command, "--alg", alg, "ALG", description, names);
}

CLI::Option& add_key_management_option(CLI::App& command, std::string& alg, const std::string& description) {
  Names names;
  append_names(names, jose::all_key_managements());
  return add_named_option(command, "--alg", alg, "ALG", description, names);
}

CLI::Option& add_key_alg_option(CLI::App& command, std::string& alg, const std::string& description) {
  Names names;
  append_names(names, jose::all_algs());
  for (const jose::KeyManagement each : jose::all_key_managements()) {
    const bool has_key = each != jose::KeyManagement::dir && recipient_kind(each) != jose::RecipientKind::password;
    if (has_key) names.emplace_back(jose::name(each));
  }
  return add_named_option(command, "--alg", alg, "ALG", description, names);
}

CLI::Option& add_enc_option(CLI::App& command, std::string& enc, const std::string& description) {
  Names names;
  append_names(names, jose::all_content_encryptions());
  return add_named_option(command, "--enc", enc, "ENC", description, names);
}

std::optional<jose::Alg> alg_of(const std::string& option) {
  return jose::find_alg(option);
}

std::optional<jose::KeyManagement> key_management_of(const std::string& option) {
  return jose::find_key_management(option);
}

std::optional<jose::ContentEncryption> content_encryption_of(const std::string& option) {
  return jose::find_content_encryption(option);
}

}  // namespace mintmark::app::cli
