#include "recipient_file.hpp"

#include "mintmark/jose/jwk.hpp"

namespace mintmark::app {
namespace {

Result<Json> jwk_of_pem(std::string_view pem, jose::KeyManagement alg) {
  if (jose::is_private_pem(pem)) {
    return invalid("there is a private key in the file: expected its public half alone");
  }
  const Result<crypto::PublicKey> key = crypto::PublicKey::from_pem(pem);
  if (!key) return key.error();
  Json jwk = jose::public_jwk(*key);
  if (const Result<oauth::RecipientKey> usable = oauth::make_recipient_key(jwk, alg); !usable) return usable.error();
  return jwk;
}

}  // namespace

Result<Json> read_recipient_jwk(const Secret& text, jose::KeyManagement alg) {
  if (jose::is_pem(text.reveal_text())) return jwk_of_pem(text.reveal_text(), alg);
  Result<std::vector<oauth::RecipientKey>> keys = oauth::read_recipient_keys(text.reveal_text(), alg);
  if (!keys) return keys.error();
  if (keys->size() > 1) return invalid("there are several keys in the file that can be used: leave one");
  return std::move(keys->front().jwk);
}

}  // namespace mintmark::app
