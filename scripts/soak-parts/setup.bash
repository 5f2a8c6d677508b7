# soak setup: makes the folder of a soak, starts the control plane, and says what cron is to do. shellcheck shell=bash
# shellcheck disable=SC2154,SC2015,SC2034

# Slot N of the schedule is the N-th interval from the first multiple of the interval after setup; 0 is what came before.
read_config() {
    [[ -r $dir/config.env ]] || die "$dir is not set up: config.env is not there"
    cd "$dir" || die "cannot enter $dir"
    local number
    set_up='' days='' interval=''
    # shellcheck disable=SC1091
    source ./config.env || die "$dir/config.env cannot be read"
    for number in set_up days interval creates stuck_threshold; do
        [[ ${!number} =~ ^[1-9][0-9]{0,11}$ ]] || die "$dir/config.env: $number: \"${!number}\": wanted a whole number above 0"
    done
    first_due=$(((set_up + interval - 1) / interval * interval))
    slots_a_day=$((86400 / interval))
    last_slot=$((days * 86400 / interval))
    local file=soak.d/profile
    [[ -e $file ]] || file=$here/soak.d/profile
    read_soak_profile "$file"
}

# read_soak_profile FILE: what a round asks, and what is expected of the end. A soak that was set up without a profile has ours.
read_soak_profile() {
    local file=$1
    read_profile "$file" health_request create_request scan_request recover_request list_request scan_items scan_id list_items \
        list_cursor counters archive checks gates figures
    [[ $health_request =~ ^[A-Z]+\ / && $create_request =~ ^[A-Z]+\ / ]] || die "$file: health_request and create_request: wanted METHOD PATH [BODY]"
    [[ -z $scan_request || -n $scan_items ]] || die "$file: scan_items is empty: wanted where the list is in the answer"
    [[ $archive =~ ^[A-Za-z0-9._-]+$ ]] || die "$file: archive: \"$archive\": wanted a name"
}

# goals FILE: a file of the soak's own goals; of one that was set up before there was such a file, ours.
goals() { if [[ -e soak.d/$1 ]]; then printf 'soak.d/%s' "$1"; else printf '%s/soak.d/%s' "$here" "$1"; fi; }

# slot_of EPOCH
slot_of() { printf '%d' "$(($1 < first_due ? 0 : ($1 - first_due) / interval + 1))"; }

