// Whether failed decryptions can be told apart by the time they take, in the manner of dudect: two classes of tokens
// that fail for different reasons, measured in random order, compared with Welch's t-test. A |t| beyond 4.5 says that
// the classes differ. It measures and never fails: a busy machine is no defect.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "mintmark/base/base64.hpp"
#include "mintmark/base/text.hpp"
#include "mintmark/crypto/random.hpp"
#include "mintmark/jose/jwe.hpp"

namespace mintmark::bench {
namespace {

using Nanoseconds = std::chrono::duration<double, std::nano>;

constexpr auto kTimePerExperiment = std::chrono::seconds(7);
/// Of each class.
constexpr int kTokens = 1000;
constexpr std::size_t kBatch = 200;
/// Not a multiple of a block: its padding is neither the shortest nor the longest.
const std::string kPlaintext(300, 'p');

enum Part : std::size_t { encrypted_key = 1, ciphertext = 3, tag = 4 };

template <class T>
T must(Result<T> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "timing: %s\n", result.error().detail.c_str());
  std::exit(1);
}

struct Pair {
  jose::EncryptionKey sender;
  std::vector<jose::DecryptionKey> recipient;
};

Pair make_pair(jose::KeyManagement alg, crypto::KeyType type) {
  const crypto::PrivateKey key = must(crypto::PrivateKey::generate(type, 2048));
  return {must(jose::EncryptionKey::make(alg, KeyId(), key.public_key())),
          {must(jose::DecryptionKey::make(alg, KeyId(), key))}};
}

Pair make_pair(jose::KeyManagement alg) {
  const Secret secret = crypto::random_secret(jose::wrapping_key_bytes(alg));
  return {must(jose::EncryptionKey::make(alg, KeyId(), secret)),
          {must(jose::DecryptionKey::make(alg, KeyId(), secret))}};
}

Pair make_direct_pair(jose::ContentEncryption enc) {
  const Secret secret = crypto::random_secret(crypto::key_bytes(jose::aead(enc)));
  return {must(jose::EncryptionKey::make_direct(enc, KeyId(), secret)),
          {must(jose::DecryptionKey::make_direct(enc, KeyId(), secret))}};
}

/// The token with other bytes in one of its parts.
template <class Change>
std::string change(const std::string& token, Part part, Change change_bytes) {
  std::vector<std::string_view> parts = split(token, '.');
  Bytes bytes = must(decode_base64url(parts[part]));
  change_bytes(bytes);
  const std::string encoded = encode_base64url(bytes);
  parts[part] = encoded;
  std::string changed;
  for (const std::string_view text : parts)
    changed.append(changed.empty() ? "" : ".").append(text);
  return changed;
}

std::string good(const std::string& token) {
  return token;
}

std::string with_wrong_tag(const std::string& token) {
  return change(token, tag, [](Bytes& bytes) { bytes.front() ^= 1; });
}

std::string with_tag_wrong_at_its_end(const std::string& token) {
  return change(token, tag, [](Bytes& bytes) { bytes.back() ^= 1; });
}

std::string with_random_key(const std::string& token) {
  return change(token, encrypted_key, [](Bytes& bytes) {
    bytes = crypto::random_bytes(bytes.size());
    bytes.front() = 0;  // below any RSA modulus
  });
}

/// What a last block decrypts to at random is no padding, nearly always. The tag is wrong too.
std::string with_random_last_block(const std::string& token) {
  return change(token, ciphertext, [](Bytes& bytes) { std::ranges::copy(crypto::random_bytes(16), bytes.end() - 16); });
}

struct Experiment {
  const char* name;
  Pair keys;
  jose::ContentEncryption enc;
  std::string (*first)(const std::string&);
  std::string (*second)(const std::string&);
};

std::vector<Experiment> make_experiments() {
  using enum jose::KeyManagement;
  using enum jose::ContentEncryption;
  const auto direct = make_direct_pair(A128CBC_HS256);
  return {
      {"control: wrong tag / the same", direct, A128CBC_HS256, with_wrong_tag, with_wrong_tag},
      {"control: wrong tag / good", direct, A128CBC_HS256, with_wrong_tag, good},
      {"A128CBC-HS256: padding good / bad, tag wrong", direct, A128CBC_HS256, with_wrong_tag, with_random_last_block},
      {"A128CBC-HS256: first / last byte of tag wrong", direct, A128CBC_HS256, with_wrong_tag,
       with_tag_wrong_at_its_end},
      {"A128KW: tag / wrapping wrong", make_pair(A128KW), A128CBC_HS256, with_wrong_tag, with_random_key},
      {"A128GCMKW: tag / wrapping wrong", make_pair(A128GCMKW), A128GCM, with_wrong_tag, with_random_key},
      {"ECDH-ES+A128KW: tag / wrapping wrong", make_pair(ECDH_ES_A128KW, crypto::KeyType::p256), A128GCM,
       with_wrong_tag, with_random_key},
      {"RSA-OAEP-256: tag / wrapping wrong", make_pair(RSA_OAEP_256, crypto::KeyType::rsa), A128CBC_HS256,
       with_wrong_tag, with_random_key},
  };
}

struct Tokens {
  std::vector<std::string> first;
  std::vector<std::string> second;
};

/// The same tokens, spoilt in two ways: what else is peculiar to one token is so in both classes.
Tokens make_tokens(const Experiment& experiment) {
  Tokens tokens;
  for (int i = 0; i < kTokens; ++i) {
    const std::string token = must(jose::encrypt_jwe(experiment.keys.sender, experiment.enc, {}, as_bytes(kPlaintext)));
    tokens.first.push_back(experiment.first(token));
    tokens.second.push_back(experiment.second(token));
  }
  return tokens;
}

struct Samples {
  std::vector<double> first;
  std::vector<double> second;
};

double measure(const std::string& token, const std::vector<jose::DecryptionKey>& keys) {
  const auto begin = std::chrono::steady_clock::now();
  const Result<jose::DecryptedJwe> decrypted = jose::decrypt_jwe(token, keys);
  return Nanoseconds(std::chrono::steady_clock::now() - begin).count();
}

/// One measurement, laid out before any of its batch is made: nothing then hangs on the class but the token itself.
struct Measurement {
  bool is_first = false;
  std::string token;
  double time = 0;
};

Samples run(const Experiment& experiment) {
  const Tokens tokens = make_tokens(experiment);
  std::mt19937_64 random(std::random_device{}());
  std::uniform_int_distribution<std::size_t> any_token(0, kTokens - 1);
  std::bernoulli_distribution coin;
  std::vector<Measurement> batch(kBatch);
  Samples samples;
  const auto end = std::chrono::steady_clock::now() + kTimePerExperiment;
  while (std::chrono::steady_clock::now() < end) {
    for (Measurement& m : batch) {
      m.is_first = coin(random);
      m.token = (m.is_first ? tokens.first : tokens.second)[any_token(random)];
    }
    for (Measurement& m : batch)
      m.time = measure(m.token, experiment.keys.recipient);
    for (const Measurement& m : batch)
      (m.is_first ? samples.first : samples.second).push_back(m.time);
  }
  return samples;
}

struct Moments {
  double count = 0;
  double mean = 0;
  double squares = 0;  ///< of the distances from the mean, summed
};

/// Of the samples up to `most`; Welford's way, which loses no precision.
Moments moments(const std::vector<double>& samples, double most) {
  Moments m;
  for (const double sample : samples) {
    if (sample > most) continue;
    const double distance = sample - m.mean;
    m.count += 1;
    m.mean += distance / m.count;
    m.squares += distance * (sample - m.mean);
  }
  return m;
}

double welch_t(const Moments& a, const Moments& b) {
  const auto error = [](const Moments& m) { return m.squares / (m.count - 1) / m.count; };
  return (a.mean - b.mean) / std::sqrt(error(a) + error(b));
}

/// Of both classes together: above it are the interrupts of the machine.
double ninetieth_percentile(const Samples& samples) {
  std::vector<double> all = samples.first;
  all.insert(all.end(), samples.second.begin(), samples.second.end());
  const auto ninetieth = all.begin() + static_cast<std::ptrdiff_t>(all.size() * 9 / 10);
  std::nth_element(all.begin(), ninetieth, all.end());
  return *ninetieth;
}

void print_row(const char* name, const Samples& samples) {
  const double most = ninetieth_percentile(samples);
  const Moments first = moments(samples.first, most);
  const Moments second = moments(samples.second, most);
  const double t_of_all = welch_t(moments(samples.first, HUGE_VAL), moments(samples.second, HUGE_VAL));
  std::printf("%-46s %8zu %10.0f %10.0f %8.2f %8.2f\n", name, samples.first.size() + samples.second.size(), first.mean,
              second.mean, std::abs(welch_t(first, second)), std::abs(t_of_all));
  std::fflush(stdout);
}

}  // namespace
}  // namespace mintmark::bench

int main() {
  using namespace mintmark::bench;
  std::puts(
      "Means in ns and |t| of the fastest 90 %, |t| of all. Beyond 4.5 the classes differ, as those of the second");
  std::puts("control must.\n");
  std::printf("%-46s %8s %10s %10s %8s %8s\n", "first / second class", "samples", "first", "second", "|t|", "|t| all");
  for (const Experiment& experiment : make_experiments())
    print_row(experiment.name, run(experiment));
  return 0;
}
