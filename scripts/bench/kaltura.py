"""A page of Kaltura's front end, asked by many at once: 200 multirequests, all sent in the same moment.

    scripts/bench/kaltura.py FOLDER [EVENTS]        made-up data is made in FOLDER and removed again

Prints how long they took and what one of them costs a processor, beside what the same reports cost when they are asked of the
native API one by one: what the protocol adds is the difference. Needs `cargo build --release -p server`, or another program
in BINARY."""

import http.client
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BINARY = pathlib.Path(os.environ.get("BINARY", ROOT / "target/release/playhead"))
PORT = int(os.environ.get("PORT", "18098"))
PARTNER = 1001
SECRET = "0123456789abcdef0123456789abcdef"
AT_ONCE = int(os.environ.get("AT_ONCE", "200"))
# No answer may take longer than clients wait.
SECONDS_MAX = 60


def post(path, body, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=SECONDS_MAX)
    connection.request("POST", path, json.dumps(body), {"content-type": "application/json"} | (headers or {}))
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    assert answer.status < 300, (answer.status, text[:300])
    return answer, text


def page(ks, now):
    """What the front end asks when it opens its first page, thirty days to yesterday, by day."""
    filter = {"objectType": "KalturaEndUserReportInputFilter", "fromDate": now - 30 * 86400, "toDate": now, "timeZoneOffset": 0,
              "interval": "days", "searchInTags": True, "searchInAdminTags": False}
    one = lambda action, kind, **more: {"service": "report", "action": action, "reportType": kind, "reportInputFilter": filter,
                                        "responseOptions": {"delimiter": "|", "skipEmptyDates": False}} | more
    calls = [
        one("getGraphs", "34"),
        one("getTotal", "34"),
        one("getTable", "38", order="-engagement_ranking", pager={"pageSize": 50}),
        one("getTable", "34", order="-count_plays", pager={"pageSize": 1}),
        one("getTable", "6", order="-count_loads", pager={"pageSize": 5}),
        one("getTotal", "6"),
        one("getTotal", "2"),
        one("getTable", "36", order="-count_plays", pager={"pageSize": 500}),
        one("getTable", "21", pager={"pageSize": 25}),
    ]
    return {"format": 1, "ks": ks, "clientTag": "bench"} | {str(number): call for number, call in enumerate(calls)}


def inside(names=("playhead_kaltura_microseconds_total", "playhead_kaltura_reports_microseconds_total")):
    connection = http.client.HTTPConnection("127.0.0.1", PORT)
    connection.request("GET", "/metrics")
    numbers = dict(line.rsplit(" ", 1) for line in connection.getresponse().read().decode().splitlines() if line.startswith("playhead_kaltura"))
    return [float(numbers[name]) for name in names]


def processor_s(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def engine_s(data, cookie, pid):
    """Processor time of the same reports, asked plainly of the native API."""
    words = "account=1001&period=30d&f=is,playback_type,vod"
    many = "plays,quartile_minutes,average_quartile_minutes,impressions,play_rate,drop_off,known_people,viewers,heartbeat_minutes,average_heartbeat_minutes,compatible_completion"
    line = "plays,quartile_minutes,viewers,drop_off,compatible_completion,impressions,heartbeat_minutes"
    funnel = "plays,reached_25,reached_50,reached_75,reached_100,play_through,impressions"
    domains = "plays,quartile_minutes,average_quartile_minutes,impressions,play_rate,drop_off,compatible_completion,played_entries,heartbeat_minutes,average_heartbeat_minutes"
    paths = [
        f"series?by=day&measures={line}", f"totals?measures={line}",
        f"table?by=entry&measures={many},compatible_engagement_score,compatible_total_completion&sort=-compatible_engagement_score&size=50",
        f"series?by=day&measures={line}", f"table?by=domain&measures={domains}&sort=-impressions&size=5", f"totals?measures={domains}",
        f"totals?measures={funnel}", f"table?by=country&measures={funnel},viewers,drop_off,compatible_completion&sort=-plays&size=500",
        f"table?by=device&measures={many}&sort=-plays&size=25",
    ]
    runs = 10
    before = processor_s(pid)
    for _ in range(runs):
        for path in paths:
            connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=SECONDS_MAX)
            connection.request("GET", f"/api/v1/{path}&{words}", headers={"cookie": cookie})
            answer = connection.getresponse()
            text = answer.read()
            assert answer.status == 200, text[:300]
            connection.close()
    return (processor_s(pid) - before) / runs


