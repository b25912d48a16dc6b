#!/usr/bin/env bash
# Measures what design bars ask for and prints tables for docs/benchmarks.md. Loopback only; everything ends by itself.
# Judge by the ratios of one run: the machine's other load moves the absolute figures.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v wrk >/dev/null || { [ "$(id -u)" = 0 ] && apt-get install -y -qq wrk >/dev/null; } || { echo "missing: sudo apt-get install wrk" >&2; exit 1; }
cargo build --release --quiet --package server
binary=$PWD/target/release/playhead
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$folder"' EXIT
port=${PORT:-18099}
rounds=${ROUNDS:-3}
seconds=${SECONDS_EACH:-5}

(umask 077; printf 0123456789abcdef0123456789abcdef > "$folder/secret")
"$binary" account add --data "$folder/data" --partner-id 1234 --admin-secret-file "$folder/secret" >/dev/null
"$binary" serve --data "$folder/data" --listen 127.0.0.1:"$port" >"$folder/log" 2>&1 &
server=$!
for _ in $(seq 100); do curl -fs "http://127.0.0.1:$port/readyz" >/dev/null && break; sleep 0.1; done

memory() { # resident KiB without mapped files
  awk '/^RssAnon/ {print $2}' "/proc/$server/status"
}
median() { sort -n | awk '{v[NR]=$1} END {print v[int((NR+1)/2)]}'; }
rate() { # rate CONNECTIONS PATH
  BENCH_PATH=$2 BENCH_RUN=$RANDOM$RANDOM wrk -t1 -c"$1" -d"${seconds}s" -s scripts/bench/event.lua "http://127.0.0.1:$port" |
    awk '/Requests\/sec/ {print $2} /Non-2xx/ {print "failed requests: " $0 > "/dev/stderr"}'
}

echo "idle memory (anonymous): $(memory) KiB"
echo
echo "| connections | acknowledged events/s | same server, nothing done | ratio |"
echo "|---:|---:|---:|---:|"
for connections in 1 32 256; do
  : > "$folder/events"; : > "$folder/nothing"
  for _ in $(seq "$rounds"); do
    rate "$connections" /api_v3/index.php >> "$folder/events"
    rate "$connections" /healthz >> "$folder/nothing"
  done
  e=$(median < "$folder/events"); n=$(median < "$folder/nothing")
  echo "| $connections | $e | $n | $(awk "BEGIN {printf \"%.2f\", $e / $n}") |"
done
echo
echo "loaded memory (anonymous): $(memory) KiB"

: > "$folder/batches"
for _ in $(seq "$rounds"); do
  BENCH_RUN=$RANDOM$RANDOM wrk -t1 -c8 -d"${seconds}s" -s scripts/bench/batch.lua "http://127.0.0.1:$port" |
    awk '/Requests\/sec/ {print $2 * 150} /Non-2xx/ {print "failed requests: " $0 > "/dev/stderr"}' >> "$folder/batches"
done
echo "batches of 150 events, 8 connections: $(median < "$folder/batches") acknowledged events/s"
kill -TERM $server; wait $server || true

python3 scripts/bench/history.py "${IMPORT_EVENTS:-500000}" > "$folder/history.ndjson"
begun=$(date +%s.%N)
"$binary" import events --data "$folder/data" "$folder/history.ndjson" >/dev/null
awk "BEGIN {printf \"import: %.0f events/s, journal, fold and segments included\\n\", ${IMPORT_EVENTS:-500000} / ($(date +%s.%N) - $begun)}"

echo
for events in ${DEMO_EVENTS:-1000000 10000000}; do
  rm -rf "$folder/demo"
  begun=$(date +%s.%N)
  "$binary" demo --data "$folder/demo" --events "$events" >/dev/null 2>&1
  ended=$(date +%s.%N)
  rows=$(find "$folder/demo" -name '*.parquet' -printf '%s\n' | awk '{s+=$1} END {print s+0}')
  "$binary" serve --data "$folder/demo" --listen 127.0.0.1:"$port" >"$folder/log" 2>&1 &
  server=$!
  begin=$(date +%s%N)
  until curl -fs "http://127.0.0.1:$port/readyz" >/dev/null; do sleep 0.01; done
  ready=$((($(date +%s%N) - begin) / 1000000))
  for _ in $(seq 1800); do [ "$(find "$folder/demo/journal" -name '*.log' | wc -l)" -le 1 ] && break; sleep 0.2; done
  sleep 3; memory_now=$(memory)
  journal=$(find "$folder/demo/journal" -name '*.arc' -printf '%s\n' | awk '{s+=$1} END {print s+0}')
  archived=$(find "$folder/demo/journal" -name '*.log' -printf '%f\n' | sort | tail -n 1 | sed 's/^0*//; s/\.log//')
  awk "BEGIN {printf \"%d events through journal, fold and segments: %.0f events/s; rows %.2f bytes/event, journal %.2f bytes/event; start %d ms; memory %d KiB\n\", $events, $events / ($ended - $begun), $rows / $events, $journal / $events, $ready, $(memory)}"
  kill -TERM $server; wait $server || true
done
echo
node scripts/bench/pages.mjs
echo
python3 scripts/bench/kaltura.py "$folder" "${KALTURA_EVENTS:-1000000}"
echo
cargo bench --quiet --package engine 2>/dev/null | grep -E 'time:|thrpt:|^[a-z_/]+' || true
