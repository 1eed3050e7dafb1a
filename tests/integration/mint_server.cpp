#include "integration/mint_server.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace mintmark::testing {
namespace {

HttpFields joined(HttpFields fields, const HttpFields& more) {
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

template <class T>
T require(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().detail);
  return *std::move(result);
}

}  // namespace

MintServer::MintServer(const std::function<void(Json&)>& adjust) {
  config_.document["log"]["level"] = "error";
  if (adjust) adjust(config_.document);
  app_ = require(app::App::open(require(app::load_config(config_.write(), {})), clock));
  store_ = require(storage::open_sqlite({.path = config_.database()}));
  thread_ = std::thread([this] { app_->run(); });
}

MintServer::~MintServer() {
  app_->stop_now();
  thread_.join();
}

HttpAnswer MintServer::post(const std::string& path, const HttpFields& parameters, const HttpFields& fields) {
  return HttpClient(port()).post_form(path, parameters, fields);
}

HttpAnswer MintServer::token(const HttpFields& parameters, const HttpFields& fields) {
  return post("/token", parameters, fields);
}

HttpAnswer MintServer::client_credentials(const HttpFields& more) {
  return token(joined({{"grant_type", "client_credentials"}}, more),
               {{"Authorization", basic_authorization("service", kServiceSecret)}});
}

HttpAnswer MintServer::login(const HttpFields& more) {
  return token(
      joined({{"grant_type", "password"}, {"client_id", "app"}, {"username", "alice"}, {"password", kPassword}}, more));
}

HttpAnswer MintServer::refresh(const std::string& refresh_token, const HttpFields& more) {
  return token(joined({{"grant_type", "refresh_token"}, {"client_id", "app"}, {"refresh_token", refresh_token}}, more));
}

HttpAnswer MintServer::get(const std::string& path, const HttpFields& fields) {
  return HttpClient(port()).get(path, fields);
}

Result<jose::VerifiedJwt> MintServer::verify(const std::string& token, const std::string& audience) {
  jose::JwtExpectation expectation;
  expectation.issuer = kIssuer;
  expectation.audience = audience;
  expectation.typ = "at+jwt";
  expectation.now = clock.now();
  return jose::verify_jwt(token, keys_of(get("/.well-known/jwks.json")), expectation);
}

std::vector<jose::VerificationKey> keys_of(const HttpAnswer& jwks) {
  std::vector<jose::VerificationKey> keys;
  for (const jose::Jwk& jwk : require(jose::parse_jwk_set(jwks.body)))
    keys.push_back(require(jose::make_verification_key(jwk)));
  return keys;
}

}  // namespace mintmark::testing
