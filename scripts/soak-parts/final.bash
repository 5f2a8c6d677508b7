# soak report --type final: the checks of the end, the report in words, the archive. shellcheck shell=bash
# shellcheck disable=SC2154,SC2015,SC2034

# Day 30: the ten checks, Gate D, and the archive.
final() {
    local outcome day old=(final-report.{json,txt,html}) figure tops=() gate judged=()
    archive=$archive-$(printf '%(%Y-%m-%d)T' "$now").tar.gz
    if [[ -z $no_archive ]]; then old+=("$(dirname "$PWD")/$archive"{,.sha256}); fi
    keep final "${old[@]}"
    summarise 0 "$last_slot" all
    # The first that was begun, not the first of those that are whole.
    if [[ -n $first_is_whole ]]; then cp "$first_summary" "$work/first"; else printf '{}\n' >"$work/first"; fi || die "cannot write $work/first"
    percentile -f p99_ms -p 95 "$work/all.all" -o "$work/p99s" || exit 2
    for day in 7 "$days"; do
        choose "$(((day - 1) * slots_a_day + 1))" "$((day * slots_a_day))"
        latency "day$day" "${states[@]}"
    done
    choose 0 "$((7 * slots_a_day))"
    latency week "${states[@]}"
    joined "$work/week.all" "${summaries[@]}"
    fold week 0
    kv-extract --as took=ms setup-summary.txt -o "$work/setup" || exit 2
    merge-evidence setup="$work/setup" schedule="$work/all.schedule" rounds="$work/all.rounds" first="$work/first" \
        week="$work/week.rounds" week_latency="$work/week.latency" latency="$work/all.latency" p99s="$work/p99s" \
        day7_latency="$work/day7.latency" last_day_latency="$work/day$days.latency" -o "$work/evidence" &&
        EVIDENCE_SEAL=0 kv-extract -q -f json "$work/evidence" -o "$work/figures" || exit 2

    read_values "$work/figures"
    for figure in $figures; do value_of "$work/figures" "${figure#*=}" && tops+=(--set "${figure%%=*}=$REPLY"); done
    for gate in $gates; do judged+=(--gate "$gate"); done
    judge final final-report.json --expect-checks "$checks" "${judged[@]}" "${tops[@]}" --write html=final-report.html
    read_checks
    read_values final-report.json
    render "$(goals final.report)" >"$work/report" || exit 2
    if [[ -z $no_archive ]]; then write_archive; else printf '\n## Artifact\nArchive: none (--no-archive)\n' >>"$work/report"; fi
    publish "$work/report" final-report.txt
    cat final-report.txt
    return "$outcome"
}

