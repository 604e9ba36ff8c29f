#!/usr/bin/env bash
# A throw-away PostgreSQL server on a free loopback port, for the tests.
#
#   scripts/postgres.sh start DIR     prints the address of a superuser's connection
#   scripts/postgres.sh stop DIR      stops it and removes DIR
#
# PG_FSYNC=on makes it durable, for measurements; the default is off, for speed.
set -euo pipefail

command=${1:?start or stop}
dir=${2:?an empty directory}
bin=$(find /usr/lib/postgresql -maxdepth 3 -name initdb -printf '%h\n' 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || { echo "PostgreSQL is not installed; run scripts/setup.sh test" >&2; exit 1; }

# PostgreSQL refuses to run as root.
as_owner() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }

case $command in
start)
    # The password in it lets in a superuser.
    mkdir -p "$dir"
    chmod 700 "$dir"
    password=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    printf '%s' "$password" >"$dir/password"
    if [ "$(id -u)" = 0 ]; then chown -R postgres "$dir"; fi
    as_owner "$bin/initdb" -D "$dir/data" -U postgres -E UTF8 --locale=C.UTF-8 -A scram-sha-256 \
        --pwfile="$dir/password" --no-sync >"$dir/initdb.log"
    cat >>"$dir/data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = '$dir'
fsync = ${PG_FSYNC:-off}
max_connections = 300
shared_buffers = 64MB
timezone = 'UTC'
CONF
    as_owner "$bin/pg_ctl" -D "$dir/data" -s -w -t 60 -l "$dir/server.log" start
    echo "postgres://postgres:$password@127.0.0.1:$port/postgres"
    ;;
stop)
    if [ -e "$dir/data/postmaster.pid" ]; then as_owner "$bin/pg_ctl" -D "$dir/data" -s -w -m immediate stop || true; fi
    rm -rf "$dir"
    ;;
*)
    echo "start or stop" >&2
    exit 1
    ;;
esac
