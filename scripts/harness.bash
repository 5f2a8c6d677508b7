# What the five harnesses share; each of them sources this file first. shellcheck shell=bash
#
# Owns strict mode, the place of the five tools, a work folder that goes away, how a value is read and a file published,
# and one way to fail: exit 2.

set -uo pipefail
export EVIDENCE_SEAL=1 LC_ALL=C

harness=${0##*/}
work=''
here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)

# Ends the harness: it could not do its work.
die() {
    printf '%s: %s\n' "$harness" "$*" >&2
    exit 2
}

# Prints the comment at the head of the harness, which is its help.
help() {
    while IFS= read -r line; do
        case $line in
        '#!'*) ;;
        '#'*) line=${line#'#'} && printf '%s\n' "${line# }" ;;
        *) break ;;
        esac
    done <"$0"
}

# Puts the five tools first in PATH: those of the folder named, else those built beside us, else those installed.
use_tools() {
    local folder=${1-} tool
    if [[ -z $folder && -x $here/../target/release/verdict ]]; then folder=$here/../target/release; fi
    if [[ -n $folder ]]; then
        folder=$(cd "$folder" 2>/dev/null && pwd) || die "--tools: \"$1\" is no folder"
        PATH=$folder:$PATH
    fi
    for tool in kv-extract percentile merge-evidence check-threshold verdict; do
        command -v "$tool" >/dev/null || die "$tool is not there: build it with 'cargo build --release', or name its folder with --tools"
    done
}

# Makes the folder "$work", which goes away when the harness ends; where "$keep" names a folder, that is it and stays.
make_work() {
    if [[ -n ${keep-} ]]; then
        mkdir "$keep" || die "--keep: wanted a folder that is not there yet"
        work=$keep
        return
    fi
    work=$(mktemp -d "${TMPDIR:-/tmp}/$harness.XXXXXX") || die "cannot make a work folder in ${TMPDIR:-/tmp}"
    trap 'rm -rf "$work"' EXIT
}

# get FILE PATH: one value of a document; fails, with nothing printed, where it is unknown.
get() { EVIDENCE_SEAL=0 merge-evidence "$1" --get "$2" 2>/dev/null; }

# publish FILE TARGET: puts it there, whole or not at all.
publish() {
    cp "$1" "$2.part" || die "cannot write $2"
    mv "$2.part" "$2" || die "cannot write $2"
}
