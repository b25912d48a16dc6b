"""Figure for figure: what the program says and what SQL says."""

import math
import re

from reckoning.glossary import MANY, MEASURES, OF_VARIABLES, SCORES, UPLOADS, VALUE, VARIABLES
from reckoning.program import ROOT
from reckoning.reckoner import PARTS_OF_TIME


class Comparison:
    def __init__(self, program, reckoner):
        self.program, self.reckoner = program, reckoner
        self.figures, self.panels, self.wrong = 0, 0, []

    def same(self, where, told, reckoned):
        self.figures += 1
        close = told == reckoned or (
            told is not None and reckoned is not None and not isinstance(told, (str, list))
            # Whole numbers to the unit, everything else to the ninth place.
            and math.isclose(told, reckoned, rel_tol=1e-9, abs_tol=1e-9) and not (float(told).is_integer() and float(reckoned).is_integer())
        )
        if not close:
            self.wrong.append(f"{where}: the program says {told}, SQL {reckoned}")

    def values(self, where, measures, told, reckoned):
        for measure, value in zip(measures, reckoned):
            self.same(f"{where} {measure}", told[measure], value)

    def totals(self, where, measures, told, now, before):
        for i, measure in enumerate(measures):
            one, value = told["values"][measure], now[i]
            previous = before[i] if before else None
            both = value is not None and previous is not None and measure not in ("first_seen", "last_seen")
            self.same(f"{where} {measure}", one["value"], value)
            self.same(f"{where} {measure}, previous", one["previous"], previous)
            self.same(f"{where} {measure}, difference", one["difference"], value - previous if both else None)
            self.same(f"{where} {measure}, change", one["change"], (value - previous) / previous if both and previous else None)

    def series(self, where, measures, told, reckoned):
        self.same(f"{where}: buckets", [point["key"] for point in told], [key for key, _ in reckoned])
        for point, (key, values) in zip(told, reckoned):
            self.values(f"{where} {key}", measures, point["values"], values)

    def table(self, where, by, measures, told, total, now, before, watched=None):
        keys = [tuple(row["keys"]) for row in told]
        self.same(f"{where}: rows", total, len(now))
        self.same(f"{where}: keys", sorted(keys), sorted(now))
        for key, row in zip(keys, told):
            if key not in now:
                continue
            self.values(f"{where} {key}", measures, row["values"], now[key])
            if before is not None:
                self.same(f"{where} {key}: compared", "previous" in row, key in before)
                if key in before and "previous" in row:
                    self.values(f"{where} {key}, previous", measures, row["previous"], before[key])
            if watched is not None:
                self.same(f"{where} {key}: seconds watched", row["coverage"], watched.get(key[0], []))
        if not any(part in PARTS_OF_TIME for part in by):
            first = [row["values"][measures[0]] for row in told]
            order = [(value is None, -(value or 0), key) for value, key in zip(first, keys)]
            self.same(f"{where}: order", order, sorted(order))
        elif len(by) == 1 or all(part in PARTS_OF_TIME for part in by):
            self.same(f"{where}: order", keys, sorted(keys))

    def question(self, reports, question):
        """Every panel of some reports, on its page and by itself."""
        now = self.reckon_all(reports, question, self.reckoner.days(question))
        before = self.reckon_all(reports, question, self.reckoner.days_before(question)) if question.vs else {}
        for report in reports:
            name = report["name"]
            where = f"{name} [{question}]"
            page = self.program.api(f"reports/{name}", question.words())["panels"]
            self.same(f"{where}: panels", sorted(page), sorted(spec["name"] for spec in report["panels"] if shown(question, spec["by"])))
            for spec in report["panels"]:
                if not shown(question, spec["by"]):
                    continue
                panel = name, spec["name"]
                self.panels += 1
                self.panel(f"{where} {panel[1]}", name, spec, question, page[panel[1]], now[panel], before.get(panel))

    def reckon_all(self, reports, question, days):
        """By report and panel; what several panels show is reckoned once."""
        self.reckoner.select(question, days)
        once, found = {}, {}
        for report in reports:
            for spec in report["panels"]:
                if not shown(question, spec["by"]):
                    continue
                key = (spec["kind"], *spec["by"], "", *spec["measures"])
                if key not in once:
                    once[key] = self.reckon(spec, question, days)
                found[report["name"], spec["name"]] = once[key]
        return found

    def reckon(self, spec, question, days):
        kind, by, measures = spec["kind"], spec["by"], spec["measures"]
        unknown = set(measures) - set(MEASURES) - set(SCORES) - set(UPLOADS) | set(by) - set(VALUE) - set(MANY)
        assert not unknown, f"write the SQL of {sorted(unknown)}, asked for by the panel {spec['name']}"
        if kind == "totals":
            return self.reckoner.table([], measures)[()]
        if kind == "series":
            return self.reckoner.series(days, by[0], measures)
        if kind == "table":
            return self.reckoner.table(by, measures)
        if kind == "heat":
            return self.reckoner.heat(question.subject.removeprefix("entry:"))
        if kind == "insights":
            return self.insights(question, days)
        raise AssertionError(f"write the SQL of panels of the kind {kind}: {spec['name']}")

    def panel(self, where, report, spec, question, told, now, before):
        kind, by, measures = spec["kind"], spec["by"], spec["measures"]
        self.same(f"{where}: kind", told["kind"], kind)
        if kind == "totals":
            self.totals(where, measures, told, now, before)
        elif kind == "series":
            self.series(where, measures, told["points"], now)
            self.same(f"{where}: compared", told["previous"] is not None, before is not None)
            if before is not None:
                self.series(f"{where}, previous", measures, told["previous"], before)
        elif kind == "table":
            rows, total, page = told["rows"], told["total"], 1
            watched = None
            if any("coverage" in row for row in rows):
                self.reckoner.select(question, self.reckoner.days(question))
                watched = self.reckoner.watched(by[0])
            if len(rows) < total:
                whole = []
                while len(whole) < total:
                    words = question.words() + [("size", 1000), ("page", page)]
                    more = self.program.api(f"reports/{report}/{spec['name']}", words)["rows"]
                    assert more, f"{where}: {len(whole)} of {total} rows, and no more"
                    whole, page = whole + more, page + 1
                self.same(f"{where}: first page", [row["keys"] for row in rows], [row["keys"] for row in whole[:len(rows)]])
                rows = whole
            self.table(where, by, measures, rows, total, now, before, watched)
        elif kind == "heat":
            self.same(f"{where}: seconds", told["seconds"], len(now[0]))
            self.same(f"{where}: views", told["views"], now[0])
            self.same(f"{where}: viewers", told["viewers"], now[1])
            self.same(f"{where}: unknown", told["unknown"], now[2])
        elif kind == "insights":
            said = {row["insight"]: [row["numbers"], [about["key"] for about in row["about"]]] for row in told["rows"]}
            kinds = documented_insights()[report, spec["name"]]
            assert kinds <= INSIGHTS_KNOWN, f"write the reckoning of {sorted(kinds - INSIGHTS_KNOWN)}"
            now = {insight: found for insight, found in now.items() if insight in kinds}
            for insight in set(said) | set(now):
                numbers, about = said.get(insight, [None, None])
                mine, mine_about = now.get(insight, [None, None])
                self.same(f"{where} {insight}: about", about, mine_about)
                if numbers and mine:
                    self.same(f"{where} {insight}: numbers", sorted(numbers), sorted(mine))
                    for name in mine:
                        self.same(f"{where} {insight} {name}", numbers.get(name), mine[name])

    def insights(self, question, days):
        """What stands out, by name: numbers, and the keys that it is about."""
        found = {}
        for name, by, count in INSIGHTS:
            rows = self.reckoner.table([by], ["plays"])
            total = sum(plays for plays, in rows.values())
            best = sorted((-plays, key) for (key,), (plays,) in rows.items() if key and plays)[:count]
            if best:
                plays = -best[0][0]
                found[name] = [{"plays": plays, "of": total, "share": plays / total}, [key for _, key in best]]
        by_day = self.reckoner.series(days, "day", ["plays"])
        most = max((plays for _, (plays,) in by_day), default=0)
        # One play is no busy day.
        if most > 1 and len(by_day) > 1:
            peak = next(key for key, (plays,) in by_day if plays == most)
            mean = sum(plays for _, (plays,) in by_day) / len(by_day)
            found["peak_day"] = [{"plays": most, "mean": mean, "days": len(by_day)}, [peak]]
        entry = question.subject.partition("entry:")[2]
        if entry:
            views, viewers, unknown = self.reckoner.heat(entry)
            width = max(len(viewers) // 50, 5)
            # The largest loss; the first of equal ones.
            losses = [(viewers[s] - viewers[s + width], -s) for s in range(len(viewers) - width)]
            lost, first = max(losses, default=(0, 0))
            if lost > 0:
                numbers = {"from_second": -first, "to_second": width - first}
                found["steepest_loss"] = [numbers | {"before": viewers[-first], "after": viewers[width - first]}, []]
            # By known viewers: of the others nobody can say whether one came twice.
            views = [all - nobodys for all, nobodys in zip(views, unknown)]
            known = [all - (nobodys > 0) for all, nobodys in zip(viewers, unknown)]
            again = max((views[s] - known[s] for s in range(len(views))), default=0)
            if again > 0:
                second = next(s for s in range(len(views)) if views[s] - known[s] == again)
                found["most_rewatched"] = [{"second": second, "views": views[second], "viewers": known[second]}, []]
        return found

    def glossary(self, question):
        """Every measure as a total, by day and by recording; every dimension as a table; every part of time as a series."""
        words = self.program.api("metrics")
        measures = [measure["id"] for measure in words["measures"] if measure["id"] not in OF_VARIABLES]
        dimensions = [dimension["id"] for dimension in words["dimensions"] if shown(question, [dimension["id"]])]
        unknown = set(measures) - set(MEASURES) - set(SCORES) - set(UPLOADS) | set(dimensions) - set(VALUE) - set(MANY)
        assert not unknown, f"write the SQL of {sorted(unknown)}"
        days = self.reckoner.days(question)
        self.reckoner.select(question, days)
        where = f"glossary [{question}]"
        ask = lambda path, *more: self.program.api(path, question.words() + list(more))
        for some in (measures[at : at + 60] for at in range(0, len(measures), 60)):
            asked = ("measures", ",".join(some))
            self.totals(where, some, ask("totals", asked), self.reckoner.table([], some)[()], None)
            told = ask("table", asked, ("by", "entry"), ("size", 1000))
            self.table(where, ["entry"], some, told["rows"], told["total"], self.reckoner.table(["entry"], some), None)
        few = ["plays", "viewers", "minutes_viewed", "events", "total_completion"]
        asked = ("measures", ",".join(few))
        for dimension in dimensions:
            if dimension in PARTS_OF_TIME:
                told = ask("series", asked, ("by", dimension))
                self.series(f"{where} {dimension}", few, told["points"], self.reckoner.series(days, dimension, few))
                continue
            some = few[:4] + ["occurrences"] if dimension in VARIABLES else few + list(UPLOADS)
            if dimension == "quiz_question":
                some += ["times_correct", "correct_share", "quiz_respondents"]
            told = ask("table", ("measures", ",".join(some)), ("by", dimension), ("size", 1000))
            mine = self.reckoner.table([dimension], some)
            told["rows"] += [row for page in range(2, -(-len(mine) // 1000) + 1) for row in
                             ask("table", ("measures", ",".join(some)), ("by", dimension), ("size", 1000), ("page", page))["rows"]]
            self.table(f"{where} {dimension}", [dimension], some, told["rows"], told["total"], mine, None)


def shown(question, by):
    """Sub-categories are of a category."""
    return "subcategory" not in by or question.subject.startswith("category:")


def documented_insights():
    """Which sentences a panel has, by report and panel: the API's list does not say."""
    found, report = {}, None
    for line in (ROOT / "docs/generated/reports.md").read_text().splitlines():
        report = match[1] if (match := re.match(r"## `(\w+)`", line)) else report
        if match := re.match(r"\| `(\w+)` \|[^|]*\| sentences \| ([\w, ]+) \|", line):
            found[report, match[1]] = set(match[2].split(", "))
    return found


INSIGHTS = [("top_domain", "domain", 1), ("top_places", "country", 3), ("top_device", "device", 1), ("top_recording", "entry", 1)]
INSIGHTS_KNOWN = {name for name, _, _ in INSIGHTS} | {"peak_day", "steepest_loss", "most_rewatched"}
