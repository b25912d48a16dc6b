"""LTI 1.3 against programs that we did not write: PyPI's lti1p3platform is the platform (it signs launches, gives
tokens, checks picked recordings), PyLTI1p3 a second tool whose opinion on each token must be ours.

Needs the built program (E2E_PROGRAM) and the packages of scripts/setup.sh."""

import http.server
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from urllib.parse import parse_qsl, urlparse

import jwt
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from lti1p3platform.ltiplatform import LTI1P3PlatformConfAbstract
from lti1p3platform.message_launch import LTIAdvantageMessageLaunchAbstract
from lti1p3platform.oidc_login import OIDCLoginAbstract
from lti1p3platform.registration import Registration
from pylti1p3.cookie import CookieService
from pylti1p3.message_launch import MessageLaunch
from pylti1p3.request import Request as ToolRequest
from pylti1p3.session import SessionService
from pylti1p3.tool_config import ToolConfDict

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("E2E_PROGRAM", ROOT / "target/debug/playhead")
CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
COURSE = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
CATALOG = [
    {"record": "person", "id": "tom", "name": "Tom"},
    {"record": "person", "id": "sue", "name": "Sue"},
    {"record": "category", "id": "bio", "name": "Biology", "kind": "course", "lms_course": "177708"},
    {"record": "entry", "id": "1_bio", "name": "Cells"},
    {"record": "link", "id": "l1", "entry": "1_bio", "category": "bio"},
]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Conf(LTI1P3PlatformConfAbstract):
    def init_platform_config(self, registration):
        self._registration = registration

    def get_registration_by_params(self, **_):
        return self._registration


class Preflight:
    def __init__(self, query):
        self.get_data, self.form_data = query, {}


class Login(OIDCLoginAbstract):
    def set_lti_message_hint(self, hint):
        self._lti_message_hint = hint

    def get_redirect(self, url):
        return url


class Launch(LTIAdvantageMessageLaunchAbstract):
    change = None

    def get_launch_data(self):
        message, state = super().get_launch_data()
        if self.change:
            self.change(message)
        return message, state

    def render_launch_form(self, launch_data, **_):
        return launch_data


class Platform:
    """lti1p3platform with the addresses that a tool calls."""

    def __init__(self, tool):
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = lambda data: data.decode()
        private = pem(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        public = pem(
            key.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        )
        self.port = free_port()
        self.at = f"http://127.0.0.1:{self.port}"
        self.private = private
        self.registration = (
            Registration()
            .set_iss(self.at)
            .set_client_id("client")
            .set_deployment_id("1")
            .set_launch_url(f"{tool}/lti/launch")
            .set_deeplink_launch_url(f"{tool}/lti/launch")
            .set_oidc_login_url(f"{tool}/lti/login")
            .set_tool_key_set_url(f"{tool}/lti/jwks")
            .set_platform_public_key(public)
            .set_platform_private_key(private)
        )
        self.conf = Conf(registration=self.registration)
        self.rosters = 0
        server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), self.handler())
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def handler(self):
        platform = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self, body, link=None):
                self.send_response(200)
                self.send_header("content-type", "application/json")
                if link:
                    self.send_header("link", f'<{link}>; rel="next"')
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def do_GET(self):
                if self.path == "/keys":
                    return self.answer(platform.conf.get_jwks())
                assert self.path.startswith("/members"), self.path
                token = self.headers["authorization"].removeprefix("Bearer ")
                assert platform.conf.validate_token(
                    token, ["https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"]
                ), "the token is for rosters"
                platform.rosters += 1
                member = lambda sub, role: {"user_id": sub, "name": sub.title(), "roles": [COURSE + role]}
                if self.path == "/members":
                    first = [member("sue", "Learner"), member("tom", "Instructor")]
                    return self.answer({"members": first}, f"{platform.at}/members?page=2")
                self.answer({"members": [member("uma", "Learner")]})

            def do_POST(self):
                form = dict(parse_qsl(self.rfile.read(int(self.headers["content-length"])).decode()))
                self.answer(platform.conf.get_access_token(form))

            def log_message(self, *_):
                pass

        return Handler

    def begin(self, browser):
        """The browser clicks; returns what the tool asks the platform."""
        login = Login(None, self.conf)
        login.set_lti_message_hint("hint")
        answer = browser.get(login.prepare_preflight_url("7"), allow_redirects=False, timeout=10)
        assert answer.status_code == 302, answer.text
        to = urlparse(answer.headers["location"])
        assert f"{to.scheme}://{to.netloc}{to.path}" == f"{self.at}/auth"
        return dict(parse_qsl(to.query))

    def message(self, query, roles=("Instructor",), change=None, deep=None, link="ctx"):
        launch = Launch(Preflight(query), self.conf)
        launch.set_user_data("tom", [COURSE + role for role in roles], full_name="Tom")
        launch.set_launch_context_claim("ctx", context_title="Biology")
        launch.set_custom_parameters_claim({"canvas_course_id": "177708"})
        if deep:
            launch.set_dl(deep, extra_data={"csrf": "echo me"}, accept_types={"ltiResourceLink"})
        else:
            launch.set_resource_link_claim(link)
        launch.set_nrps(f"{self.at}/members")
        launch.change = change
        form = launch.lti_launch()
        return {"state": form["state"], "id_token": form["id_token"]}


