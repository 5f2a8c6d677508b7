# What max-rps is asked for: times, steps and requests; sourced by it, whose options these lines read. shellcheck shell=bash
# shellcheck disable=SC2034,SC2154

# seconds OPTION TIME: 10s, 500ms or 2m as seconds.
seconds() {
    [[ $2 =~ ^([0-9]{1,6})(ms|s|m|h)$ ]] || die "$1: \"$2\": wanted a time like 10s, 500ms or 2m"
    case ${BASH_REMATCH[2]} in
    ms) printf '%d.%03d\n' $((10#${BASH_REMATCH[1]} / 1000)) $((10#${BASH_REMATCH[1]} % 1000)) ;;
    s) printf '%d\n' $((10#${BASH_REMATCH[1]})) ;;
    m) printf '%d\n' $((10#${BASH_REMATCH[1]} * 60)) ;;
    h) printf '%d\n' $((10#${BASH_REMATCH[1]} * 3600)) ;;
    esac
}
warmup=$(seconds --warmup "$warmup") && hold=$(seconds --hold "$hold") || exit 2
cooldown=$(seconds --cooldown "$cooldown") && timeout=$(seconds --timeout "$timeout") || exit 2
[[ $hold =~ [1-9] ]] || die "--hold: wanted a time above 0"
[[ $hold == *.* ]] && hold_ms=$((10#${hold/./})) || hold_ms=$((hold * 1000))
[[ $connections =~ ^[1-9][0-9]{0,5}$ ]] || die "--connections: \"$connections\": wanted a number above 0"

# The steps, as plain numbers.
[[ -n $steps ]] || die "--steps is missing; see --help"
rates=() last=0
while IFS= read -r step; do
    [[ $step =~ ^([0-9]{1,9})(\.([0-9]{1,3}))?(k|K)?$ ]] || die "--steps: \"$step\": wanted a rate like 500 or 2k"
    rate=$((10#${BASH_REMATCH[1]}))
    if [[ -n ${BASH_REMATCH[4]} ]]; then
        part=${BASH_REMATCH[3]}000
        rate=$((rate * 1000 + 10#${part:0:3}))
    elif [[ -n ${BASH_REMATCH[2]} ]]; then
        die "--steps: \"$step\": wanted whole requests per second"
    fi
    ((rate > 0)) || die "--steps: \"$step\": wanted a rate above 0"
    ((rate > last)) || die "--steps: \"$step\": wanted rising steps: it comes after $last"
    rates+=("$rate") last=$rate
done < <(tr , "\n" <<<"${steps//, /,}")

# What is requested: the names, their methods and URLs, and what part of the rate each has, in parts of total_weight.
names=() methods=() urls=() weights=() total_weight=1
if ((${#action[@]})); then
    [[ -z $url ]] || die "--url and --action: wanted one or the other"
    left=100 unsaid=0
    for each in "${action[@]}"; do
        [[ $each =~ ^([A-Za-z][A-Za-z0-9_]*)=(([A-Z]+)\ +)?([^ ]+)(\ +([1-9][0-9]?)%)?$ ]] || die "--action: \"$each\": wanted NAME=URL, or 'NAME=POST URL 30%'"
        [[ " ${names[*]} " != *" ${BASH_REMATCH[1]} "* ]] || die "--action: \"${BASH_REMATCH[1]}\" is there twice"
        names+=("${BASH_REMATCH[1]}") methods+=("${BASH_REMATCH[3]:-GET}") urls+=("${BASH_REMATCH[4]}") weights+=("${BASH_REMATCH[6]:-0}")
        if [[ -n ${BASH_REMATCH[6]} ]]; then left=$((left - BASH_REMATCH[6])); else unsaid=$((unsaid + 1)); fi
    done
    ((unsaid ? left > 0 : left == 0)) || die "--action: the shares come to $((100 - left))%: wanted 100% in all"
    # In parts of a hundredth of one of those that share the rest, so that all are whole numbers.
    total_weight=$((100 * (unsaid ? unsaid : 1)))
    for each in "${!names[@]}"; do
        ((weights[each] = weights[each] ? weights[each] * (unsaid ? unsaid : 1) : left))
        ((rates[0] * weights[each] >= total_weight)) || die "--steps: ${rates[0]} is less than one request per second for ${names[each]}"
    done
else
    [[ -n $url ]] || die "--url is missing; see --help"
    urls=("$url") methods=(GET) weights=(1)
fi
