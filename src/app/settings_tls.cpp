#include "setting_groups.hpp"
#include "setting_makers.hpp"

namespace mintmark::app {

void append_tls(std::vector<Setting>& table) {
  using enum http::ClientCertificates;
  table.push_back(make_path(
      "server.tls.certificate_file", [](auto& c) -> auto& { return c.server.tls.certificate_file; },
      "PEM file with the certificate of the server and those that lead to the root. With it the public side speaks TLS "
      "1.2 and 1.3 alone; without it plain HTTP, for use behind a proxy. Read again when it or the key changes."));
  table.push_back(make_path(
      "server.tls.key_file", [](auto& c) -> auto& { return c.server.tls.key_file; },
      "PEM file with the private key of the certificate, not encrypted."));
  table.push_back(make_choice(
      "server.tls.client_certificates", std::vector{none, request, require, any},
      [](http::ClientCertificates mode) { return http::name(mode); },
      [](auto& c) -> auto& { return c.server.tls.client_certificates; },
      "Whether clients are asked for a certificate. One that is sent must be good, whether required or not; but with "
      "\"any\", for clients that sign their own (self_signed_tls_client_auth), every one will do."));
  table.push_back(make_path(
      "server.tls.client_ca_file", [](auto& c) -> auto& { return c.server.tls.client_ca_file; },
      "PEM file with the authorities that sign certificates of clients."));
}

}  // namespace mintmark::app
