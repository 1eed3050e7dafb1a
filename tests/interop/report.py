"""What every Python verifier does around its library: reads the cases, prints one JSON line per check."""

import json
import sys
from pathlib import Path


def load_session():
    return json.loads(Path(sys.argv[1]).read_text())


def emit(library, alg, check, outcome, detail=""):
    print(json.dumps({"library": library, "alg": alg, "check": check, "outcome": outcome, "detail": detail}))


def describe(error):
    return f"{type(error).__name__}: {error}"


def check_valid(library, case, verify):
    try:
        claims = verify(case, case["token"])
        if claims["aud"] != case["audience"]:
            raise ValueError("another audience")
        emit(library, case["alg"], "valid", "pass")
    except Exception as error:  # whatever it is, it belongs into the table
        emit(library, case["alg"], "valid", "fail", describe(error))


def check_refused(library, case, verify, refusals):
    for name, token in case["tampered"].items():
        try:
            verify(case, token)
            emit(library, case["alg"], name, "fail", "accepted")
        except refusals:
            emit(library, case["alg"], name, "pass")
        except Exception as error:
            emit(library, case["alg"], name, "fail", describe(error))


def run(library, session, supported, verify, refusals):
    """`refusals`: what the library raises for a bad token; anything else is a failure of its own."""
    for case in session["cases"]:
        if case["alg"] not in supported:
            emit(library, case["alg"], "unsupported", "unsupported")
            continue
        check_valid(library, case, verify)
        check_refused(library, case, verify, refusals)


def encrypt_all(library, session, supported, encrypt):
    """`encrypt` takes a case and the content; the JWEs go into the results, for interop.py to open."""
    for case in session["cases"]:
        if case["alg"] not in supported:
            continue  # as `run` has said
        try:
            emit(library, case["alg"], "made", "pass", encrypt(case, json.dumps({"aud": case["audience"]})))
        except Exception as error:
            emit(library, case["alg"], "made", "fail", describe(error))