class Asked(ToolRequest):
    """A request as PyLTI1p3 wants it; its session is a dictionary."""

    def __init__(self, form):
        self.form, self.kept = form, {}

    @property
    def session(self):
        return self.kept

    def is_secure(self):
        return False

    def get_param(self, key):
        return self.form.get(key)


class Cookies(CookieService):
    def __init__(self, state):
        self.state = state

    def get_cookie(self, name):
        return self.state

    def set_cookie(self, name, value, exp=3600):
        pass


def second_opinion(platform, form, nonce):
    """Whether PyLTI1p3 takes the launch."""
    conf = ToolConfDict(
        {
            platform.at: [
                {
                    "default": True,
                    "client_id": "client",
                    "auth_login_url": f"{platform.at}/auth",
                    "auth_token_url": f"{platform.at}/token",
                    "key_set_url": f"{platform.at}/keys",
                    "deployment_ids": ["1"],
                }
            ]
        }
    )
    asked = Asked(form)
    session = SessionService(asked)
    session.save_nonce(nonce)

    class Tool(MessageLaunch):
        def _get_request_param(self, key):
            return asked.get_param(key)

    try:
        Tool(asked, conf, session, Cookies(form["state"])).validate()
        return True
    except requests.RequestException:
        raise
    except Exception:  # It refuses with classes of all kinds, an unknown issuer with `Exception` itself.
        return False


def boot(page):
    return json.loads(re.search(r'id="boot">(.*?)</script>', page, re.S)[1])


def main():
    port = free_port()
    tool = f"http://127.0.0.1:{port}"
    platform = Platform(tool)
    with tempfile.TemporaryDirectory() as folder:
        run = lambda *words, **more: subprocess.run([PROGRAM, *words], check=True, capture_output=True, **more)
        data = ["--data", folder]
        run("account", "add", *data, "--partner-id", "7", "--admin-secret-file", "-", input=b"secret-of-the-test\n")
        catalog = pathlib.Path(folder, "catalog.ndjson")
        catalog.write_text("".join(json.dumps(record) + "\n" for record in CATALOG))
        run("import", "catalog", *data, str(catalog))
        words = ["--name", "Test LMS", "--issuer", platform.at, "--client-id", "client", "--deployment", "1"]
        words += ["--auth-url", f"{platform.at}/auth", "--token-url", f"{platform.at}/token"]
        run("platform", "add", *data, *words, "--jwks-url", f"{platform.at}/keys", "--person", "sub")
        listed = json.loads(run("platform", "list", *data).stdout)
        assert listed["platform"]["issuer"] == platform.at and listed["account"] == 7, listed
        serve = ["serve", *data, "--listen", f"127.0.0.1:{port}", "--public-url", tool]
        with open(pathlib.Path(folder, "log"), "wb") as log:
            server = subprocess.Popen([PROGRAM, *serve], stdout=log, stderr=log)
        try:
            check(platform, tool, server)
        except BaseException:
            print(pathlib.Path(folder, "log").read_text(), file=sys.stderr)
            raise
        finally:
            server.terminate()
            server.wait(30)
        refused = pathlib.Path(folder, "log").read_text().count("an LTI request was refused")
        assert refused == len(WRONG) + 3, f"{refused} lines for {len(WRONG) + 3} refusals"
    print(f"LTI 1.3 with lti1p3platform and PyLTI1p3: launches, {refused} refusals, a picked recording, a roster")


def set_claim(name, value):
    return lambda message: message.update({name: value})


