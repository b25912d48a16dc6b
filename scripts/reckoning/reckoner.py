"""Questions answered by SQL: rows selected by scope, days and filters, and grouped."""

import datetime as dt
import re
import urllib.parse
import zoneinfo

from reckoning.glossary import MANY, MANY_OF_RECORDINGS, MEASURES, OF_RECORDINGS, SCORES, UPLOADS, VALUE, VARIABLES, quoted

QUARTER_MS = 15 * 60 * 1000


class Question:
    def __init__(self, subject="account", period="all", zone="UTC", filters=(), vs=None, subtree=False, whose="owned"):
        self.subject, self.period, self.zone, self.filters = subject, period, zone, tuple(filters)
        self.vs, self.subtree, self.whose = vs, subtree, whose

    def words(self):
        words = [("subject", self.subject), ("period", self.period), ("zone", self.zone), ("whose", self.whose)]
        words += [("subtree", int(self.subtree))] + [("f", f) for f in self.filters]
        return words + ([("vs", self.vs)] if self.vs else [])

    def __str__(self):
        return urllib.parse.unquote(urllib.parse.urlencode(self.words()))


class Days:
    """Local days, both included."""

    def __init__(self, first, last, zone):
        self.first, self.last, self.zone = first, last, zoneinfo.ZoneInfo(zone)

    def start(self, day):
        return int(dt.datetime.combine(day, dt.time(), self.zone).timestamp() * 1000)

    def bounds(self):
        return self.start(self.first), self.start(self.last + dt.timedelta(1))

    def each(self):
        return [self.first + dt.timedelta(i) for i in range((self.last - self.first).days + 1)]


