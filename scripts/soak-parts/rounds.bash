# The rounds of a soak that are there, and what they came to over a part of the schedule. shellcheck shell=bash
# shellcheck disable=SC2154,SC2015,SC2034

# Finds all rounds: begun (their folders, in time), slots (of each), and sealed (the summaries and states that are whole).
find_rounds() {
    begun=(rounds/*/round-*)
    [[ -e ${begun[0]} ]] || begun=()
    local index times name path
    mapfile -t times < <(((${#begun[@]})) && printf '%s\n' "${begun[@]}" |
        sed 's|^rounds/\(.*\)/round-\(..\)\(..\)\(..\)$|\1 \2:\3:\4|' | date --file=- +%s)
    ((${#times[@]} == ${#begun[@]})) || die "$dir/rounds: a folder whose name is no time"
    # What was cut short has no seal as its last line.
    declare -gA sealed=()
    for name in round-summary.json create-times.state; do
        while IFS= read -r path; do sealed[$path]=1; done < <(
            ((${#begun[@]})) && grep -lsxE '\{"@seal":\{.*\}\}' "${begun[@]/%//$name}"
        )
    done
    slots=()
    for index in "${!begun[@]}"; do slots+=("$((times[index] < first_due ? 0 : (times[index] - first_due) / interval + 1))"); done
    each_once
}

# Ends the report where a round is there twice, or a summary is not that of its folder: a copy would count as evidence. Then the
# rounds come in the order of their numbers, which a clock that was set back does not change.
each_once() {
    local index field folders=() due=() order=() rest=() by_number=()
    local -a name=() round=() slot=()
    local -A folder_of=()
    first_begun=${begun[0]-}
    for index in "${!begun[@]}"; do
        if [[ -n ${sealed[${begun[index]}/round-summary.json]-} ]]; then folders+=("${begun[index]}") due+=("${slots[index]}"); else rest+=("$index"); fi
    done
    joined "$work/found" "${folders[@]/%//round-summary.json}"
    for field in name round slot; do
        EVIDENCE_SEAL=0 kv-extract -q -f json -k "$field" "$work/found" -o "$work/names" || exit 2
        mapfile -t "$field" < <(sed -nE "s/^\\{\"$field\":\"?([^\"]*)\"?\\}\$/\\1/p" "$work/names")
        local -n all=$field
        ((${#all[@]} == ${#folders[@]})) || die "$dir/rounds: ${#all[@]} of ${#folders[@]} summaries have a $field"
    done
    for index in "${!folders[@]}"; do
        [[ ${name[index]} == "${folders[index]}" && ${slot[index]} == "${due[index]}" ]] ||
            die "${folders[index]}: holds the summary of another round, ${name[index]} in slot ${slot[index]}: wanted one folder a round"
        [[ ${round[index]} =~ ^[0-9]+$ ]] || die "${folders[index]}: a round without its number"
        [[ -z ${folder_of[${round[index]}]-} ]] ||
            die "${folder_of[${round[index]}]} and ${folders[index]} have one number, ${round[index]}: wanted one folder a round"
        folder_of[${round[index]}]=${folders[index]}
    done
    mapfile -t order < <(for index in "${!folders[@]}"; do printf '%s %s %s\n' "${round[index]}" "${due[index]}" "${folders[index]}"; done | sort -n)
    for index in "${rest[@]}"; do by_number+=("${begun[index]}") due+=("${slots[index]}"); done
    slots=("${due[@]:${#folders[@]}}") begun=("${by_number[@]}")
    for index in "${!order[@]}"; do
        read -r _ field _ <<<"${order[index]}"
        slots+=("$field") begun+=("${order[index]#* * }")
    done
    rm "$work/found" "$work/names"
}

# back_to FIRST LAST CLEAN: chooses the rounds of the slots FIRST to LAST, and those before them back to the last of which CLEAN
# is true: a run that reaches into them may have begun there.
back_to() {
    local clean index
    choose 0 "$(($1 - 1))"
    joined "$work/before" "${summaries[@]}"
    EVIDENCE_SEAL=0 kv-extract -q -f json --where "$3" -k name --last "$work/before" -o "$work/clean" || exit 2
    clean=$(get "$work/clean" name)
    choose 0 "$2"
    for index in "${!summaries[@]}"; do
        if [[ ${summaries[index]} == "$clean/round-summary.json" ]]; then
            summaries=("${summaries[@]:index + 1}")
            break
        fi
    done
}

# runs FIRST LAST: the longest runs of rounds that reach into these slots: $work/runs.
runs() {
    local parts=("$work/runs.failures")
    back_to "$1" "$2" 'health == "ok"'
    joined "$work/runs.all" "${summaries[@]}"
    merge-evidence --every "${days}d" -A "$(goals failures.aggregates)" "$work/runs.all" -o "$work/runs.failures" || exit 2
    if [[ -n $scan_request ]]; then
        back_to "$1" "$2" 'scan_ok == true and stuck_count == 0'
        joined "$work/runs.all" "${summaries[@]}"
        merge-evidence --every "${days}d" -A "$(goals stuck.aggregates)" "$work/runs.all" -o "$work/runs.stuck" || exit 2
        parts+=("$work/runs.stuck")
    fi
    merge-evidence "${parts[@]}" -o "$work/runs" || exit 2
}

# append_alerts: what is in $work/alerts goes to alerts.log, but what is there already.
append_alerts() {
    local alert
    [[ -e $work/alerts ]] || return 0
    exec 8>>alerts.log && flock 8 || die "cannot lock $dir/alerts.log"
    while IFS= read -r alert; do
        cut -d' ' -f2- alerts.log | grep -qxF -- "${alert#* }" || printf '%s\n' "$alert" >&8
    done <"$work/alerts"
    exec 8>&-
}

# choose FIRST LAST: of the rounds of these slots the whole summaries, their whole states, and a line for each round that is
# not whole.
choose() {
    local index
    summaries=() states=() unfinished=()
    for index in "${!begun[@]}"; do
        if ((slots[index] < $1 || slots[index] > $2)); then continue; fi
        if [[ -n ${sealed[${begun[index]}/round-summary.json]-} ]]; then
            summaries+=("${begun[index]}/round-summary.json")
            if [[ -n ${sealed[${begun[index]}/create-times.state]-} ]]; then states+=("${begun[index]}/create-times.state"); fi
        else
            unfinished+=("kind=unfinished slot=${slots[index]} name=${begun[index]}")
        fi
    done
}

# joined FILE NAME...: those files, one after the other, as one: sealed streams can be. Empty where there are none.
joined() {
    local file=$1
    shift
    : >"$file" && if (($#)); then printf '%s\0' "$@" | xargs -0 cat >"$file"; fi || die "cannot write $file"
}

# summarise FIRST LAST NAME: what these slots came to: $work/NAME.slots (a record a slot), .schedule, .rounds, .latency.
summarise() {
    local first=$1 last=$2 out=$work/$3 slot now_slot
    choose "$first" "$last"
    now_slot=$(slot_of "$now")
    {
        for ((slot = first > 0 ? first : 1; slot <= last; slot++)); do
            printf 'kind=due slot=%d over=%d due_at=%(%Y-%m-%dT%H:%M:%SZ)T\n' "$slot" "$((slot < now_slot))" \
                "$((first_due + (slot - 1) * interval))"
        done
        if ((${#unfinished[@]})); then printf '%s\n' "${unfinished[@]}"; fi
        cat skipped.log
    } >"$out.due" || die "cannot write to $work"
    joined "$out.all" "${summaries[@]}"
    kv-extract --where "slot in $first..$last" "$out.due" -o "$out.planned" &&
        merge-evidence -b slot -A soak.d/slots.aggregates "$out.planned" "$out.all" -o "$out.slots" &&
        merge-evidence --where 'slot > 0' -A soak.d/schedule.aggregates "$out.slots" -o "$out.schedule" || exit 2
    fold "$3" "$first"
    latency "$3" "${states[@]}"
}

# fold NAME FIRST: what the rounds chosen came to, $work/NAME.rounds: of how many begun, and with how many states. From the
# first one on their numbers have no hole, but where a round took place and is not there any more.
fold() {
    local facts=(--set "begun=$((${#summaries[@]} + ${#unfinished[@]}))" --set "states=${#states[@]}")
    if (($2 == 0)); then facts+=(-a 'lost_rounds = max(round) - count()'); fi
    # The schedule says what is missing, better than the distances between rounds could: --every.
    merge-evidence --every "${days}d" -A soak.d/rounds.aggregates "${facts[@]}" "$work/$1.all" -o "$work/$1.rounds" || exit 2
}

# latency NAME STATE...: the create times behind these states, merged.
latency() {
    local out=$work/$1.latency
    shift
    joined "$out.states" "$@"
    if (($#)); then percentile --merge --allow-equal "$out.states" -o "$out"; else percentile -f took_ms "$out.states" -o "$out"; fi || exit 2
}

