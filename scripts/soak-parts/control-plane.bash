# The control plane that a soak runs against: how it is asked, started and ended. shellcheck shell=bash
# shellcheck disable=SC2154,SC2015,SC2034

# request LINE: a request of the profile, METHOD PATH [BODY], as "method", "path" and "body", with "$id", "$cursor" and the
# threshold filled in.
request() {
    local rest=${1//'{id}'/"$id"}
    rest=${rest//'{cursor}'/"$cursor"} rest=${rest//'{threshold}'/"$stuck_threshold"}
    method=${rest%% *} rest=${rest#* } path=${rest%% *} body=''
    if [[ $rest == *' '* ]]; then body=${rest#* }; fi
}

# fetch SECONDS FILE ARGUMENT...: curl; the body goes to FILE, the HTTP code to stdout: 0 where there was no answer.
fetch() {
    local code
    code=$(curl -q --globoff --silent --show-error --header "X-Operator: $operator" \
        ${curl_config:+--config "$curl_config"} --max-time "$1" --output "$2" --write-out '%{http_code}' "${@:3}" \
        2>>errors.log) || code=0
    # A body that came whole is a whole line; one that was cut is not.
    if [[ $code != 0 && -f $2 ]]; then printf '\n' >>"$2"; fi
    printf '%d' "$((10#$code))"
}

# ask SECONDS FILE LINE: fetches a request of the profile.
ask() {
    local method path body
    request "$3"
    fetch "$1" "$2" --request "$method" ${body:+--header 'Content-Type: application/json' --data "$body"} "$url$path"
}

# start_of PID: when that process began, in ticks since boot; fails where it is gone or only waits to be buried.
start_of() {
    local fields
    { fields=$(<"/proc/$1/stat"); } 2>/dev/null || return 1
    read -ra fields <<<"${fields##*) }"
    [[ ${fields[0]} != Z ]] && printf '%s' "${fields[19]}"
}

# control_plane_pid: the process we started, if it is still that one and not another that got its number.
control_plane_pid() {
    local pid began
    read -r pid began 2>/dev/null <cp.pid || return 1
    [[ $(start_of "$pid") == "$began" ]] && printf '%s' "$pid"
}

# Starts the control plane in a session of its own. It must not inherit the round's lock: it would hold it for 30 days.
start_control_plane() {
    SOAK_DATA=$PWD/cp-data SOAK_AUDIT=$PWD/audit-store setsid bash -c "exec $start_command" </dev/null >>cp.log 2>&1 9>&- &
    local pid=$!
    disown "$pid"
    printf '%s %s\n' "$pid" "$(start_of "$pid")" >cp.pid
}

# Ends the control plane we started, and nothing else: a hung one must go before its successor can have its port.
stop_control_plane() {
    local pid began tries
    read -r pid began 2>/dev/null <cp.pid && [[ $pid =~ ^[1-9][0-9]+$ ]] || return 0
    if control_plane_pid >/dev/null; then kill "$pid" 2>/dev/null; fi
    for ((tries = 0; tries < 20; tries++)); do
        control_plane_pid >/dev/null || break
        sleep 0.1
    done
    # With its workers, which are in its group and would go on holding its port; but not where another process has got its number.
    if is_ours "$pid" "$began" && kill -9 -- "-$pid" 2>/dev/null; then sleep 0.1; fi
}

# is_ours PID BEGAN: the process of that number is the one that began then, or is gone.
is_ours() {
    local fields
    { fields=$(<"/proc/$1/stat"); } 2>/dev/null || return 0
    read -ra fields <<<"${fields##*) }"
    [[ ${fields[19]} == "$2" ]]
}

# wait_until_healthy SECONDS: sets health_code; fails where it is not 200, of the process we started, in time.
wait_until_healthy() {
    local end=$((SECONDS + $1))
    while :; do
        health_code=$(ask 5 /dev/null "$health_request")
        control_plane_pid >/dev/null || return 1 # it has ended: what answers there is not ours, or nothing will
        [[ $health_code != 200 ]] || return 0
        ((SECONDS < end)) || return 1
        sleep 0.1
    done
}

