#!/usr/bin/env python3
"""Checks of what docker/ gives operators beside the image. Each is one test:

  check_deploy.py configurations|compose|kubernetes|systemd|envoy|nginx --binary FILE
  check_deploy.py package --package FILE

Exit code 77: what it takes is not on this machine, and the last line says what.
"""

import argparse
import base64
import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"
SKIPPED = 77
# What `systemd-analyze security` may say at most, in tenths.
MAX_EXPOSURE = 11


class Failed(Exception):
    pass


class Skipped(Exception):
    pass


def expect(condition, what):
    if not condition:
        raise Failed(what)


def need(*programs):
    for program in programs:
        if not shutil.which(program):
            raise Skipped(f"there is no {program} here")


def run(*command, check=True, stdin=None, **more):
    done = subprocess.run([str(part) for part in command], input=stdin, capture_output=True, text=True, **more)
    if check and done.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))}: {done.stdout}{done.stderr}")
    return done


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def read_commented_json(path):
    return json.loads(re.sub(r"(?m)(^|\s)//.*$", "", path.read_text()))


def known_settings(binary):
    return json.loads(run(binary, "config", "schema").stdout)["properties"]


# The configurations that are shipped


def check_configurations(options, folder):
    """As the service would read them, with secrets in a folder of the test."""
    known = known_settings(options.binary)
    files = [DOCKER / "compose/mintmark.json", DOCKER / "kubernetes/mintmark.json", DOCKER / "systemd/mintmark.json"]
    for name in ("sealing-key", "billing"):
        (folder / name).write_text(base64.b64encode(os.urandom(32)).decode() + "\n")
    for number, file in enumerate(files):
        missing = [key for key in read_commented_json(file) if key not in known and key != "$schema"]
        if missing:
            raise Skipped(f"this build does not know {', '.join(missing)} of {file.relative_to(ROOT)}")
        copy = folder / f"{number}.json"
        copy.write_text(file.read_text().replace("/run/secrets", str(folder)).replace("/var/lib/mintmark", str(folder)))
        # A unit file gives it by the environment.
        sealing_key = {**os.environ, "MINTMARK_SEALING_KEY_FILE": str(folder / "sealing-key")}
        checked = run(options.binary, "config", "check", "--config", copy, env=sealing_key)
        expect('"issuer": "https://id.example.com"' in checked.stdout, f"{file}: {checked.stdout}")


# Compose and Kubernetes


def copy_with_secrets(folder, *names):
    shutil.copytree(DOCKER, folder / "docker")
    for place in names:
        secrets = folder / "docker" / place
        secrets.mkdir(parents=True, exist_ok=True)
        for name in ("sealing-key", "billing", "grafana-password"):
            (secrets / name).write_text("x\n")
    return folder / "docker"


def check_compose(_options, folder):
    need("docker-compose")
    docker = copy_with_secrets(folder, "secrets")
    run("docker-compose", "-f", docker / "compose.yaml", "config", "-q")
    rendered = run("docker-compose", "-f", docker / "compose.yaml", "config").stdout
    for wanted in ("read_only: true", "no-new-privileges:true", "- ALL", "65532:65532"):
        expect(wanted in rendered, f"no {wanted}")


def check_kubernetes(_options, folder):
    need("kubectl", "node")
    modules = ROOT / "build/deploy"
    if not (modules / "node_modules/kubernetes-models").is_dir():
        raise Skipped("no kubernetes-models in build/deploy: ./dev deploy installs it")
    docker = copy_with_secrets(folder, "kubernetes/secrets")
    rendered = run("kubectl", "kustomize", docker / "kubernetes").stdout
    script = ROOT / "tests/deploy/kubernetes.mjs"
    print(run("node", script, modules, "Deployment", "Secret", "ConfigMap", "Service", "PodDisruptionBudget",
              "NetworkPolicy", "PersistentVolumeClaim", stdin=rendered).stdout.strip())
    # The check itself would notice.
    broken = rendered.replace("readOnlyRootFilesystem: true", 'readOnlyRootFilesystem: "yes"')
    expect(run("node", script, modules, stdin=broken, check=False).returncode == 1, "a wrong type is not noticed")
    istio = (DOCKER / "istio/request-authentication.yaml").read_text()
    print(run("node", script, modules, "RequestAuthentication", "AuthorizationPolicy", stdin=istio).stdout.strip())
    check_grace(rendered, read_commented_json(DOCKER / "kubernetes/mintmark.json"))


def check_grace(rendered, config):
    grace = int(re.search(r"terminationGracePeriodSeconds: (\d+)", rendered)[1])
    drain = sum(int(config["server"][name].rstrip("s")) for name in ("drain_delay", "drain_time"))
    expect(grace > drain, f"a grace of {grace} s for a drain of {drain} s")


