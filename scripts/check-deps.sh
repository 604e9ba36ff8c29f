#!/usr/bin/env bash
# One TLS provider, one rustls, no advisory that we know of, no licence that does not fit.
set -euo pipefail
cd "$(dirname "$0")/.."

tree=$(cargo tree --workspace --all-features --edges normal,build --target x86_64-unknown-linux-gnu --prefix none --no-dedupe |
    awk '{ print $1, $2 }' | sort -u)
# OpenSSL comes with the feature saml, below xmlsec, and with nothing else.
plain=$(cargo tree --package sealwax --no-default-features --edges normal,build --target x86_64-unknown-linux-gnu --prefix none --no-dedupe |
    awk '{ print $1, $2 }' | sort -u)
bad=0
for crate in openssl-sys openssl libxml; do
    if grep -q "^$crate v" <<<"$plain"; then
        echo "error: $crate is in the dependency tree of a build without the feature saml" >&2
        bad=1
    fi
done
for crate in ring native-tls h2; do
    if grep -q "^$crate v" <<<"$tree"; then
        echo "error: $crate is in the dependency tree; see: cargo tree --invert $crate" >&2
        bad=1
    fi
done
for crate in rustls sqlx-core libsqlite3-sys; do
    count=$(grep -c "^$crate v" <<<"$tree" || true)
    if [ "$count" != 1 ]; then
        echo "error: there are $count versions of $crate; there must be one" >&2
        bad=1
    fi
done
[ "$bad" = 0 ] || exit 1

if ! command -v cargo-deny >/dev/null 2>&1; then
    tools=${XDG_CACHE_HOME:-$HOME/.cache}/sealwax-tools
    PATH="$tools/bin:$PATH"
    command -v cargo-deny >/dev/null 2>&1 || cargo install --locked --quiet --root "$tools" --target-dir "$tools/target" cargo-deny
fi
cargo-deny --log-level error check licenses bans sources
# Fetching and checking are two steps, so that an advisory is never taken for a network that is away.
if reason=$(cargo-deny --log-level error fetch db 2>&1); then
    cargo-deny --log-level error check advisories
else
    echo "note: the advisory database can't be had here, so advisories were not checked: $(head -n 1 <<<"$reason" | cut -c 1-160)"
fi
echo "dependencies are in order"
