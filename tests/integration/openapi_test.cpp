// /openapi.json against what the server really answers: every public endpoint is in it, and what is answered is what it
// says.

#include <algorithm>
#include <functional>
#include <set>

#include "integration/mint_server.hpp"

namespace mintmark::testing {
namespace {

/// The keywords of JSON Schema that the document uses; any other one fails the test.
class SchemaCheck {
 public:
  explicit SchemaCheck(const Json& document) : document_(document) {}

  /// What is wrong; empty where nothing is.
  std::string check(const Json& value, const Json& schema) const {
    static const std::set<std::string> kKnown{
        "$ref", "type", "description", "properties", "required", "additionalProperties", "items", "enum", "oneOf"};
    for (const auto& [keyword, content] : schema.items()) {
      if (!kKnown.contains(keyword)) return "unknown keyword " + keyword;
    }
    if (schema.contains("$ref")) {
      const std::string pointer = schema["$ref"].get<std::string>().substr(1);
      return check(value, document_.at(Json::json_pointer(pointer)));
    }
    if (schema.contains("oneOf")) {
      int fitting = 0;
      for (const Json& each : schema["oneOf"])
        fitting += check(value, each).empty() ? 1 : 0;
      return fitting == 1 ? "" : "not one of several: " + value.dump();
    }
    if (schema.contains("type") && !is_of(value, schema["type"])) return "not a " + schema["type"].dump();
    if (schema.contains("enum") && std::ranges::find(schema["enum"], value) == schema["enum"].end()) {
      return "not in the enum: " + value.dump();
    }
    return check_members(value, schema);
  }

 private:
  static bool is_of(const Json& value, const std::string& type) {
    return (type == "object" && value.is_object()) || (type == "array" && value.is_array()) ||
           (type == "string" && value.is_string()) || (type == "integer" && value.is_number_integer()) ||
           (type == "boolean" && value.is_boolean());
  }
  std::string check_members(const Json& value, const Json& schema) const {
    if (value.is_array() && schema.contains("items")) {
      for (const Json& item : value) {
        if (std::string wrong = check(item, schema["items"]); !wrong.empty()) return wrong;
      }
    }
    if (!value.is_object()) return "";
    for (const Json& name : schema.value("required", Json::array())) {
      if (!value.contains(name.get<std::string>())) return "without " + name.dump();
    }
    const Json properties = schema.value("properties", Json::object());
    for (const auto& [name, member] : value.items()) {
      if (properties.contains(name)) {
        if (std::string wrong = check(member, properties[name]); !wrong.empty()) return name + ": " + wrong;
      } else if (schema.value("additionalProperties", true) == false) {
        return "has " + name;
      }
    }
    return "";
  }

  const Json& document_;
};

class OpenApi : public ::testing::Test {
 protected:
  OpenApi() : document(mint.get("/openapi.json").json()) {}

  /// The answer is one of those that the document has for this path and method.
  void expect_described(const std::string& path, const std::string& method, const HttpAnswer& answer) {
    SCOPED_TRACE(method + " " + path + " " + std::to_string(answer.status));
    const Json& responses = document.at("paths").at(path).at(method).at("responses");
    ASSERT_TRUE(responses.contains(std::to_string(answer.status))) << answer.raw;
    const Json& response = responses.at(std::to_string(answer.status));
    if (!response.contains("content")) {
      EXPECT_TRUE(answer.body.empty());
      return;
    }
    const std::string type = answer.field("content-type");
    ASSERT_TRUE(response.at("content").contains(type)) << type;
    const Json body = type.ends_with("+jwt") ? Json(answer.body) : answer.json();
    EXPECT_EQ(SchemaCheck(document).check(body, response.at("content").at(type).at("schema")), "") << answer.body;
  }
  void expect_described_post(const std::string& path, const HttpFields& form, int status,
                             const HttpFields& fields = {}) {
    const HttpAnswer answer = mint.post(path, form, fields);
    EXPECT_EQ(answer.status, status) << answer.raw;
    expect_described(path, "post", answer);
  }
  void expect_described_get(const std::string& path, int status, const HttpFields& fields = {}) {
    const HttpAnswer answer = mint.get(path, fields);
    EXPECT_EQ(answer.status, status) << answer.raw;
    expect_described(path, "get", answer);
  }

