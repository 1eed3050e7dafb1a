// jsonwebtoken: HS* with the resource's secret, the others with the public PEM, and with the JWKS through jwks-rsa.

import jwt from "jsonwebtoken";
import { JwksClient } from "jwks-rsa";
import { session, verifyAll, versionOf } from "./report.mjs";

const HMAC = ["HS256", "HS384", "HS512"];
// Not in jsonwebtoken: ES256K and the Edwards curves.
const ASYMMETRIC = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

const expected = (testCase) => ({
  algorithms: [testCase.alg],
  audience: testCase.audience,
  issuer: session.issuer,
});

const verifyWithKey = (testCase, token) => {
  const key = testCase.secret ? Buffer.from(testCase.secret, "base64url") : testCase.pem;
  return jwt.verify(token, key, expected(testCase));
};

const keys = new JwksClient({ jwksUri: session.jwks_uri });

const verifyWithJwks = async (testCase, token) => {
  const { kid } = jwt.decode(token, { complete: true }).header;
  const key = await keys.getSigningKey(kid);
  return jwt.verify(token, key.getPublicKey(), expected(testCase));
};

const isRefusal = (error) => error instanceof jwt.JsonWebTokenError;
const library = `jsonwebtoken ${versionOf("jsonwebtoken")}`;

await verifyAll(library, [...HMAC, ...ASYMMETRIC], verifyWithKey, isRefusal);
await verifyAll(`${library}, jwks-rsa ${versionOf("jwks-rsa")}`, ASYMMETRIC, verifyWithJwks, isRefusal);
