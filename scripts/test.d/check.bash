# What the tests of the harnesses share; each of them sources this file first. shellcheck shell=bash
#
# Owns a work folder that goes away, how a harness is run, and how what it said is looked at.

set -uo pipefail
cd "${BASH_SOURCE[0]%/*}/../.." || exit 1
work=$(mktemp -d "${TMPDIR:-/tmp}/${0##*/}.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
# What a harness that is killed leaves behind goes away with it.
export TMPDIR=$work/temporary
mkdir "$TMPDIR"
# Where the five tools are: those that cargo test built, where scripts/test says so.
tools=$(cd "${EVIDENCE_TOOLS:-target/release}" && pwd) || exit 1
bad=0 checked=0 ran='' environment=()

# needs PROGRAM...: without them this test cannot be run here.
needs() {
    local program
    for program; do
        command -v "$program" >/dev/null || { printf '%s: %s is not there\n' "${0##*/}" "$program" && exit 77; }
    done
}

# harness STATUS NAME OPTION...: runs it with nothing but PATH; what it said is in $work/out and $work/err.
harness() {
    local wanted=$1 name=$2
    shift 2
    ran="$name $*"
    env -i PATH=/usr/bin:/bin TMPDIR="$TMPDIR" "${environment[@]}" bash "scripts/$name" --tools "$tools" "$@" >"$work/out" 2>"$work/err"
    same 'exit status' "$?" "$wanted"
}

# wrong TEXT...: one more that is not as it should be.
wrong() {
    bad=$((bad + 1))
    printf '%s: %s\n' "$ran" "$*"
}

# same WHAT IS WANTED; says, never_says: what is on standard output; tells: what is on standard error.
same() {
    checked=$((checked + 1))
    [[ $2 == "$3" ]] || wrong "$1: wanted '$3', got '$2'" "$(tail -n5 "$work/out" "$work/err" 2>/dev/null | cut -c 1-600)"
}
says() {
    checked=$((checked + 1))
    grep -qF -- "$1" "$work/out" || wrong "wanted '$1' in:" "$(cut -c 1-2000 "$work/out" | tail -n9)" "$(tail -n5 "$work/err")"
}
never_says() {
    checked=$((checked + 1))
    if grep -qF -- "$1" "$work/out"; then wrong "did not want '$1' in:" "$(cut -c 1-2000 "$work/out")"; fi
}
tells() {
    checked=$((checked + 1))
    grep -qF -- "$1" "$work/err" || wrong "wanted '$1' on standard error, got:" "$(cat "$work/err")"
}

# verifies FILE: the verdict document in it still holds, and its report is made.
verifies() {
    checked=$((checked + 1))
    ran="verdict --verify $1"
    "$tools/verdict" --verify "$1" >"$work/verified" 2>&1 || wrong "ended with $?:" "$(tail -n3 "$work/verified" | cut -c 1-900)"
    ran="verdict --format html $1"
    "$tools/verdict" --format html "$1" >"$work/report.html" 2>"$work/err"
    grep -q '</html>' "$work/report.html" || wrong 'made no report' "$(cat "$work/err")"
}

# finish: how it went.
finish() {
    printf '%s: %s checks, %s bad\n' "${0##*/}" "$checked" "$bad"
    ((bad == 0))
    exit
}
