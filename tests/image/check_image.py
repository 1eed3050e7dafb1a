#!/usr/bin/env python3
"""Checks an image as an operator would run it: any uid, read-only root, no capabilities, limits, one volume.

  check_image.py --engine podman|docker --image NAME [--keep]

Needs root (volumes are given to other uids), openssl, and an engine that can run containers in the host's network.
"""

import argparse
import base64
import contextlib
import gzip
import io
import json
import os
import pathlib
import secrets
import shutil
import socket
import ssl
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

MAX_COMPRESSED = 20 * 1000 * 1000
MAX_SECONDS_TO_READY = 5
MAX_IDLE_RSS_KIB = 40 * 1024
MEMORY = "128m"
PIDS = 64
ALGORITHMS = {"ES256": 64, "EdDSA": 64, "RS256": 256, "ML-DSA-44": 2420, "ML-DSA-65": 3309, "ML-DSA-87": 4627}
PASSWORD = "correct horse battery staple"
SHELLS_AND_TOOLS = {"sh", "bash", "dash", "busybox", "ash", "perl", "python3", "apt", "apt-get", "dpkg", "su", "ls", "cat"}


class Failed(Exception):
    pass


def expect(condition, what):
    if not condition:
        raise Failed(what)


def say(text):
    print(f"image: {text}", flush=True)


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Engine:
    def __init__(self, name, image):
        self.name = name
        self.image = image
        self.containers = []

    def call(self, *arguments, check=True, stdin=None, timeout=120):
        done = subprocess.run([self.name, *arguments], input=stdin, capture_output=True, timeout=timeout)
        if check and done.returncode != 0:
            raise Failed(f"{self.name} {' '.join(arguments)}: {done.stderr.decode(errors='replace').strip()}")
        return done

    def inspect(self, name):
        return json.loads(self.call("inspect", name).stdout)[0]

    @staticmethod
    def restrictions(user):
        return ["--network", "host", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
                "--user", user, "--memory", MEMORY, "--pids-limit", str(PIDS)]

    def run_command(self, *arguments, options=(), user="65532:65532", stdin=None):
        """A command of the image to its end."""
        pull = ["--pull=never"] if self.name == "podman" else []
        interactive = ["-i"] if stdin is not None else []
        return self.call("run", "--rm", *interactive, *pull, *self.restrictions(user), *options, self.image, *arguments,
                         check=False, stdin=stdin)

    def start(self, service, user):
        name = f"mintmark-check-{os.getpid()}-{len(self.containers)}"
        self.containers.append(name)
        pull = ["--pull=never"] if self.name == "podman" else []
        self.call("run", "-d", "--name", name, *pull, *self.restrictions(user), *service.options(), self.image)
        return name

    def remove_all(self):
        for name in self.containers:
            self.call("rm", "-f", name, check=False)


