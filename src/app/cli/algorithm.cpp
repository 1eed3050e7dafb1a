#include "cli/algorithm.hpp"

namespace mintmark::app::cli {
namespace {

std::string all_names() {
  std::string names;
  for (const jose::Alg alg : jose::all_algs())
    names += (names.empty() ? "" : ", ") + std::string(jose::name(alg));
  return names;
}

}  // namespace

CLI::Option& add_alg_option(CLI::App& command, std::string& alg, const std::string& description) {
  const auto check = [](const std::string& text) {
    return jose::find_alg(text) ? std::string() : "expected one of " + all_names();
  };
  return *command.add_option("--alg", alg, description)->type_name("ALG")->check(check);
}

std::optional<jose::Alg> alg_of(const std::string& option) {
  return jose::find_alg(option);
}

}  // namespace mintmark::app::cli
