# How max-rps starts load programs and ends them. shellcheck shell=bash
# shellcheck disable=SC2154
#
# A load program must never outlive the harness: it would go on loading a server that somebody wanted to spare. Each is
# started under timeout(1), which makes a process group of its own and passes TERM on to it, and with a parent-death signal,
# so that it also ends where the harness itself is killed.

pdeathsig=()
if command -v setpriv >/dev/null; then pdeathsig=(setpriv --pdeathsig TERM); fi

# launch SECONDS OUT MESSAGES COMMAND...: starts COMMAND in the background, to run for SECONDS at the most. exec, so that $!
# is timeout itself and not a shell that would die in its place. Where the harness died before it could be asked to say so, there
# is nothing to start any more.
launch() {
    # shellcheck disable=SC2016
    (exec "${pdeathsig[@]}" sh -c '[ "$PPID" = "$0" ] && exec "$@"' "$$" timeout --kill-after=0.5 "$1" "${@:4}") >"$2" 2>"$3" </dev/null &
    running+=("$!")
}

# points: of k6's points the milliseconds of each request, a line each, as they come.
points() { sed -un 's/^{"metric":"http_req_duration","type":"Point",.*"value":\([-+.0-9eE]*\)[,}].*/\1/p'; }

# watch N OUT: what a load program of N requests prints, but its points, goes to OUT, and stops coming as soon as it is certain that
# the question of --stop-early is broken: then nobody reads any more, the load program ends by SIGPIPE, and OUT.broken is there.
watch() {
    tee "$2.all" | points | {
        percentile --of "$1" --stop-early "$stop_early" -o "$2.early"
        check-threshold "$stop_early" -i "$2.early" >/dev/null
        if (($? == 1)); then : >"$2.broken"; else cat >/dev/null; fi
    } 2>/dev/null
    [[ -e $2.broken ]] || grep -v '^{.*"type":"\(Point\|Metric\)"' "$2.all" >"$2"
}

# end_now PID: ends it and what it started. TERM is sent until it is gone: a shell that was just forked still has the traps of
# its parent, and loses a signal that comes before it has put them down.
end_now() {
    local tick
    for ((tick = 0; tick < 20; tick++)); do
        kill "$1" 2>/dev/null || break
        sleep 0.05
    done
    # What ignored TERM while its parent heeded it is still in the group.
    kill -KILL -- "-$1" "$1" 2>/dev/null
}

# finish: waits for all that was launched, also across a signal; the last status that was not 0.
finish() {
    local pid status bad=0
    [[ -z $aborted ]] || abort # the signal came while the last of them was being started
    for pid in "${running[@]}"; do
        while
            [[ -z $aborted ]] || end_now "$pid"
            wait "$pid"
            status=$?
            ((status > 128)) && kill -0 "$pid" 2>/dev/null
        do :; done
        ((status == 0)) || bad=$status
        [[ -z $aborted ]] || end_now "$pid"
        # What it started and left in its group would go on loading the server, in the next hold or after the last.
        if kill -KILL -- "-$pid" 2>/dev/null; then say 'the load program left something running: it is ended'; fi
    done
    running=()
    # Who watches ends with what is watched.
    [[ -z $watching ]] || wait "$watching"
    watching=''
    return "$bad"
}

watching=''

# Ctrl-C, TERM, a closed terminal: what runs is ended at once; what was held is shown.
aborted=''
abort() {
    aborted=yes
    ((${#running[@]} == 0)) || kill "${running[@]}" 2>/dev/null
}
trap abort INT TERM HUP

# rest SECONDS
rest() {
    [[ $1 =~ [1-9] && -z $aborted ]] || return 0
    launch "$((${1%.*} + 5))" /dev/null /dev/null sleep "$1"
    finish
}
