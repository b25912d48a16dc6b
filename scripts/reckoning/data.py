"""Made-up data with oddities; rows and catalog in DuckDB."""

import datetime as dt
import json
import pathlib
import urllib.parse

import duckdb

from reckoning.program import until


def make_odd(program):
    """What made-up data lacks: recordings of unknown length, an image, dead air, deleted media, links that do not hold;
    bots, errors, answers in quizzes, a recording nobody told us of."""
    entries = {entry["id"]: entry for entry in program.catalog("entries")}
    links = program.catalog("links")
    played = [row["keys"][0] for row in program.api("reports/overview/recordings", [("period", "all"), ("size", 40)])["rows"]]
    played = [id for id in played if entries[id].get("duration_ms")]
    unknown, image, ends, gone, more = played[0:2], played[2], played[3], played[4], played[5:9]
    change = lambda id, **fields: {"record": "entry"} | {k: v for k, v in (entries[id] | fields).items() if v is not None}
    records = [change(id, duration_ms=None) for id in unknown]
    # An image, with views from before the catalog says that it was made.
    records.append(change(image, media_type="image", created=str(dt.date.today() - dt.timedelta(9))))
    records.append(change(ends, content_end_ms=entries[ends]["duration_ms"] * 3 // 5 + 137))
    records.append(change(gone, deleted="2026-01-01"))
    elsewhere = sorted({link["category"] for link in links})[-1]
    records += [
        {"record": "link", "entry": more[0], "category": elsewhere},
        {"record": "link", "entry": more[1], "category": elsewhere, "approved": False},
        {"record": "link", "entry": more[2], "category": elsewhere, "to": "2026-01-01"},
        {"record": "link", "entry": more[3], "category": elsewhere, "from": "2100-01-01"},
    ]
    program.import_catalog(records)

    browser = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
    bot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    session = lambda agent, name, entry, *events: [
        program.send(agent, sessionId=name, entryId=entry, eventIndex=index + 1, **event)
        for index, event in enumerate(events)
    ]
    impression, request, play = {"eventType": 1}, {"eventType": 2}, {"eventType": 3, "position": 0}
    error = {"eventType": 98, "errorCode": "1002"}
    answers = [
        {"eventType": 30002},
        {"eventType": 30003, "answered": "q1", "correct": "q1"},
        {"eventType": 30003, "answered": "q2"},
        {"eventType": 30001, "score": "66.5"},
    ]
    session(bot, "odd-bot", played[0], impression, request, play)
    session(browser, "odd-error", played[0], impression, request, error)
    session(browser, "odd-quiz", played[9], impression, request, play, *answers)
    session(browser, "odd-image", image, impression)
    session(browser, "odd-entry", "1_oddentry", impression, request, play, {"eventType": 11, "position": 30})
    # Events are folded in the order in which they came: the last is in reports after all others.
    counted = lambda: program.api("totals", [("period", "all"), ("measures", "reached_25"), ("f", "is,entry,1_oddentry")])
    until(lambda: counted()["values"]["reached_25"]["value"] == 1, "the last event is in reports")
    until(lambda: any(e["id"] == "1_oddentry" for e in program.catalog("entries")), "the new recording is in the catalog")
    return {"unknown": unknown, "image": image, "ends": ends, "gone": gone, "category": elsewhere}


def load(program, folder):
    """The tables: rows, what they hold by row, and the catalog as it is now."""
    db = duckdb.connect()
    db.execute("SET threads = 2")
    path = f"{folder}/rows.parquet"
    everything = [("period", "all"), ("f", "is,bot,no,yes"), ("definitions", 0)]
    query = urllib.parse.urlencode(everything)
    file = program.request("GET", f"/api/v1/rows?{query}", headers={"accept": "application/vnd.apache.parquet"})
    pathlib.Path(path).write_bytes(file)
    db.execute(f"""CREATE TABLE raw AS SELECT *, row_number() OVER () AS id, epoch_ms(bucket) AS quarter_ms,
        epoch_ms(first_at) AS first_ms, epoch_ms(last_at) AS last_ms FROM '{path}'""")
    for name in ("coverage", "fresh"):
        db.execute(f"""CREATE TABLE {name} AS SELECT id, split_part(s, '-', 1)::INT AS a,
            split_part(split_part(s, '-', 2), 'x', 1)::INT AS b,
            coalesce(nullif(split_part(s, 'x', 2), ''), '1')::INT AS times
            FROM (SELECT id, unnest(string_split({name}, ' ')) AS s FROM raw WHERE {name} <> '')""")
    db.execute("""CREATE TABLE attention AS SELECT id, s // 1 % 3 AS sound, s // 3 % 3 AS tab, s // 9 % 3 AS view,
        s // 27 % 3 AS screen, ms FROM (SELECT id, split_part(p, '=', 1)::INT AS s, split_part(p, '=', 2)::BIGINT AS ms
        FROM (SELECT id, unnest(string_split(attention, ' ')) AS p FROM raw WHERE attention <> ''))""")
    db.execute("""CREATE TABLE mark AS SELECT id, (m->>0)::INT AS kind, m->>1 AS name, m->>2 AS value,
        (m->>3)::INT AS times FROM (SELECT id, unnest(marks::JSON[]) AS m FROM raw WHERE marks <> '')""")

    records = program.catalog("entries")
    listed, page = {}, 1
    while len(listed) < len(records):
        rows = program.api("entries", [("size", 1000), ("page", page)])["rows"]
        assert rows, "the list of recordings ends before the catalog does"
        listed |= {row["id"]: row for row in rows}
        page += 1
    db.execute("""CREATE TABLE entry (entry TEXT, name TEXT, media_type TEXT, told_ms BIGINT, ends_ms BIGINT, owner TEXT,
        source TEXT, deleted BOOLEAN, created_ms BIGINT)""")
    db.execute("CREATE TABLE tag (entry TEXT, tag TEXT)")
    for record in records:
        owner = (listed[record["id"]]["owner"] or {}).get("id", "")
        fields = [record["id"], record.get("name", record["id"]), record.get("media_type", "unknown")]
        fields += [record.get("duration_ms"), record.get("content_end_ms"), owner, record.get("source", "")]
        created = int(moment(record["created"], None).timestamp() * 1000) if record.get("created") else None
        db.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", [*fields, "deleted" in record, created])
        for tag in record.get("tags", []):
            db.execute("INSERT INTO tag VALUES (?, ?)", [record["id"], tag])
    now = dt.datetime.now(dt.timezone.utc)
    holds = lambda link: moment(link.get("from"), dt.datetime.min) <= now < moment(link.get("to"), dt.datetime.max)
    db.execute("CREATE TABLE link (entry TEXT, category TEXT)")
    links = {(x["entry"], x["category"]) for x in program.catalog("links") if x.get("approved", True) and holds(x)}
    db.executemany("INSERT INTO link VALUES (?, ?)", sorted(links))
    db.execute("CREATE TABLE category (category TEXT, parent TEXT, lms_course TEXT)")
    for record in program.catalog("categories"):
        db.execute("INSERT INTO category VALUES (?, ?, ?)", [record["id"], record.get("parent"), record.get("lms_course")])

    # Learned lengths: of the rows with the highest milestone of a recording the middle length, the lower of two.
    db.execute("""CREATE TABLE length AS
        WITH taught AS (SELECT entry, learned_duration_ms AS ms FROM raw WHERE NOT bot AND suspect = '' AND learned_from_percent > 0
            QUALIFY learned_from_percent = max(learned_from_percent) OVER (PARTITION BY entry)),
        learned AS (SELECT entry, quantile_disc(ms, 0.5) AS ms FROM taught GROUP BY entry)
        SELECT entry, coalesce(told_ms, ms) AS length_ms,
            least(coalesce(told_ms, ms), coalesce(ends_ms, told_ms, ms)) AS content_ms FROM entry LEFT JOIN learned USING (entry)""")
    for entry, length in db.sql("SELECT entry, length_ms FROM length").fetchall():
        said = listed[entry]["duration_ms"]
        assert said == length, f"length of {entry}: the program says {said}, SQL {length}"

    # What the measures need of lists, by row.
    db.execute("""CREATE TABLE r AS
        WITH attended AS (SELECT id, sum(ms) AS a_all,
            sum(ms) FILTER (sound > 0 AND tab > 0) AS a_said,
            sum(ms) FILTER (sound = 2 AND tab = 2) AS a_engaged,
            sum(ms) FILTER (sound = 2 AND tab = 2 AND screen = 2) AS a_high,
            sum(ms) FILTER (sound = 2 AND tab = 2 AND screen <> 2) AS a_good,
            sum(ms) FILTER (sound = 2 AND tab = 1) AS a_fair,
            sum(ms) FILTER (sound = 1 AND tab = 2) AS a_low,
            sum(ms) FILTER (sound = 1 AND tab = 1) AS a_none,
            sum(ms) FILTER (sound > 0) AS a_sound_said, sum(ms) FILTER (sound = 2) AS a_sound,
            sum(ms) FILTER (tab > 0) AS a_tab_said, sum(ms) FILTER (tab = 2) AS a_tab,
            sum(ms) FILTER (view > 0) AS a_view_said, sum(ms) FILTER (view = 2) AS a_view,
            sum(ms) FILTER (screen > 0) AS a_screen_said, sum(ms) FILTER (screen = 2) AS a_screen
            FROM attention GROUP BY id),
        marked AS (SELECT id,
            sum(try_cast(value AS DOUBLE) * times) FILTER (kind = 30001 AND name = 'score') AS score,
            sum(times) FILTER (kind = 30001 AND name = 'score' AND try_cast(value AS DOUBLE) IS NOT NULL) AS scores,
            sum(times) FILTER (kind = 30001 AND name = 'score') AS scored,
            max(try_cast(value AS DOUBLE)) FILTER (kind = 30001 AND name = 'score') AS best,
            sum(times) FILTER (kind = 10002 AND name = 'buttonName' AND value = 'Quiz_start' OR kind = 30002 AND name = '') AS starts,
            sum(times) FILTER (kind = 30003 AND name = 'answered') AS answered,
            sum(times) FILTER (kind = 30003 AND name = 'correct') AS correct FROM mark GROUP BY id),
        fresh_content AS (SELECT f.id, sum(greatest(0, least(b * 1000, content_ms) - a * 1000)) AS ms
            FROM fresh f JOIN raw USING (id) JOIN length USING (entry) WHERE content_ms < length_ms GROUP BY f.id)
        SELECT raw.*, entry.name AS entry_name, media_type, owner, source, coalesce(deleted, FALSE) AS deleted, length_ms, content_ms,
            playback IN ('vod', 'offline') AS axis, attended.* EXCLUDE (id), marked.* EXCLUDE (id),
            plays > 0 OR media_type = 'image' AND impressions > 0 AS views,
            CASE WHEN content_ms < length_ms THEN coalesce(fresh_content.ms, 0) ELSE fresh_ms END AS fresh_content_ms
        FROM raw LEFT JOIN entry USING (entry) LEFT JOIN length USING (entry) LEFT JOIN attended USING (id)
            LEFT JOIN marked USING (id) LEFT JOIN fresh_content USING (id)""")
    return db


def moment(text, otherwise):
    found = dt.datetime.fromisoformat(text.replace("Z", "+00:00")) if text else otherwise
    return found if found.tzinfo else found.replace(tzinfo=dt.timezone.utc)
