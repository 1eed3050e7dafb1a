"""A running mint with one resource per signature algorithm, and others, in a folder of its own, on a free port."""

import base64
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

from tamper import decode

SECONDS_TO_START = 30
SECONDS_TO_STOP = 10


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def known_algs(binary):
    """Those of signatures, as the binary lists them where it is given one that there is not."""
    command = [binary, "jose", "sign", "--key", "-", "--alg", "?"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False).stderr
    listed = re.search(r"expected one of ([\w, -]+)", said)
    if not listed:
        raise RuntimeError(f"{binary} does not list its algorithms: {said.strip()}")
    return listed[1].strip().split(", ")


def is_available(binary, alg):
    """Whether this machine's OpenSSL has it."""
    command = [binary, "jose", "generate", "--alg", alg]
    return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0


class Mint:
    client_id = "interop"
    key_client_id = "interop-key"
    mac_client_id = "interop-mac"
    api_client_id = "interop-api"
    username = "alice"

    def __init__(self, binary, folder, more_resources=()):
        self.binary = binary
        self.algs = [alg for alg in known_algs(binary) if is_available(binary, alg)]
        self.folder = folder
        self.more_resources = more_resources
        self.port = free_port()
        self.issuer = f"http://127.0.0.1:{self.port}"
        self.client_secret = secrets.token_urlsafe(32)
        self.password = secrets.token_urlsafe(16)
        self.private_jwk = json.loads(self._run_alone("jose", "generate", "--alg", "ES256"))
        self.process = None

    def __enter__(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(mode=0o700)
        self._write_files()
        self._run("db", "migrate")
        self._run("user", "add", self.username, "--password-file", "-", input=self.password)
        self.process = subprocess.Popen(
            [self.binary, "serve"], env=self._environment(), stderr=(self.folder / "log").open("wb")
        )
        try:
            self._wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def audience(self, alg):
        return f"https://{alg.lower()}.interop.test"

    def client_credentials(self, resource):
        form = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "resource": resource,
        }
        request = urllib.request.Request(self.issuer + "/token", urllib.parse.urlencode(form).encode())
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def public_pem(self, token):
        kid = json.loads(decode(token.split(".")[0]))["kid"]
        return self._run("key", "export", "--pem", "--", kid)

    def resource_secret(self, alg):
        """In base64url."""
        return self._run("resource", "secret", self.audience(alg)).strip()

    def _write_files(self):
        self._write("sealing.key", base64.b64encode(secrets.token_bytes(32)).decode())
        self._write("client.secret", self.client_secret)
        self._write("mintmark.json", json.dumps(self._config(), indent=2))

    def _write(self, name, text):
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(text)

    def _config(self):
        resources = [
            {"id": self.audience(alg), "alg": alg, "lifetime": "10m", "scopes": ["read"]} for alg in self.algs
        ]
        resources += self.more_resources
        return {
            "issuer": self.issuer,
            "server": {"port": self.port},
            "private": {"port": 0},
            "storage": {"path": "mintmark.db"},
            "sealing_key_file": "sealing.key",
            "resources": resources,
            "assertions": {"accept_token_endpoint": True},  # which Authlib names
            "dpop": {"require_nonce": True},
            "clients": [
                {
                    "client_id": self.key_client_id,
                    "jwks": {"keys": [self._public_jwk()]},
                    "grant_types": ["client_credentials"],
                    "scopes": ["read"],
                    "resources": [self.audience("ES256")],
                },
                {
                    "client_id": self.mac_client_id,
                    "auth_methods": ["client_secret_jwt"],
                    "secrets": [{"id": "one", "secret_file": "client.secret"}],
                    "grant_types": ["client_credentials"],
                    "scopes": ["read"],
                    "resources": [self.audience("ES256")],
                },
                {  # the API of ES256, which calls that of ES384
                    "client_id": self.api_client_id,
                    "secrets": [{"id": "one", "secret_file": "client.secret"}],
                    "grant_types": ["urn:ietf:params:oauth:grant-type:token-exchange"],
                    "scopes": ["read"],
                    "resources": [self.audience("ES384")],
                    "introspects": [self.audience("ES256")],
                    "token_exchange": {"from": [self.audience("ES256")], "to": [self.audience("ES384")]},
                },
                {
                    "client_id": self.client_id,
                    "secrets": [{"id": "one", "secret_file": "client.secret"}],
                    "grant_types": ["password", "client_credentials", "refresh_token"],
                    "scopes": ["read"],
                    "resources": [resource["id"] for resource in resources],
                }
            ],
        }

    def _public_jwk(self):
        return {name: value for name, value in self.private_jwk.items() if name not in ("d", "use", "key_ops")}

    def _run_alone(self, *arguments):
        done = subprocess.run([self.binary, *arguments], capture_output=True, text=True, timeout=60, check=True)
        return done.stdout

    def _environment(self):
        return {**os.environ, "MINTMARK_CONFIG": str(self.folder / "mintmark.json")}

    def _run(self, *arguments, input=None):
        command = [self.binary, *arguments]
        done = subprocess.run(
            command, env=self._environment(), input=input, capture_output=True, text=True, timeout=60, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(map(str, command))}: {done.stderr.strip()}")
        return done.stdout

    def _wait_until_ready(self):
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"the mint ended: {(self.folder / 'log').read_text()}")
            try:
                urllib.request.urlopen(self.issuer + "/readyz", timeout=1).close()
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise RuntimeError(f"not ready after {SECONDS_TO_START} s: {(self.folder / 'log').read_text()}")
