"""Kaltura's own Python client (PyPI's KalturaApiClient, which speaks XML) against the program: sessions, every report type,
single and many at once, paging, errors, files, look-ups. Figures must be those of the native API.

Needs the built program (`target/debug/playhead`) and the packages of scripts/setup.sh."""

import datetime as dt
import pathlib
import sys
import tempfile
import time
import urllib.request

from KalturaClient import KalturaClient, KalturaConfiguration
from KalturaClient.exceptions import KalturaException
from KalturaClient.Plugins import Core as core

from reckoning.program import PARTNER, Program, until

SECRET = "0123456789abcdef0123456789abcdef"
# A name with all that tables are split by.
ODD = "Odd, name|with;all\nof it"
# Columns that have one measure of the native API.
MEASURES = {
    "count_plays": "plays",
    "count_loads": "impressions",
    "sum_time_viewed": "quartile_minutes",
    "avg_time_viewed": "average_quartile_minutes",
    "sum_view_period": "heartbeat_minutes",
    "avg_view_period_time": "average_heartbeat_minutes",
    "load_play_ratio": "play_rate",
    "avg_view_drop_off": "drop_off",
    "avg_completion_rate": "compatible_completion",
    "total_completion_rate": "compatible_total_completion",
    "unique_viewers": "viewers",
    "play_through_ratio": "play_through",
    "count_plays_25": "reached_25",
    "count_plays_100": "reached_100",
    "unique_videos": "entries",
    "unique_played_videos": "played_entries",
    "unique_owners": "owners",
    "count_viral": "shares_opened",
    "count_download": "downloads",
    "count_captions": "captions",
    "unique_domains": "domains",
}
DIMENSIONS = {
    "1": "entry", "2": "entry", "3": "entry", "6": "domain", "12": "entry", "13": "viewer", "11": "viewer", "21": "device", "22": "os_version",
    "23": "browser_version", "25": "playback_context", "29": "custom_var_1", "32": "os", "33": "browser", "36": "country", "38": "entry",
    "45": "entry", "47": "entry", "62": "ui_conf",
}


def near(a, b):
    return abs(a - b) <= 1e-9 * max(abs(a), abs(b), 1.0)


