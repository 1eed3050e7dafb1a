"""cryptography: the bare signature with the public PEM, for the names of RFC 9864, which no JOSE library here has all of."""

import json

import cryptography
import report
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from tamper import decode

SUPPORTED = {"Ed25519", "Ed448"}


def verify(case, token):
    header, payload, signature = token.split(".")
    load_pem_public_key(case["pem"].encode()).verify(decode(signature), f"{header}.{payload}".encode())
    return json.loads(decode(payload))


report.run(f"cryptography {cryptography.__version__}", report.load_session(), SUPPORTED, verify, InvalidSignature)
