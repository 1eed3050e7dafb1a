"""PyJWT: the JWKS through PyJWKClient, HS* with the resource's secret."""

import jwt
import report
from tamper import decode

# Not in PyJWT: the fully specified names of RFC 9864.
SUPPORTED = {
    *("HS256", "HS384", "HS512"),
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "ES256K", "EdDSA"),
}

session = report.load_session()
client = jwt.PyJWKClient(session["jwks_uri"])


def verify(case, token):
    key = decode(case["secret"]) if case["secret"] else client.get_signing_key_from_jwt(token).key
    return jwt.decode(token, key, algorithms=[case["alg"]], audience=case["audience"], issuer=session["issuer"])


report.run(f"PyJWT {jwt.__version__}", session, SUPPORTED, verify, jwt.PyJWTError)
