#!/usr/bin/env bash
# The unit has no mistake, and its exposure is 2.0 or less.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Verifying looks for the program, which need not be installed here.
sed 's|^ExecStart=/usr/bin/sealwax|ExecStart=/bin/true|; s|^\(User\|Group\)=sealwax|\1=nobody|; s|^Group=nobody|Group=nogroup|' sealwax.service >"$work/sealwax.service"
complaints=$(systemd-analyze verify --man=no "$work/sealwax.service" 2>&1 | grep -F sealwax || true)
[ -z "$complaints" ] || { echo "$complaints" >&2; exit 1; }
exposure=$(systemd-analyze security --offline=yes --no-pager "$work/sealwax.service" | sed -n 's/.*exposure level for sealwax.service: \([0-9.]*\).*/\1/p')
awk -v found="$exposure" 'BEGIN { exit !(found != "" && found + 0 <= 2.0) }' || { echo "exposure is ${exposure:-unknown}; it must be 2.0 or less" >&2; exit 1; }
echo "systemd unit: no complaint, exposure $exposure"
