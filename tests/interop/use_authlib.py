"""Authlib as a client: the ways of authentication that it has."""

import authlib
import report
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import ClientSecretJWT, PrivateKeyJWT

LIBRARY = f"Authlib {authlib.__version__}"
session = report.load_session()
endpoint = session["issuer"] + "/token"
resource = next(case["audience"] for case in session["cases"] if case["alg"] == "ES256")


def step(name, action):
    try:
        token = action()
        if not token.get("access_token") or token["token_type"] != "Bearer":
            raise ValueError("not a token response")
        report.emit(LIBRARY, "-", name, "pass")
    except Exception as error:  # whatever it is, it belongs into the table
        report.emit(LIBRARY, "-", name, "fail", report.describe(error))


def with_secret(method):
    client = OAuth2Session(session["client_id"], session["client_secret"], token_endpoint_auth_method=method)
    return client.fetch_token(endpoint, grant_type="client_credentials", resource=resource)


def with_key():
    client = OAuth2Session(
        session["key_client"]["client_id"],
        session["key_client"]["private_jwk"],
        token_endpoint_auth_method=PrivateKeyJWT(endpoint, alg="ES256"),
    )
    return client.fetch_token(endpoint, grant_type="client_credentials")


def with_mac():
    client = OAuth2Session(
        session["mac_client"]["client_id"],
        session["client_secret"],
        token_endpoint_auth_method=ClientSecretJWT(endpoint),
    )
    return client.fetch_token(endpoint, grant_type="client_credentials")


def introspect_and_revoke():
    token = with_secret("client_secret_basic")
    client = OAuth2Session(session["client_id"], session["client_secret"])
    told = client.introspect_token(session["issuer"] + "/introspect", token=token["access_token"])
    client.revoke_token(session["issuer"] + "/revoke", token=token["access_token"])
    after = client.introspect_token(session["issuer"] + "/introspect", token=token["access_token"])
    if not told.json()["active"] or after.json()["active"]:
        raise ValueError("told wrong")
    return token


for each in ("client_secret_basic", "client_secret_post"):
    step(f"client_credentials, {each}", lambda method=each: with_secret(method))
step("client_credentials, client_secret_jwt", with_mac)
step("client_credentials, private_key_jwt", with_key)
step("introspection and revocation", introspect_and_revoke)
