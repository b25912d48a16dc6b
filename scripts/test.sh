#!/usr/bin/env bash
# Every check and test. Each step is named as it starts; the first that fails ends the run with its name.
set -euo pipefail
cd "$(dirname "$0")/.."
export CHROMIUM=${CHROMIUM:-/usr/bin/chromium}
started=$(date +%s)
step() {
  printf '\n== %s (after %d s)\n' "$1" "$(($(date +%s) - started))"
  shift
  "$@" || { printf '\nFAILED: %s\n' "$*" >&2; exit 1; }
}

step "format" cargo fmt --all --check
step "clippy" cargo clippy --workspace --all-targets --quiet -- -D warnings
step "licences, duplicates, sources" cargo deny --log-level error check bans licenses sources
step "pages: packages" npm --prefix web ci --silent --no-audit --no-fund
step "pages: types, format" npm --prefix web run --silent check
step "pages: unit tests" npm --prefix web run --silent test
step "pages: build and budgets" npm --prefix web run --silent build
export UI_DIST=$PWD/web/dist
step "build" cargo build --workspace --all-targets --quiet
step "engine and server" env PLAYHEAD_TEST_DATA="$PWD/.cache/test-data" cargo nextest run --workspace --no-fail-fast
step "documentation tests" cargo test --workspace --doc --quiet
step "documentation builds" env RUSTDOCFLAGS="-D warnings -A rustdoc::private_intra_doc_links" cargo doc --workspace --no-deps --document-private-items --quiet
export E2E_PROGRAM=$PWD/target/debug/playhead
step "files open in DuckDB" .cache/python/bin/python scripts/test_duckdb.py
step "reports reckoned again in DuckDB" .cache/python/bin/python scripts/test_reports.py
step "LTI with a platform and a tool of others" .cache/python/bin/python scripts/test_lti.py
step "Kaltura's client for Python" .cache/python/bin/python scripts/test_kaltura.py
step "kill -9 under load" node --test e2e/kill.test.mjs
step "real players, real browser, a real identity provider, Kaltura's client for Node" npm --prefix e2e test
step "pages in a browser" npm --prefix web run --silent e2e
step "walks over the real program" npm --prefix web run --silent walks
if [ "${FULL:-}" = 1 ]; then
  step "clippy with SAML" cargo clippy -p server --features saml --all-targets --quiet -- -D warnings
  step "build with SAML" cargo build -p server --features saml --quiet
  step "identity providers of others: packages" npm --prefix e2e/full ci --silent --no-audit --no-fund
  step "identity providers of others: OpenID Connect, SAML" npm --prefix e2e/full test
  step "long properties and simulations" env PROPTEST_CASES=5000 SIMULATION_SEEDS=2000 \
    PLAYHEAD_TEST_DATA="$PWD/.cache/test-data" cargo nextest run --workspace --run-ignored all
fi
printf '\nall green after %d s\n' "$(($(date +%s) - started))"
