#include "mintmark/oauth/recipient_keys.hpp"

#include <set>

namespace mintmark::oauth {

RecipientKeys::RecipientKeys(KeySetSource& source, RecipientKeyEvents& events) : source_(source), events_(events) {}

std::optional<jose::EncryptionKey> RecipientKeys::find(const TokenEncryption& encryption) const {
  if (const auto* inline_key = std::get_if<RecipientKey>(&encryption.recipient)) return inline_key->key;
  return followed_.find({std::get<JwksUri>(encryption.recipient).url, encryption.alg});
}

Result<void> RecipientKeys::follow(const Directory::ResourceMap& resources, Instant now) {
  std::set<Recipient> needed;
  for (const auto& [id, resource] : resources) {
    if (!resource->encryption) continue;
    const auto* uri = std::get_if<JwksUri>(&resource->encryption->recipient);
    if (uri != nullptr) needed.insert({uri->url, resource->encryption->alg});
  }
  if (followed_.follow(needed, kMaxRecipients, now)) return {};
  return invalid("resources name more than " + std::to_string(kMaxRecipients) + " key sets");
}

void RecipientKeys::refresh(Instant now, const std::stop_token& stop) {
  followed_.refresh(
      source_, now, stop,
      [](const Recipient& recipient, std::string_view text) -> Result<jose::EncryptionKey> {
        const Result<std::vector<RecipientKey>> keys = read_recipient_keys(text, recipient.alg);
        if (!keys) return keys.error();
        return keys->front().key;
      },
      [&](const Recipient& recipient, const jose::EncryptionKey& key) {
        events_.recipient_key_fetched(recipient, key.kid());
      },
      [&](const Recipient& recipient, const Error& error, std::optional<Duration> age) {
        events_.recipient_key_not_fetched(recipient, error, age);
      });
}

}  // namespace mintmark::oauth