  MintServer mint;
  const Json document;
  const HttpFields service{{"Authorization", basic_authorization("service", kServiceSecret)}};
};

TEST_F(OpenApi, SaysWhatItIs) {
  EXPECT_EQ(document.at("openapi"), "3.1.0");
  EXPECT_EQ(document.at("servers").at(0).at("url"), kIssuer);
  EXPECT_NE(document.at("info").at("version"), "");
}

TEST_F(OpenApi, EveryReferenceLeadsSomewhere) {
  const std::function<void(const Json&)> walk = [&](const Json& value) {
    if (value.is_object() && value.contains("$ref")) {
      const std::string pointer = value["$ref"].get<std::string>().substr(1);
      EXPECT_TRUE(document.contains(Json::json_pointer(pointer))) << pointer;
    }
    if (value.is_structured()) {
      for (const Json& each : value)
        walk(each);
    }
  };
  walk(document);
}

/// The server's own list is what a request with another method is told.
TEST_F(OpenApi, MethodsAreThoseOfTheServer) {
  for (const auto& [path, item] : document.at("paths").items()) {
    HttpClient client(mint.port());
    const HttpAnswer refused = client.request("DELETE", path);
    EXPECT_EQ(refused.status, 405) << path;
    const std::string allowed = refused.field("allow");
    EXPECT_EQ(item.contains("post"), allowed.find("POST") != std::string::npos) << path;
    EXPECT_EQ(item.contains("get"), allowed.find("GET") != std::string::npos) << path;
  }
}

TEST_F(OpenApi, WhatTheMetadataNamesIsDescribed) {
  const Json metadata = mint.get("/.well-known/oauth-authorization-server").json();
  for (const char* endpoint : {"token_endpoint", "introspection_endpoint", "revocation_endpoint", "jwks_uri"}) {
    const std::string path = metadata.at(endpoint).get<std::string>().substr(std::string(kIssuer).size());
    EXPECT_TRUE(document.at("paths").contains(path)) << endpoint;
  }
  EXPECT_EQ(document.at(Json::json_pointer("/components/schemas/TokenRequest/properties/grant_type/enum")),
            metadata.at("grant_types_supported"));
}

TEST_F(OpenApi, TheTokenEndpointAnswersAsDescribed) {
  const HttpFields grant{{"grant_type", "client_credentials"}};
  expect_described_post("/token", grant, 200, service);
  expect_described("/token", "post", mint.login());
  expect_described_post("/token", {}, 400, service);
  expect_described_post("/token", {{"grant_type", "x"}}, 400, service);
  expect_described_post("/token", grant, 401);
  HttpClient client(mint.port());
  expect_described("/token", "post", client.request("POST", "/token", {{"Content-Type", "text/plain"}}, "x"));
  HttpClient another(mint.port());
  expect_described("/token", "post",
                   another.request("POST", "/token", {{"Content-Type", "application/x-www-form-urlencoded"}},
                                   std::string(100'000, 'x')));
  for (int i = 0; i < 8; ++i)
    mint.token(grant, {{"Authorization", basic_authorization("service", "wrong")}});
  expect_described_post("/token", grant, 429, {{"Authorization", basic_authorization("service", "wrong")}});
}

TEST_F(OpenApi, TheOtherEndpointsAnswerAsDescribed) {
  const std::string token = mint.client_credentials().json().at("access_token");
  expect_described_post("/introspect", {{"token", token}}, 200, service);
  HttpFields signed_answer = service;
  signed_answer.emplace_back("Accept", "application/token-introspection+jwt");
  expect_described_post("/introspect", {{"token", token}}, 200, signed_answer);
  expect_described_post("/introspect", {{"token", "x"}}, 200, service);
  expect_described_post("/introspect", {}, 400, service);
  expect_described_post("/introspect", {{"token", token}}, 401);
  expect_described_post("/revoke", {{"token", token}}, 200, service);
  expect_described_post("/revoke", {{"token", "a.b.c.d.e"}}, 400, service);
  expect_described_post("/revoke", {{"token", token}}, 401);
}

TEST_F(OpenApi, TheDocumentsAreAsDescribed) {
  for (const auto& [path, item] : document.at("paths").items()) {
    if (!item.contains("get")) continue;
    expect_described_get(path, 200);
    const std::string etag = mint.get(path).field("etag");
    if (!etag.empty()) expect_described_get(path, 304, {{"If-None-Match", etag}});
  }
  expect_described_get("/.well-known/jwks.json", 200, {{"Accept", "application/jwk-set+json"}});
}

TEST_F(OpenApi, AnIssuerWithAPathIsServedUnderIt) {
  MintServer other([](Json& config) { config["issuer"] = "https://id.example.com/auth"; });
  const Json described = other.get("/auth/openapi.json").json();
  EXPECT_EQ(described.at("servers").at(0).at("url"), "https://id.example.com/auth");
  for (const auto& [path, item] : described.at("paths").items()) {
    const bool at_origin = item.contains("servers");
    EXPECT_EQ(item.value(Json::json_pointer("/servers/0/url"), "https://id.example.com"), "https://id.example.com");
    const std::string served = (at_origin ? "" : "/auth") + path;
    EXPECT_NE(other.get(served).status, 404) << served;
  }
}

}  // namespace
}  // namespace mintmark::testing
