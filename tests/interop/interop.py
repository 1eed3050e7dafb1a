"""Tokens of every algorithm, issued by the real server over HTTP and verified by libraries that others use.

Started by `./dev interop`, which installs those libraries. Prints a table; exits 1 if a token that is good was refused,
one that was tampered with was accepted, or a verifier said nothing about an algorithm.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from mint import Mint
from table import print_table
from tamper import tampered

HERE = Path(__file__).resolve().parent
SECONDS_PER_VERIFIER = 120

# RFC 9964 is younger than the libraries here: such tokens are issued, and the table says that nobody could look.
UNKNOWN_TO_LIBRARIES = {"ML-DSA-44", "ML-DSA-65", "ML-DSA-87"}

PYTHON = [sys.executable]
VERIFIERS = [
    ("node", "verify_jsonwebtoken.mjs"),
    ("node", "verify_jose.mjs"),
    ("node", "use_openid_client.mjs"),
    ("python", "verify_pyjwt.py"),
    ("python", "verify_authlib.py"),
    ("python", "verify_jwcrypto.py"),
    ("python", "verify_cryptography.py"),
]


def node_command():
    version = subprocess.run(["node", "--version"], check=True, capture_output=True, text=True).stdout
    # Debian 12 ships Node 18, where the Web Crypto that jose and openid-client build on is behind a flag.
    return ["node", "--experimental-global-webcrypto"] if version.startswith("v18.") else ["node"]


def make_case(mint, alg):
    token = mint.client_credentials(alg)["access_token"]
    secret = mint.resource_secret(alg) if alg.startswith("HS") else None
    pem = None if secret else mint.public_pem(token)
    return {
        "alg": alg,
        "audience": mint.audience(alg),
        "token": token,
        "secret": secret,
        "pem": pem,
        "tampered": tampered(token, pem),
    }


def write_cases(mint, path):
    session = {
        "issuer": mint.issuer,
        "jwks_uri": mint.issuer + "/.well-known/jwks.json",
        "client_id": mint.client_id,
        "client_secret": mint.client_secret,
        "username": mint.username,
        "password": mint.password,
        "cases": [make_case(mint, alg) for alg in mint.algs],
    }
    path.write_text(json.dumps(session))
    return session


def run_verifier(kind, script, cases, work):
    command = node_command() if kind == "node" else PYTHON
    # Node looks for packages beside the script, so the scripts run from where the packages are.
    folder = work if kind == "node" else HERE
    try:
        done = subprocess.run(
            [*command, str(folder / script), str(cases)],
            cwd=work,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "AUTHLIB_INSECURE_TRANSPORT": "1"},
            capture_output=True,
            text=True,
            timeout=SECONDS_PER_VERIFIER,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return [{"library": script, "alg": "-", "check": "run", "outcome": "fail", "detail": "timed out"}]
    results = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode != 0:
        detail = (done.stderr.strip().splitlines() or ["no message"])[-1]
        results.append({"library": script, "alg": "-", "check": "run", "outcome": "fail", "detail": detail})
    return results


def missing_results(results, algs):
    """A library that verifies tokens has something to say about each algorithm, if only that it does not support it."""
    verifiers = {result["library"] for result in results if result["check"] in ("valid", "unsupported")}
    said = {(result["library"], result["alg"]) for result in results}
    return [
        {"library": library, "alg": alg, "check": "run", "outcome": "fail", "detail": "no result"}
        for library in sorted(verifiers)
        for alg in algs
        if (library, alg) not in said
    ]


def unverified_algs(results, algs):
    verified = {result["alg"] for result in results if (result["check"], result["outcome"]) == ("valid", "pass")}
    return [
        {"library": "all", "alg": alg, "check": "run", "outcome": "fail", "detail": "verified by no library"}
        for alg in algs
        if alg not in verified and alg not in UNKNOWN_TO_LIBRARIES
    ]


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--binary", type=Path, required=True, help="the mintmark to test")
    arguments.add_argument("--work", type=Path, required=True, help="folder with node_modules, for temporary files too")
    options = arguments.parse_args()
    work = options.work.resolve()
    for script in HERE.glob("*.mjs"):
        (work / script.name).write_bytes(script.read_bytes())

    with Mint(options.binary.resolve(), work / "mint") as mint:
        cases = work / "cases.json"
        session = write_cases(mint, cases)
        results = [result for kind, script in VERIFIERS for result in run_verifier(kind, script, cases, work)]
        algs = [case["alg"] for case in session["cases"]]

    results += missing_results(results, algs) + unverified_algs(results, algs)
    return print_table(results, algs)


if __name__ == "__main__":
    sys.exit(main())
