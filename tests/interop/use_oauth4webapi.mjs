// oauth4webapi: every way that a client can authenticate, DPoP with a nonce, and the access token judged by the strict rules of
// RFC 9068 as an API would.

import * as oauth from "oauth4webapi";
import { importJWK } from "jose";
import { session, step, versionOf } from "./report.mjs";

const library = `oauth4webapi ${versionOf("oauth4webapi")}`;
const resource = session.cases.find((each) => each.alg === "ES256").audience;
const insecure = { [oauth.allowInsecureRequests]: true };
const issuer = new URL(session.issuer);

const as = await step(library, "discovery", async () => {
  const response = await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...insecure });
  return oauth.processDiscoveryResponse(issuer, response);
});

const basicClient = { client_id: session.client_id };
const macClient = { client_id: session.mac_client.client_id };
const keyClient = { client_id: session.key_client.client_id };
const privateKey = await importJWK(session.key_client.private_jwk, "ES256");

async function clientCredentials(client, authentication, options = {}) {
  const response = await oauth.clientCredentialsGrantRequest(
    as,
    client,
    authentication,
    new URLSearchParams({ resource }),
    { ...insecure, ...options },
  );
  return oauth.processClientCredentialsResponse(as, client, response);
}

// As an API does: from the request that brings the token, with a proof where the token is bound.
async function judge(token, DPoP) {
  let request;
  const catchRequest = async (url, options) => {
    request = new Request(url, options);
    return new Response("{}");
  };
  await oauth.protectedResourceRequest(token, "GET", new URL(resource), new Headers(), null, {
    DPoP,
    [oauth.customFetch]: catchRequest,
  });
  return oauth.validateJwtAccessToken(as, request, resource, { requireDPoP: Boolean(DPoP), ...insecure });
}

const key = { key: privateKey, kid: session.key_client.private_jwk.kid };
const authentications = {
  client_secret_basic: [basicClient, oauth.ClientSecretBasic(session.client_secret)],
  client_secret_post: [basicClient, oauth.ClientSecretPost(session.client_secret)],
  client_secret_jwt: [macClient, oauth.ClientSecretJwt(session.client_secret)],
  private_key_jwt: [keyClient, oauth.PrivateKeyJwt(key)],
};

for (const [name, [client, authentication]] of Object.entries(authentications)) {
  await step(library, `client_credentials, ${name}`, async () => {
    if (!as.token_endpoint_auth_methods_supported.includes(name)) throw new Error("not in the metadata");
    const answer = await clientCredentials(client, authentication);
    const claims = await judge(answer.access_token);
    if (claims.client_id !== client.client_id) throw new Error("another client");
  });
}

await step(library, "a key that is not the client's is invalid_client", async () => {
  const { privateKey: other } = await oauth.generateKeyPair("ES256");
  const error = await clientCredentials(keyClient, oauth.PrivateKeyJwt(other)).catch((caught) => caught);
  if (error.error !== "invalid_client" || error.status !== 401) throw error;
});

await step(library, "DPoP with a nonce", async () => {
  const DPoP = oauth.DPoP(keyClient, await oauth.generateKeyPair("ES256"));
  let answer = await clientCredentials(keyClient, oauth.PrivateKeyJwt(key), { DPoP }).catch((caught) => caught);
  if (!oauth.isDPoPNonceError(answer)) throw new Error("no nonce was asked for");
  answer = await clientCredentials(keyClient, oauth.PrivateKeyJwt(key), { DPoP });
  if (answer.token_type !== "dpop") throw new Error(`token_type ${answer.token_type}`);
  const claims = await judge(answer.access_token, DPoP);
  if (claims.cnf.jkt !== (await DPoP.calculateThumbprint())) throw new Error("bound to another key");
});

const apiClient = { client_id: session.api_client.client_id };
const apiSecret = oauth.ClientSecretBasic(session.client_secret);

async function introspect(token, client = apiClient, authentication = apiSecret, options = {}) {
  const response = await oauth.introspectionRequest(as, client, authentication, token, { ...insecure, ...options });
  return { response, answer: await oauth.processIntrospectionResponse(as, client, response) };
}

async function revoke(token, client, authentication) {
  await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, authentication, token, insecure));
}

await step(library, "introspection, by the API and by a stranger", async () => {
  const { access_token: token } = await clientCredentials(keyClient, oauth.PrivateKeyJwt(key));
  const { answer } = await introspect(token);
  if (!answer.active || answer.client_id !== keyClient.client_id || answer.aud !== resource) throw new Error("told wrong");
  const { answer: others } = await introspect(token, macClient, oauth.ClientSecretJwt(session.client_secret));
  if (others.active) throw new Error("a stranger is told");
});

await step(library, "introspection, signed", async () => {
  const { access_token: token } = await clientCredentials(keyClient, oauth.PrivateKeyJwt(key));
  const { response, answer } = await introspect(token, apiClient, apiSecret, { requestJwtResponse: true });
  if (!response.headers.get("content-type").startsWith("application/token-introspection+jwt")) throw new Error("not signed");
  await oauth.validateApplicationLevelSignature(as, response, insecure);
  if (!answer.active) throw new Error("not active");
});

await step(library, "revocation of an access token", async () => {
  const { access_token: token } = await clientCredentials(keyClient, oauth.PrivateKeyJwt(key));
  await revoke(token, keyClient, oauth.PrivateKeyJwt(key));
  if ((await introspect(token)).answer.active) throw new Error("still active");
});

await step(library, "token exchange", async () => {
  const { access_token: subject } = await clientCredentials(keyClient, oauth.PrivateKeyJwt(key));
  const type = "urn:ietf:params:oauth:token-type:access_token";
  const parameters = new URLSearchParams({ subject_token: subject, subject_token_type: type });
  const response = await oauth.genericTokenEndpointRequest(
    as,
    apiClient,
    apiSecret,
    "urn:ietf:params:oauth:grant-type:token-exchange",
    parameters,
    insecure,
  );
  const answer = await oauth.processGenericTokenEndpointResponse(as, apiClient, response);
  if (answer.issued_token_type !== type) throw new Error(`issued_token_type ${answer.issued_token_type}`);
  const claims = JSON.parse(Buffer.from(answer.access_token.split(".")[1], "base64url"));
  if (claims.sub !== keyClient.client_id || claims.act.sub !== apiClient.client_id) throw new Error("told wrong");
});
