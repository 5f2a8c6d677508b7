# How max-rps measures one step; sourced by it, whose options these functions read. shellcheck shell=bash
# shellcheck disable=SC2034,SC2154

# ask INDEX RATE SECONDS OUT MESSAGES: starts the load program on that action, to run for SECONDS.
ask() {
    local most=${3%.*} method=()
    [[ ${methods[$1]} == GET ]] || method=("${methods[$1]}")
    most=$((most + ${timeout%.*} + 15))
    if [[ ${load[0]##*/} == oha ]]; then
        launch "$most" "$4" "$5" "${load[@]}" --no-tui --no-color --output-format json -q "$2" -z "${3}s" -c "$connections" \
            -w -t "${timeout}s" -m "${methods[$1]}" ${correct:+--latency-correction} "${urls[$1]}"
    else
        launch "$most" "$4" "$5" "${load[@]}" "${urls[$1]}" "$2" "$3" "${method[@]}"
    fi
}

# share INDEX RATE: that action's part of the rate; the parts of all actions add up to it.
share() {
    local -i index before=0 upto
    for ((index = 0; index < $1; index++)); do before+=${weights[index]}; done
    upto=before+${weights[$1]}
    printf '%d' "$(($2 * upto / total_weight - $2 * before / total_weight))"
}

# watched INDEX RATE SECONDS N NAME: the same, its output watched where --stop-early says so, as of N requests; "watching" ends with it.
watched() {
    if [[ -z $stop_early ]]; then
        ask "${@:1:3}" "$5.json" "$5.messages"
        return
    fi
    local to
    exec {to}> >(watch "$4" "$5.json") || exit 2
    watching=$!
    ask "${@:1:3}" "/dev/fd/$to" "$5.messages"
    exec {to}>&-
}

# apply FOLDER RATE SECONDS: loads every URL with its share of the rate; what the load program prints goes to FOLDER.
apply() {
    local index rate most
    for index in "${!urls[@]}"; do
        # A warm-up breaks nothing.
        rate=$(share "$index" "$2") most=$((rate * hold_ms / 1000))
        [[ $1 != */warmup ]] || most=1000000000
        watched "$index" "$rate" "$3" "$most" "$1/${names[index]:-load}"
    done
    finish
}

# scrape FILE: the counters, as Prometheus text; nginx's stub_status is written as that. Sets "$samples" and "$counters", how
# many are there, and "$silent", how many of the counters say no number. A page that is neither counts as one that could not be read.
scrape() {
    local try active='' accepted='' handled='' requests=''
    samples=0 counters=0 silent=0
    for try in 1 2 3; do
        if curl -gfsS --max-time 5 -o "$1" "$metrics" 2>"$work/messages"; then
            if [[ $(head -c 19 "$1") == 'Active connections:' ]]; then
                { read -r _ _ active && read -r _ && read -r accepted handled requests _; } <"$1"
                [[ "$active $accepted $handled $requests" =~ ^[0-9]+\ [0-9]+\ [0-9]+\ [0-9]+$ ]] || active='?'
                printf 'nginx_connections_active %s\n' "$active" >"$1"
                printf '# TYPE %s counter\n%s %s\n' nginx_connections_accepted{,} "$accepted" \
                    nginx_connections_handled{,} "$handled" nginx_http_requests_total{,} "$requests" >>"$1"
            fi
            if [[ ! -s $1 ]]; then return 0; fi
            rm -f "$work/samples"
            if EVIDENCE_SEAL=0 kv-extract -q -f prometheus -o "$work/samples" "$1" 2>"$work/messages"; then
                samples=$(grep -c . "$work/samples")
                read -r counters silent < <(awk '
                    /^# TYPE / { if ($4 == "counter" || $4 == "histogram" || $4 == "summary") n++; typed[$3] = $4; next }
                    /^[^#]/ {
                        name = $1; sub(/[{ ].*/, "", name)
                        if (!(name in typed) && name ~ /_(total|count|sum|bucket)$/) n++
                        if ((typed[name] == "counter" || name ~ /_(total|count|bucket)$/) && / [-+]?([Nn]a[Nn]|[Ii]nf)( [0-9.]+)?\r?$/) none++
                    }
                    END { print n + 0, none + 0 }' "$1")
            fi
            if ((samples > 0)); then return 0; fi
            printf '%s\n' 'answers, but with no Prometheus text and no stub_status' >"$work/messages"
            break
        fi
        [[ -z $aborted ]] || break
        ((try == 3)) || sleep 0.$((try * 2))
    done
    rm -f "$1"
    say "$metrics: $(tail -n1 "$work/messages")"
    return 1
}

# document NAME: reads NAME.json, what the load program printed, into NAME.seen.
document() {
    if [[ ! -s $1.json ]] || ! merge-evidence "load$format=$1.json" -o "$1.seen" || [[ ! -s $1.seen ]]; then
        say "${1##*/}: the load program printed nothing that can be read: $(tail -n1 "$1.messages")"
        return 1
    fi
}

# answers NAME STEP: what the server answered, by code; tells codes that the preflight did not see, and counts redirects, and codes
# that no final answer has (0, 100).
answers() {
    local path code many other=''
    if ! EVIDENCE_SEAL=0 merge-evidence "$1.seen" --paths >"$work/paths" || [[ ! -s $work/paths ]]; then die "$1.seen cannot be read"; fi
    while IFS=' ' read -r path _ many _; do
        [[ $path == load.status_codes.* ]] || continue
        code=${path##*.} code=${code//[!0-9x]/} # some load programs count by class, 2xx
        [[ $code && $many =~ ^[1-9] ]] || continue
        if [[ $code == 3* ]]; then redirected=$((redirected + ${many%%.*})); fi
        if [[ ! $code =~ ^[2-5]([0-9][0-9]|xx)$ ]]; then odd=$((odd + ${many%%.*})); fi
        [[ " ${codes[*]} " =~ \ ${code//x/[0-9]}\  ]] || other+="${other:+, }$code: $many"
    done <"$work/paths"
    [[ -z $other ]] || say "$2: answers that the preflight did not get: $other"
}

# clients NAME PATH: the clients that a load program counted, where it did, as facts under PATH.
clients() {
    local name value
    EVIDENCE_SEAL=0 merge-evidence "document:json=$1.json" -o "$1.plain" 2>/dev/null
    case $? in
    0) ;;
    2) return 0 ;; # it is no JSON, and so has none
    *) die "$1.json cannot be read" ;;
    esac
    for name in wanted active; do
        if value=$(get "$1.plain" "document.clients.$name"); then facts+=(--set "$2.$name=$value"); fi
    done
}

# busy: says so where every connection was busy all the time (Little's law): then the rate that was missed may be the
# server's doing, and the latency hides it.
busy() {
    local rate mean
    [[ ${load[0]##*/} == oha && -z $correct ]] && rate=$(get "$1" load.rate) && mean=$(get "$1" load.latency.mean_ms) || return 0
    awk -v rate="$rate" -v mean="$mean" -v most="$connections" 'BEGIN { exit !(rate * mean / 1000 >= 0.95 * most) }' || return 0
    printf 'all %s connections were busy: more of them, or --correct, tells whether the server is the limit' "$connections"
}

# measure RATE: one step, from warm-up to its evidence in "$work/RATE/evidence".
measure() {
    local folder=$work/$1 sources=() facts scrapes=0 read=0 index name status=0 before=0 vanished=0 redirected=0 odd=0 compared=false
    mkdir "$folder" "$folder/warmup" || exit 2
    if [[ $warmup =~ [1-9] ]]; then
        say "$1: warm-up ${warmup}s"
        apply "$folder/warmup" "$1" "$warmup" || say "$1: the warm-up ended with $?"
    fi
    [[ -z $aborted ]] || return
    if [[ -n $metrics ]] && scrape "$folder/before.prom"; then scrapes=1 before=$samples; fi
    [[ -z $aborted ]] || return
    say "$1: hold ${hold}s"
    apply "$folder" "$1" "$hold" || status=$?
    if [[ -n $metrics ]] && scrape "$folder/after.prom"; then
        scrapes=$((scrapes + 1))
        ((samples > 0 || scrapes < 2)) || vanished=$before
    fi
    [[ -z $aborted ]] || return

    # What the load program saw: latencies for each action, and requests and rate of all.
    facts=(--set "step=$1" --set "target=$1" --set "load_exit=$status" --set "hold_ms=$hold_ms")
    if ((${#names[@]})); then
        : >"$folder/each"
        for index in "${!names[@]}"; do
            name=${names[index]}
            facts+=(--set "actions.$name.target=$(share "$index" "$1")")
            document "$folder/$name" || continue
            read=$((read + 1))
            sources+=("actions.$name$format=$folder/$name.json")
            cat "$folder/$name.seen" >>"$folder/each" || exit 2
            answers "$folder/$name" "$1"
            clients "$folder/$name" "actions.$name.clients"
        done
        merge-evidence -a 'requests = sum(load.requests)' -a 'failed = sum(load.failed)' -a 'rate = sum(load.rate)' \
            -a 'duration_ms = min(load.duration_ms)' -o "$folder/sums" "$folder/each" || exit 2
        sources+=("load=$folder/sums")
    elif [[ -e $folder/load.json.broken ]]; then
        say "$1: ended early: $stop_early is broken"
        sources+=("$folder/load.json.early")
    elif document "$folder/load"; then
        read=1
        sources+=("$folder/load.seen")
        answers "$folder/load" "$1"
        clients "$folder/load" clients
    fi

    facts+=(--set "documents.read=$read" --set "documents.wanted=${#urls[@]}" --set "odd=$odd")
    [[ -n $redirects ]] || facts+=(--set "redirected=$redirected")

    # What the server's counters did. Where all of them vanished there is nothing to compare, and that is the answer.
    if [[ -n $metrics ]]; then
        facts+=(--set "counters.vanished=$vanished" --set-text "counters.policy=$scrape_failure")
        if ((scrapes == 2 && before > 0 && vanished == 0)); then
            merge-evidence --delta "$folder/before.prom" "$folder/after.prom" -o "$folder/counters"
            case $? in
            0) sources+=("counters=$folder/counters") && compared=true ;;
            2) scrapes=1 ;; # a page that is not what it was before, such as one with a series twice
            *) exit 2 ;;
            esac
        fi
        facts+=(--set "counters.scrapes=$scrapes" --set "counters.compared=$compared" --set "counters.counters=$counters" --set "counters.silent=$silent")
    fi
    # Each document is of a program of its own, also where two say the same.
    merge-evidence --allow-equal "${sources[@]}" "${facts[@]}" -o "$folder/evidence" || exit 2
}
