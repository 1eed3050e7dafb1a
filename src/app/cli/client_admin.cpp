#include "cli/client_admin.hpp"

#include <ostream>

#include "cli/output.hpp"
#include "mintmark/base/base64.hpp"
#include "mintmark/crypto/digest.hpp"
#include "mintmark/crypto/random.hpp"
#include "mintmark/oauth/client_secret.hpp"

namespace mintmark::app::cli {
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kSecretIdBytes = 4;    // a name among at most 16
constexpr std::size_t kDerivedIdBytes = 16;  // a derived secret must not come again with another of the same id

Secret make_text(const ClientId& client, const keys::KeyManager* keys, const std::string& id) {
  if (keys != nullptr) return oauth::derive_client_secret(*keys->ring().load(), client, id);
  return encode_secret(oauth::kClientSecretPrefix, crypto::random_secret(kSecretBytes).reveal());
}

}  // namespace

GeneratedSecret generate_client_secret(const ClientId& client, const keys::KeyManager* keys, Instant now) {
  std::string id = to_hex(crypto::random_bytes(keys == nullptr ? kSecretIdBytes : kDerivedIdBytes));
  Secret text = make_text(client, keys, id);
  oauth::ClientSecret stored{.id = std::move(id),
                             .sha256 = crypto::digest(crypto::Hash::sha256, text.reveal()),
                             .created_at = now,
                             .expires_at = {},
                             .derived = keys != nullptr};
  return {.stored = std::move(stored), .text = std::move(text)};
}

Result<KeyContext> open_for_secret(const Session& session, bool derives, IfAbsent if_absent) {
  if (derives) return open_keys(session, if_absent);
  Result<AdminContext> admin = open_admin(session, if_absent);
  if (!admin) return admin.error();
  return KeyContext{*std::move(admin), nullptr, nullptr};
}

void print_generated(const Session& session, const std::string& client, const GeneratedSecret& secret, bool json) {
  const CliIo& io = session.io;
  if (json) {
    print_json(io.out, {{"client_id", client},
                        {"secret_id", secret.stored.id},
                        {"client_secret", secret.text.reveal_text()},
                        {"expires_at", json_instant(secret.stored.expires_at)}});
  } else {
    io.out << "client_id      " << client << "\nsecret_id      " << secret.stored.id << "\nclient_secret  "
           << secret.text.reveal_text() << '\n';
    if (secret.stored.expires_at) io.out << "expires        " << cell(secret.stored.expires_at) << '\n';
  }
  io.err << "The secret is shown this once: the service keeps only its hash.\n";
}

Result<void> check_client(const oauth::Client& client) {
  const Json document = oauth::render_client(client);
  JsonReader in(document, "");
  (void)oauth::read_client(in);
  return in.finish();
}

}  // namespace mintmark::app::cli