class Service:
    """A folder with a configuration, secrets and a volume, for containers of one uid."""

    def __init__(self, folder, user, variant):
        self.folder = folder
        self.user = user
        self.port = free_port()
        self.secret = "mms_" + secrets.token_urlsafe(32)
        self.sealing_key = base64.b64encode(secrets.token_bytes(32)).decode()
        self.variant = variant
        self.options_more = []
        uid, gid = (int(part) for part in user.split(":"))
        for name in ("etc", "secrets", "data"):
            (folder / name).mkdir(parents=True)
        (folder / "secrets/sealing.key").write_text(self.sealing_key + "\n")
        (folder / "secrets/service.secret").write_text(self.secret + "\n")
        (folder / "etc/mintmark.json").write_text(json.dumps(self.document()))
        # The volume is the container's own; secrets can be read by its uid and by nobody else.
        for path in (folder / "secrets").iterdir():
            os.chown(path, uid, gid)
            path.chmod(0o400)
        os.chown(folder / "data", uid, gid)
        (folder / "data").chmod(0o700)

    def document(self):
        document = {
            "issuer": f"http://127.0.0.1:{self.port}",
            "server": {"address": "127.0.0.1", "port": self.port},
            "storage": {"path": "/var/lib/mintmark/mintmark.db"},
            "sealing_key_file": "/run/secrets/sealing.key",
            "passwords": {"memory_budget": "48MiB"},
            "resources": [{"id": f"https://{alg.lower()}.example.com", "alg": alg} for alg in ALGORITHMS],
            "clients": [{"client_id": "service", "grant_types": ["client_credentials"],
                         "secrets": [{"id": "1", "secret_file": "/run/secrets/service.secret"}],
                         "resources": [f"https://{alg.lower()}.example.com" for alg in ALGORITHMS]},
                        {"client_id": "app", "auth_methods": ["none"], "grant_types": ["password", "refresh_token"],
                         "resources": ["https://es256.example.com"]}],
        }
        if self.variant == "environment":
            # What a file or the environment can say as well is left to them.
            del document["sealing_key_file"], document["server"]["port"]
        return document

    def options(self):
        options = ["-v", f"{self.folder}/etc:/etc/mintmark:ro", "-v", f"{self.folder}/secrets:/run/secrets:ro",
                   "-v", f"{self.folder}/data:/var/lib/mintmark"]
        if self.variant == "environment":
            options += ["-e", "MINTMARK_SEALING_KEY_FILE=/run/secrets/sealing.key", "-e", f"MINTMARK_SERVER_PORT={self.port}"]
        return options + self.options_more

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return answer.read()

    def jwks(self):
        return json.loads(self.get("/.well-known/jwks.json"))["keys"]

    def token(self, alg):
        form = {"grant_type": "client_credentials", "resource": f"https://{alg.lower()}.example.com"}
        basic = base64.b64encode(f"service:{self.secret}".encode()).decode()
        return self.post(form, {"Authorization": "Basic " + basic})["access_token"]

    def post(self, form, headers=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/token",
                                         urllib.parse.urlencode(form).encode(), headers or {})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)


def wait_until_ready(engine, service, name):
    end = time.monotonic() + 30
    while time.monotonic() < end:
        for _ in range(200):
            with contextlib.suppress(OSError, urllib.error.URLError):
                service.get("/readyz")
                return time.time()
            time.sleep(0.005)
        state = engine.inspect(name)["State"]["Status"]
        if state not in ("running", "created", "starting", "configured", "initialized"):
            raise Failed(f"it ended: {logs(engine, name)}")
    raise Failed(f"not ready within 30 s: {logs(engine, name)}")


def logs(engine, name):
    done = engine.call("logs", name, check=False)
    return (done.stdout + done.stderr).decode(errors="replace")


def process_status(engine, name):
    pid = engine.inspect(name)["State"]["Pid"]
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return pid, dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def stop(engine, name):
    began = time.monotonic()
    engine.call("stop", "-t", "25", name)
    code = engine.inspect(name)["State"]["ExitCode"]
    expect(code == 0, f"exit code {code} after SIGTERM: {logs(engine, name)}")
    return time.monotonic() - began


# What is in it


def check_description(engine):
    image = engine.inspect(engine.image)
    config = image["Config"]
    expect(config["User"] == "65532:65532", f"its user is {config['User']!r}")
    expect(list(config["Volumes"]) == ["/var/lib/mintmark"], "its volume is not /var/lib/mintmark")
    expect("mintmark" in " ".join(config["Entrypoint"]) and config["Cmd"] == ["serve"], "it does not serve by itself")
    health = config.get("Healthcheck") or image.get("HealthCheck") or image.get("Healthcheck")
    expect(health and health["Test"][:2] == ["CMD", "/usr/bin/mintmark"], "the program is not its health check")
    labels = config["Labels"] or {}
    for name in ("title", "description", "version", "revision", "created", "licenses", "source"):
        expect(f"org.opencontainers.image.{name}" in labels, f"no label org.opencontainers.image.{name}")
    say(f"version {labels['org.opencontainers.image.version'] or '-'}, "
        f"revision {labels['org.opencontainers.image.revision'][:12] or '-'}")


def saved_layers(engine, folder):
    archive = folder / "image.tar"
    extra = ["--format", "docker-archive"] if engine.name == "podman" else []
    engine.call("save", *extra, "-o", str(archive), engine.image)
    with tarfile.open(archive) as tar:
        manifest = json.load(tar.extractfile("manifest.json"))[0]
        layers = [tar.extractfile(layer).read() for layer in manifest["Layers"]]
    archive.unlink()
    return [gzip.decompress(layer) if layer[:2] == b"\x1f\x8b" else layer for layer in layers]


