"""jwcrypto: the JWE, then the JWS inside it with the JWKS as a key set."""

import json
import urllib.request
from importlib.metadata import version

import report
from jwcrypto.common import JWException
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK, JWKSet
from jwcrypto.jwt import JWT

# Not in jwcrypto.
UNSUPPORTED = {"RSA-OAEP-384", "RSA-OAEP-512"}

session = report.load_session()
with urllib.request.urlopen(session["jwks_uri"], timeout=10) as answer:
    key_set = JWKSet.from_json(answer.read().decode())


def key_for(case, half):
    return JWK.from_password(case["password"]) if "password" in case else JWK(**case[half])


def verify(case, signed):
    expected = {"iss": session["issuer"], "aud": case["audience"], "exp": None}
    jwt = JWT(jwt=signed, key=key_set, check_claims=expected)
    if jwt.token.jose_header.get("typ") != "at+jwt":
        raise ValueError("the typ inside")
    return json.loads(jwt.claims)


def open_(case, token):
    jwe = JWE(algs=list(case["header"].values()))
    jwe.deserialize(token, key_for(case, "private"))
    if not case["nested"]:
        return json.loads(jwe.payload)
    if jwe.jose_header.get("cty") != "at+jwt":
        raise ValueError("the cty outside")
    return verify(case, jwe.payload.decode())


def encrypt(case, content):
    jwe = JWE(content.encode(), protected=case["header"], recipient=key_for(case, "public"))
    return jwe.serialize(compact=True)


library = f"jwcrypto {version('jwcrypto')}"
supported = {case["alg"] for case in session["cases"] if case["header"]["alg"] not in UNSUPPORTED}
report.run(library, session, supported, open_, JWException)
report.encrypt_all(library, session, supported, encrypt)
