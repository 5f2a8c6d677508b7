# What the tests against real servers share; sourced after check.bash. shellcheck shell=bash
# shellcheck disable=SC2154
#
# Owns how a part is installed, where a server may listen, and that what was started is ended, by its number.

PATH=$PATH:$HOME/.cargo/bin
started=()
trap 'ended "${started[@]}"; rm -rf "$work"' EXIT

# part PROGRAM COMMAND...: installs what is missing; without it this test cannot be run here (77).
part() {
    local program=$1
    shift
    command -v "$program" >/dev/null && return
    printf '%s: installing %s\n' "${0##*/}" "$program"
    "$@" >"$work/install" 2>&1 && command -v "$program" >/dev/null && return
    printf '%s: %s is not there and could not be installed: %s\n' "${0##*/}" "$program" "$(tail -n1 "$work/install")"
    exit 77
}

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