WRONG = {
    "issuer": set_claim("iss", "https://evil.example"),
    "audience": set_claim("aud", ["other"]),
    "deployment": set_claim(f"{CLAIM}deployment_id", "2"),
    "nonce": set_claim("nonce", "other"),
    "version": set_claim(f"{CLAIM}version", "1.1.0"),
    "message": set_claim(f"{CLAIM}message_type", "LtiUnheardOf"),
}


def check(platform, tool, server):
    for _ in range(200):
        assert server.poll() is None, "the server runs"
        try:
            if requests.get(f"{tool}/readyz", timeout=5).ok:
                break
        except requests.ConnectionError:
            pass
        time.sleep(0.05)
    browser = requests.Session()
    post = lambda form: browser.post(f"{tool}/lti/launch", form, timeout=10)

    # A teacher, and what both tools think of it.
    query = platform.begin(browser)
    form = platform.message(query)
    assert second_opinion(platform, form, query["nonce"]), "PyLTI1p3 takes the good launch"
    answer = post(form)
    assert answer.status_code == 200, answer.text
    start = boot(answer.text)
    assert start["course"] == {"id": "bio", "name": "Biology"} and start["role"] == "teacher", start
    api = lambda path, token=start["token"], **more: requests.request(
        more.pop("method", "GET"), f"{tool}/api/v1/{path}", headers={"authorization": f"Bearer {token}"}, timeout=10, **more
    )
    assert api("totals?measures=plays&subject=category:bio").status_code == 200
    assert api("totals?measures=plays&subject=account").status_code == 200

    # What is wrong is refused by both, and by us always with the same bytes.
    pages = {post(form).text}
    for name, change in WRONG.items():
        query = platform.begin(browser)
        bad = platform.message(query, change=change)
        assert not second_opinion(platform, bad, query["nonce"]), f"PyLTI1p3 refuses: {name}"
        answer = post(bad)
        assert answer.status_code == 403, name
        pages.add(answer.text)
    for algorithm, secret in (("HS256", "s" * 64), ("none", None)):
        query = platform.begin(browser)
        claims = jwt.decode(platform.message(query)["id_token"], options={"verify_signature": False})
        token = jwt.encode(claims, secret, algorithm, {"kid": platform.registration.get_kid()})
        answer = post({"state": query["state"], "id_token": token})
        assert answer.status_code == 403, algorithm
        pages.add(answer.text)
    assert len(pages) == 1, "one page for all that is refused"

    # A student has no course right.
    student = boot(post(platform.message(platform.begin(browser), roles=["Learner"])).text)
    assert api("totals?measures=plays&subject=category:bio", student["token"]).status_code == 404

    # Picking a recording: the platform verifies our signature by our published key.
    picking = boot(post(platform.message(platform.begin(browser), deep=f"{platform.at}/return")).text)
    assert picking["do"] == "pick", picking
    rows = api("entries?size=50", picking["token"]).json()["data"]["rows"]
    assert [row["id"] for row in rows] == ["1_bio"], rows
    picked = api("lti/pick", picking["token"], method="POST", json={"entry": "1_bio"}).json()["data"]
    assert picked["to"] == f"{platform.at}/return"
    items = platform.conf.validate_deeplinking_resp({"JWT": picked["jwt"]})
    assert items[0]["custom"] == {"entry": "1_bio"} and items[0]["title"] == "Cells", items
    echoed = jwt.decode(picked["jwt"], options={"verify_signature": False})
    assert echoed["https://purl.imsglobal.org/spec/lti-dl/claim/data"] == {"csrf": "echo me"}

    # The link that was put into the course opens the recording.
    def custom(message):
        message[f"{CLAIM}custom"] = items[0]["custom"]

    opened = boot(post(platform.message(platform.begin(browser), change=custom, link="made")).text)
    assert opened["path"] == "/recording/1_bio" and opened["course"]["id"] == "bio", opened

    # The roster, over two pages and with a token that the platform gave for our signature.
    for _ in range(200):
        roster = api("roster?subject=category:bio&entry=1_bio").json()["data"]["students"]
        if roster:
            break
        time.sleep(0.05)
    assert [(one["name"], one["state"]) for one in roster] == [("Sue", "unknown"), ("Uma", "unknown")], roster
    assert platform.rosters == 2, "each page once, however many launches"


if __name__ == "__main__":
    sys.exit(main())
