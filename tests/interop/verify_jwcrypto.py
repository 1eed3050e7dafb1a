"""jwcrypto: the JWKS as a key set, HS* with the resource's secret as a JWK."""

import json
import urllib.request
from importlib.metadata import version

import report
from jwcrypto.common import JWException
from jwcrypto.jwk import JWK, JWKSet
from jwcrypto.jwt import JWT

# Not in jwcrypto: the fully specified names of RFC 9864.
SUPPORTED = {
    *("HS256", "HS384", "HS512"),
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "ES256K", "EdDSA"),
}

session = report.load_session()
with urllib.request.urlopen(session["jwks_uri"], timeout=10) as answer:
    key_set = JWKSet.from_json(answer.read().decode())


def key_for(case):
    return JWK(kty="oct", k=case["secret"]) if case["secret"] else key_set


def verify(case, token):
    expected = {"iss": session["issuer"], "aud": case["audience"], "exp": None}
    jwt = JWT(jwt=token, key=key_for(case), algs=[case["alg"]], check_claims=expected)
    return json.loads(jwt.claims)


report.run(f"jwcrypto {version('jwcrypto')}", session, SUPPORTED, verify, JWException)
