#include "parameters.hpp"

#include <array>

namespace mintmark::oauth {

const ParameterTable<ClientParameters>& client_parameter_table() noexcept {
  static constexpr std::array kTexts{
      TextParameter<ClientParameters>{"client_id", &ClientParameters::client_id, 255},
      TextParameter<ClientParameters>{"client_assertion_type", &ClientParameters::client_assertion_type, 255}};
  static constexpr std::array kSecrets{
      SecretParameter<ClientParameters>{"client_secret", &ClientParameters::client_secret, 1024}};
  static constexpr std::array kTokens{
      TokenParameter<ClientParameters>{"client_assertion", &ClientParameters::client_assertion}};
  static constexpr ParameterTable<ClientParameters> kTable{kTexts, kSecrets, kTokens};
  return kTable;
}

void wipe_values(Parameters& parameters) noexcept {
  for (auto& [name, value] : parameters)
    wipe(value.data(), value.size());
}

}  // namespace mintmark::oauth