# systemd


def check_systemd(options, folder):
    need("systemd-analyze")
    for name in ("mintmark.service", "mintmark.socket"):
        text = (DOCKER / "systemd" / name).read_text()
        # The program must be where the unit has it.
        (folder / name).write_text(text.replace("/usr/bin/mintmark", str(options.binary)))
    verified = run("systemd-analyze", "verify", "--man=no", folder / "mintmark.service", folder / "mintmark.socket")
    expect(not (verified.stdout + verified.stderr).strip(), verified.stdout + verified.stderr)
    said = run("systemd-analyze", "security", "--offline=true", "--no-pager", folder / "mintmark.service").stdout
    exposure = re.search(r"Overall exposure level for mintmark\.service: ([0-9.]+)", said)
    print(f"exposure {exposure[1]} of 10")
    expect(round(float(exposure[1]) * 10) <= MAX_EXPOSURE, said)


# Envoy


def check_envoy(_options, _folder):
    """The fields alone: what Envoy would say takes Envoy."""
    try:
        import yaml
    except ImportError:
        raise Skipped("there is no python3-yaml here") from None
    config = yaml.safe_load((DOCKER / "envoy/envoy.yaml").read_text())
    resources = config["static_resources"]
    manager = resources["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]
    names = [each["name"] for each in manager["http_filters"]]
    expect(names == ["envoy.filters.http.jwt_authn", "envoy.filters.http.router"], f"the filters are {names}")
    authentication = manager["http_filters"][0]["typed_config"]
    expect(set(authentication) == {"@type", "providers", "rules"}, f"it has {set(authentication)}")
    # envoy.extensions.filters.http.jwt_authn.v3.JwtProvider and RemoteJwks, as far as they are used here.
    provider = authentication["providers"]["mintmark"]
    expect(set(provider) == {"issuer", "audiences", "clock_skew_seconds", "claim_to_headers", "remote_jwks"},
           f"the provider has {set(provider)}")
    jwks = provider["remote_jwks"]
    expect(set(jwks) == {"http_uri", "cache_duration", "async_fetch", "retry_policy"}, f"the key set has {set(jwks)}")
    clusters = {cluster["name"] for cluster in resources["clusters"]}
    routed = manager["route_config"]["virtual_hosts"][0]["routes"][0]["route"]["cluster"]
    expect({jwks["http_uri"]["cluster"], routed} <= clusters, f"a cluster is not there: {clusters}")
    expect(authentication["rules"] == [{"match": {"prefix": "/"}, "requires": {"provider_name": "mintmark"}}], "the rules")


# The Debian package


def check_package(options, folder):
    need("dpkg-deb")
    if not options.package:
        raise Skipped("no package was built: ./dev deploy does")
    package = options.package
    field = lambda name: run("dpkg-deb", "-f", package, name).stdout.strip()
    expect(field("Package") == "mintmark" and field("Version"), run("dpkg-deb", "-I", package).stdout)
    for library in ("libc6", "libssl3", "libsqlite3-0", "libargon2-1"):
        expect(library in field("Depends"), f"it does not depend on {library}: {field('Depends')}")
    run("dpkg-deb", "-R", package, folder / "root")
    root = folder / "root"
    for name in ("usr/bin/mintmark", "usr/lib/systemd/system/mintmark.service", "usr/lib/systemd/system/mintmark.socket",
                 "usr/lib/sysusers.d/mintmark.conf", "etc/mintmark/mintmark.json", "usr/share/doc/mintmark/copyright",
                 "usr/share/doc/mintmark/deploy.md"):
        expect((root / name).is_file(), f"there is no {name}")
    expect((root / "DEBIAN/conffiles").read_text().split() == ["/etc/mintmark/mintmark.json"], "its conffiles")
    listing = run("dpkg-deb", "-c", package).stdout
    for line in listing.splitlines():
        expect(line.split()[1] == "root/root" and line[8] != "w" and "s" not in line[:10], f"owner or mode: {line}")
    for script in ("postinst", "prerm", "postrm"):
        run("sh", "-n", root / "DEBIAN" / script)
    # Not all of its libraries need be here; if they are, it runs.
    expect("mintmark " in run(root / "usr/bin/mintmark", "--version").stdout, "it does not run")
    check_installation(package, folder)
    print(f"{package.name}: {package.stat().st_size / 1e6:.1f} MB")


def check_installation(package, folder):
    """Installed and purged in a root of its own, whose libraries and tools are this machine's."""
    if os.geteuid() != 0 or run("unshare", "-m", "true", check=False).returncode != 0:
        print("not root: it is not installed")
        return
    # An overlay of this machine's own root: whatever the package does stays in `upper`.
    upper, work, merged = folder / "upper", folder / "work", folder / "merged"
    for each in (upper, work, merged):
        each.mkdir()
    overlay = f"mount -t tmpfs none '{folder}' && mkdir '{upper}' '{work}' '{merged}' && " \
              f"mount -t overlay -o lowerdir=/,upperdir='{upper}',workdir='{work}' overlay '{merged}' && " \
              f"mount -t proc proc '{merged}/proc' && mount --bind /dev '{merged}/dev'"
    if run("unshare", "-m", "sh", "-c", overlay, check=False).returncode != 0:
        print("no overlay of the root here: it is not installed")
        return
    script = f"""
set -e
cp '{package}' /var/tmp/mintmark-check.deb
{overlay}
mv /var/tmp/mintmark-check.deb '{merged}/mintmark.deb'
chroot '{merged}' sh -ec '
  dpkg -i /mintmark.deb >/dev/null
  id mintmark >/dev/null
  test "$(stat -c %a:%U /etc/mintmark/sealing.key)" = 600:root
  test "$(base64 -d /etc/mintmark/sealing.key | wc -c)" = 32
  mkdir -p /var/lib/mintmark && chown mintmark: /var/lib/mintmark
  MINTMARK_SEALING_KEY_FILE=/etc/mintmark/sealing.key mintmark config check --config /etc/mintmark/mintmark.json >/dev/null
  before=$(sha256sum /etc/mintmark/sealing.key)
  dpkg -i /mintmark.deb >/dev/null
  test "$(sha256sum /etc/mintmark/sealing.key)" = "$before"
  dpkg -r mintmark >/dev/null
  test -e /etc/mintmark/sealing.key && test -d /var/lib/mintmark
  dpkg -P mintmark >/dev/null 2>&1
  ! test -e /etc/mintmark && ! test -e /var/lib/mintmark
'
"""
    run("unshare", "-m", "sh", "-c", script)
    print("installed, upgraded, removed and purged")


# nginx


class Processes:
    def __init__(self):
        self.started = []

    def start(self, *command, **more):
        self.started.append(subprocess.Popen([str(part) for part in command], **more))
        return self.started[-1]

    def stop_all(self):
        for process in reversed(self.started):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()


class Api(BaseHTTPRequestHandler):
    """What is guarded: says whom it believes the request to be from."""

    def do_GET(self):
        body = json.dumps({name: self.headers[name] for name in ("X-Token-Subject", "X-Token-Scope")}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Recipe:
    """docker/nginx as it is, but for ports and paths, in front of the real binary."""

    def __init__(self, options, folder, processes):
        self.folder = folder
        self.https, self.jwks, self.mintmark = free_port(), free_port(), free_port()
        self.secret = "mms_" + base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")
        self.log = folder / "mintmark.log"
        self.api = ThreadingHTTPServer(("127.0.0.1", 0), Api)
        threading.Thread(target=self.api.serve_forever, daemon=True).start()
        self.start_mintmark(options.binary, processes)
        self.start_nginx(processes)

    def start_mintmark(self, binary, processes):
        known = known_settings(binary)
        self.knows_proxies = "trusted_proxies" in known["server"]["properties"]
        server = {"address": "127.0.0.1", "port": self.mintmark}
        if self.knows_proxies:
            server["trusted_proxies"] = ["127.0.0.1/32"]
        resources = ["https://api.example.com", "https://other.example.com"]
        document = {"issuer": "https://id.example.com", "server": server, "storage": {"path": "mint.db"},
                    "log": {"format": "json", "level": "debug"},
                    "sealing_key_file": "sealing.key",
                    "resources": [{"id": each, "scopes": ["orders:read"], "lifetime": "5s"} for each in resources]
                    + [{"id": "https://eddsa.example.com", "alg": "EdDSA"}],
                    "clients": [{"client_id": "service", "grant_types": ["client_credentials"], "scopes": ["orders:read"],
                                 "secrets": [{"id": "1", "secret_file": "service.secret"}],
                                 "resources": resources + ["https://eddsa.example.com"]}]}
        if "private" in known:
            document["private"] = {"address": "127.0.0.1", "port": 0}
        (self.folder / "sealing.key").write_text(base64.b64encode(os.urandom(32)).decode())
        (self.folder / "service.secret").write_text(self.secret)
        (self.folder / "mintmark.json").write_text(json.dumps(document))
        processes.start(binary, "serve", "--config", self.folder / "mintmark.json", stderr=self.log.open("w"))
        wait_for_port(self.mintmark)

    def start_nginx(self, processes):
        for name in ("id", "api"):
            run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
                "-subj", f"/CN={name}.example.com", "-addext", f"subjectAltName=DNS:{name}.example.com",
                "-keyout", self.folder / f"{name}.key", "-out", self.folder / f"{name}.pem")
        recipe = (DOCKER / "nginx/mintmark.conf").read_text()
        changes = {"listen 443 ssl": f"listen 127.0.0.1:{self.https} ssl", "127.0.0.1:8080": f"127.0.0.1:{self.mintmark}",
                   "127.0.0.1:9000": f"127.0.0.1:{self.api.server_port}", "127.0.0.1:8079": f"127.0.0.1:{self.jwks}",
                   "/etc/nginx/tls": str(self.folder), "/etc/nginx/mintmark": str(DOCKER / "nginx"),
                   "/var/cache/nginx/mintmark": str(self.folder / "cache")}
        for old, new in changes.items():
            expect(old in recipe, f"the recipe has no {old}")
            recipe = recipe.replace(old, new)
        (self.folder / "recipe.conf").write_text(recipe)
        user = "user root;" if os.geteuid() == 0 else ""
        paths = "\n".join(f"{kind}_temp_path {self.folder}/{kind};"
                          for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (self.folder / "nginx.conf").write_text(
            f"daemon off; {user} worker_processes 1; pid {self.folder}/nginx.pid; error_log {self.folder}/error.log info;\n"
            "load_module modules/ngx_http_js_module.so;\nevents {}\n"
            f"http {{ access_log {self.folder}/access.log; {paths}\ninclude {self.folder}/recipe.conf; }}\n")
        arguments = ("nginx", "-p", "/usr/share/nginx", "-e", self.folder / "error.log", "-c", self.folder / "nginx.conf")
        tested = run(*arguments, "-t")
        expect("test is successful" in tested.stderr, tested.stderr)
        processes.start(*arguments, stderr=subprocess.DEVNULL)
        wait_for_port(self.https)

    def connect(self, name, source=None):
        """TLS that checks the certificate of NAME.example.com."""
        context = ssl.create_default_context(cafile=self.folder / f"{name}.pem")
        host = f"{name}.example.com"
        connection = http.client.HTTPSConnection(host, self.https, context=context, timeout=10)
        raw = socket.create_connection(("127.0.0.1", self.https), 10, source and (source, 0))
        connection.sock = context.wrap_socket(raw, server_hostname=host)
        return connection

    def ask(self, name, method, target, headers=None, body=None, connection=None, source=None):
        connection = connection or self.connect(name, source)
        connection.request(method, target, body, {"Host": f"{name}.example.com", **(headers or {})})
        answer = connection.getresponse()
        return answer.status, answer, answer.read().decode()

    def token(self, resource, connection=None, headers=None, source=None):
        basic = base64.b64encode(f"service:{self.secret}".encode()).decode()
        form = urllib.parse.urlencode({"grant_type": "client_credentials", "resource": resource})
        status, _, body = self.ask("id", "POST", "/token", {"Authorization": "Basic " + basic,
                                   "Content-Type": "application/x-www-form-urlencoded", **(headers or {})}, form,
                                   connection, source)
        expect(status == 200, f"/token: {status} {body}")
        return json.loads(body)["access_token"]

    def call_api(self, token, headers=None):
        bearer = {"Authorization": "Bearer " + token} if token is not None else {}
        return self.ask("api", "GET", "/orders", {**bearer, **(headers or {})})


def wait_for_port(port):
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        time.sleep(0.02)
    raise Failed(f"nobody listens on {port}")


def established_to(port):
    lines = pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]
    return sum(1 for line in lines if line.split()[3] == "01" and line.split()[2].endswith(f":{port:04X}"))


def encode_part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def check_termination(recipe):
    kept = recipe.connect("id")
    for _ in range(20):
        recipe.token("https://api.example.com", kept)
    expect(established_to(recipe.mintmark) == 1, "connections to the upstream are not kept")
    status, _, body = recipe.ask("id", "GET", "/.well-known/openid-configuration")
    expect(status == 200 and json.loads(body)["issuer"] == "https://id.example.com", f"metadata: {status} {body}")
    for target in ("/healthz", "/readyz", "/metrics", "/"):
        expect(recipe.ask("id", "GET", target)[0] == 404, f"{target} is passed on")
    if not recipe.knows_proxies:
        print("this build knows no trusted proxies: the client's address is not checked")
        return
    recipe.token("https://api.example.com", headers={"X-Forwarded-For": "192.0.2.66"}, source="127.0.0.9")
    log = recipe.log.read_text()
    expect("127.0.0.9" in log, "the client's address is not in the log")
    expect("192.0.2.66" not in log, "the address is believed that the client made up")


def check_auth_request(recipe):
    good = recipe.token("https://api.example.com")
    status, _, body = recipe.call_api(good, {"X-Token-Subject": "somebody-else"})
    expect(status == 200, f"a good token: {status}")
    expect(json.loads(body) == {"X-Token-Subject": "service", "X-Token-Scope": "orders:read"}, f"the API is told {body}")

    head, claims, signature = good.split(".")
    header = json.loads(base64.urlsafe_b64decode(head + "=="))
    changed = ("B" if signature[20] != "B" else "C").join((signature[:20], signature[21:]))
    bad = {
        "a changed signature": f"{head}.{claims}.{changed}",
        "no signature": f"{head}.{claims}.",
        "a signature of zeros": f"{head}.{claims}.{'A' * 86}",
        "alg none": f"{encode_part({**header, 'alg': 'none'})}.{claims}.{signature}",
        "alg HS256": f"{encode_part({**header, 'alg': 'HS256'})}.{claims}.{signature}",
        "another key": f"{encode_part({**header, 'kid': 'nobody'})}.{claims}.{signature}",
        "an unknown crit": f"{encode_part({**header, 'crit': ['b64']})}.{claims}.{signature}",
        "another audience": recipe.token("https://other.example.com"),
        "another algorithm": recipe.token("https://eddsa.example.com"),
        "no token at all": "x",
        "far too long": f"{head}.{'A' * 9000}.{signature}"[:7900] + "." * 2 + "A" * 400,
    }
    for name, token in bad.items():
        status, answer, _ = recipe.call_api(token)
        expect(status in (401, 400), f"{name}: {status}")
        if status == 401:
            expect(answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"', f"{name}: {answer.headers}")
    status, answer, _ = recipe.call_api(None)
    expect(status == 401 and answer.headers["WWW-Authenticate"] == "Bearer", f"no header: {status} {answer.headers}")
    wait_until_refused(recipe, good)
    print(f"{len(bad) + 2} ways to be refused")


def wait_until_refused(recipe, token):
    """Five seconds of lifetime, and ten of skew."""
    end = time.monotonic() + 30
    while recipe.call_api(token)[0] == 200:
        expect(time.monotonic() < end, "an expired token is accepted")
        time.sleep(0.25)


def check_key_set_is_cached(recipe, processes):
    good = recipe.token("https://api.example.com")
    for _ in range(30):
        expect(recipe.call_api(good)[0] == 200, "a good token")
    # Mintmark logs each request of it that it sees.
    seen = len([line for line in recipe.log.read_text().splitlines() if "jwks" in line])
    expect(seen == 1, f"{seen} requests for the key set")
    mintmark = processes.started[0]
    mintmark.send_signal(signal.SIGTERM)
    expect(mintmark.wait(30) == 0, "its exit code")
    expect(recipe.call_api(good)[0] == 200, "a good token while Mintmark is away")
    expect(recipe.ask("id", "GET", "/.well-known/jwks.json")[0] == 502, "the issuer while Mintmark is away")


def check_nginx(options, folder):
    need("nginx", "openssl")
    if not pathlib.Path("/usr/lib/nginx/modules/ngx_http_js_module.so").exists():
        raise Skipped("there is no libnginx-mod-http-js here")
    processes = Processes()
    try:
        recipe = Recipe(options, folder, processes)
        check_termination(recipe)
        check_auth_request(recipe)
        check_key_set_is_cached(recipe, processes)
    except Failed:
        for name in ("error.log", "mintmark.log"):
            with contextlib.suppress(OSError):
                print(f"--- {name}\n" + (folder / name).read_text()[-4000:], file=sys.stderr)
        raise
    finally:
        processes.stop_all()


def main():
    checks = {name[len("check_"):]: function for name, function in globals().items()
              if name in ("check_configurations", "check_compose", "check_kubernetes", "check_systemd", "check_envoy",
                          "check_package", "check_nginx")}
    parser = argparse.ArgumentParser()
    parser.add_argument("check", choices=checks)
    parser.add_argument("--binary", type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("--package", type=lambda path: pathlib.Path(path).resolve())
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="mintmark-deploy-"))
    try:
        checks[options.check](options, folder)
    except Skipped as reason:
        print(f"SKIPPED: {reason}")
        sys.exit(SKIPPED)
    except Failed as failure:
        sys.exit(f"FAILED: {failure}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


main()