def check_content(engine, folder):
    layers = saved_layers(engine, folder)
    compressed = sum(len(gzip.compress(layer, 6)) for layer in layers)
    say(f"compressed size {compressed / 1e6:.1f} MB in {len(layers)} layers, {sum(map(len, layers)) / 1e6:.1f} MB unpacked")
    expect(compressed <= MAX_COMPRESSED, f"it is larger than {MAX_COMPRESSED / 1e6:.0f} MB compressed")
    times = set()
    for layer in layers:
        for member in tarfile.open(fileobj=io.BytesIO(layer)):
            name = pathlib.PurePosixPath(member.name).name
            expect(not (member.isfile() and name in SHELLS_AND_TOOLS), f"there is {member.name}")
            expect(not member.mode & 0o6000, f"{member.name} is set-uid or set-gid")
            expect(member.issym() or not member.mode & 0o002, f"everybody may write {member.name}")
            if member.isfile():
                times.add(member.mtime)
            if member.name.endswith("ca-certificates.crt"):
                count = tarfile.open(fileobj=io.BytesIO(layer)).extractfile(member).read().count(b"BEGIN CERTIFICATE")
                expect(count > 50, f"{count} certificates only")
    expect(len(times) == 1, f"files bear {len(times)} different times")


def check_no_shell(engine):
    for shell in ("/bin/sh", "sh", "/bin/bash", "/busybox/sh"):
        done = engine.call("run", "--rm", "--network", "host", "--entrypoint", shell, engine.image, "-c", "true", check=False)
        expect(done.returncode in (125, 126, 127), f"{shell} ran with exit code {done.returncode}")


def commands_of(help_text):
    """Names under the heading of CLI11's help."""
    names, inside = [], False
    for line in help_text.splitlines():
        if line.strip().lower().startswith("subcommands:"):
            inside = True
        elif inside and line[:2] == "  " and line[2:3] not in ("", " "):
            names.append(line.split()[0])
        elif inside and line[:1] not in ("", " "):
            inside = False
    return names


def check_help(engine, command=()):
    done = engine.run_command(*command, "--help")
    expect(done.returncode == 0 and done.stdout, f"mintmark {' '.join(command)} --help: {done.stderr.decode()}")
    count = 1
    for name in commands_of(done.stdout.decode()):
        count += check_help(engine, (*command, name))
    return count


# What it does


def der_integer(value):
    body = value.lstrip(b"\0") or b"\0"
    body = b"\0" + body if body[0] & 0x80 else body
    return bytes([2, len(body)]) + body


def verify_es256_with_openssl(token, keys, folder):
    """By another implementation: the key becomes a PEM, the signature DER."""
    signed, signature = token.rsplit(".", 1)
    kid = json.loads(decode(signed.split(".")[0]))["kid"]
    key = next(key for key in keys if key["kid"] == kid)
    spki = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004") + decode(key["x"]) + decode(key["y"])
    pem = f"-----BEGIN PUBLIC KEY-----\n{base64.encodebytes(spki).decode()}-----END PUBLIC KEY-----\n"
    raw = decode(signature)
    parts = der_integer(raw[:32]) + der_integer(raw[32:])
    (folder / "key.pem").write_text(pem)
    (folder / "signature").write_bytes(bytes([0x30, len(parts)]) + parts)
    (folder / "signed").write_text(signed)
    done = subprocess.run(["openssl", "dgst", "-sha256", "-verify", folder / "key.pem", "-signature", folder / "signature",
                           folder / "signed"], capture_output=True)
    expect(done.returncode == 0, f"openssl does not verify the token: {done.stdout} {done.stderr}")


def verify_with_image(engine, service, token, audience, jwks_file=None):
    options = ["-v", f"{jwks_file}:/jwks.json:ro"] if jwks_file else []
    where = "/jwks.json" if jwks_file else f"http://127.0.0.1:{service.port}/.well-known/jwks.json"
    return engine.run_command("token", "verify", "--jwks", where, "--audience", audience, options=options,
                              stdin=token.encode())


