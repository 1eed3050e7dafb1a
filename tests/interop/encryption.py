"""JWEs of every algorithm: nested access tokens of the running mint, and others of `mintmark jose encrypt`.

A case is what a library gets: the recipient's key, a token to open, forgeries to refuse. It also encrypts to that key.
`alg` names the case in the results; the `alg` and `enc` of the JWE are in `header`.
"""

import json
import secrets
import subprocess
import tempfile

from tamper import encode, with_flipped_last_part, with_other_subject

KEY_PAIR_ALGS = [
    *("RSA-OAEP", "RSA-OAEP-256", "RSA-OAEP-384", "RSA-OAEP-512"),
    *("ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A192KW", "ECDH-ES+A256KW"),
]
OTHER_CURVES = ["P-384", "P-521", "X25519", "X448"]
SECRET_ALGS = ["A128KW", "A192KW", "A256KW", "A128GCMKW", "A192GCMKW", "A256GCMKW", "dir"]
PASSWORD_ALGS = ["PBES2-HS256+A128KW", "PBES2-HS384+A192KW", "PBES2-HS512+A256KW"]
ENC_KEY_BYTES = {
    **{"A128CBC-HS256": 32, "A192CBC-HS384": 48, "A256CBC-HS512": 64},
    **{"A128GCM": 16, "A192GCM": 24, "A256GCM": 32},
}
# Of PBKDF2. The libraries refuse what costs them much more: npm's jose anything above 10000.
ITERATIONS = "8192"


def run_mintmark(binary, *arguments, input=""):
    command = [binary, "jose", *arguments]
    done = subprocess.run(command, input=input, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip())
    return done.stdout


def with_file(text, use):
    """What `use` makes of the path of a file that has the text, and is gone afterwards."""
    with tempfile.NamedTemporaryFile("w", prefix="interop-") as file:
        file.write(text)
        file.flush()
        return use(file.name)


def make_key_pair(binary, alg, crv=None):
    private = run_mintmark(binary, "generate", "--alg", alg, *(("--crv", crv) if crv else ()))
    public = run_mintmark(binary, "public", input=private)
    return {"private": json.loads(private), "public": json.loads(public)}


def make_secret(binary, alg, enc):
    if alg == "dir":
        key = {"kty": "oct", "k": encode(secrets.token_bytes(ENC_KEY_BYTES[enc]))}
    else:
        key = json.loads(run_mintmark(binary, "generate", "--alg", alg))
    return {"private": key, "public": key}


def make_case(row, alg, enc, key):
    name = f"{row} {enc}"
    audience = f"urn:interop:{name.lower().replace(' ', ':')}"
    return {"alg": name, "row": row, "header": {"alg": alg, "enc": enc}, "audience": audience, "nested": False, **key}


def make_nested_cases(binary):
    recipients = [(alg, alg, make_key_pair(binary, alg)) for alg in KEY_PAIR_ALGS]
    recipients += [(f"ECDH-ES {crv}", "ECDH-ES", make_key_pair(binary, "ECDH-ES", crv)) for crv in OTHER_CURVES]
    return [
        {**make_case(row, alg, enc, key), "nested": True} for row, alg, key in recipients for enc in ENC_KEY_BYTES
    ]


def make_shared_cases(binary):
    """With secrets and passwords, which no access token is encrypted with."""
    cases = [make_case(alg, alg, enc, make_secret(binary, alg, enc)) for alg in SECRET_ALGS for enc in ENC_KEY_BYTES]
    for alg in PASSWORD_ALGS:
        cases += [make_case(alg, alg, enc, {"password": secrets.token_urlsafe(16)}) for enc in ENC_KEY_BYTES]
    return cases


def resource_of(case):
    encryption = {**case["header"], "jwk": case["public"]}
    return {"id": case["audience"], "scopes": ["read"], "format": "jwt+jwe", "encryption": encryption}


def content_of(case):
    """Of a JWE that is no access token: claims as well, so that a library is asked the same of both."""
    return json.dumps({"aud": case["audience"]})


def key_options(case, half):
    """The options of the command line that name the key, but for the file; and the content of the file."""
    if "password" in case:
        return ["--alg", case["header"]["alg"], "--password-file"], case["password"]
    key = case[half]
    return [*(() if "alg" in key else ("--alg", case["header"]["alg"])), "--key"], json.dumps(key)


def encrypt(binary, case, content, *more):
    options, key = key_options(case, "public")
    if "password" in case:
        options = ["--iterations", ITERATIONS, *options]
    command = ["encrypt", "--enc", case["header"]["enc"], *more, *options]
    return with_file(key, lambda path: run_mintmark(binary, *command, path, input=content)).strip()


def decrypt(binary, case, token):
    options, key = key_options(case, "private")
    return with_file(key, lambda path: run_mintmark(binary, "decrypt", *options, path, input=token))


def with_token(mint, case):
    """An access token, or other content, and forgeries of both: a public key is there for everybody to encrypt to."""
    if not case["nested"]:
        token = encrypt(mint.binary, case, content_of(case))
        return {**case, "token": token, "tampered": {"tag bit": with_flipped_last_part(token)}}
    token = mint.client_credentials(case["audience"])["access_token"]
    forged = with_other_subject(decrypt(mint.binary, case, token))
    tampered = {
        "tag bit": with_flipped_last_part(token),
        "other subject": encrypt(mint.binary, case, forged, "--cty", "at+jwt"),
    }
    return {**case, "token": token, "tampered": tampered}


def write_session(mint, cases, path):
    session = {
        "issuer": mint.issuer,
        "jwks_uri": mint.issuer + "/.well-known/jwks.json",
        "cases": [with_token(mint, case) for case in cases],
    }
    path.touch(mode=0o600)
    path.write_text(json.dumps(session))


def open_made(binary, case, result):
    """The result of opening here what a library made."""
    if result["outcome"] != "pass":
        return result
    opened = {**result, "check": "valid", "detail": ""}
    try:
        if json.loads(decrypt(binary, case, result["detail"])) != {"aud": case["audience"]}:
            return {**opened, "outcome": "fail", "detail": "another content"}
    except (RuntimeError, ValueError) as error:
        return {**opened, "outcome": "fail", "detail": str(error)}
    return opened


def split(binary, cases, results):
    """The results of opening there, and of opening here what was made there. "unsupported" is one of both."""
    by_name = {case["alg"]: case for case in cases}
    opened = [result for result in results if result["check"] != "made"]
    made = [result for result in results if result["check"] == "unsupported"]
    made += [open_made(binary, by_name[result["alg"]], result) for result in results if result["check"] == "made"]
    return opened, made