# read_checks: what each check of the final report came to, by its id up to the first blank.
declare -A status_of=() reason_of=() target_of=() bound_of=()
read_checks() {
    local index=0 id label list=$work/words
    EVIDENCE_SEAL=0 kv-extract -q -f json --having status -k id,status,reason,expected,threshold "$work/checks" -o "$list" || exit 2
    # One record alone would be no list.
    printf '{}\n' >>"$list" || die "cannot write $list"
    local place=checks.0
    read_values "checks=$list"
    while value_of "checks=$list" "$place.id" && [[ $REPLY != unknown ]]; do
        label=$REPLY id=${REPLY%% *}
        value_of "checks=$list" "$place.status" && status_of[$id]=$REPLY
        value_of "checks=$list" "$place.expected" && target_of[$id]=$REPLY
        value_of "checks=$list" "$place.threshold" && bound_of[$id]=$REPLY
        value_of "checks=$list" "$place.reason"
        # The label stands before it in the report.
        reason_of[$id]=${REPLY#"$label: "} reason_of[$id]=${reason_of[$id]#"$id "}
        index=$((index + 1)) place=checks.$index
    done
}

# rounds_where CONDITION: the numbers of those rounds, the first ten, in REPLY.
declare -A where=()
rounds_where() {
    local numbers
    if [[ -n ${where[$1]-} ]]; then REPLY=${where[$1]} && return; fi
    EVIDENCE_SEAL=0 kv-extract -q -f json --where "$1" -k round "$work/all.all" -o "$work/numbers" || exit 2
    mapfile -t numbers < <(sed -nE 's/^\{"round":([0-9]+)\}$/\1/p' "$work/numbers")
    REPLY=none
    if ((${#numbers[@]} > 10)); then
        REPLY="rounds $(IFS=, && printf '%s' "${numbers[*]:0:10}") and $((${#numbers[@]} - 10)) more"
    elif ((${#numbers[@]})); then
        REPLY="rounds $(IFS=, && printf '%s' "${numbers[*]}")"
    fi
    where[$1]=$REPLY
}

# render FILE: the report, with what stands in braces filled in: a figure of the evidence, {PATH} or, cut to N places,
# {PATH|N}; {result ID}, {target ID}, {bound ID}, {gate NAME TITLE}, {gate_reason NAME}, {rounds_where CONDITION}; and a few words.
render() {
    local line word places text
    while IFS= read -r line || [[ -n $line ]]; do
        text=''
        while [[ $line =~ ^([^{]*)\{([^}]*)\}(.*)$ ]]; do
            text+=${BASH_REMATCH[1]} word=${BASH_REMATCH[2]} line=${BASH_REMATCH[3]} places=''
            if [[ $word == *'|'* ]]; then places=${word##*|} word=${word%|*}; fi
            filled "$word" || exit 2
            if [[ -n $places ]]; then shorter "$REPLY" "$places"; fi
            text+=$REPLY
        done
        printf '%s\n' "$text$line"
    done <"$1"
}

# filled WORD: what one pair of braces stands for, in REPLY.
filled() {
    local what=${1#* } dailies=(daily/*-summary.json)
    [[ -e ${dailies[0]} ]] || dailies=()
    case $1 in
    soak_start) REPLY=$(timestamp "$first_due") ;;
    soak_end) REPLY=$(timestamp "$((first_due + last_slot * interval))") ;;
    days) REPLY=$days ;;
    expected_creates) REPLY=$((last_slot * creates)) ;;
    gaps) REPLY=$(gaps) || exit 2 ;;
    alerts)
        REPLY=none
        if [[ -s alerts.log ]]; then REPLY=$(<alerts.log)$'\n'; fi
        REPLY+=" (${#dailies[@]} of $days daily reports were made)"
        ;;
    verdict | chain) value_of final-report.json "$1" ;;
    passed) value_of final-report.json counts.checks.pass ;;
    total) value_of final-report.json counts.checks.total ;;
    'result '*)
        REPLY=${status_of[$what]-unknown}
        case $REPLY in fail | warn | inconclusive) REPLY="${REPLY^^} (${reason_of[$what]})" ;; *) REPLY=${REPLY^^} ;; esac
        ;;
    'target '*) REPLY=${target_of[$what]:-unknown} ;;
    'bound '*) REPLY=${bound_of[$what]##*= } ;;
    'gate '*)
        value_of final-report.json "gates.${what%% *}.verdict"
        case $REPLY in
        PASS) REPLY="PASS: all ${what#* } criteria met" ;;
        FAIL) REPLY="FAIL: ${what#* } criteria not met" ;;
        *) REPLY="$REPLY: ${what#* }: whether its criteria are met is not known" ;;
        esac
        ;;
    'gate_reason '*) value_of final-report.json "gates.$what.reason" ;;
    'rounds_where '*) rounds_where "$what" ;;
    *) value_of "$work/figures" "$1" ;;
    esac
}

# The slots without a round, as spans of the schedule.
gaps() {
    local slot from='' before='' empty
    value_of "$work/figures" schedule.missing
    [[ $REPLY != 0 ]] || { printf 'none' && return; }
    EVIDENCE_SEAL=0 kv-extract -q -f json --where 'slot > 0 and rounds == 0' -k slot "$work/all.slots" -o "$work/empty" || exit 2
    mapfile -t empty < <(sed -nE 's/^\{"slot":([0-9]+)\}$/\1/p' "$work/empty")
    for slot in "${empty[@]}"; do
        if [[ -n $before ]] && ((slot != before + 1)); then span "$from" "$before" && from=$slot; fi
        from=${from:-$slot} before=$slot
    done
    if [[ -n $before ]]; then span "$from" "$before"; else printf 'none'; fi
}
span() {
    printf '%s to %s (%d rounds)\n' "$(timestamp "$((first_due + ($1 - 1) * interval))")" \
        "$(timestamp "$((first_due + $2 * interval))")" "$(($2 - $1 + 1))"
}

# The whole folder, the report in it still without the archive's digest, which no archive can hold of itself.
write_archive() {
    local name=$archive parent folder status
    parent=$(dirname "$PWD") folder=$(basename "$PWD")
    printf '\n## Artifact\nArchive: %s\nSHA-256: in %s.sha256\n' "$name" "$name" >final-report.txt.part &&
        cat "$work/report" final-report.txt.part >final-report.txt && rm final-report.txt.part || die "cannot write final-report.txt"
    tar --create --gzip --sort=name --warning=no-file-changed --file="$parent/$name.part" --directory="$parent" "$folder"
    status=$?
    # 1: a file grew while it was read, as the store of a control plane that still runs does.
    ((status < 2)) && mv "$parent/$name.part" "$parent/$name" || die "cannot write $parent/$name"
    (cd "$parent" && sha256sum "$name" >"$name.sha256.part" && mv "$name.sha256.part" "$name.sha256") || die "no digest of $name"
    printf '\n## Artifact\nArchive: %s\nSHA-256: %s\n' "$name" "$(cut -d' ' -f1 "$parent/$name.sha256")" >>"$work/report"
}

