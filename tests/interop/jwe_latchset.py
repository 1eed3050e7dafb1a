"""latchset's jose, in C: `jose jwe dec`, then `jose jws ver` with the JWKS. What a JWT is, it leaves to its caller."""

import json
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

import report
from tamper import decode, encode

# It says what algorithms it was built with, and not what curves. Not in it: those of RFC 8037.
CURVES = {None, "P-256", "P-384", "P-521"}

session = report.load_session()


class Refused(Exception):
    pass


def run_jose(*arguments, input=""):
    done = subprocess.run(["jose", *arguments], input=input, capture_output=True, text=True, timeout=10, check=False)
    # It prints what it decrypts before it has seen the tag: what it says at the end is what counts.
    if done.returncode != 0:
        raise Refused(done.stderr.strip() or "without a word")
    return done.stdout


def write_key(folder, key):
    path = Path(folder) / "key.json"
    path.write_text(json.dumps(key))
    return str(path)


def run_with_key(key, *arguments, input):
    with tempfile.TemporaryDirectory(prefix="interop-") as folder:
        return run_jose(*arguments, "-k", write_key(folder, key), input=input)


def key_for(case, half):
    # A password would be asked for on a terminal.
    return {"kty": "oct", "k": encode(case["password"].encode())} if "password" in case else case[half]


def header_of(token):
    return json.loads(decode(token.split(".")[0]))


def verify(case, signed):
    claims = json.loads(run_with_key(key_set, "jws", "ver", "-i-", "-O-", input=signed))
    found = (header_of(signed).get("typ"), claims["iss"], claims["aud"])
    if found != ("at+jwt", session["issuer"], case["audience"]) or claims["exp"] <= time.time():
        raise ValueError(f"not a token of the mint for this audience: {found}")
    return claims


def open_(case, token):
    content = run_with_key(key_for(case, "private"), "jwe", "dec", "-i-", "-O-", input=token)
    if not case["nested"]:
        return json.loads(content)
    header = header_of(token)
    if {name: header.get(name) for name in ("alg", "enc", "cty")} != {**case["header"], "cty": "at+jwt"}:
        raise ValueError(f"another header: {header}")
    return verify(case, content)


def encrypt(case, content):
    template = json.dumps({"protected": case["header"]})
    return run_with_key(key_for(case, "public"), "jwe", "enc", "-i", template, "-I-", "-c", input=content).strip()


def is_supported(case, algs):
    return set(case["header"].values()) <= algs and case.get("public", {}).get("crv") in CURVES


with urllib.request.urlopen(session["jwks_uri"], timeout=10) as answer:
    key_set = json.load(answer)
algs = set(run_jose("alg").split())
supported = {case["alg"] for case in session["cases"] if is_supported(case, algs)}
report.run("latchset jose", session, supported, open_, Refused)
report.encrypt_all("latchset jose", session, supported, encrypt)
