# What the five harnesses share; each of them sources this file first. shellcheck shell=bash
#
# Strict mode, what a command line may say, old answers that go first, the place of the five tools, a work folder that goes
# away, how a value is read and a file published, and one way to fail: exit 2.

# What the caller's shell exported of its own settings and functions is not ours, nor what BASH_ENV said. With CDPATH cd goes
# elsewhere, and says so.
unalias -a
unset POSIXLY_CORRECT CDPATH
while read -r _ _ each; do unset -f "$each"; done < <(declare -F)
set +efkCn
shopt -u expand_aliases failglob nullglob dotglob globstar nocaseglob nocasematch
set -uo pipefail
export EVIDENCE_SEAL=1 LC_ALL=C
# A server on this host is asked without a proxy, by curl as by the load programs, which leave it out by themselves.
export no_proxy=${no_proxy:-${NO_PROXY-}}
[[ $no_proxy == '*' ]] || no_proxy+=${no_proxy:+,}127.0.0.1,localhost,::1

# Where the harness really is, also where it was called by a link, or from its own folder.
script=$(readlink -f "${BASH_SOURCE[-1]}")
harness=${script##*/}
here=$(readlink -f "${BASH_SOURCE[0]}")
here=${here%/*}
work=''

# Ends the harness: it could not do its work.
die() {
    printf '%s: %s\n' "$harness" "$*" >&2
    exit 2
}

# shellcheck source=harness.d/command-line.bash source-path=SCRIPTDIR
source "$here/harness.d/command-line.bash" || exit 2

# Puts the five tools first in PATH: those of the folder named, else those built beside us, else those of the package that we are
# part of (share/evidence-filters/scripts, or the scripts of an npm package), else those installed.
use_tools() {
    local folder=${1-} tool beside
    for beside in ../target/release ../../../bin ../bin; do
        if [[ -z $folder && -x $here/$beside/verdict ]]; then folder=$here/$beside; fi
    done
    if [[ -n $folder ]]; then
        folder=$(cd "$folder" 2>/dev/null && pwd) || die "--tools: \"$1\" is no folder"
        PATH=$folder:$PATH
    fi
    for tool in kv-extract percentile merge-evidence check-threshold verdict; do
        command -v "$tool" >/dev/null || die "$tool is not in PATH: install the tools (see README.md), or name their folder with --tools"
    done
}

# What was started and must not outlive the harness: see launch in max-rps.d/load.bash.
running=()

# Runs when the harness ends, however it ends but by SIGKILL. FAIL is an answer: where it was bash that ended with 1, such as by a
# variable that is not set, there is none.
answered='' made=''
leave() {
    local status=$?
    ((${#running[@]} == 0)) || kill "${running[@]}" 2>/dev/null
    [[ -z $made ]] || if [[ -n ${keep-} ]]; then rmdir "$made" 2>/dev/null; else rm -rf "$made"; fi
    [[ $status != 1 || -n $answered ]] || exit 2
}
trap leave EXIT

# end_with STATUS: ends the harness with the status of its answer.
end_with() {
    answered=yes
    exit "$1"
}

# Makes the folder "$work", which goes away when the harness ends; where "$keep" names a folder, that is it and stays. The
# folder is locked while the harness lives, so what a killed run left behind is known by its lock and removed here.
make_work() {
    local left lock pid
    if [[ -n ${keep-} ]]; then
        [[ ! -e $keep ]] || die "--keep: \"$keep\" is there already: wanted a folder to make"
        mkdir "$keep" || die "--keep: cannot make \"$keep\""
        work=$keep made=$keep
        return
    fi
    for left in "${TMPDIR:-/tmp}/$harness".*.??????; do
        pid=${left%.*} pid=${pid##*.}
        [[ -d $left && -O $left && $pid =~ ^[0-9]+$ && ! -d /proc/$pid ]] || continue
        exec {lock}<"$left" || continue
        if flock -n "$lock"; then rm -rf "$left"; fi
        exec {lock}<&-
    done
    work=$(mktemp -d "${TMPDIR:-/tmp}/$harness.$$.XXXXXX") || die "cannot make a work folder in ${TMPDIR:-/tmp}"
    made=$work
    exec {work_lock}<"$work" || die "cannot lock $work"
    flock -n "$work_lock" || die "cannot lock $work"
}

# get FILE PATH: one value of a document; fails with 3, with nothing printed, where it is unknown. Where it cannot be read, or
# merge-evidence dies or says nothing, that ends the harness, though get is asked in a subshell: an unknown value may be one
# that nobody has to judge.
get() {
    local got
    got=$(EVIDENCE_SEAL=0 merge-evidence "$1" --get "$2" 2>/dev/null; printf '%d' "$?")
    case $got in
    *$'\n'0) printf '%s\n' "${got%$'\n'0}" ;;
    3) return 3 ;;
    *)
        EVIDENCE_SEAL=0 merge-evidence "$1" --get "$2" >/dev/null
        kill -USR1 "$$"
        return 2
        ;;
    esac
}
trap 'die "a value could not be read"' USR1

# one_line FILE: what it says, in REPLY. Of two lines nobody knows which counts.
one_line() {
    local lines
    mapfile -t lines <"$1"
    ((${#lines[@]} == 1)) || die "$1: has ${#lines[@]} lines: wanted one"
    read -r REPLY <<<"${lines[0]%$'\r'}"
}

# not_read ANSWER INPUT...: ends the harness where the answer would be written over what is read, also where that is the
# default of an option.
not_read() {
    local input
    for input in "${@:2}"; do
        [[ -z $1 || ! $1 -ef $input ]] || die "$1: is read: wanted another file to write"
    done
}

# moment OPTION TIME: a time with its zone (RFC 3339, or as ISO 8601 has it: +0800, a comma before the fraction, no seconds), as
# seconds since 1970.
moment() {
    local time=$2 seconds zone='(Z|[+-][0-9]{2}:?[0-9]{2})'
    if [[ $time =~ ^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2})((:[0-9]{2})([.,][0-9]+)?)?$zone$ ]]; then
        seconds=$(date -d "${BASH_REMATCH[1]}${BASH_REMATCH[3]}${BASH_REMATCH[5]}" +%s 2>/dev/null)
        if [[ $seconds =~ ^-?[0-9]+$ ]]; then printf '%s\n' "$seconds" && return; fi
    fi
    die "$1: \"$2\": wanted a time like 2026-03-05T20:32:12Z"
}

# timestamp SECONDS: since 1970, as RFC 3339, wherever the host is.
timestamp() { TZ=UTC0 printf '%(%Y-%m-%dT%H:%M:%SZ)T' "$1"; }

# read_profile FILE NAME...: what a profile says of each NAME, a line each, NAME = VALUE; "#" begins a comment. Every NAME must
# be there, and nothing else.
read_profile() {
    local line name number=0 file=$1
    local -A said=()
    [[ -f $file && -r $file ]] || die "$file: wanted a profile; --init DIR makes one"
    while IFS= read -r line || [[ -n $line ]]; do
        number=$((number + 1)) line=${line%$'\r'}
        [[ $line =~ ^[[:space:]]*(#|$) ]] && continue
        [[ $line =~ ^[[:space:]]*([a-z_]+)[[:space:]]*=[[:space:]]*(.*[^[:space:]])?[[:space:]]*$ ]] || die "$file:$number: wanted NAME = VALUE"
        name=${BASH_REMATCH[1]}
        [[ " ${*:2} " == *" $name "* ]] || die "$file:$number: unknown name \"$name\": wanted ${*:2}"
        [[ -z ${said[$name]-} ]] || die "$file:$number: \"$name\" is there twice"
        said[$name]=yes
        printf -v "$name" '%s' "${BASH_REMATCH[2]}"
    done <"$file"
    for name in "${@:2}"; do [[ -n ${said[$name]-} ]] || die "$file: \"$name\" is missing"; done
}

# init_profile DIR FILE...: makes DIR with copies of those files, a profile to start from, and ends.
init_profile() {
    no_operands
    [[ ! -e $1 ]] || die "--init: \"$1\" is there already: wanted a folder to make"
    if ! mkdir "$1" || ! cp "${@:2}" "$1"; then die "--init: cannot make \"$1\""; fi
    printf '%s: made %s: a profile to change\n' "$harness" "$1" >&2
    exit 0
}

# can_publish TARGET: ends the harness before its work rather than after it where nothing can be put there.
can_publish() {
    [[ ! -d $1 ]] || die "$1: is a folder: wanted a file to write"
    [[ -e $1 && ! -f $1 ]] || [[ -d $(dirname "$1") && -w $(dirname "$1") ]] || die "$1: wanted a file in a folder that can be written to"
}

# publish FILE TARGET: puts it there, whole or not at all. A link is followed; what is no file, such as a pipe, is written to.
publish() {
    local target
    if [[ -e $2 && ! -f $2 ]]; then
        cat "$1" >"$2" || die "cannot write $2"
        return
    fi
    target=$(readlink -m "$2")
    [[ -n $target ]] || die "cannot write $2"
    local part=$target.$$.part # another run may write there too
    if ! cp "$1" "$part" || ! mv -T "$part" "$target"; then
        rm -f "$part"
        die "cannot write $2"
    fi
    [[ -s $target && ! -e $part ]] || die "cannot write $2"
}

# tell FORMAT TEXT...: a line of the answer.
# shellcheck disable=SC2059
tell() { printf "$@" || die "cannot write the answer to standard output"; }

# conclude STATUS: ends the harness with verdict's status and its document, $work/verdict.json, which it prints, and puts where
# --output says. A verdict that ended well and wrote nothing is no answer.
conclude() {
    (($1 == 0 || $1 == 1 || $1 == 3)) || exit 2
    [[ -s $work/verdict.json ]] || die "there is no verdict: the tool ended without one"
    if [[ -n $output && ! $output -ef /dev/stdout ]]; then publish "$work/verdict.json" "$output"; fi
    cat "$work/verdict.json" || exit 2
    end_with "$1"
}
