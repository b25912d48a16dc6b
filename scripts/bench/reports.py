"""Measures reports against DuckDB on the same rows and prints tables for docs/benchmarks.md.

    scripts/bench/reports.py FOLDER EVENTS...       made-up data is made in FOLDER and removed again
    RAW=1: raw events in DuckDB too; ONLY=account: of the subjects this one

Needs `cargo build --release -p server`, `cargo build -p server --example raw_events` and the Python of scripts/setup.sh. Judge by processor time and the ratios of one run: other
work on the machine moves the rest."""

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

import duckdb

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
RELEASE = ROOT / "target/release"
PORT = int(os.environ.get("PORT", "18097"))
RUNS = int(os.environ.get("RUNS", "40"))


class Server:
    running = []

    def __init__(self, data):
        Server.running.append(self)
        self.data = data
        self.start()
        token = re.search(r"token=([\w-]+)", subprocess.run(
            [RELEASE / "playhead", "link", "--data", data], check=True, stdout=subprocess.PIPE, text=True).stdout)[1]
        body = json.dumps({"token": token, "name": f"bench{time.time()}", "password": "correct horse battery staple"})
        connection = http.client.HTTPConnection("127.0.0.1", PORT)
        headers = {"content-type": "application/json", "origin": f"http://127.0.0.1:{PORT}"}
        connection.request("POST", "/api/v1/welcome", body, headers)
        answer = connection.getresponse()
        assert answer.status < 300, answer.read()
        self.cookie = "; ".join(line.split(";")[0] for line in answer.headers.get_all("set-cookie"))

    def start(self):
        began = time.monotonic()
        listen = f"127.0.0.1:{PORT}"
        self.child = subprocess.Popen([RELEASE / "playhead", "serve", "--data", self.data, "--listen", listen],
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", PORT)
                connection.request("GET", "/readyz")
                if connection.getresponse().status == 200:
                    break
            except OSError:
                pass
            assert self.child.poll() is None and time.monotonic() - began < 300, "the server does not start"
            time.sleep(0.002)
        self.ready_ms = (time.monotonic() - began) * 1000

    def stop(self):
        self.child.terminate()
        self.child.wait()

    def memory_mb(self):
        """Resident, without mapped files."""
        status = pathlib.Path(f"/proc/{self.child.pid}/status").read_text()
        return int(re.search(r"RssAnon:\s+(\d+)", status)[1]) / 1024

    def cpu_ms(self):
        """Processor time so far, which other work on the machine does not lengthen."""
        fields = pathlib.Path(f"/proc/{self.child.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")

    def connect(self):
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=120)
        connection.connect()
        return connection

    def ask(self, path, connection=None):
        """The answer's bytes, and the milliseconds until the last of them."""
        connection = connection or self.connect()
        began = time.monotonic()
        connection.request("GET", "/api/v1/" + path, headers={"cookie": self.cookie})
        answer = connection.getresponse()
        content = answer.read()
        assert answer.status == 200, content[:500]
        return content, (time.monotonic() - began) * 1000


def percentile(times, share):
    return sorted(times)[min(int(len(times) * share), len(times) - 1)]


