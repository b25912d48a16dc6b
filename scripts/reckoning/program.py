"""The program, asked over HTTP."""

import http.client
import json
import pathlib
import re
import socket
import subprocess
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAM = ROOT / "target/debug/playhead"
EVENTS = 200_000
PARTNER = "1001"


class Program:
    """`playhead serve` on made-up data, signed in."""

    def __init__(self, folder):
        self.data = f"{folder}/data"
        self.command("demo", "--data", self.data, "--events", str(EVENTS))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        serve = [PROGRAM, "serve", "--data", self.data, "--listen", f"127.0.0.1:{self.port}"]
        self.log = open(f"{folder}/log", "w")
        self.child = subprocess.Popen(serve, stdout=self.log, stderr=self.log)
        self.headers = {"origin": f"http://127.0.0.1:{self.port}"}
        until(lambda: self.request("GET", "/readyz", quiet=True), "the server is ready")
        token = re.search(r"token=([\w-]+)", self.command("link", "--data", self.data)).group(1)
        body = json.dumps({"token": token, "name": "reckoner", "password": "correct horse battery staple"})
        self.request("POST", "/api/v1/welcome", body, {"content-type": "application/json"})

    def command(self, *arguments):
        return subprocess.run([PROGRAM, *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout

    def request(self, method, path, body=None, headers=None, quiet=False):
        """The body of the answer; `None` for what fails, if `quiet`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, self.headers | (headers or {}))
            answer = connection.getresponse()
            content = answer.read()
        except OSError:
            if quiet:
                return None
            raise
        finally:
            connection.close()
        if answer.status != 200 and not (method == "POST" and answer.status == 204):
            if quiet:
                return None
            raise AssertionError(f"{method} {path}: {answer.status} {content.decode()}")
        if cookies := answer.headers.get_all("set-cookie"):
            self.headers["cookie"] = "; ".join(line.split(";")[0] for line in cookies)
        return content

    def api(self, path, words=()):
        query = urllib.parse.urlencode(list(words))
        return json.loads(self.request("GET", f"/api/v1/{path}{'?' + query if query else ''}"))["data"]

    def catalog(self, kind):
        """All records of a kind."""
        found, after = [], None
        while True:
            page = self.api(f"catalog/{kind}", [("size", 1000)] + ([("after", after)] if after else []))
            found += page["rows"]
            after = page.get("next")
            if not after:
                return found

    def import_catalog(self, records):
        lines = "\n".join(map(json.dumps, records))
        self.request("POST", "/api/v1/catalog/import", lines, {"content-type": "application/x-ndjson"})

    def send(self, agent, **event):
        event = {"service": "analytics", "action": "trackEvent", "partnerId": PARTNER} | event
        self.request("GET", "/api_v3/index.php?" + urllib.parse.urlencode(event), headers={"user-agent": agent})

    def stop(self):
        self.child.terminate()
        self.child.wait(30)
        self.log.close()


def until(holds, what):
    for _ in range(600):
        if found := holds():
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within 30 s: {what}")
