#!/usr/bin/env python3
"""The metrics as an operator has them: a real Prometheus scrapes the real binary, its rules are checked and tested, and
every query of the dashboard and every rule names metrics that are there. Exits with 77 where Prometheus is missing."""

import argparse
import base64
import json
import pathlib
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

SKIPPED = 77
ROOT = pathlib.Path(__file__).resolve().parents[2]
RULES = ROOT / "docker" / "prometheus"
DASHBOARD = ROOT / "docker" / "grafana" / "dashboards" / "mintmark.json"
SERVICE_SECRET = "mms_" + secrets.token_urlsafe(32)


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def run(*command, input=None, folder=None):
    done = subprocess.run(
        [str(part) for part in command], input=input, cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    check(done.returncode == 0, f"{' '.join(map(str, command))}:\n{done.stdout}{done.stderr}")
    return done.stdout


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


def wait_for(what, condition, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if found := condition():
                return found
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.1)
    raise AssertionError(f"{what}: not after {seconds} s")


class Process:
    def __init__(self, command, log):
        self.log = log
        self.process = subprocess.Popen([str(part) for part in command], stdout=log.open("wb"), stderr=subprocess.STDOUT)

    def __enter__(self):
        return self

    def __exit__(self, failure, *_):
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if failure:
            print(f"--- {self.log}\n{self.log.read_text()[-4000:]}")


def write_mint_config(folder, port, private_port):
    (folder / "sealing.key").write_text(base64.b64encode(secrets.token_bytes(32)).decode())
    (folder / "service.secret").write_text(SERVICE_SECRET)
    for name in ("sealing.key", "service.secret"):
        (folder / name).chmod(0o600)
    client = {"client_id": "service", "secrets": [{"id": "1", "secret_file": "service.secret"}]}
    client |= {"grant_types": ["client_credentials"], "resources": ["https://api.example.com"]}
    config = {
        "issuer": f"http://127.0.0.1:{port}",
        "server": {"port": port},
        "private": {"port": private_port},
        "storage": {"path": "mint.db"},
        "sealing_key_file": "sealing.key",
        "resources": [{"id": "https://api.example.com"}],
        "clients": [client],
    }
    path = folder / "mintmark.json"
    path.write_text(json.dumps(config))
    return path


def write_prometheus_config(folder, private_port):
    """The one in docker/, with another target and more haste."""
    config = (RULES / "prometheus.yml").read_text()
    check('"mintmark:8081"' in config, "prometheus.yml names another target than the test replaces")
    config = config.replace("mintmark:8081", f"127.0.0.1:{private_port}").replace("15s", "1s")
    (folder / "prometheus.yml").write_text(config)
    shutil.copy(RULES / "alerts.yml", folder)
    return folder / "prometheus.yml"


def request(port, raw):
    """Whatever the bytes are; what comes back does not matter."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass


def post_token(port, form):
    body = urllib.parse.urlencode(form).encode()
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/token", body, timeout=10).close()
    except urllib.error.HTTPError as refused:
        refused.close()


def be_hostile(port, mark):
    """What scanners and worse send, in every place that a label could come from."""
    for path in (f"/{mark}/.env", f"/wp-login.php?{mark}", f"/%2e%2e/{mark}", f'/"{mark}\\'):
        request(port, f"GET {path} HTTP/1.1\r\nHost: {mark}\r\nConnection: close\r\n\r\n".encode())
    request(port, f"{mark.upper()} /token HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
    request(port, f"GET /{mark * 2000} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    request(port, f"{mark}\r\n\r\n".encode())
    for form in ({"grant_type": mark}, {"grant_type": "client_credentials", "client_id": mark, "client_secret": mark}):
        post_token(port, form)
    post_token(port, {"grant_type": "client_credentials", "client_id": "service", "client_secret": mark})
    post_token(
        port,
        {"grant_type": "client_credentials", "client_id": "service", "client_secret": SERVICE_SECRET, "resource": mark},
    )


def series(page):
    return {line.rsplit(" ", 1)[0] for line in page.splitlines() if line and not line.startswith("#")}


def names_of(text):
    """The families that a query or rule names."""
    found = set(re.findall(r"\b(?:mintmark|process)_[a-z_]+\b", text))
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in found}


def dashboard_queries():
    panels = json.loads(DASHBOARD.read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel.get("targets", [])]


def check_rules(promtool):
    run(promtool, "check", "config", "prometheus.yml", folder=RULES)
    run(promtool, "check", "rules", "alerts.yml", folder=RULES)
    run(promtool, "test", "rules", "alerts_test.yml", folder=RULES)


def check_page(promtool, page):
    run(promtool, "check", "metrics", input=page)
    families = set(re.findall(r"^# TYPE (\S+)", page, re.M))
    rules = re.findall(r"expr:(.*?)(?=\n +(?:for|labels):)", (RULES / "alerts.yml").read_text(), re.S)
    for query in dashboard_queries() + rules:
        check(names_of(query) <= families, f"not in the exposition: {names_of(query) - families}, of {query}")


def check_labels(port, metrics_url):
    """Cardinality does not grow, however often and with whatever somebody comes."""
    be_hostile(port, "canary0")
    before = series(get(metrics_url))
    for turn in range(1, 20):
        be_hostile(port, f"canary{turn}")
    page = get(metrics_url)
    check(series(page) == before, f"new series: {series(page) - before}")
    check("canary" not in page, "what a client wrote is in the metrics")


def query(prometheus, expression):
    answer = json.loads(get(f"{prometheus}/api/v1/query?" + urllib.parse.urlencode({"query": expression})))
    return answer["data"]["result"]


def check_prometheus(url):
    wait_for("a scrape", lambda: any(row["value"][1] == "1" for row in query(url, 'up{job="mintmark"}')))
    wait_for("the counted requests", lambda: query(url, 'mintmark_token_requests_total{result="ok"}'))
    for expression in dashboard_queries():
        query(url, expression.replace("$instance", ".*").replace("$__rate_interval", "1m"))
    rules = wait_for(
        "the rules", lambda: [r for g in json.loads(get(f"{url}/api/v1/rules"))["data"]["groups"] for r in g["rules"]]
    )
    wait_for(
        "every rule evaluated",
        lambda: all(
            rule["health"] == "ok"
            for group in json.loads(get(f"{url}/api/v1/rules"))["data"]["groups"]
            for rule in group["rules"]
        ),
    )
    check(len(rules) >= 15, "rules are missing")
    firing = [a["labels"]["alertname"] for a in json.loads(get(f"{url}/api/v1/alerts"))["data"]["alerts"]]
    check("MintmarkDown" not in firing and "MintmarkNotReady" not in firing, f"firing: {firing}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True, type=pathlib.Path)
    binary = parser.parse_args().binary
    prometheus, promtool = shutil.which("prometheus"), shutil.which("promtool")
    if not prometheus or not promtool:
        skip("prometheus or promtool is not installed (Debian package prometheus)")
    check_rules(promtool)
    if '"private"' not in run(binary, "config", "schema"):
        skip("the rules are well; there is no private listener to scrape")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        port, private_port, prometheus_port = free_port(), free_port(), free_port()
        config = write_mint_config(folder, port, private_port)
        metrics_url = f"http://127.0.0.1:{private_port}/metrics"
        url = f"http://127.0.0.1:{prometheus_port}"
        with Process([binary, "serve", "--config", config], folder / "mintmark.log"):
            wait_for("mintmark", lambda: get(f"http://127.0.0.1:{port}/readyz"))
            wait_for("the count of rows", lambda: "mintmark_storage_rows{" in get(metrics_url))
            post_token(
                port, {"grant_type": "client_credentials", "client_id": "service", "client_secret": SERVICE_SECRET}
            )
            check_page(promtool, get(metrics_url))
            check_labels(port, metrics_url)
            command = [prometheus, f"--config.file={write_prometheus_config(folder, private_port)}"]
            command += [f"--web.listen-address=127.0.0.1:{prometheus_port}", f"--storage.tsdb.path={folder / 'tsdb'}"]
            with Process(command, folder / "prometheus.log"):
                wait_for("prometheus", lambda: get(f"{url}/-/ready"))
                check_prometheus(url)
    print("metrics: all well")


if __name__ == "__main__":
    main()
