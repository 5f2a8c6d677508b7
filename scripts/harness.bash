# What the five harnesses share; each of them sources this file first. shellcheck shell=bash
#
# Owns strict mode, what a command line may say, the place of the five tools, a work folder that goes away, how a value is
# read and a file published, and one way to fail: exit 2.

set -uo pipefail
export EVIDENCE_SEAL=1 LC_ALL=C

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

# Prints the comment at the head of the harness, which is its help.
help() {
    while IFS= read -r line; do
        case $line in
        '#!'*) ;;
        '#'*) line=${line#'#'} && printf '%s\n' "${line# }" ;;
        *) break ;;
        esac
    done <"$script"
}

# options SPEC ARGUMENT...: what the command line says. SPEC names variables: of NAME the option --NAME sets the value, of
# NAME+ it adds one to a list, of NAME? it says yes. -o is --output. All that is no option goes to "${operands[@]}".
options() {
    local spec=" $1 " option name value
    local -n list=operands
    shift
    operands=()
    while (($#)); do
        option=${1%%=*}
        case $1 in
        -h | --help) help && exit 0 ;;
        --) shift && operands+=("$@") && return ;;
        -o) name=output ;;
        --[a-z]*) name=${option#--} name=${name//-/_} ;;
        -?*) name=- ;;
        *) operands+=("$1") && shift && continue ;;
        esac
        case $spec in
        *" $name? "*)
            [[ $1 == "$option" ]] || die "$option takes no value; see --help"
            value=yes
            ;;
        *" $name "* | *" $name+ "*)
            if [[ $1 == --*=* ]]; then
                value=${1#*=}
            else
                (($# > 1)) || die "$1 wants a value; see --help"
                value=$2
                shift
            fi
            ;;
        *) die "unknown option '$option'; see --help" ;;
        esac
        shift
        if [[ $spec == *" $name+ "* ]]; then
            local -n list=$name
            list+=("$value")
        else
            printf -v "$name" '%s' "$value"
        fi
    done
}

# operand WHAT: the one there must be.
operand() {
    ((${#operands[@]})) || die "$1 is missing; see --help"
    ((${#operands[@]} == 1)) || die "one $1 at a time: \"${operands[0]}\" and \"${operands[1]}\""
    printf '%s' "${operands[0]}"
}

# no_operands: there is nothing but options.
no_operands() { ((${#operands[@]} == 0)) || die "\"${operands[0]}\": wanted an option; see --help"; }

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
        [[ ! -e $keep ]] || die "--keep: \"$keep\" is there already: wanted a folder to make"
        mkdir "$keep" || die "--keep: cannot make \"$keep\""
        work=$keep
        trap 'rmdir "$work" 2>/dev/null' EXIT # where there was nothing to keep
        return
    fi
    work=$(mktemp -d "${TMPDIR:-/tmp}/$harness.XXXXXX") || die "cannot make a work folder in ${TMPDIR:-/tmp}"
    trap 'rm -rf "$work"' EXIT
}

# get FILE PATH: one value of a document; fails, with nothing printed, where it is unknown.
get() { EVIDENCE_SEAL=0 merge-evidence "$1" --get "$2" 2>/dev/null; }

# take_away NAME INPUT...: the old answer in the file that the variable NAME names goes, once the options are right: none may
# stand for a run that died. A link is followed; a device or a pipe, and what is read, is none.
take_away() {
    local input
    local -n answer=$1
    for input in "${@:2}"; do [[ ! $answer -ef $input ]] || die "$answer: is read: wanted another file to write"; done
    if [[ ! -f $answer || $answer == /dev/* || $answer == /proc/* ]]; then return; fi
    answer=$(readlink -f "$answer")
    rm -f "$answer" || die "$answer: the old answer cannot be taken away"
}

# moment OPTION TIME: RFC 3339, as seconds since 1970.
moment() {
    local zone='(Z|[+-][0-9]{2}:[0-9]{2})'
    if [[ $2 =~ ^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?$zone$ ]] && date -d "$2" +%s 2>/dev/null; then return; fi
    die "$1: \"$2\": wanted a time like 2026-03-05T20:32:12Z"
}

# can_publish TARGET: ends the harness before its work rather than after it where nothing can be put there.
can_publish() {
    [[ ! -d $1 ]] || die "$1: is a folder: wanted a file to write"
    [[ -d $(dirname "$1") && -w $(dirname "$1") ]] || die "$1: wanted a file in a folder that can be written to"
}

# publish FILE TARGET: puts it there, whole or not at all.
publish() {
    cp "$1" "$2.part" || die "cannot write $2"
    mv -T "$2.part" "$2" || die "cannot write $2"
}
