# soak round: one round of work, and what it came to. shellcheck shell=bash
# shellcheck disable=SC2154,SC2015,SC2034

round() {
    local began=$EPOCHSECONDS slot name
    slot=$(slot_of "$began")
    exec 9>>round.lock || die "cannot open $dir/round.lock"
    if ! flock --nonblock 9; then
        printf '%s kind=skipped slot=%d reason="another round holds the lock"\n' "$(timestamp "$began")" "$slot" >>skipped.log
        printf 'soak: another round is still running: this one is skipped\n' >&2
        exit 3
    fi
    # A round is named by its second: one that follows within the same second waits for the next.
    while printf -v name 'rounds/%(%Y-%m-%d/round-%H%M%S)T' "$began" && [[ -e $name ]]; do
        sleep 0.1
        began=$EPOCHSECONDS slot=$(slot_of "$EPOCHSECONDS")
    done
    local finished=(rounds/*/round-*/round-summary.json) number before id='' cursor=''
    [[ -e ${finished[0]} ]] || finished=()
    # Numbered behind the last that has a number: by their count it would get that of another, where a summary is gone.
    before=${#finished[@]}
    if ((before)) && number=$(printf '%s\0' "${finished[@]}" | xargs -0 cat 2>>errors.log | awk '
        match($0, /"round":[0-9]+/) { number = substr($0, RSTART + 8, RLENGTH - 8) + 0; if (number > last) last = number }
        END { print last + 0 }') && ((number > 0)); then before=$number; fi
    mkdir -p "$name/evidence" || die "cannot make $dir/$name"
    local facts=(--set kind=round --set "round=$((before + 1))" --set "slot=$slot" --set-text "name=$name"
        --set-text "began_at=$(timestamp "$began")")

    # Health. A round that had to start the control plane again has failed, whatever comes after.
    local health=ok restarted=false health_code=0
    if ! wait_until_healthy 0; then
        health=failed restarted=true
        facts+=(--set "health_code=$health_code")
        stop_control_plane
        start_control_plane
        if wait_until_healthy 30; then facts+=(--set recovered=true); else facts+=(--set recovered=false); fi
    else
        facts+=(--set "health_code=200")
    fi
    facts+=(--set "health=$health" --set "restarted=$restarted")

    # Creates, timed; none where it did not come back.
    local stuck='' scan_ok=false recovery_ok=0 recovery_fail=0
    local plan took code outcome create_ok=0 create_errors=0
    : >"$name/plans-created.txt"
    if [[ $health_code == 200 ]]; then
        for ((number = 1; number <= creates; number++)); do
            printf -v plan 'soak-%d-%02d' "$began" "$number"
            send plans-created.txt "$plan" "$create_request"
            if [[ $outcome == true ]]; then create_ok=$((create_ok + 1)); else create_errors=$((create_errors + 1)); fi
        done
    fi
    facts+=(--set "creates=$((create_ok + create_errors))" --set "create_ok=$create_ok" --set "create_errors=$create_errors")
    # A create that was answered or timed out took time; one that never got a connection did not.
    kv-extract --as took=ms "$name/plans-created.txt" -o "$name/evidence/creates" &&
        percentile -f took_ms --where 'http > 0 or curl == 28' "$name/evidence/creates" -o "$name/evidence/create-times" &&
        percentile -f took_ms --where 'http > 0 or curl == 28' --state --source-id "$name" "$name/evidence/creates" \
            -o "$name/create-times.state" || die "the create times of $name cannot be read"

    if [[ -n $scan_request ]]; then scan_and_recover; fi
    local sources=()
    if [[ -n $list_request ]]; then list_all; fi

    # Metrics: the counters, summed over their labels. One that is not there was not measured, and the scrape has failed.
    local metrics_ok=false counter sums=() each size
    for counter in $counters; do sums+=(-a "${counter%%=*} = sum(value where name == \"${counter#*=}\")" --require "${counter%%=*}"); done
    if [[ -n $counters && $(fetch 10 "$name/metrics-scrape.prom" "$metrics_url") == 200 ]] &&
        kv-extract -f prometheus "$name/metrics-scrape.prom" -o "$name/evidence/samples" 2>>errors.log &&
        merge-evidence "${sums[@]}" "$name/evidence/samples" -o "$name/evidence/metrics" 2>>errors.log; then
        metrics_ok=true sources+=("$name/evidence/metrics")
    fi
    for each in store=cp-data audit=audit-store; do
        size=$(du --summarize --apparent-size --block-size=1 "${each#*=}" 2>>errors.log) && facts+=(--set "${each%%=*}_bytes=${size%%[^0-9]*}")
    done
    [[ -z $counters ]] || facts+=(--set "metrics_ok=$metrics_ok")

    # What the state must hold.
    local timed=0
    if ((create_ok + create_errors > 0)); then
        # A create that took long is no hole between the others.
        merge-evidence --every 1d -a 'timed = count(where http > 0 or curl == 28)' "$name/evidence/creates" -o "$work/timed" 2>>errors.log
        timed=$(value "$work/timed" timed)
    fi
    facts+=(--set "timed=$timed")
    p99=$(EVIDENCE_SEAL=0 merge-evidence "$name/evidence/create-times" --get took_ms.p99 2>>errors.log) && facts+=(--set "p99_ms=$p99")
    facts+=(--set-text "ended_at=$(timestamp "$EPOCHSECONDS")")
    merge-evidence "${sources[@]}" "${facts[@]}" -o "$name/round-summary.json" || die "$name has no summary"
    printf '%s %s health=%s create_ok=%d create_errors=%d p99_ms=%s scan_ok=%s recovery_ok=%d recovery_fail=%d\n' \
        "$(timestamp "$began")" "$name" "$health" "$create_ok" "$create_errors" "${p99:-unknown}" "$scan_ok" "$recovery_ok" \
        "$recovery_fail"
    # A round that found all well belongs to no run.
    if [[ $health != ok || -n $scan_request && ($scan_ok != true || $stuck != 0) ]]; then
        (alert_runs "$((before + 1))") || printf 'soak: whether this round earned an alert is not known\n' >&2
    fi
}

# scan_and_recover: the stuck scan, asked for also where the control plane did not come back, so that its failure is a measured
# one; then a recovery for each that is stuck, a hundred a round.
scan_and_recover() {
    local scan_code
    scan_code=$(ask 10 "$name/stuck-scan.json" "$scan_request")
    if [[ $scan_code == 200 ]] && is_list "$name/stuck-scan.json" "$scan_items" &&
        merge-evidence -a "stuck = first(len($scan_items))" "$name/stuck-scan.json" -o "$work/scan" 2>>errors.log; then
        stuck=$(EVIDENCE_SEAL=0 merge-evidence "$work/scan" --get stuck 2>>errors.log) && scan_ok=true
    fi
    facts+=(--set "scan_http_code=$scan_code" --set "scan_ok=$scan_ok")
    if [[ $scan_ok == true ]]; then facts+=(--set "stuck_count=$stuck"); fi
    [[ -n $recover_request ]] || return 0
    : >"$name/recovery.txt"
    for ((number = 0; number < ${stuck:-0} && number < 100; number++)); do
        plan=$(EVIDENCE_SEAL=0 merge-evidence "$name/stuck-scan.json" --get "${scan_items}[$number].$scan_id" 2>>errors.log)
        if [[ $plan =~ ^[A-Za-z0-9._~-]+$ ]]; then
            send recovery.txt "$plan" "$recover_request"
        else
            outcome=false
            printf 'plan=? ok=false reason="an id that does not fit a URL"\n' >>"$name/recovery.txt"
        fi
        if [[ $outcome == true ]]; then recovery_ok=$((recovery_ok + 1)); else recovery_fail=$((recovery_fail + 1)); fi
    done
    facts+=(--set "recovery_attempts=$((recovery_ok + recovery_fail))" --set "recovery_ok=$recovery_ok"
        --set "recovery_fail=$recovery_fail")
}

# is_list FILE PATH: there is a list in the answer; {}, {"0":…} and "[" have a length, too.
is_list() {
    local shape
    shape=$(EVIDENCE_SEAL=0 merge-evidence "$1" --get "$2" 2>>errors.log) && [[ $shape == \[* ]] || return 1
    shape=$(merge-evidence "$1" --paths 2>>errors.log) && [[ $'\n'$shape != *$'\n'"$2 = \""* ]]
}

# for_url CURSOR: as it stands in a URL; what is encoded already stays. Nothing where it is no plain text.
for_url() {
    local index text=''
    [[ $1 =~ ^[[:graph:]]+$ ]] || return
    for ((index = 0; index < ${#1}; index++)); do
        case ${1:index:1} in
        [A-Za-z0-9._~%=-]) text+=${1:index:1} ;;
        *) printf -v text '%s%%%02X' "$text" "'${1:index:1}" ;;
        esac
    done
    printf '%s' "$text"
}

# list_all: all plans, page by page, until the cursor is empty, null or not there; the count is known only then.
list_all() {
    local before page=0 listing_ok=false end=$((SECONDS + 300)) next=()
    if [[ -n $list_cursor ]]; then next=(-a "cursor = first(default($list_cursor, \"\"))"); fi
    : >"$name/plan-pages.txt"
    while ((page < 10000 && SECONDS < end)); do
        page=$((page + 1))
        [[ $(ask 10 "$work/page" "$list_request") == 200 ]] || break
        is_list "$work/page" "$list_items" || break
        merge-evidence -a "plans = first(len($list_items))" "${next[@]}" "$work/page" -o "$work/count" 2>>errors.log || break
        printf 'page=%d plans=%s\n' "$page" "$(value "$work/count" plans)" >>"$name/plan-pages.txt"
        before=$cursor cursor=''
        if [[ -n $list_cursor ]]; then cursor=$(EVIDENCE_SEAL=0 merge-evidence "$work/count" --get cursor 2>>errors.log) || break; fi
        if [[ -z $cursor ]]; then
            listing_ok=true
            break
        fi
        cursor=$(for_url "$cursor")
        [[ -n $cursor && $cursor != "$before" ]] || break
    done
    if [[ $listing_ok == true ]]; then
        kv-extract "$name/plan-pages.txt" -o "$name/evidence/pages" &&
            merge-evidence -a 'plan_count = sum(plans)' "$name/evidence/pages" -o "$name/evidence/plans" 2>>errors.log &&
            sources+=("$name/evidence/plans") || listing_ok=false
    fi
    facts+=(--set "listing_ok=$listing_ok" --set "plan_pages=$page")
}

# alert_runs NUMBER: an alert for the runs of rounds that the one of that number belongs to, at once.
alert_runs() {
    now=$EPOCHSECONDS
    find_rounds
    runs "$slot" "$slot" || exit
    check-threshold -t "$(goals round.thresholds)" --exit-zero -i "$work/runs" -o "$work/checks" || exit 2
    verdict -q --now "$(timestamp "$now")" --set "round=$1" --append "alerts=$work/alerts" -o "$work/verdict" "$work/checks" 2>/dev/null
    (($? != 2)) && [[ -s $work/verdict ]] && append_alerts
}

# send LOG PLAN LINE: one request of the profile; its line goes to that log of the round, and outcome says whether it was answered 2xx.
send() {
    local answer curl=0 method path body id=$2
    request "$3"
    answer=$(curl -q --globoff --silent --header "X-Operator: $operator" \
        --header 'Content-Type: application/json' ${curl_config:+--config "$curl_config"} --max-time 10 --request "$method" ${body:+--data "$body"} \
        --output /dev/null --write-out '%{http_code} %{time_total}' "$url$path") || curl=$?
    code=${answer%% *} took=${answer##* } outcome=false
    if [[ $curl == 0 && $code == 2?? ]]; then outcome=true; fi
    printf 'plan=%s http=%d curl=%d took=%ss ok=%s\n' "$2" "$((10#${code:-0}))" "$curl" "${took:-0}" "$outcome" >>"$name/$1"
}
