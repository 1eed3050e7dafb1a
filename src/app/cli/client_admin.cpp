#include "cli/client_admin.hpp"

#include <ostream>

#include "cli/output.hpp"
#include "mintmark/base/base64.hpp"
#include "mintmark/crypto/digest.hpp"
#include "mintmark/crypto/random.hpp"

namespace mintmark::app::cli {
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kSecretIdBytes = 4;     // a name among at most 16
constexpr std::string_view kPrefix = "mms_";  // so that scanners for leaked secrets know one

}  // namespace

GeneratedSecret generate_client_secret(Instant now) {
  Secret text = encode_secret(kPrefix, crypto::random_secret(kSecretBytes).reveal());
  oauth::ClientSecret stored{.id = to_hex(crypto::random_bytes(kSecretIdBytes)),
                             .sha256 = crypto::digest(crypto::Hash::sha256, text.reveal()),
                             .created_at = now,
                             .expires_at = {}};
  return {.stored = std::move(stored), .text = std::move(text)};
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
