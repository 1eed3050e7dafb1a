// jose: compactDecrypt, then jwtVerify. Its jwtDecrypt wants the claims inside of the JWE, which holds a JWS here.

import { CompactEncrypt, compactDecrypt, createRemoteJWKSet, errors, importJWK, jwtVerify } from "jose";
import { encryptAll, session, verifyAll, versionOf } from "./report.mjs";

// Not in Web Crypto, and so not in jose: X448.
const supported = session.cases.filter(({ public: key }) => key?.crv !== "X448").map(({ alg }) => alg);

const remote = createRemoteJWKSet(new URL(session.jwks_uri));

const keyOf = (testCase, half) =>
  testCase.password ? Buffer.from(testCase.password) : importJWK(testCase[half], testCase.header.alg);

const verify = async (testCase, signed) => {
  const { payload } = await jwtVerify(signed, remote, {
    audience: testCase.audience,
    issuer: session.issuer,
    typ: "at+jwt",
    requiredClaims: ["exp", "iat", "sub", "jti", "client_id"],
  });
  return payload;
};

const open = async (testCase, token) => {
  const { plaintext, protectedHeader } = await compactDecrypt(token, await keyOf(testCase, "private"), {
    keyManagementAlgorithms: [testCase.header.alg],
    contentEncryptionAlgorithms: [testCase.header.enc],
  });
  const content = Buffer.from(plaintext).toString();
  if (!testCase.nested) return JSON.parse(content);
  if (protectedHeader.cty !== "at+jwt") throw new Error(`cty: ${protectedHeader.cty}`);
  return verify(testCase, content);
};

const encrypt = async (testCase, content) =>
  new CompactEncrypt(Buffer.from(content))
    .setProtectedHeader(testCase.header)
    .encrypt(await keyOf(testCase, "public"));

const library = `jose ${versionOf("jose")}`;

await verifyAll(library, supported, open, (error) => error instanceof errors.JOSEError);
await encryptAll(library, supported, encrypt);