def check_tokens(engine, service, folder):
    keys = service.jwks()
    for alg, signature_size in ALGORITHMS.items():
        token = service.token(alg)
        header = json.loads(decode(token.split(".")[0]))
        expect(header["alg"] == alg, f"a token of {header['alg']} instead of {alg}")
        expect(len(decode(token.split(".")[2])) == signature_size, f"{alg}: a signature of another size")
        expect([key for key in keys if key["kid"] == header["kid"]], f"{alg}: its key is not in the JWKS")
        audience = f"https://{alg.lower()}.example.com"
        verified = verify_with_image(engine, service, token, audience)
        expect(verified.returncode == 0, f"{alg}: {verified.stderr.decode()}")
        head, body, signature = token.split(".")
        changed = ".".join((head, body, ("B" if signature[9] == "A" else "A").join((signature[:9], signature[10:]))))
        refused = verify_with_image(engine, service, changed, audience)
        expect(refused.returncode == 1, f"{alg}: a changed signature is accepted")
    verify_es256_with_openssl(service.token("ES256"), keys, folder)
    say(f"tokens of {', '.join(ALGORITHMS)} are issued and verify; ES256 also with {openssl_version()}")


def openssl_version():
    return subprocess.run(["openssl", "version"], capture_output=True, text=True).stdout.split(" (")[0].strip()


def check_login(engine, name, service):
    """Argon2id within the memory limit, for a user that a command beside the service adds."""
    added = engine.call("exec", "-i", name, "/usr/bin/mintmark", "user", "add", "alice", "--password-file", "-",
                        stdin=PASSWORD.encode())
    expect(added.returncode == 0, "user add")
    form = {"grant_type": "password", "client_id": "app", "username": "alice", "password": PASSWORD}
    answer = service.post(form)
    refreshed = service.post({"grant_type": "refresh_token", "client_id": "app", "refresh_token": answer["refresh_token"]})
    expect(refreshed["access_token"], "no token for a refresh token")


def check_health(engine, name):
    if engine.name == "podman":
        # Without systemd nothing runs it by itself.
        done = engine.call("healthcheck", "run", name, check=False, timeout=20)
        expect(done.returncode == 0, f"unhealthy: {done.stdout.decode()} {done.stderr.decode()}")
    else:
        end = time.monotonic() + 60
        while engine.inspect(name)["State"]["Health"]["Status"] != "healthy":
            expect(time.monotonic() < end, "not healthy within a minute")
            time.sleep(0.5)
    ready = engine.call("exec", name, "/usr/bin/mintmark", "health", "--ready", check=False)
    expect(ready.returncode == 0, f"health --ready: {ready.stderr.decode()}")


def check_confinement(engine, name, user):
    _, status = process_status(engine, name)
    expect(status["Uid"].split()[0] == user.split(":")[0], f"it runs as {status['Uid']}")
    expect(int(status["CapEff"], 16) == 0 and int(status["CapBnd"], 16) == 0, f"it has capabilities: {status['CapEff']}")
    expect(status["NoNewPrivs"] == "1", "it could gain privileges")
    return int(status["VmRSS"].split()[0])


def check_no_secret_shows(engine, name, service):
    everything = logs(engine, name) + json.dumps(engine.inspect(name))
    for secret in (service.secret, service.sealing_key, PASSWORD):
        expect(secret not in everything, "a secret is in the log or in what the engine shows of the container")


def check_service(engine, folder, user, variant, thoroughly):
    service = Service(folder, user, variant)
    name = engine.start(service, user)
    ready_at = wait_until_ready(engine, service, name)
    started = engine.inspect(name)["State"]["StartedAt"]
    seconds = ready_at - parse_time(started)
    rss = check_confinement(engine, name, user)
    say(f"as {user}: ready {seconds * 1000:.0f} ms after its process began, {rss / 1024:.1f} MiB resident")
    expect(seconds < MAX_SECONDS_TO_READY, "it took too long")
    expect(rss < MAX_IDLE_RSS_KIB, "it takes too much memory")
    check_health(engine, name)
    token = service.token("ES256")
    if thoroughly:
        check_tokens(engine, service, folder)
        check_login(engine, name, service)
    kids = sorted(key["kid"] for key in service.jwks())
    say(f"as {user}: stopped with exit code 0 in {stop(engine, name):.1f} s")
    gone = engine.call("healthcheck", "run", name, check=False) if engine.name == "podman" else None
    expect(gone is None or gone.returncode != 0, "healthy although it is stopped")
    check_no_secret_shows(engine, name, service)

    again = engine.start(service, user)
    seconds = wait_until_ready(engine, service, again) - parse_time(engine.inspect(again)["State"]["StartedAt"])
    say(f"as {user}: started again, ready after {seconds * 1000:.0f} ms")
    expect(sorted(key["kid"] for key in service.jwks()) == kids, "other keys after a restart")
    verified = verify_with_image(engine, service, token, "https://es256.example.com")
    expect(verified.returncode == 0, f"a token of before the restart: {verified.stderr.decode()}")
    stop(engine, again)


