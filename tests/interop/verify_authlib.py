"""Authlib: the JWKS as a key set, HS* with the resource's secret."""

import json
import urllib.request

import authlib
import report
from authlib.jose import JsonWebKey, JsonWebToken
from authlib.jose.errors import JoseError
from tamper import decode

# Not in Authlib: the fully specified names of RFC 9864.
SUPPORTED = {
    *("HS256", "HS384", "HS512"),
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "ES256K", "EdDSA"),
}

session = report.load_session()
with urllib.request.urlopen(session["jwks_uri"], timeout=10) as answer:
    key_set = JsonWebKey.import_key_set(json.load(answer))


def verify(case, token):
    options = {
        "iss": {"essential": True, "value": session["issuer"]},
        "aud": {"essential": True, "value": case["audience"]},
        "exp": {"essential": True},
    }
    key = decode(case["secret"]) if case["secret"] else key_set
    claims = JsonWebToken([case["alg"]]).decode(token, key, claims_options=options)
    claims.validate()
    return claims


report.run(f"Authlib {authlib.__version__}", session, SUPPORTED, verify, JoseError)
