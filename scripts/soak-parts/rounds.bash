# The rounds of a soak that are there, and what they came to over a part of the schedule. shellcheck shell=bash
# shellcheck disable=SC2154,SC2015,SC2034

# Finds all rounds: a line of "rounds" for each, with its number, folder and slot, and which of its summary and its state are
# whole. Ends the report where a round is there twice, or a summary is not that of its folder: a copy would count as evidence.
# They come in the order of their numbers, which a clock that was set back does not change; those without one come first.
find_rounds() {
    local begun=(rounds/*/round-*) begun_times=() whole=() places seal='\{"@seal":\{.*\}\}' found=$work/found
    [[ -e ${begun[0]} ]] || begun=()
    printf '%s\n' "${begun[@]}" >"$found.begun" && : >"$found.times" && : >"$found.summaries" && : >"$found.states" || die "cannot write to $work"
    if ((${#begun[@]})); then
        sed 's|^rounds/\(.*\)/round-\(..\)\(..\)\(..\)$|\1 \2:\3:\4|' "$found.begun" | date --file=- +%s >"$found.times"
        # What was cut short has no seal as its last line.
        grep -lsxE "$seal" "${begun[@]/%//round-summary.json}" >"$found.summaries"
        grep -lsxE "$seal" "${begun[@]/%//create-times.state}" >"$found.states"
    fi
    # mapfile reads a pipe byte by byte, and a file at once.
    mapfile -t begun_times <"$found.times"
    ((${#begun_times[@]} == ${#begun[@]})) || die "$dir/rounds: a folder whose name is no time"
    mapfile -t whole <"$found.summaries"
    first_summary=${begun[0]-}/round-summary.json first_is_whole=''
    if [[ ${whole[0]-} == "$first_summary" ]]; then first_is_whole=yes; fi
    joined "$found" "${whole[@]}"
    EVIDENCE_SEAL=0 kv-extract -q -f json -k name,round,slot "$found" -o "$found.names" || exit 2
    rounds=$work/rounds
    awk -v first_due="$first_due" -v interval="$interval" -f "$here/soak-parts/rounds.awk" part=names "$found.names" part=begun "$found.begun" \
        part=times "$found.times" part=summaries "$found.summaries" part=states "$found.states" | sort -s -n -k 1,1 >"$rounds"
    mapfile -t places <"$rounds"
    [[ ${places[0]-} != wrong* ]] || die "${places[0]#*$'\t'}"
    ((${#places[@]} == ${#begun[@]})) || die "$dir/rounds: they could not be put in order"
    rm "$found" "$found".*
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
    local chosen list=$work/chosen
    awk -F '\t' -v first="$1" -v last="$2" '
        $3 < first || $3 > last { next }
        $4 { summary[++summaries] = $2 "/round-summary.json" }
        $4 && $5 { state[++states] = $2 "/create-times.state" }
        !$4 { rest[++rests] = "kind=unfinished slot=" $3 " name=" $2 }
        END {
            print summaries + 0
            print states + 0
            for (i = 1; i <= summaries; i++) print summary[i]
            for (i = 1; i <= states; i++) print state[i]
            for (i = 1; i <= rests; i++) print rest[i]
            print "whole"
        }' "$rounds" >"$list"
    mapfile -t chosen <"$list"
    rm "$list"
    ((${#chosen[@]} > 2)) && [[ ${chosen[-1]} == whole ]] || die "$dir/rounds: could not be chosen from"
    unset 'chosen[-1]'
    summaries=("${chosen[@]:2:chosen[0]}") states=("${chosen[@]:2+chosen[0]:chosen[1]}") unfinished=("${chosen[@]:2+chosen[0]+chosen[1]}")
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