setup() {
    [[ -n $start_command && -n $url ]] || die "setup wants --start and --url; see --help"
    read_soak_profile "$profile/profile"
    [[ -z $counters || -n $metrics_url ]] || die "setup wants --metrics-url, where $profile/profile has counters"
    local number
    for number in days interval creates stuck_threshold; do
        [[ ${!number} =~ ^[1-9][0-9]{0,8}$ ]] || die "--${number//_/-}: \"${!number}\": wanted a whole number above 0"
    done
    ((interval % 60 == 0 && 86400 % interval == 0)) ||
        die "--interval: \"$interval\": wanted whole minutes that go into a day, in seconds, such as 900, 1800, 3600, 5400 or 7200"
    ((days * 86400 / interval <= 20000)) || die "--interval: more than 20000 rounds in $days days: their names would not fit a command line"
    [[ -z $curl_config || -r $curl_config ]] || die "--curl-config: cannot read \"$curl_config\""
    [[ ! -e $dir/config.env ]] || die "$dir is set up already"
    # In place of the profile of a setup that failed, which may be where this one is.
    mkdir -p "$dir"/{cp-data,audit-store,rounds,daily,checkpoints} && rm -rf "$dir/soak.d.part" && cp -r "$profile" "$dir/soak.d.part" &&
        rm -rf "$dir/soak.d" && mv "$dir/soak.d.part" "$dir/soak.d" || die "cannot make $dir"
    curl_config=${curl_config:+$(realpath "$curl_config")}
    cd "$dir" || die "cannot enter $dir"
    : >>skipped.log && : >>alerts.log || die "cannot write to $dir"
    # What a setup that was killed had started.
    [[ ! -e cp.pid ]] || stop_control_plane
    [[ $(ask 2 /dev/null "$health_request") == 0 ]] || die "$url answers already: something else has its port"

    local set_up=$EPOCHSECONDS began=${EPOCHREALTIME/./} took health=ok status=0
    start_control_plane
    # Until it is set up, it ends with us.
    trap 'ended=$?; stop_control_plane; (exit "$ended"); leave' EXIT
    if ! wait_until_healthy 10; then
        health=failed status=1
        stop_control_plane
    fi
    took=$((${EPOCHREALTIME/./} - began))
    if ((took > 10000000)); then health=failed status=1; fi
    printf '%s\n' "$(timestamp "$set_up") setup status=$status health=$health health_code=$health_code took=${took}us" \
        "control plane $url, metrics $metrics_url, $days days with a round each $interval s" >setup-summary.txt
    ((status == 0)) || {
        local why="was not healthy within 10 s"
        ((took > 10000000)) || why="is not there: what --start began has ended, and must stay in the foreground"
        printf 'soak: %s %s; see %s/cp.log: %s\n' "$url" "$why" "$dir" "$(tail -n 1 cp.log)" >&2
        end_with 1
    }
    for name in url metrics_url start_command operator curl_config tools set_up days interval creates stuck_threshold; do
        printf '%s=%q\n' "$name" "${!name}"
    done >config.env.part && mv config.env.part config.env || die "cannot write $dir/config.env"
    trap leave EXIT
    local soak log checkpoint daily minutes
    soak=$(for_cron "$here/soak") dir=$(for_cron "$PWD") log=$(for_cron "$PWD/cron.log")
    # Cron goes by the host's zone, the schedule by UTC: an hour and a half after the day in UTC, or the week from the first
    # round, is over, in the host's zone. Summer time may move it by an hour, and it still is over.
    first_due=$(((set_up + interval - 1) / interval * interval))
    daily=$(in_host_zone "$((first_due / 86400 * 86400 + 5400))" '%M %H') checkpoint=$(in_host_zone "$((first_due + 7 * 86400 + 5400))" '%M %H * * %w')
    printf '%s\n' "# For crontab; its times are the host's."
    while IFS= read -r minutes; do printf '%s\n' "$minutes * * * $soak round $dir >>$log 2>&1"; done < <(cron_times)
    printf '%s\n' "$daily * * * $soak report $dir --type daily >>$log 2>&1" \
        "$checkpoint $soak report $dir --type checkpoint >>$log 2>&1"
}

# in_host_zone EPOCH FORMAT: that moment where cron lives.
in_host_zone() { (if [[ -n $host_zone ]]; then TZ=$host_zone; else unset TZ; fi && printf "%($2)T" "$1"); }

# for_cron TEXT: as a word of sh in a line of crontab, where % would end the command. Not by printf %q, whose $'…' for what is not
# ASCII is known to bash alone.
for_cron() {
    local index word=''
    for ((index = 0; index < ${#1}; index++)); do
        case ${1:index:1} in [A-Za-z0-9_./+=:,@-] | [!$'\x01'-$'\x7f']) ;; *) word+=\\ ;; esac
        word+=${1:index:1}
    done
    printf '%s' "$word"
}

# cron_times: the minute and hour fields for a round each interval: */30 *, or 0 */2, or, where it is neither a part nor a
# multiple of an hour, a line for each minute with its hours.
cron_times() {
    local every=$((interval / 60)) at minute
    local -A hours=()
    if ((60 % every == 0 && every < 60)); then
        printf '*/%d *\n' "$every"
    elif ((every % 60 == 0)); then
        case $every in
        60) printf '0 *\n' ;;
        1440) printf '0 0\n' ;;
        *) printf '0 */%d\n' "$((every / 60))" ;;
        esac
    else
        for ((at = 0; at < 1440; at += every)); do hours[$((at % 60))]+=,$((at / 60)); done
        for ((minute = 0; minute < 60; minute++)); do
            if [[ -v hours[$minute] ]]; then printf '%d %s\n' "$minute" "${hours[$minute]#,}"; fi
        done
    fi
}

