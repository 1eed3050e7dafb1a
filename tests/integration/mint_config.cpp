#include "integration/mint_config.hpp"

#include "mintmark/base/base64.hpp"
#include "mintmark/crypto/password_hash.hpp"
#include "mintmark/crypto/random.hpp"

namespace mintmark::testing {
namespace {

constexpr crypto::Argon2Parameters kCheap{.memory_kib = 8, .iterations = 1, .parallelism = 1};

Json make_document() {
  const std::string password_hash = crypto::hash_password(Secret(std::string_view(kPassword)), kCheap).value();
  return {
      {"issuer", kIssuer},
      {"server", {{"address", "127.0.0.1"}, {"port", 0}, {"threads", 2}}},
      {"private", {{"port", 0}}},
      {"storage", {{"path", "mint.db"}}},
      {"sealing_key_file", "sealing.key"},
      {"passwords",
       {{"memory_kib", kCheap.memory_kib}, {"iterations", kCheap.iterations}, {"parallelism", kCheap.parallelism}}},
      {"login", {{"default_client", "app"}}},
      {"log", {{"format", "json"}, {"level", "debug"}}},
      {"resources",
       {{{"id", kApi},
         {"scopes", {"read", "write"}},
         {"claims", {{"userId", "{user.id}"}, {"role", "{user.attributes.role}"}}}},
        {{"id", kHmacApi}, {"alg", "HS256"}, {"scopes", {"read"}}}}},
      {"clients",
       {{{"client_id", "service"},
         {"secrets", Json::array({{{"id", "1"}, {"secret_file", "service.secret"}}})},
         {"grant_types", {"client_credentials"}},
         {"scopes", {"read", "write"}},
         {"resources", {kApi}}},
        {{"client_id", "app"},
         {"auth_methods", {"none"}},
         {"grant_types", {"password", "refresh_token"}},
         {"scopes", {"read", "write"}},
         {"resources", {kApi}},
         {"cors_origins", {kOrigin}}}}},
      {"users", Json::array({{{"id", "user-1"},
                              {"username", "alice"},
                              {"password_hash", password_hash},
                              {"attributes", {{"role", "Admin"}}}}})},
  };
}

}  // namespace

MintConfig::MintConfig() : document(make_document()) {
  folder_.write("sealing.key", encode_base64(crypto::random_bytes(32)) + "\n");
  folder_.write("service.secret", std::string(kServiceSecret) + "\n");
}

}  // namespace mintmark::testing
