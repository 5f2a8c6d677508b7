# soak report: the day, the checkpoint. shellcheck shell=bash
# shellcheck disable=SC2154,SC2015,SC2034

# value FILE PATH: the bare value, or "unknown".
value() { get "$1" "$2" || printf 'unknown'; }

# read_values FILE: all values of a document, for value_of, which would else ask for each of them by a process of its own.
declare -A value_at=()
read_values() {
    local line lines value='^([A-Za-z0-9_.-]+) = ([?]|true|false|-?[0-9][^ ]*|"([^"\\]*)")( {4}# .*)?$'
    # Seals and groups are of no use here, and most of a verdict.
    mapfile -t lines < <({ EVIDENCE_SEAL=0 merge-evidence "$1" --paths && printf 'whole\n'; } | grep -vE '^(seals|groups)\.')
    ((${#lines[@]})) && [[ ${lines[-1]} == whole ]] || die "$1: its values could not be read"
    for line in "${lines[@]}"; do
        # A text with escapes is left to merge-evidence.
        if [[ $line =~ $value ]]; then
            case ${BASH_REMATCH[2]} in
            \?) value_at[$1 ${BASH_REMATCH[1]}]=unknown ;;
            \"*) value_at[$1 ${BASH_REMATCH[1]}]=${BASH_REMATCH[3]} ;;
            *) value_at[$1 ${BASH_REMATCH[1]}]=${BASH_REMATCH[2]} ;;
            esac
        fi
    done
}

# value_of FILE PATH: the bare value, or "unknown", in REPLY.
value_of() { if [[ ${value_at[$1 $2]+there} ]]; then REPLY=${value_at[$1 $2]}; else REPLY=$(value "$1" "$2"); fi; }

# shorter NUMBER PLACES: cut, not rounded, so that what is below a target never looks like it; in REPLY.
shorter() {
    REPLY=$1
    if [[ $1 =~ ^(-?[0-9]+)(\.[0-9]+)?$ ]]; then
        local places=${BASH_REMATCH[2]#.}000000000
        REPLY=${BASH_REMATCH[1]}.${places:0:$2}
    fi
}

# keep FOLDER DOCUMENT...: makes $work a folder that stays, so that the answer can be verified from what it stands on. The
# old answer goes first: it must not stand for a report that died.
keep() {
    work=evidence/$1
    shift
    exec 7<. || die "cannot read $dir"
    flock --wait 20 7 || die "$dir: another report is still at work there"
    rm -rf "$work" "$@" || die "cannot take away the old report in $dir"
    mkdir -p "$work" || die "cannot make $dir/$work"
    find_rounds
}

# judge NAME DOCUMENT ARGUMENT...: the checks of soak.d/NAME.thresholds on $work/evidence, and the verdict on them, whose status is
# "outcome". A verdict that ended well and wrote nothing is none.
judge() {
    local name=$1 document=$2
    shift 2
    check-threshold -t "soak.d/$name.thresholds" --exit-zero -i "$work/evidence" -o "$work/checks" || exit 2
    verdict --now "$(timestamp "$now")" --set-text "harness=$harness" "$@" -q -o "$document" "$work/checks"
    outcome=$?
    ((outcome == 0 || outcome == 1 || outcome == 3)) || exit 2
    [[ -s $document ]] || die "$dir/$document: there is no verdict: the tool ended without one"
}

# The day before --now, in UTC. Alerts that are there already are not written again.
daily() {
    local midnight=$((now / 86400 * 86400)) from first last day date outcome
    from=$((midnight - 86400))
    printf -v date '%(%Y-%m-%d)T' "$from"
    discard "daily/$date-summary.json"
    first=$(($(slot_of "$((from - 1))") + 1))
    last=$(slot_of "$((midnight - 1))")
    if ((last > last_slot)); then last=$last_slot; fi
    ((first <= last)) || die "no round was due on $date"
    keep "$date" "daily/$date-summary.json"
    day=$((from / 86400 - first_due / 86400 + 1))
    runs "$((first > 1 ? first : 0))" "$last"
    summarise "$((first > 1 ? first : 0))" "$last" day
    merge-evidence --every "${days}d" -A soak.d/daily.aggregates "$work/day.all" -o "$work/daily" &&
        merge-evidence "$work/daily" "$work/runs" "$work/day.schedule" "$work/day.rounds" "$work/day.latency" \
            -o "$work/evidence" || exit 2
    judge daily "daily/$date-summary.json" --set-text "date=$date" --set "day=$day" --append "alerts=$work/alerts"
    append_alerts
    return "$outcome"
}

# Days 1 to 7, 14 or 21, the latest that is over.
checkpoint() {
    local over=$(((now - first_due) / 86400)) through outcome
    through=$((over >= 21 ? 21 : over / 7 * 7))
    ((now >= first_due && through >= 7)) || die "no checkpoint before $(timestamp "$((first_due + 7 * 86400))")"
    discard "checkpoints/checkpoint-${through}d.json"
    keep "${through}d" "checkpoints/checkpoint-${through}d".{json,txt}
    summarise 0 "$((through * slots_a_day))" days
    merge-evidence schedule="$work/days.schedule" rounds="$work/days.rounds" latency="$work/days.latency" -o "$work/evidence" ||
        exit 2
    judge checkpoint "checkpoints/checkpoint-${through}d.json" --set "days=$through" --write "text=checkpoints/checkpoint-${through}d.txt"
    return "$outcome"
}

