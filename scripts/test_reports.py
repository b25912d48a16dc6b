"""A second reckoning: every panel of every named report, once by the program and once by DuckDB, figure for figure.

The SQL here follows docs/generated/glossary.md, docs/fold.md and docs/periods.md over exported view rows and the catalog;
it shares nothing with the engine's scan, and time zones come from Python. Counts must be equal, fractions within 1e-9. A
report, panel, measure or dimension that this page does not know fails the test: write its SQL.

Needs `cargo build --workspace --all-targets` and the Python of scripts/setup.sh.
"""

import datetime as dt
import sys
import tempfile
import time

import duckdb

from reckoning.compare import Comparison
from reckoning.data import load, make_odd, moment
from reckoning.program import Program
from reckoning.reckoner import Question, Reckoner


def questions(program, db, odd):
    """Scopes, days, zones and filters, each met by many panels."""
    one = lambda sql: db.sql(sql).fetchall()[0][0]
    top = lambda column, where="TRUE": one(f"SELECT {column} FROM r WHERE {where} GROUP BY 1 ORDER BY sum(plays) DESC, 1 LIMIT 1")
    owner, viewer = top("owner", "owner <> ''"), top("viewer", "viewer <> 'unknown'")
    course = top("playback_context", "playback_context <> ''")
    above = one(f"SELECT parent FROM category WHERE category = '{course}'")
    playlist, page = top("playlist", "playlist <> ''"), top("page", "page <> ''")
    tag = one("SELECT tag FROM tag GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1")
    live, domain = top("entry", "playback = 'live'"), top("domain", "domain <> ''")
    today = dt.date.today()
    some = f"{today - dt.timedelta(140)}..{today - dt.timedelta(70)}"
    anything = [
        Question(),
        Question(period="90d", zone="America/St_Johns", vs="previous"),
        Question(f"owner:{owner}", "12m", "Europe/Berlin", vs="year"),
        Question(f"category:{course}", zone="Asia/Kathmandu"),
        Question(f"category:{above}", some, "Australia/Lord_Howe", vs="previous", subtree=True),
        Question(f"viewer:{viewer}", "12m", "America/St_Johns"),
        Question("viewer:unknown", "30d", vs=str(today - dt.timedelta(100))),
        Question(f"playlist:{playlist}"),
        Question(f"tag:{tag}", "90d", "Pacific/Apia", ["is,device,Desktop,Mobile", f"not,domain,{domain}"]),
        Question(filters=["is,weekday,1,7", "has,page,HTTPS", "not,country,US,DE"], zone="America/St_Johns"),
        Question(filters=[f"not,category,{course}", "is,playback_type,vod", "hasnot,browser,fire", "is,known,yes"], period="12m"),
        Question(filters=["is,bot,yes,no", "not,media_type,audio"], period="all"),
        Question(period=str(today - dt.timedelta(400)), zone="Europe/Berlin", vs="previous"),
    ]
    recordings = [*odd["unknown"], odd["image"], odd["ends"], live, "1_oddentry"]
    zones = ["America/St_Johns", "Asia/Kathmandu", "UTC", "Europe/Berlin", "Pacific/Apia", "UTC"]
    recording = [Question(f"entry:{id}", zone=zone) for id, zone in zip(recordings, zones)]
    recording += [Question(f"entry:{recordings[0]}", "90d", "America/St_Johns", ["is,known,yes"], vs="previous")]
    # A year of quarters of an hour is as much as a series shows.
    glossary = [
        Question(period="12m", zone="America/St_Johns"),
        Question(f"category:{above}", "90d", "Asia/Kathmandu", ["not,device,Mobile"], subtree=True),
        Question(f"entry:{recordings[0]}", "90d"),
    ]
    return anything, recording, glossary


def main():
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        program = Program(folder)
        try:
            odd = make_odd(program)
            db = load(program, folder)
            instant = lambda text: int(moment(text, None).timestamp() * 1000)
            created = {e["id"]: instant(e["created"]) for e in program.catalog("entries") if e.get("created")}
            created |= {None: min(created.values())}
            terms = [(term["id"], instant(term["from"]), instant(term["to"])) for term in program.catalog("terms")]
            reckoner = Reckoner(db, created, int(time.time() * 1000), terms)
            comparison = Comparison(program, reckoner)
            anything, recording, glossary = questions(program, db, odd)
            reports = program.api("reports")["rows"]
            for question in anything:
                comparison.question([report for report in reports if not report["needs_recording"]], question)
            for question in recording:
                comparison.question([report for report in reports if report["needs_recording"]], question)
            for question in glossary:
                comparison.glossary(question)
            assert comparison.figures > 100_000, "too little was compared"
        finally:
            program.stop()
    for line in comparison.wrong[:40]:
        print(line, file=sys.stderr)
    if comparison.wrong:
        sys.exit(f"{len(comparison.wrong)} of {comparison.figures} figures differ")
    print(f"DuckDB {duckdb.__version__}: {comparison.figures} figures of {comparison.panels} panels are the same; {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
