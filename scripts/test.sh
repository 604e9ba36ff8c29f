#!/usr/bin/env bash
# Every test. PostgreSQL is started for them and stopped in any case.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "${CI:-}" = true ]; then export CARGO_INCREMENTAL=0; fi
servers=$(mktemp -d /tmp/sealwax-servers.XXXXXX)
chmod 755 "$servers"
part=formatting
ended() {
    local code=$?
    scripts/postgres.sh stop "$servers/postgres" >/dev/null 2>&1 || true
    rm -rf "$servers"
    if [ "$code" = 0 ]; then echo "every test has passed"; else echo "FAILED: $part" >&2; fi
}
trap ended EXIT

cargo fmt --all --check
part="starting PostgreSQL"
SEALWAX_TEST_POSTGRES=$(scripts/postgres.sh start "$servers/postgres")
export SEALWAX_TEST_POSTGRES

part="rules and journeys (cargo)"
if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --workspace
else
    cargo test --workspace
fi

cargo build
part="browser journeys (tests/browser)"
SEALWAX_BIN=$(realpath "${CARGO_TARGET_DIR:-target}/debug/sealwax")
export SEALWAX_BIN
node --test tests/browser/*.test.mjs

part="the systemd unit (deploy/systemd/check.sh)"
deploy/systemd/check.sh
