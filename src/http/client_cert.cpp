#include "mintmark/http/client_cert.hpp"

#include "mintmark/base/base64.hpp"

namespace mintmark::http {

std::string_view name(ClientCertField field) noexcept {
  switch (field) {
    case ClientCertField::verified:
      return "verified";
    case ClientCertField::any:
      return "any";
    case ClientCertField::ignored:
      break;
  }
  return "none";
}

std::shared_ptr<const oauth::PresentedCertificate> read_client_cert(std::string_view value, ClientCertField field) {
  if (value.size() < 2 || value.front() != ':' || value.back() != ':') return nullptr;
  const Result<Bytes> der = decode_base64(value.substr(1, value.size() - 2));
  if (!der) return nullptr;
  Result<crypto::Certificate> certificate = crypto::parse_certificate(*der);
  if (!certificate) return nullptr;
  return std::make_shared<const oauth::PresentedCertificate>(
      oauth::PresentedCertificate{*std::move(certificate), field == ClientCertField::verified});
}

}  // namespace mintmark::http