def ms(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def times(server, path, clients, runs):
    """Milliseconds of `runs` requests by each of some clients at the same time."""
    found = []

    def client():
        connection = server.connect()
        found.extend([server.ask(path, connection)[1] for _ in range(runs)])

    threads = [threading.Thread(target=client) for _ in range(clients)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return found


# The page in SQL: what its panels show, but for shares of recordings covered by anybody, which cost DuckDB far more.
SUMS = """sum(impressions), sum(play_requests), sum(plays), count(DISTINCT person) FILTER (plays > 0), sum(watched_ms),
    sum(reached_25), sum(reached_50), sum(reached_75), sum(reached_100), sum(fresh_ms / length_ms), min(first_ms), max(last_ms)"""
GROUPS = ["bucket_ms // 86400000", "entry", "person", "device", "country", "domain"]


def statements(rows):
    """The panels one by one; and all in one statement."""
    selected = f"FROM live LEFT JOIN length USING (entry) WHERE NOT bot AND suspect = '' AND {rows}"
    totals = f"""SELECT {SUMS}, count(DISTINCT entry) FILTER (plays > 0), count(DISTINCT person) FILTER (plays > 0 AND person <> 0),
        sum(shares), sum(downloads), sum(captions), sum(related_selected), sum(seeks), sum(replays), sum(reports_submitted) {selected}"""
    # A page shows every day, and of tables the first hundred rows.
    first = lambda by: "" if by == GROUPS[0] else "ORDER BY 4 DESC LIMIT 100"
    separate = [totals] + [f"SELECT {by}, {SUMS} {selected} GROUP BY ALL {first(by)}" for by in GROUPS]
    named = ", ".join(f"{by} AS g{i}" for i, by in enumerate(GROUPS))
    sets = ", ".join(f"(g{i})" for i in range(len(GROUPS)))
    keys = ", ".join(f"g{i}" for i in range(len(GROUPS)))
    one = f"""SELECT {keys}, {SUMS}, count(DISTINCT entry) FILTER (plays > 0) FROM (SELECT *, {named} {selected})
        GROUP BY GROUPING SETS ((), {sets})
        QUALIFY g0 IS NOT NULL OR row_number() OVER (PARTITION BY grouping_id({keys}) ORDER BY sum(plays) DESC) <= 100"""
    return separate, one


RAW_SUMS = """count(*) FILTER (kind = 1), count(*) FILTER (kind = 3), count(DISTINCT person) FILTER (kind = 3),
    count(*) FILTER (kind = 11), count(*) FILTER (kind = 12), count(*) FILTER (kind = 13), count(*) FILTER (kind = 14),
    count(*) FILTER (kind = 99) * 10, min(at_ms), max(at_ms)"""


def duck(db, sqls, runs):
    def once():
        began = time.monotonic()
        for sql in sqls:
            db.execute(sql).fetchall()
        return (time.monotonic() - began) * 1000

    once()
    began = time.process_time()
    found = [once() for _ in range(runs)]
    return percentile(found, 0.5), (time.process_time() - began) * 1000 / runs


def measure(folder, events):
    data = f"{folder}/demo-{events}"
    began = time.monotonic()
    subprocess.run([RELEASE / "playhead", "demo", "--data", data, "--events", str(events)], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    made = time.monotonic() - began
    server = Server(data)
    print(f"\n## {events:,} events\n\nmade in {made:.0f} s, {events / made:,.0f} events/s; first start {server.ready_ms:.0f} ms", flush=True)
    while len(list(pathlib.Path(data, "journal").glob("*.log"))) > 1:
        time.sleep(0.5)
    time.sleep(3)
    bytes_of = lambda pattern: sum(path.stat().st_size for path in pathlib.Path(data).glob(pattern))
    print(f"segments {bytes_of('segments/*.parquet') / events:.2f}, journal {bytes_of('journal/*') / events:.2f} bytes/event;"
          f" memory after maintenance {server.memory_mb():.0f} MB", flush=True)
    server.stop()
    server.start()
    time.sleep(3)
    print(f"restart to ready {server.ready_ms:.0f} ms; idle memory {server.memory_mb():.0f} MB")

    own = f"{folder}/own.duckdb"
    pathlib.Path(own).unlink(missing_ok=True)
    db = duckdb.connect(own)
    db.execute("SET threads = 2")
    files = f"read_parquet('{data}/segments/*.parquet')"
    db.execute(f"""CREATE TABLE live AS SELECT * EXCLUDE (coverage, fresh, attention, marks, bucket, first_at, last_at),
        epoch_ms(bucket) AS bucket_ms, epoch_ms(first_at) AS first_ms, epoch_ms(last_at) AS last_ms FROM {files} ORDER BY entry, bucket_ms""")
    durations, after = [], ""
    while True:
        page = json.loads(server.ask("catalog/entries?size=1000" + (f"&after={after}" if after else ""))[0])["data"]
        durations += [(row["id"], row.get("duration_ms"), row.get("owner")) for row in page["rows"]]
        after = page.get("next")
        if not after:
            break
    db.execute("CREATE TABLE length (entry TEXT, length_ms BIGINT, owner TEXT)")
    db.executemany("INSERT INTO length VALUES (?, ?, ?)", durations)
    db.execute("CHECKPOINT")
    one = lambda sql: db.execute(sql).fetchall()[0]
    total, = one("SELECT count(*) FROM live")
    entry, of_entry = one("SELECT entry, count(*) FROM live GROUP BY 1 ORDER BY 2 DESC LIMIT 1")
    typical, of_typical = one("SELECT entry, count(*) FROM live GROUP BY 1 ORDER BY 2 DESC OFFSET (SELECT count(DISTINCT entry) // 2 FROM live) LIMIT 1")
    owner, of_owner = one("SELECT owner, count(*) FROM live JOIN length USING (entry) GROUP BY 1 ORDER BY 2 DESC LIMIT 1")
    course, = one("SELECT playback_context FROM live WHERE playback_context <> '' GROUP BY 1 ORDER BY count(*) DESC LIMIT 1")
    links = json.loads(server.ask("catalog/links?size=1000")[0])["data"]["rows"]
    within = sorted({link["entry"] for link in links if link["category"] == course}) or [entry]
    among = "entry IN (" + ", ".join(f"'{id}'" for id in within) + ")"
    of_course, = one(f"SELECT count(*) FROM live WHERE {among}")
    print(f"{total:,} view rows, {events / total:.1f} events each; DuckDB {duckdb.__version__}, own format, 2 threads\n", flush=True)

    subjects = [
        ("entry in the middle", of_typical, f"reports/recording?subject=entry:{typical}", f"entry = '{typical}'"),
        ("most viewed entry", of_entry, f"reports/recording?subject=entry:{entry}", f"entry = '{entry}'"),
        ("course", of_course, f"reports/course?subject=category:{course}", among),
        ("owner", of_owner, f"reports/overview?subject=owner:{owner}", f"entry IN (SELECT entry FROM length WHERE owner = '{owner}')"),
        ("account", total, "reports/overview?subject=account", "TRUE"),
    ]
    if only := os.environ.get("ONLY"):
        subjects = [subject for subject in subjects if subject[0] == only]
    raw = os.environ.get("RAW")
    if raw:
        pipe = f"{folder}/events.pipe"
        pathlib.Path(pipe).unlink(missing_ok=True)
        os.mkfifo(pipe)
        writer = subprocess.Popen(f"'{ROOT}/target/debug/examples/raw_events' {events} > '{pipe}'", shell=True)
        # At 100 million events sorting would need more memory than there is: a player's events lie by time anyway.
        db.execute(f"CREATE TABLE events AS FROM read_csv('{pipe}', header = true, auto_detect = false, quote = '\"', columns = {{"
                   "'at_ms': 'BIGINT', 'kind': 'INT', 'entry': 'TEXT', 'session': 'TEXT', 'person': 'UBIGINT', 'country': 'TEXT',"
                   "'device': 'TEXT', 'domain': 'TEXT', 'page': 'TEXT', 'position_ms': 'BIGINT', 'play_time_ms': 'BIGINT'})")
        writer.wait()
        pathlib.Path(pipe).unlink()
        print(f"raw events in DuckDB: {one('SELECT count(*) FROM events')[0]:,}", flush=True)
    print("| Subject | Rows | Page: cold | p50 | p95 | 8 clients: p50 | p95 | CPU | One panel: p50 | p95 | CPU | DuckDB, separate: p50 | CPU |"
          " one statement: p50 | CPU | CPU ratio | Raw events: p50 | CPU | CPU ratio |")
    print("|---|" + "---:|" * 18)
    for name, rows, path, where in subjects:
        page = f"{path}&period=all"
        panel = page.replace("?", "/highlights?", 1)
        runs = RUNS if rows < 500_000 else max(RUNS // 4, 3)
        server.stop()
        server.start()
        cold = server.ask(page)[1]
        before = server.cpu_ms()
        warm = times(server, page, 1, runs)
        page_cpu = (server.cpu_ms() - before) / runs
        eight = times(server, page, 8, max(runs // 4, 2))
        before = server.cpu_ms()
        single = times(server, panel, 1, runs * 4)
        panel_cpu = (server.cpu_ms() - before) / (runs * 4)
        separate, united = statements(where)
        ducks = [duck(db, separate, 3), duck(db, [united], 3)]
        cells = [name, f"{rows:,}", ms(cold), ms(percentile(warm, 0.5)), ms(percentile(warm, 0.95)), ms(percentile(eight, 0.5)),
                 ms(percentile(eight, 0.95)), ms(page_cpu), ms(percentile(single, 0.5)), ms(percentile(single, 0.95)), ms(panel_cpu)]
        cells += [ms(value) for pair in ducks for value in pair] + [f"{min(cpu for _, cpu in ducks) / page_cpu:.1f}"]
        if raw:
            by = ["at_ms // 86400000", "entry", "person", "device", "country", "domain"]
            first = lambda key: "" if key == by[0] else "ORDER BY 3 DESC LIMIT 100"
            sqls = [f"SELECT {RAW_SUMS} FROM events WHERE {where}"]
            sqls += [f"SELECT {key}, {RAW_SUMS} FROM events WHERE {where} GROUP BY ALL {first(key)}" for key in by]
            wall, cpu = duck(db, sqls, 1)
            cells += [ms(wall), ms(cpu), f"{cpu / page_cpu:.1f}"]
        else:
            cells += ["", "", ""]
        print("| " + " | ".join(cells) + " |", flush=True)
    print(f"\nmemory after the account's pages: {server.memory_mb():.0f} MB", flush=True)
    server.stop()
    db.close()
    pathlib.Path(own).unlink()
    shutil.rmtree(data)


def main():
    folder, *sizes = sys.argv[1:]
    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    for events in sizes:
        try:
            measure(folder, int(events))
        finally:
            for server in Server.running:
                server.stop()


if __name__ == "__main__":
    main()
