#!/usr/bin/env bash
# Installs what is missing, and only that. `setup.sh build` is what building needs, `setup.sh test` also what testing needs.
# Safe to repeat. Debian packages are installed when root; otherwise the exact command is printed.
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:-build}

need() { # need PROGRAM DEBIAN-PACKAGE...
  command -v "$1" >/dev/null 2>&1 && return
  shift
  if [ "$(id -u)" = 0 ]; then
    [ -n "${updated:-}" ] || { apt-get update -qq; updated=1; }
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
  else
    echo "missing: run  sudo apt-get install $*  and try again" >&2
    exit 1
  fi
}

need cc gcc libc6-dev
need git git
for program in cargo node npm python3; do
  command -v "$program" >/dev/null || { echo "missing: $program (see README: Rust 1.95, Node 20.19 or newer, Python 3)" >&2; exit 1; }
done
[ "$what" = test ] || exit 0

need chromium chromium fonts-dejavu-core
need openssl openssl
command -v cargo-nextest >/dev/null || cargo install cargo-nextest --locked
command -v cargo-deny >/dev/null || cargo install cargo-deny --version 0.20.2 --locked --no-default-features
if ! .cache/python/bin/python -c 'import Crypto, duckdb, KalturaClient, lti1p3platform, lxml, oidc_provider_mock, pylti1p3' 2>/dev/null; then
  python3 -m venv .cache/python
  .cache/python/bin/pip install --quiet --disable-pip-version-check duckdb==2.0.0 lti1p3platform==0.1.8 oidc-provider-mock==0.3.4 \
    PyLTI1p3==2.0.0 KalturaApiClient==23.10.0 lxml==6.1.3 pycryptodome==4.4.0
fi
[ -d e2e/node_modules/kaltura-client ] || npm --prefix e2e ci --silent --no-audit --no-fund
cargo fetch --locked --quiet
scripts/fetch-test-data.sh .cache/test-data