def main():
    folder = pathlib.Path(sys.argv[1])
    events = sys.argv[2] if len(sys.argv) > 2 else "1000000"
    data = folder / "kaltura"
    shutil.rmtree(data, ignore_errors=True)
    subprocess.run([BINARY, "demo", "--data", data, "--events", events], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    secret = folder / "secret"
    secret.touch(0o600)
    secret.write_text(SECRET)
    subprocess.run([BINARY, "account", "add", "--data", data, "--partner-id", str(PARTNER), "--admin-secret-file", secret], check=True, stdout=subprocess.DEVNULL)
    serve = [BINARY, "serve", "--data", data, "--listen", f"127.0.0.1:{PORT}"]
    child = subprocess.Popen(serve, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        began = time.monotonic()
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", PORT)
                connection.request("GET", "/readyz")
                if connection.getresponse().status == 200:
                    break
            except OSError:
                pass
            assert child.poll() is None and time.monotonic() - began < 300, "the server does not start"
            time.sleep(0.01)
        token = re.search(r"token=([\w-]+)", subprocess.run([BINARY, "link", "--data", data], check=True, stdout=subprocess.PIPE, text=True).stdout)[1]
        welcome = {"token": token, "name": "bench", "password": "correct horse battery staple"}
        answer, _ = post("/api/v1/welcome", welcome, {"origin": f"http://127.0.0.1:{PORT}"})
        cookie = "; ".join(line.split(";")[0] for line in answer.headers.get_all("set-cookie"))
        _, ks = post("/api_v3/service/session/action/start", {"secret": SECRET, "partnerId": PARTNER, "type": 2, "userId": "bench", "format": 1})
        body = page(json.loads(ks), int(time.time()) // 86400 * 86400)
        _, warm = post("/api_v3/service/multirequest", body)
        answers = json.loads(warm)
        assert all(one.get("objectType") != "KalturaAPIException" for one in answers if isinstance(one, dict)), warm[:500]
        plain = engine_s(data, cookie, child.pid)
        took, failures, lock, gate = [], [], threading.Lock(), threading.Barrier(AT_ONCE)

        def ask():
            try:
                gate.wait()
                began = time.monotonic()
                _, text = post("/api_v3/service/multirequest", body)
                with lock:
                    took.append(time.monotonic() - began)
                assert text == warm, "an answer differs"
            except Exception as error:
                with lock:
                    failures.append(error)

        before, whole_before = processor_s(child.pid), inside()
        threads = [threading.Thread(target=ask) for _ in range(AT_ONCE)]
        began = time.monotonic()
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        whole, spent = time.monotonic() - began, processor_s(child.pid) - before
        assert not failures, failures[:3]
        took.sort()
        answering, reports = (after - first for after, first in zip(inside(), whole_before))
        print(f"Kaltura's API: {AT_ONCE} multirequests of {len(answers)} calls at once over {events} events: all answered in {whole:.2f} s, "
              f"median {took[len(took) // 2] * 1000:.0f} ms, p95 {took[int(len(took) * 0.95)] * 1000:.0f} ms; "
              f"{spent / AT_ONCE * 1000:.1f} ms of a processor each, {1 - reports / answering:.0%} of the time outside of the engine; the same {len(answers)} reports singly from the native API: {plain * 1000:.1f} ms")
    finally:
        child.terminate()
        child.wait(30)
        shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":
    main()
