"""Tokens of every algorithm, issued by the real server over HTTP and verified by libraries that others use. Encrypted
ones too: they open ours, and we open theirs.

Started by `./dev interop`, which installs those libraries. Prints tables; exits 1 if a token that is good was refused,
one that was tampered with was accepted, or a verifier said nothing about an algorithm.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import encryption
from mint import Mint
from table import print_encryption_matrix, print_matrix, print_outcome, print_steps
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
    ("node", "use_oauth4webapi.mjs"),
    ("python", "verify_pyjwt.py"),
    ("python", "verify_authlib.py"),
    ("python", "use_authlib.py"),
    ("python", "verify_jwcrypto.py"),
    ("python", "verify_cryptography.py"),
]
ENCRYPTERS = [
    ("node", "jwe_jose.mjs"),
    ("python", "jwe_jwcrypto.py"),
    ("python", "jwe_latchset.py"),
]


def node_command():
    version = subprocess.run(["node", "--version"], check=True, capture_output=True, text=True).stdout
    # Debian 12 ships Node 18, where the Web Crypto that jose and openid-client build on is behind a flag.
    return ["node", "--experimental-global-webcrypto"] if version.startswith("v18.") else ["node"]


def make_case(mint, alg):
    token = mint.client_credentials(mint.audience(alg))["access_token"]
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
        "key_client": {"client_id": mint.key_client_id, "private_jwk": mint.private_jwk},
        "mac_client": {"client_id": mint.mac_client_id},
        "api_client": {"client_id": mint.api_client_id},
        "username": mint.username,
        "password": mint.password,
        "cases": [make_case(mint, alg) for alg in mint.algs],
    }
    path.write_text(json.dumps(session))
    return session


def run_all(scripts, cases, work):
    return [result for kind, script in scripts for result in run_verifier(kind, script, cases, work)]


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
    if done.returncode != 0 or not results:
        detail = (done.stderr.strip().splitlines() or ["no message"])[-1]
        results.append({"library": script, "alg": "-", "check": "run", "outcome": "fail", "detail": detail})
    return results


def verifiers_in(results):
    return {result["library"] for result in results if result["check"] in ("valid", "unsupported")}


def missing_results(results, algs, verifiers):
    """A library that verifies tokens has something to say about each algorithm, if only that it does not support it."""
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


def completed(results, algs, verifiers):
    return results + missing_results(results, algs, verifiers) + unverified_algs(results, algs)


def in_direction(direction, results):
    return [{**result, "check": f"{direction}, {result['check']}"} for result in results]


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--binary", type=Path, required=True, help="the mintmark to test")
    arguments.add_argument("--work", type=Path, required=True, help="folder with node_modules, for temporary files too")
    options = arguments.parse_args()
    work = options.work.resolve()
    for script in HERE.glob("*.mjs"):
        (work / script.name).write_bytes(script.read_bytes())

    binary = options.binary.resolve()
    nested = encryption.make_nested_cases(binary)
    encrypted = nested + encryption.make_shared_cases(binary)
    with Mint(binary, work / "mint", [encryption.resource_of(case) for case in nested]) as mint:
        session = write_cases(mint, work / "cases.json")
        results = run_all(VERIFIERS, work / "cases.json", work)
        encryption.write_session(mint, encrypted, work / "encrypted.json")
        opened, made = encryption.split(binary, encrypted, run_all(ENCRYPTERS, work / "encrypted.json", work))

    algs = [case["alg"] for case in session["cases"]]
    results = completed(results, algs, verifiers_in(results))
    names = [case["alg"] for case in encrypted]
    opened, made = (completed(each, names, verifiers_in(opened)) for each in (opened, made))

    print_matrix(results, algs)
    print_encryption_matrix(opened, made, encrypted)
    print_steps(results)
    return print_outcome(results + in_direction("opening ours", opened) + in_direction("making theirs", made))


if __name__ == "__main__":
    sys.exit(main())