def parse_time(text):
    """RFC 3339 with nanoseconds, or as podman has it: both engines give UTC or an offset."""
    stamp = subprocess.run(["date", "-d", text.replace(" UTC", "").split(" m=")[0], "+%s.%N"], capture_output=True, text=True)
    return float(stamp.stdout) if stamp.returncode == 0 else time.time()


def check_read_only_root(engine, folder):
    """As uid 0, whom no permission keeps from writing: only a root that is mounted so does."""
    service = Service(folder, "0:0", "file")
    name = engine.start(service, "0:0")
    wait_until_ready(engine, service, name)
    service.token("ES256")
    stop(engine, name)
    config = json.loads((folder / "etc/mintmark.json").read_text())
    config["storage"]["path"] = "/usr/mintmark.db"
    (folder / "etc/mintmark.json").write_text(json.dumps(config))
    refused = engine.run_command("db", "migrate", options=service.options(), user="0:0")
    expect(refused.returncode == 1, "its root can be written")
    writable = engine.call("run", "--rm", "--network", "host", "--user", "0:0", *service.options(), engine.image, "db", "migrate",
                           check=False)
    expect(writable.returncode == 0, f"the same without --read-only, which shows the difference: {writable.stderr.decode()}")


def check_outbound_tls(engine, folder):
    """Key sets of APIs are fetched over https: with the authorities of the image, and names from /etc/hosts or DNS."""
    certificate, key = folder / "tls.pem", folder / "tls.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True)
    certificate.chmod(0o644)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = b'{"keys":[]}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    class Server(HTTPServer):
        def handle_error(self, *_):
            pass  # a client that does not trust it goes away

    server = Server(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"https://localhost:{server.server_port}/jwks.json"
    hosts = folder / "hosts"
    hosts.write_text("127.0.0.1 localhost\n")
    options = ["-v", f"{hosts}:/etc/hosts:ro"]
    unknown = engine.run_command("health", "--url", url, options=options)
    expect(unknown.returncode == 1 and b"certificate verify failed" in unknown.stderr,
           f"an unknown authority: {unknown.returncode} {unknown.stderr.decode()}")
    trusted = engine.run_command("health", "--url", url,
                                 options=[*options, "-v", f"{certificate}:/ca.pem:ro", "-e", "SSL_CERT_FILE=/ca.pem"])
    expect(trusted.returncode == 0, f"a known authority: {trusted.stderr.decode()}")
    server.shutdown()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", required=True, choices=("podman", "docker"))
    parser.add_argument("--image", required=True)
    options = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("image: needs root: volumes are given to other uids")
    engine = Engine(options.engine, options.image)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="mintmark-image-"))
    folder.chmod(0o755)
    try:
        check_description(engine)
        check_content(engine, folder)
        check_no_shell(engine)
        check_service(engine, folder / "a", "65532:65532", "file", thoroughly=True)
        check_service(engine, folder / "b", "4242:0", "environment", thoroughly=False)
        check_read_only_root(engine, folder / "c")
        check_outbound_tls(engine, folder)
        say(f"{check_help(engine)} commands explain themselves")
    except (Failed, subprocess.TimeoutExpired, urllib.error.URLError) as failure:
        sys.exit(f"image: FAILED: {failure}")
    finally:
        engine.remove_all()
        shutil.rmtree(folder, ignore_errors=True)
    say("all checks passed")


main()