class Client:
    def __init__(self, program):
        configuration = KalturaConfiguration()
        configuration.serviceUrl = f"http://127.0.0.1:{program.port}"
        self.client = KalturaClient(configuration)
        self.program = program
        today = dt.datetime.now(dt.timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
        self.first, self.last = today - dt.timedelta(60), today - dt.timedelta(1)
        self.period = f"{self.first:%Y-%m-%d}..{self.last:%Y-%m-%d}"

    def filter(self, **fields):
        made = core.KalturaEndUserReportInputFilter()
        made.fromDay, made.toDay = f"{self.first:%Y%m%d}", f"{self.last:%Y%m%d}"
        made.timeZoneOffset, made.interval = 0, "days"
        for name, value in fields.items():
            setattr(made, name, value)
        return made

    def options(self):
        made = core.KalturaReportResponseOptions()
        made.delimiter, made.skipEmptyDates = "|", False
        return made

    def pager(self, size=500, index=1):
        made = core.KalturaFilterPager()
        made.pageSize, made.pageIndex = size, index
        return made

    def total(self, kind, **fields):
        total = self.client.report.getTotal(kind, self.filter(**fields), None, self.options())
        return dict(zip(total.header.split("|"), total.data.split("|"), strict=True))

    def table(self, kind, order="-count_plays", size=500, index=1, **fields):
        table = self.client.report.getTable(kind, self.filter(**fields), self.pager(size, index), order, None, self.options())
        header = table.header.split("|")
        data = table.data or ""
        rows = [dict(zip(header, row.split("|"), strict=True)) for row in data.split(";")[:-1]]
        return rows, table.totalCount

    def native(self, path, measures, *words):
        words = [("measures", ",".join(measures)), ("period", self.period), ("account", PARTNER), *words]
        return self.program.api(path, words)


VOD = ("f", "is,playback_type,vod")


def sessions(ours):
    client = ours.client
    started = client.session.start(SECRET, "root", core.KalturaSessionType.ADMIN, PARTNER, 3600, "*")
    first = KalturaClient.generateSession(SECRET, "root", core.KalturaSessionType.ADMIN, PARTNER, 3600, "*")
    second = KalturaClient.generateSessionV2(SECRET, "root", core.KalturaSessionType.ADMIN, PARTNER, 3600, "list:*,disableentitlement")
    for ks in (started, first, second):
        client.setKs(ks.decode() if isinstance(ks, bytes) else ks)
        info = client.session.get()
        assert (info.userId, info.partnerId, info.sessionType.value) == ("root", int(PARTNER), 2), vars(info)
    try:
        client.session.start("wrong", "root", core.KalturaSessionType.ADMIN, PARTNER)
        raise AssertionError("a wrong secret begins a session")
    except KalturaException as refused:
        assert refused.code == "START_SESSION_ERROR", refused
    ended = client.session.start(SECRET, "root", core.KalturaSessionType.ADMIN, PARTNER)
    client.setKs(ended)
    client.session.end()
    try:
        client.session.get()
        raise AssertionError("a session goes on after its end")
    except KalturaException as refused:
        assert refused.code == "INVALID_KS" and "-6,LOGOUT" in refused.message, refused
    client.setKs(started)


def every_type(ours):
    known = [value for value in vars(core.KalturaReportType).values() if isinstance(value, str)]
    kinds = [value for value in known if value.isdigit()]
    quizzes = [value for value in known if value.startswith("quiz.")]
    answered, absent, compared = 0, [], 0
    entry = ours.table("1")[0][0]["object_id"]
    for kind in sorted(set(kinds), key=int) + quizzes:
        fields = {"entryIdIn": entry} if kind == "43" else {}
        try:
            total = ours.total(kind, **fields)
        except KalturaException as refused:
            assert refused.code == "REPORT_NOT_FOUND", (kind, refused)
            absent.append(kind)
            continue
        rows, count = ours.table(kind, **fields)
        assert count >= len(rows), kind
        answered += 1
        if int(kind) < 100 if kind.isdigit() else False:
            measures = {name: MEASURES[name] for name in total if name in MEASURES and kind not in ("39", "43", "53", "60")}
            if measures and kind not in ("17", "18", "48", "50"):
                words = [VOD] + ([("f", f"is,entry,{entry}")] if fields else [])
                values = ours.native("totals", measures.values(), *words)["values"]
                for name, measure in measures.items():
                    wanted = values[measure]["value"] or 0
                    assert near(float(total[name] or 0), wanted), (kind, name, total[name], wanted)
                    compared += 1
        if kind in DIMENSIONS:
            columns = {name: MEASURES[name] for name in rows[0] if name in MEASURES}
            native = ours.native("table", columns.values(), ("by", DIMENSIONS[kind]), ("size", "1000"), VOD)
            assert native["total"] == count, (kind, native["total"], count)
            for name, measure in columns.items():
                found = sorted(float(row[name]) for row in rows)
                wanted = sorted((row["values"][measure] or 0) for row in native["rows"])
                if len(found) == len(wanted):
                    assert all(map(near, found, wanted)), (kind, name)
                    compared += 1
    print(f"{answered} report types answered, {compared} columns equal the native API's; none of ours: {', '.join(absent)}")
    assert answered > 85 and compared > 150, (answered, compared)


def many_at_once(ours):
    client = ours.client
    client.startMultiRequest()
    client.user.get("root")
    client.report.getTotal("1", ours.filter(), None, ours.options())
    client.report.getTotal("nonsense", ours.filter(), None, ours.options())
    client.report.getGraphs("34", ours.filter(), None, None, ours.options())
    client.report.getTable("38", ours.filter(), ours.pager(5), "-engagement_ranking", None, ours.options())
    answers = client.doMultiRequest()
    kinds = [type(answer).__name__ for answer in answers]
    assert kinds == ["KalturaUser", "KalturaReportTotal", "KalturaException", "list", "KalturaReportTable"], kinds
    assert answers[2].code == "REPORT_NOT_FOUND"
    plays = next(graph for graph in answers[3] if graph.id == "count_plays")
    points = [point.split("|") for point in plays.data.split(";")[:-1]]
    assert len(points) == 60 and points[0][0] == f"{ours.first:%Y%m%d}", points[:2]
    assert near(sum(float(value) for _, value in points), float(answers[1].data.split("|")[0]))


def paging(ours):
    whole, total = ours.table("13", "-count_plays")
    pages, index = [], 1
    while len(pages) < min(total, 500):
        rows, count = ours.table("13", "-count_plays", 60, index)
        assert count == total
        pages += rows
        index += 1
        assert rows, "a page before the end is empty"
    assert pages[: len(whole)] == whole
    beyond, _ = ours.table("13", "-count_plays", 60, total // 60 + 2)
    assert not beyond
    odd = [row for row in ours.table("38", "+entry_name", 1000)[0] if row["entry_name"].startswith("Odd, name")]
    assert [row["entry_name"] for row in odd] == ["Odd, name with all of it"], odd


def errors(ours):
    client = ours.client
    ks = client.getKs()
    for wrong, code in [("nonsense", "INVALID_KS"), ("", "MISSING_KS")]:
        client.setKs(wrong)
        try:
            ours.total("1")
            raise AssertionError(f"{wrong!r} is taken for a session")
        except KalturaException as refused:
            assert refused.code == code, refused
    client.setKs(client.session.start(SECRET, "nobody", core.KalturaSessionType.USER, PARTNER))
    try:
        ours.total("1")
        raise AssertionError("anybody sees everything")
    except KalturaException as refused:
        assert refused.code == "SERVICE_FORBIDDEN", refused
    client.setKs(ks)


def files(ours):
    headers = "a;b"
    url = ours.client.report.getUrlForReportAsCsv("Title", "Text", headers, "1", ours.filter(), None, ours.pager(10), "-count_plays")
    text = urllib.request.urlopen(url).read().decode("utf-8-sig")
    assert text.startswith('"Title"\r\n"Text"') and "# Table" in text, text[:200]
    item = core.KalturaReportExportItem()
    item.reportTitle, item.action, item.reportType = "Videos", core.KalturaReportExportItemType.TABLE, "38"
    item.filter, item.order, item.responseOptions = ours.filter(), "-count_plays", ours.options()
    params = core.KalturaReportExportParams()
    params.recipientEmail, params.reportItems, params.reportsItemsGroup = "root@example.org", [item], "My page"
    asked = ours.client.report.exportToCsv(params)
    number = int(asked.referenceJobId)
    served = lambda: fetched(f"{ours.client.config.serviceUrl}/api_v3/service/report/action/serve?ks={ours.client.getKs()}&id={number}")
    text = until(served, "the export is made")
    assert text.startswith("Report: Videos") or text.startswith('"Report: Videos"'), text[:100]


def fetched(url):
    text = urllib.request.urlopen(url).read().decode("utf-8-sig")
    return None if text.startswith("<?xml") else text


def look_ups(ours):
    client = ours.client
    filter = core.KalturaMediaEntryFilter()
    filter.orderBy = "+name"
    page = client.media.list(filter, ours.pager(3))
    assert len(page.objects) == 3 and page.totalCount > 3, vars(page)
    one = client.baseEntry.get(page.objects[0].id)
    assert one.name == page.objects[0].name and isinstance(one, core.KalturaMediaEntry)
    assert client.category.list(core.KalturaCategoryFilter(), ours.pager(2)).totalCount > 2
    assert client.partner.get().id == int(PARTNER)
    assert "ANALYTICS_BASE" in client.permission.getCurrentPermissions()


def main():
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        program = Program(folder)
        try:
            secret = pathlib.Path(folder, "secret")
            secret.touch(0o600)
            secret.write_text(SECRET)
            program.command("account", "add", "--data", program.data, "--partner-id", PARTNER, "--admin-secret-file", str(secret))
            program.import_catalog([{"record": "person", "id": "root", "name": "Root"}])
            ours = Client(program)
            # A name that would break tables, on a recording that is watched.
            ours.client.setKs(ours.client.session.start(SECRET, "root", core.KalturaSessionType.ADMIN, PARTNER))
            most = ours.table("1")[0][0]["object_id"]
            record = next(record for record in program.catalog("entries") if record["id"] == most)
            program.import_catalog([record | {"record": "entry", "name": ODD}])
            for part in (sessions, every_type, many_at_once, paging, errors, files, look_ups):
                part(ours)
        finally:
            program.stop()
    print(f"Kaltura's Python client is content after {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
