"""What an attacker would send instead of a token that he has seen."""

import base64
import hashlib
import hmac
import json


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def with_other_subject(token):
    header, payload, signature = token.split(".")
    claims = json.loads(decode(payload))
    claims["sub"] = "mallory"
    return ".".join([header, encode(json.dumps(claims).encode()), signature])


def with_flipped_last_part(token):
    """One bit of a JWS's signature, or of a JWE's tag."""
    *rest, last = token.split(".")
    flipped = bytearray(decode(last))
    flipped[0] ^= 1
    return ".".join([*rest, encode(bytes(flipped))])


def with_public_key_as_hmac_secret(token, pem):
    """RS256 turned into HS256: a verifier that believes the header computes an HMAC with the key that everybody has."""
    header, payload, _ = token.split(".")
    changed = {**json.loads(decode(header)), "alg": "HS256"}
    signed = encode(json.dumps(changed).encode()) + "." + payload
    return signed + "." + encode(hmac.new(pem.encode(), signed.encode(), hashlib.sha256).digest())


def unsigned(token):
    header, payload, _ = token.split(".")
    changed = {**json.loads(decode(header)), "alg": "none"}
    return encode(json.dumps(changed).encode()) + "." + payload + "."


def tampered(token, pem):
    forgeries = {
        "other subject": with_other_subject(token),
        "signature bit": with_flipped_last_part(token),
        "none": unsigned(token),
    }
    if pem:
        forgeries["HS256 with the public key"] = with_public_key_as_hmac_secret(token, pem)
    return forgeries
