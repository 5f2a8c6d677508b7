# What the command line of a harness may say, and the old answers that go first; sourced by harness.bash. shellcheck shell=bash
# shellcheck disable=SC2015,SC2034,SC2154

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

# The options that say where an answer goes; see discard_answers.
answer_options=(output csv)

# discard_answers ARGUMENT...: removes the answers of an earlier run before anything else can fail, so that none of them is
# taken for the answer of a run that ended early. What another argument names too is read, and stays: that is an error.
discard_answers() {
    local -a arguments=("$@") targets=() said_by=()
    local -i index at
    local argument name target other
    for ((index = 0; index < $#; index++)); do
        argument=${arguments[index]} at=index
        case $argument in
        -h | --help) return ;;
        --) break ;;
        -o) name=output at=index+1 target=${arguments[index + 1]-} ;;
        -o?*) name=output target=${argument#-o} ;;
        --*=*) name=${argument%%=*} name=${name#--} target=${argument#*=} ;;
        --*) name=${argument#--} at=index+1 target=${arguments[index + 1]-} ;;
        *) continue ;;
        esac
        if [[ " ${answer_options[*]} " == *" ${name//-/_} "* && -n $target ]]; then targets[at]=$target said_by[at]=$name; fi
    done
    # All of them go before the first error is told.
    local wrong='' place
    local -A places=()
    for at in "${!targets[@]}"; do
        target=${targets[at]} other=''
        for index in "${!arguments[@]}"; do
            argument=${arguments[index]}
            [[ -z ${targets[index]-} ]] || continue
            if [[ $target -ef $argument || $target -ef ${argument#*=} ]]; then other="is read: wanted another file to write"; fi
        done
        place=$(readlink -m "$target")
        if [[ $place == "$here"/* ]]; then other="belongs to the harness: wanted another file to write"; fi
        if [[ -n $other ]]; then wrong="$target: $other" && continue; fi
        discard "$target"
        if [[ ! -e $target && ${places[$place]-${said_by[at]}} != "${said_by[at]}" ]]; then
            wrong="$target: wanted a file for each of --${places[$place]} and --${said_by[at]}"
        fi
        places[$place]=${said_by[at]}
    done
    [[ -z $wrong ]] || die "$wrong"
}

# discard FILE: removes an old answer, and what a killed run left half written beside it. A link is followed; a device, a pipe
# and what is open already (/dev/stdout) are no answers.
discard() {
    local answer part
    [[ ! -e $1 || -f $1 ]] && [[ $1 != /dev/std* && $1 != /dev/fd/* && $1 != /proc/* ]] || return 0
    answer=$(readlink -m "$1") && [[ -n $answer ]] || die "$1: cannot be looked at"
    for part in "$answer" "$answer".*.part; do
        [[ $part == "$answer" || $part =~ \.[0-9]+\.part$ ]] || continue
        rm -f "$part" && [[ ! -e $part ]] || die "$answer: the old answer cannot be taken away"
    done
}

# nearest WORD KNOWN...: the known word that is near enough to WORD that it may be meant: letters put in, left out, changed, or two
# neighbours swapped, one for each three letters of WORD and at most three (the tools' own rule).
nearest() {
    local word=$1 other best='' least i j cost cell limit
    local -a older above current
    limit=$((${#word} / 3)) && ((limit = limit < 1 ? 1 : limit > 3 ? 3 : limit, least = limit + 1))
    ((${#word} >= 3 && ${#word} <= 100)) || return 0
    shift
    for other; do
        older=() above=()
        for ((j = 0; j <= ${#other}; j++)); do above[j]=$j; done
        for ((i = 1; i <= ${#word}; i++)); do
            current=("$i")
            for ((j = 1; j <= ${#other}; j++)); do
                cost=1
                [[ ${word:i-1:1} != "${other:j-1:1}" ]] || cost=0
                cell=$((above[j - 1] + cost))
                ((cell <= above[j] + 1)) || cell=$((above[j] + 1))
                ((cell <= current[j - 1] + 1)) || cell=$((current[j - 1] + 1))
                if ((i > 1 && j > 1)) && [[ ${word:i-1:1} == "${other:j-2:1}" && ${word:i-2:1} == "${other:j-1:1}" ]]; then
                    ((cell <= older[j - 2] + 1)) || cell=$((older[j - 2] + 1))
                fi
                current[j]=$cell
            done
            older=("${above[@]}") above=("${current[@]}")
        done
        ((above[${#other}] >= least)) || { least=${above[${#other}]} best=$other; }
    done
    printf '%s' "$best"
}

# options SPEC ARGUMENT...: what the command line says. SPEC names variables: of NAME the option --NAME sets the value, of
# NAME+ it adds one to a list, of NAME? it says yes. -o is --output. All that is no option goes to "${operands[@]}".
options() {
    local spec=" $1 " option name value
    local -n list=operands
    shift
    operands=()
    discard_answers "$@"
    while (($#)); do
        option=${1%%=*}
        case $1 in
        -h | --help) help && exit 0 ;;
        --) shift && operands+=("$@") && return ;;
        -o) name=output ;;
        -o?*) set -- -o "${1#-o}" "${@:2}" && name=output ;;
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
            # Where "$(…)" gave nothing, what was asked for is not what is done without it.
            [[ -n $value ]] || die "$option: its value is empty; see --help"
            ;;
        *)
            local -a spelled
            read -ra spelled <<<"${spec//[?+]/} help"
            name=$(nearest "${option#--}" "${spelled[@]//_/-}")
            [[ -z $name ]] || die "unknown option '$option': did you mean '--$name'?"
            die "unknown option '$option'; see --help"
            ;;
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

# operand NAME WHAT: the one there must be, in the variable NAME, so that no tool takes it for an option.
operand() {
    ((${#operands[@]})) && [[ -n ${operands[0]} ]] || die "$2 is missing; see --help"
    ((${#operands[@]} == 1)) || die "one $2 at a time: \"${operands[0]}\" and \"${operands[1]}\""
    printf -v "$1" '%s' "${operands[0]}"
    if [[ ${!1} == -* ]]; then printf -v "$1" './%s' "${operands[0]}"; fi
}

# no_operands: there is nothing but options.
no_operands() { ((${#operands[@]} == 0)) || die "\"${operands[0]}\": wanted an option; see --help"; }
