"""The segments open in DuckDB with the lines of docs/formats.md, and say there what they say here.

Needs `cargo build --workspace --all-targets`."""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import duckdb

ROOT = pathlib.Path(__file__).resolve().parent.parent


def documented():
    """The SQL blocks of the documentation, in order."""
    text = (ROOT / "docs/formats.md").read_text()
    blocks = re.findall(r"```sql\n(.*?)```", text, re.S)
    assert len(blocks) == 2, "docs/formats.md shows two queries"
    return blocks


def main():
    live, summed = documented()
    with tempfile.TemporaryDirectory() as folder:
        example = [ROOT / "target/debug/examples/segments", folder]
        said = json.loads(subprocess.run(example, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
        assert said["superseded"] > 0, "the example must supersede rows, or nothing is shown"
        ask = lambda sql: duckdb.sql(sql.replace("DATA", folder))
        # Counted there: fetching instants with a zone would need another package.
        count = lambda sql: ask(f"SELECT count(*) FROM ({sql})").fetchall()[0][0]
        every = ask("FROM read_parquet('DATA/segments/*.parquet')")
        assert count("FROM read_parquet('DATA/segments/*.parquet')") == said["sealed"], "every row is read"
        assert {"entry", "country", "bucket", "plays", "watched_ms", "coverage"} <= set(every.columns)
        assert count(live) == said["rows"], "only the rows that count"
        # A file that a merge has replaced but not yet removed repeats rows: the line must not count them twice.
        segment = sorted(pathlib.Path(folder, "segments").glob("*.parquet"))[0]
        shutil.copy(segment, segment.with_name("999999999999.parquet"))
        assert count(live) == said["rows"], "repeated rows count once"
        plays = {country: plays for country, plays, _ in ask(summed).fetchall()}
        assert plays == said["plays"], f"{plays} is not {said['plays']}"
        kinds = dict(zip(every.columns, map(str, every.types)))
        assert kinds["entry"] == "VARCHAR" and kinds["bucket"].startswith("TIMESTAMP"), kinds
        assert ask("SELECT DISTINCT playback FROM read_parquet('DATA/segments/*.parquet')").fetchall() == [("vod",)]
    print(f"DuckDB {duckdb.__version__}: {said['rows']} live of {said['sealed']} rows, as documented")


if __name__ == "__main__":
    sys.exit(main())
