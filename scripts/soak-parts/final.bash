# soak report --type final: the checks of the end, the report in words, the archive. shellcheck shell=bash
# shellcheck disable=SC2154,SC2015,SC2034

# Day 30: the ten checks, Gate D, and the archive.
final() {
    local outcome day first old=(final-report.{json,txt,html}) figure tops=() gate judged=()
    archive=$archive-$(printf '%(%Y-%m-%d)T' "$now").tar.gz
    if [[ -z $no_archive ]]; then old+=("$(dirname "$PWD")/$archive"{,.sha256}); fi
    keep final "${old[@]}"
    summarise 0 "$last_slot" all
    # The first that was begun, not the first of those that are whole.
    first=$first_begun/round-summary.json
    if [[ -n ${sealed[$first]-} ]]; then cp "$first" "$work/first"; else printf '{}\n' >"$work/first"; fi || die "cannot write $work/first"
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

    for figure in $figures; do tops+=(--set "${figure%%=*}=$(value "$work/figures" "${figure#*=}")"); done
    for gate in $gates; do judged+=(--gate "$gate"); done
    judge final --expect-checks "$checks" "${judged[@]}" "${tops[@]}" --write html=final-report.html -q -o final-report.json
    outcome=$?
    ((outcome != 2)) || exit 2
    read_checks
    render "$(goals final.report)" >"$work/report" || exit 2
    if [[ -z $no_archive ]]; then write_archive; else printf '\n## Artifact\nArchive: none (--no-archive)\n' >>"$work/report"; fi
    publish "$work/report" final-report.txt
    cat final-report.txt
    return "$outcome"
}

# figure PATH: of the evidence, unknown where it is.
figure() { value "$work/figures" "$1"; }

# read_checks: what each check of the final report came to, by its id up to the first blank.
declare -A status_of=() reason_of=() target_of=() bound_of=()
read_checks() {
    local line id label
    EVIDENCE_SEAL=0 kv-extract -q -f json --having status -k id,status,reason,expected,threshold "$work/checks" -o "$work/words" || exit 2
    while IFS= read -r line; do
        printf '%s\n' "$line" >"$work/word"
        label=$(get "$work/word" id) || continue
        id=${label%% *}
        status_of[$id]=$(get "$work/word" status) reason_of[$id]=$(get "$work/word" reason) target_of[$id]=$(get "$work/word" expected)
        # The label stands before it in the report.
        reason_of[$id]=${reason_of[$id]#"$label: "} reason_of[$id]=${reason_of[$id]#"$id "}
        bound_of[$id]=$(get "$work/word" threshold)
    done <"$work/words"
}

# result ID: the word of that check, and why where it did not pass.
result() {
    local word=${status_of[$1]-unknown}
    case $word in fail | warn | inconclusive) printf '%s' "${word^^} (${reason_of[$1]})" ;; *) printf '%s' "${word^^}" ;; esac
}

# rounds_where CONDITION: the numbers of those rounds, the first ten.
rounds_where() {
    local numbers
    EVIDENCE_SEAL=0 kv-extract -q -f json --where "$1" -k round "$work/all.all" -o "$work/numbers" || exit 2
    mapfile -t numbers < <(sed -nE 's/^\{"round":([0-9]+)\}$/\1/p' "$work/numbers")
    if ((${#numbers[@]} == 0)); then
        printf 'none'
    elif ((${#numbers[@]} <= 10)); then
        printf 'rounds %s' "$(IFS=, && printf '%s' "${numbers[*]}")"
    else
        printf 'rounds %s and %d more' "$(IFS=, && printf '%s' "${numbers[*]:0:10}")" "$((${#numbers[@]} - 10))"
    fi
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
            word=$(filled "$word") || exit 2
            if [[ -n $places ]]; then word=$(shorter "$word" "$places"); fi
            text+=$word
        done
        printf '%s\n' "$text$line"
    done <"$1"
}

# filled WORD: what one pair of braces stands for.
filled() {
    local word places dailies=(daily/*-summary.json)
    [[ -e ${dailies[0]} ]] || dailies=()
    case $1 in
    soak_start) timestamp "$first_due" ;;
    soak_end) timestamp "$((first_due + last_slot * interval))" ;;
    days) printf '%s' "$days" ;;
    expected_creates) printf '%d' "$((last_slot * creates))" ;;
    gaps) gaps ;;
    alerts)
        if [[ -s alerts.log ]]; then cat alerts.log; else printf 'none'; fi
        printf ' (%d of %d daily reports were made)' "${#dailies[@]}" "$days"
        ;;
    verdict | chain) value final-report.json "$1" ;;
    passed) value final-report.json counts.checks.pass ;;
    total) value final-report.json counts.checks.total ;;
    'result '*) result "${1#* }" ;;
    'target '*) printf '%s' "${target_of[${1#* }]:-unknown}" ;;
    'bound '*) printf '%s' "${bound_of[${1#* }]##*= }" ;;
    'gate '*)
        word=${1#gate } places=$(value final-report.json "gates.${word%% *}.verdict")
        case $places in
        PASS) printf 'PASS: all %s criteria met' "${word#* }" ;;
        FAIL) printf 'FAIL: %s criteria not met' "${word#* }" ;;
        *) printf '%s: %s: whether its criteria are met is not known' "$places" "${word#* }" ;;
        esac
        ;;
    'gate_reason '*) value final-report.json "gates.${1#* }.reason" ;;
    'rounds_where '*) rounds_where "${1#* }" ;;
    *) figure "$1" ;;
    esac
}

# The slots without a round, as spans of the schedule.
gaps() {
    local slot from='' before='' empty
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