def months_before(day, months):
    """This day so many months ago; the first of the next month where that lacks the day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    try:
        return dt.date(year, month + 1, day.day)
    except ValueError:
        return dt.date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)


def year_before(day):
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


PARTS_OF_TIME = ["quarter", "hour", "day", "week", "sunday_week", "month", "year", "hour_of_day", "weekday", "term"]
ALWAYS = {"hour_of_day": [f"{hour:02}" for hour in range(24)], "weekday": [str(day) for day in range(1, 8)]}


class Reckoner:
    def __init__(self, db, created_ms, now_ms, terms):
        """`created_ms` by recording, and the least of all under `None`; `terms` as id and instants from, to."""
        self.db, self.created_ms, self.now_ms = db, created_ms, now_ms
        self.terms = sorted(terms, key=lambda term: term[1])
        self.clocks, self.nothing, self.told = {}, {}, False

    def parts(self, at, zone):
        """What part of time a quarter of an hour is in, in the order of PARTS_OF_TIME."""
        utc = lambda ms: dt.datetime.fromtimestamp(ms / 1000, dt.timezone.utc).strftime("%Y-%m-%dT%H:%MZ")
        local = dt.datetime.fromtimestamp(at / 1000, zone)
        year, week, weekday = local.isocalendar()
        sunday = local.date() - dt.timedelta(weekday % 7)
        term = next((id for id, first, after in reversed(self.terms) if first <= at < after), "")
        hour = utc(at - local.minute // 15 * QUARTER_MS)
        parts = [utc(at), hour, str(local.date()), f"{year}-W{week:02}", str(sunday), f"{local:%Y-%m}"]
        return [*parts, f"{local:%Y}", f"{local:%H}", str(weekday), term]

    def clock(self, days):
        """The name of a table with the quarters of an hour of some days in which there are rows, and their parts of time."""
        begin, end = days.bounds()
        key = (str(days.zone), begin, end)
        if key not in self.clocks:
            name = self.clocks[key] = f"clock_{len(self.clocks)}"
            every = f"SELECT quarter_ms FROM r UNION SELECT created_ms // {QUARTER_MS} * {QUARTER_MS} FROM entry"
            inside = f"SELECT DISTINCT quarter_ms FROM ({every}) WHERE quarter_ms >= {begin} AND quarter_ms < {end}"
            rows = [[at, *self.parts(at, days.zone)] for (at,) in self.db.sql(inside).fetchall()]
            columns = [list(column) for column in zip(*rows)] or [[] for _ in range(len(PARTS_OF_TIME) + 1)]
            self.db.execute(f"CREATE TABLE {name} (quarter_ms BIGINT, {', '.join(part + ' TEXT' for part in PARTS_OF_TIME)})")
            self.db.execute(f"INSERT INTO {name} SELECT {', '.join('unnest(?)' for _ in columns)}", columns)
        return self.clocks[key]

    def buckets(self, days, part):
        """The keys of every part of some days, in order."""
        if part == "day":
            return list(map(str, days.each()))
        which = PARTS_OF_TIME.index(part)
        every = (self.parts(at, days.zone)[which] for at in range(*days.bounds(), QUARTER_MS))
        # What lies in no term comes last.
        return ALWAYS.get(part) or sorted(dict.fromkeys(every), key=lambda key: key == "")

    def series(self, days, part, measures):
        """A list of (key, values), those without rows included."""
        rows = self.table([part], measures)
        of_rows = [m for m in measures if m not in UPLOADS]
        nothing = dict(zip(of_rows, self.empty(of_rows) if of_rows else [])) | dict.fromkeys(UPLOADS, 0.0 if self.told else None)
        empty = [nothing[m] for m in measures]
        keys = self.buckets(days, part)
        assert {key for key, in rows} <= set(keys), "rows lie outside of the period's parts"
        return [(key, rows.get((key,), empty)) for key in keys]

    def empty(self, measures):
        """What measures are of no rows."""
        key = tuple(measures)
        if key not in self.nothing:
            self.nothing[key] = self.of_rows([], measures, "(SELECT * FROM x WHERE FALSE) x")[()]
        return self.nothing[key]

    def days(self, question):
        zone = zoneinfo.ZoneInfo(question.zone)
        local = lambda ms: dt.datetime.fromtimestamp(ms / 1000, zone).date()
        today, one = local(self.now_ms), dt.timedelta(1)
        period = question.period
        if period == "all":
            entry = question.subject.partition("entry:")[2] or None
            event = self.db.execute("SELECT min(quarter_ms) FROM raw WHERE entry = coalesce(?, entry)", [entry]).fetchall()[0][0]
            created = self.created_ms.get(entry)
            return Days(local(min(ms for ms in (event, created) if ms is not None)), today, question.zone)
        if match := re.fullmatch(r"(\d+)([dm])", period):
            number = int(match[1])
            first = today - number * one if match[2] == "d" else months_before(today, number)
            return Days(first, today - one, question.zone)
        first, _, last = period.partition("..")
        return Days(dt.date.fromisoformat(first), dt.date.fromisoformat(last or first), question.zone)

    def days_before(self, question):
        now = self.days(question)
        count = now.last - now.first
        if question.vs == "previous":
            last = now.first - dt.timedelta(1)
            return Days(last - count, last, question.zone)
        if question.vs == "year":
            return Days(year_before(now.first), year_before(now.last), question.zone)
        first = dt.date.fromisoformat(question.vs)
        return Days(first, first + count, question.zone)

    def scope(self, question):
        """The subject as a condition, and the categories that are its course."""
        kind, _, id = question.subject.partition(":")
        text = id.replace("'", "''")
        within = [id]
        if kind == "category" and question.subtree:
            sql = f"""WITH RECURSIVE below AS (SELECT '{text}' AS category UNION
                SELECT c.category FROM category c JOIN below b ON c.parent = b.category) SELECT category FROM below"""
            within = [row[0] for row in self.db.sql(sql).fetchall()]
        return {
            "account": lambda: "TRUE",
            "entry": lambda: f"entry = '{text}'",
            "owner": lambda: f"owner = '{text}'",
            "category": lambda: f"entry IN (SELECT entry FROM link WHERE category IN {quoted(within)})",
            "playlist": lambda: f"playlist = '{text}'",
            "tag": lambda: f"entry IN (SELECT entry FROM tag WHERE tag = '{text}')",
            "viewer": lambda: f"viewer = '{text}'",
        }[kind](), (within if kind == "category" else [])

    def condition(self, filter, many=MANY, rows="r"):
        operator, dimension, *values = filter.split(",")
        if operator in ("is", "not"):
            test = lambda value: f"{value} IN {quoted(values)}"
        else:
            test = lambda value: "(" + " OR ".join(f"contains(lower({value}), '{v.lower()}')" for v in values) + ")"
        if dimension in MANY:
            found = test("coalesce(value, '')")
            holds = f"id IN (SELECT id FROM {rows} LEFT JOIN ({many[dimension]}) USING (id) WHERE {found})"
        else:
            holds = test(VALUE[dimension])
        return holds if operator in ("is", "has") else f"NOT ({holds})"

    def select(self, question, days):
        """Makes `x`: the rows of a question."""
        scope, course = self.scope(question)
        # Seen from no course in particular: in any.
        gallery = f"playback_context IN {quoted(course)}" if course else "playback_context <> ''"
        numbers = [] if not course else [row[0] for row in self.db.sql(
            f"SELECT lms_course FROM category WHERE category IN {quoted(course)} AND lms_course <> ''").fetchall()]
        # The address of a course in Canvas, Brightspace and Blackboard, or in Moodle.
        pages = "|".join(map(re.escape, numbers))
        address = f"""regexp_matches(page, '^[^/]*//[^/]*/([^?]*/)?(courses|course|home|content)/({pages})(/|\\?|$)')
            OR regexp_matches(page, '[?&](id|course_id|ou)=({pages})(&|$)')""" if numbers else "FALSE"
        proved = f"proved_context IN {quoted(course)} OR {address}" if course else "proved_context <> ''"
        conditions = [scope]
        named = {filter.split(",")[1] for filter in question.filters}
        conditions += [] if "bot" in named else ["NOT bot"]
        conditions += [] if "suspect" in named else ["suspect = ''"]
        conditions += [self.condition(filter) for filter in question.filters]
        self.subcategories(question.subject.partition(":")[2].replace("'", "''") if course else "")
        self.db.execute(f"""CREATE OR REPLACE TEMP TABLE x AS SELECT * FROM (SELECT r.*, clock.* EXCLUDE (quarter_ms),
            CASE WHEN {gallery} THEN 'gallery' WHEN {proved} THEN 'course' ELSE 'elsewhere' END AS placement
            FROM r JOIN {self.clock(days)} clock USING (quarter_ms)) WHERE {' AND '.join(f'({c})' for c in conditions)}""")

        self.select_recordings(question, days, scope)

    def subcategories(self, course):
        """Makes `subcategory`: through which direct sub-categories of a category a recording is in it."""
        self.db.execute(f"""CREATE OR REPLACE TEMP TABLE subcategory AS WITH RECURSIVE below AS (
            SELECT category AS value, category FROM category WHERE parent = '{course}' UNION
            SELECT b.value, c.category FROM category c JOIN below b ON c.parent = b.category)
            SELECT DISTINCT entry, value FROM below JOIN link USING (category)""")

    def select_recordings(self, question, days, scope):
        """Makes `u`: the recordings of a question that were created within its days, if that can be told."""
        kind = question.subject.partition(":")[0]
        named = {filter.split(",")[1] for filter in question.filters}
        self.told = kind in ("account", "entry", "owner", "category", "tag") and named <= OF_RECORDINGS | set(PARTS_OF_TIME)
        if not self.told:
            return
        conditions = [scope] + [self.condition(filter, MANY_OF_RECORDINGS, "e") for filter in question.filters]
        self.db.execute(f"""CREATE OR REPLACE TEMP TABLE u AS WITH e AS (SELECT entry AS id, entry.*, length_ms, clock.* EXCLUDE (quarter_ms)
            FROM entry JOIN {self.clock(days)} clock ON quarter_ms = created_ms // {QUARTER_MS} * {QUARTER_MS}
            LEFT JOIN length USING (entry)) SELECT * FROM e WHERE {' AND '.join(f'({c})' for c in conditions)}""")

    def table(self, by, measures, rows="x"):
        """Rows by key: `{(key, ...): [value, ...]}`; totals under the empty key."""
        if not set(measures) & set(UPLOADS):
            return self.of_rows(by, measures, rows)
        of_rows = [m for m in measures if m not in UPLOADS] or ["plays"]
        found = self.of_rows(by, of_rows, rows)
        told = self.told and rows == "x" and set(by) <= OF_RECORDINGS | set(PARTS_OF_TIME)
        uploads = self.of_recordings(by) if told else {}
        nothing = dict(zip(of_rows, self.empty(of_rows)))
        # Against the best row there is: nothing at all, where anything was played.
        scored = any(value is not None for values in found.values() for m, value in zip(of_rows, values) if m in SCORES)
        nothing |= {m: 0.0 if by and scored else None for m in of_rows if m in SCORES}
        of_nobody = dict.fromkeys(UPLOADS, 0.0 if told else None)
        whole = {}
        for key in {**found, **uploads}:
            values = dict(zip(of_rows, found[key])) if key in found else dict(nothing)
            values |= uploads.get(key, of_nobody)
            whole[key] = [values[m] for m in measures]
        return whole

    def of_recordings(self, by):
        """What was added, by key."""
        joined, keys = "u", []
        for i, dimension in enumerate(by):
            if dimension in MANY:
                joined += f" LEFT JOIN ({MANY_OF_RECORDINGS[dimension]}) m{i} USING (id)"
                keys.append(f"coalesce(m{i}.value, '') AS k{i}")
            else:
                keys.append(f"{VALUE[dimension]} AS k{i}")
        names = [f"k{i}" for i in range(len(by))]
        group = f"GROUP BY {', '.join(names)}" if by else ""
        sql = f"""SELECT {', '.join(names + list(UPLOADS.values()))}
            FROM (SELECT {', '.join(keys + ['u.owner', 'u.length_ms'])} FROM {joined}) {group}"""
        count = len(by)
        return {row[:count]: dict(zip(UPLOADS, row[count:])) for row in self.db.sql(sql).fetchall()}

    def of_rows(self, by, measures, rows):
        assert measures, "a panel without measures"
        joined, keys = rows, []
        for i, dimension in enumerate(by):
            if dimension in MANY:
                joined += f" {'' if dimension in VARIABLES else 'LEFT '}JOIN ({MANY[dimension]}) m{i} USING (id)"
                keys.append(f"coalesce(m{i}.value, '') AS k{i}")
            else:
                keys.append(f"{VALUE[dimension]} AS k{i}")
        times = next((f"m{i}.times" for i, dimension in enumerate(by) if dimension in VARIABLES), "NULL")
        # How often the variable was also said to be right.
        confirmed = next((f"(SELECT sum(k.times) FROM mark k WHERE k.id = x.id AND k.kind = 30003 AND k.name = 'correct' AND k.value = m{i}.value)"
                          for i, dimension in enumerate(by) if dimension == "quiz_question"), "NULL")
        names = [f"k{i}" for i in range(len(by))]
        of = lambda more: ", ".join(names + more)
        same = lambda a, b: " AND ".join([f"{a}.{k} IS NOT DISTINCT FROM {b}.{k}" for k in names] or ["TRUE"])
        values = [SCORES[m] if m in SCORES and by else "NULL" if m in SCORES else MEASURES[m] for m in measures]
        anybody, total = "", ""
        if any(m.endswith("total_completion") for m in measures):
            # Of each recording played: the pieces that anybody covered, laid together.
            anybody = f""",
                played AS (SELECT {of(['entry'])}, any_value(content_ms) AS ms FROM g
                    WHERE axis AND content_ms > 0 AND (plays > 0 OR coverage <> '') GROUP BY {of(['entry'])}),
                piece AS (SELECT {of(['entry', 'a', 'b'])}, max(b) OVER (PARTITION BY {of(['entry'])} ORDER BY a, b
                    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before FROM g JOIN coverage USING (id)),
                covered AS (SELECT {of(['entry'])}, sum(greatest(0, least(b * 1000, ms) - greatest(a, coalesce(before, 0)) * 1000)) AS ms
                    FROM piece JOIN played USING ({of(['entry'])}) GROUP BY {of(['entry'])}),
                total AS (SELECT {of(['least(coalesce(sum(covered.ms), 0) / sum(played.ms)::DOUBLE, 1) AS total_completion',
                    'least(coalesce(sum(covered.ms), 0) * 100 // sum(played.ms), 100)::DOUBLE AS compatible_total_completion'])}
                    FROM played LEFT JOIN covered USING ({of(['entry'])}) {'GROUP BY ' + of([]) if by else ''})"""
            total = f"LEFT JOIN total ON {same('g', 'total')}"
        group = f"GROUP BY {', '.join('g.' + name for name in names)}" if by else ""
        shown = ", ".join([f"g.{name}" for name in names] + [f"({value})::DOUBLE" for value in values])
        sql = f"""WITH g AS (SELECT {', '.join(keys + [f'{times} AS occurrences', f'{confirmed} AS confirmed', 'x.*'])} FROM {joined}) {anybody}
            SELECT {shown} FROM g {total} {group}"""
        count = len(by)
        return {row[:count]: list(row[count:]) for row in self.db.sql(sql).fetchall()}

    def watched(self, by):
        """Seconds watched by key: `{key: {second: times}}`, as spans."""
        sql = f"""SELECT key, second, sum(times)::BIGINT FROM (SELECT {VALUE[by]} AS key, times, unnest(range(a, b)) AS second
            FROM x JOIN coverage USING (id)) GROUP BY ALL ORDER BY ALL"""
        found = {}
        for key, second, times in self.db.sql(sql).fetchall():
            spans = found.setdefault(key, [])
            if spans and spans[-1][1] == second and spans[-1][2] == times:
                spans[-1][1] = second + 1
            else:
                spans.append([second, second + 1, times])
        return found

    def heat(self, entry):
        """Views, distinct viewers and views by unknown viewers of every second of a recording."""
        sql = """SELECT second, sum(times)::BIGINT, count(DISTINCT viewer),
                coalesce(sum(times) FILTER (viewer = 'unknown'), 0)::BIGINT FROM
            (SELECT viewer, times, unnest(range(a, b)) AS second FROM x JOIN coverage USING (id)) GROUP BY ALL ORDER BY ALL"""
        rows = {second: counts for second, *counts in self.db.sql(sql).fetchall()}
        length = self.db.execute("SELECT length_ms FROM length WHERE entry = ?", [entry]).fetchall()[0][0]
        seconds = -(-length // 1000) if length else max(rows, default=-1) + 1
        at = lambda i: [rows.get(second, (0, 0, 0))[i] for second in range(seconds)]
        return at(0), at(1), at(2)
