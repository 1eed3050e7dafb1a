// openid-client: everything from the issuer URL alone, then each grant.

import * as client from "openid-client";
import { importJWK } from "jose";
import { session, step, versionOf } from "./report.mjs";

const library = `openid-client ${versionOf("openid-client")}`;
const resource = session.cases[0].audience;

const discover = (algorithm, authentication) =>
  client.discovery(new URL(session.issuer), session.client_id, undefined, authentication, {
    algorithm,
    execute: [client.allowInsecureRequests],
  });

const requireToken = (answer) => {
  if (!answer.access_token || answer.token_type !== "bearer" || !(answer.expiresIn() > 0)) {
    throw new Error(`not a token response: ${Object.keys(answer)}`);
  }
  return answer;
};

const basic = await step(library, "discovery, RFC 8414, client_secret_basic", () =>
  discover("oauth2", client.ClientSecretBasic(session.client_secret)),
);
const post = await step(library, "discovery, OpenID Connect, client_secret_post", () =>
  discover("oidc", client.ClientSecretPost(session.client_secret)),
);

for (const [name, config] of Object.entries({ basic, post })) {
  await step(library, `client_credentials, ${name}`, async () =>
    requireToken(await client.clientCredentialsGrant(config, { resource, scope: "read" })),
  );
}

const login = await step(library, "password", async () =>
  requireToken(
    await client.genericGrantRequest(basic, "password", {
      username: session.username,
      password: session.password,
      resource,
    }),
  ),
);

await step(library, "refresh_token", async () => {
  const refreshed = requireToken(await client.refreshTokenGrant(basic, login.refresh_token));
  if (refreshed.refresh_token === login.refresh_token) throw new Error("the refresh token did not rotate");
});

const privateKey = await importJWK(session.key_client.private_jwk, "ES256");
const keyed = await step(library, "discovery, private_key_jwt", () =>
  client.discovery(
    new URL(session.issuer),
    session.key_client.client_id,
    undefined,
    client.PrivateKeyJwt({ key: privateKey, kid: session.key_client.private_jwk.kid }),
    { algorithm: "oauth2", execute: [client.allowInsecureRequests] },
  ),
);

await step(library, "client_credentials, private_key_jwt", async () =>
  requireToken(await client.clientCredentialsGrant(keyed, { scope: "read" })),
);

await step(library, "DPoP, with the nonce that is asked for", async () => {
  const DPoP = client.getDPoPHandle(keyed, await client.randomDPoPKeyPair("ES256"));
  const answer = await client.clientCredentialsGrant(keyed, { scope: "read" }, { DPoP });
  if (answer.token_type !== "dpop") throw new Error(`token_type ${answer.token_type}`);
});

await step(library, "a wrong secret is invalid_client", async () => {
  const wrong = await discover("oauth2", client.ClientSecretPost("wrong"));
  const error = await client.clientCredentialsGrant(wrong, { resource }).catch((caught) => caught);
  if (error.error !== "invalid_client" || error.status !== 401) throw error;
});

const api = await step(library, "discovery, of an API", () =>
  client.discovery(
    new URL(session.issuer),
    session.api_client.client_id,
    undefined,
    client.ClientSecretBasic(session.client_secret),
    { algorithm: "oauth2", execute: [client.allowInsecureRequests] },
  ),
);

await step(library, "introspection and revocation", async () => {
  const { access_token: token } = await client.clientCredentialsGrant(keyed, { scope: "read" });
  if (!(await client.tokenIntrospection(api, token)).active) throw new Error("not active");
  await client.tokenRevocation(keyed, token);
  if ((await client.tokenIntrospection(api, token)).active) throw new Error("still active");
});

await step(library, "revocation of a refresh token", async () => {
  const again = await client.genericGrantRequest(basic, "password", {
    username: session.username,
    password: session.password,
    resource,
  });
  await client.tokenRevocation(basic, again.refresh_token);
  const error = await client.refreshTokenGrant(basic, again.refresh_token).catch((caught) => caught);
  if (error.error !== "invalid_grant") throw error;
});

await step(library, "token exchange", async () => {
  const { access_token: subject } = await client.clientCredentialsGrant(keyed, { scope: "read" });
  const type = "urn:ietf:params:oauth:token-type:access_token";
  requireToken(
    await client.genericGrantRequest(api, "urn:ietf:params:oauth:grant-type:token-exchange", {
      subject_token: subject,
      subject_token_type: type,
    }),
  );
});
