# What the tests against real servers share; sourced after check.bash. shellcheck shell=bash
# shellcheck disable=SC2154
#
# Owns where a server may listen, that a test without its parts is left out (77), and that what was started is ended, by
# its number.

PATH=$PATH:/usr/sbin:${CARGO_HOME:-$HOME/.cargo}/bin
started=()
trap 'ended "${started[@]}"; rm -rf "$work"' EXIT

# part PROGRAM PACKAGE...: installs what is missing; without it this test cannot be run here.
part() { "${BASH_SOURCE[0]%/*}/install" "$@" || exit 77; }

# free_port: a port of the loopback that nobody listens on.
free_port() {
    local port
    for port in $(shuf -i 20000-29999 -n 50); do
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            printf '%s' "$port"
            return
        fi
    done
    return 1
}

# answers URL: waits until it does, 10 s at most.
answers() {
    local tick
    for ((tick = 0; tick < 100; tick++)); do
        curl -fs -o /dev/null --max-time 1 "$1" && return
        sleep 0.1
    done
    wrong "$1 does not answer"
    finish
}

# ended PID...: ends what we started.
ended() {
    local pid
    for pid in "$@"; do
        kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
    done
    started=()
}
