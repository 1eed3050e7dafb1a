// jose: the remote JWKS, with the `typ` that RFC 9068 §4 asks for; HS* with the resource's secret.

import { createRemoteJWKSet, errors, jwtVerify } from "jose";
import { session, verifyAll, versionOf } from "./report.mjs";

// Not in Web Crypto, and so not in jose: ES256K and Ed448.
const SUPPORTED = [
  ...["HS256", "HS384", "HS512"],
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
];

const remote = createRemoteJWKSet(new URL(session.jwks_uri));

const verify = async (testCase, token) => {
  const key = testCase.secret ? Buffer.from(testCase.secret, "base64url") : remote;
  const { payload } = await jwtVerify(token, key, {
    algorithms: [testCase.alg],
    audience: testCase.audience,
    issuer: session.issuer,
    typ: "at+jwt",
    requiredClaims: ["exp", "iat", "sub", "jti", "client_id"],
  });
  return payload;
};

await verifyAll(`jose ${versionOf("jose")}`, SUPPORTED, verify, (error) => error instanceof errors.JOSEError);
