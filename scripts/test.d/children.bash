# Kills the children of a harness, one call at a time; sourced after check.bash. shellcheck shell=bash
# shellcheck disable=SC2034,SC2154
#
# Owns a stand-in for each program that a harness may call: it counts its calls, and does in the one call that was chosen what was
# chosen: dies, or ends well without a word. All other calls, and all other programs, are the program itself: only where the calls
# are counted, all are stand-ins.

children=$work/children
mkdir -p "$children/bin" "$children/stand-ins" "$children/calls" "$children/said"
declare -A real=()

# stand_in PROGRAM PATH: written for dash, whose start costs a millisecond.
stand_in() {
    real[$1]=$2
    cat >"$children/stand-ins/$1" <<END
#!/bin/sh
n=0
read -r n <"$children/calls/$1"
n=\$((n + 1))
echo "\$n" >"$children/calls/$1"
read -r name which how <"$children/chosen"
if [ "\$name" = none ]; then
    printf '%s ' "\$@" >>"$children/said/$1.\$n"
elif [ "\$which" = "\$n" ]; then
    echo "\$*" >"$children/hit"
    case \$how in killed) kill -9 \$\$ ;; silent) exit 0 ;; esac
fi
exec "$2" "\$@"
END
    chmod +x "$children/stand-ins/$1"
}
for program in kv-extract percentile merge-evidence check-threshold verdict; do stand_in "$program" "$tools/$program"; done
for program in awk basename cat chmod cp curl cut date dirname du flock grep head kill ls mkdir mktemp mv paste readlink realpath rm rmdir \
    sed setpriv sha256sum sleep sort stat tail tar timeout touch tr wc xargs; do
    if path=$(PATH=/usr/bin:/bin command -v "$program") && [[ $path == /* ]]; then stand_in "$program" "$path"; fi
done

# choose NAME N HOW: what is to go wrong in the next run; none none none for nothing.
chosen=''
choose() {
    local each
    printf '%s %s %s\n' "$@" >"$children/chosen"
    rm -f "$children/hit"
    if [[ $1 == none ]]; then
        rm -f "$children"/calls/* "$children"/said/*
        # A count that is not there yet would be a message on standard error.
        for each in "${!real[@]}"; do
            echo 0 >"$children/calls/$each"
            ln -sf "../stand-ins/$each" "$children/bin/$each"
        done
        chosen=none
        return
    fi
    echo 0 >"$children/calls/$1"
    [[ $chosen != "$1" ]] || return
    if [[ $chosen == none ]]; then
        for each in "${!real[@]}"; do ln -sf "${real[$each]}" "$children/bin/$each"; done
    else
        ln -sf "${real[$chosen]}" "$children/bin/$chosen"
    fi
    ln -sf "../stand-ins/$1" "$children/bin/$1"
    chosen=$1
}

# run HARNESS OPTION...: as ever, but by the stand-ins. Ends with its status.
run_by_stand_ins() {
    env -i PATH="$children/bin:/usr/bin:/bin" TMPDIR="$TMPDIR" "${environment[@]}" /usr/bin/timeout -s KILL 300 bash "scripts/$1" \
        "${@:2}" --tools "$children/bin" >"$work/out" 2>"$work/err"
}

# worth_trying PROGRAM CALLS BEFORE: the numbers of the calls to try: all of them; with EVIDENCE_DISTINCT the first, the last and one
# between of those that are alike but for names of files and numbers. With EVIDENCE_PART=K/N the K-th of N parts of those, in the next
# case the next part; BEFORE calls of other programs were dealt out before.
worth_trying() {
    local call part=${EVIDENCE_PART:-1/1}
    for ((call = 1; call <= $2; call++)); do
        printf '%s\t' "$call"
        tr '\n' ' ' <"$children/said/$1.$call" | sed -E 's#[^ ]*/([^ ./]*\.)?##g; s/[0-9]+/0/g'
        printf '\n'
    done | awk -F '\t' -v all="${EVIDENCE_DISTINCT-}" -v seed="$RANDOM" '
        BEGIN { srand(seed) }
        all == "" { print $1; next }
        { n = ++many[$2]; calls[$2, n] = $1; if (n == 1) form[++forms] = $2 }
        END {
            for (i = 1; i <= forms; i++) {
                n = many[form[i]]
                print calls[form[i], 1]
                if (n > 1) print calls[form[i], n]
                if (n > 2) print calls[form[i], 2 + int(rand() * (n - 2))]
            }
        }' | awk -v part="$((${part%/*} + children_cases))" -v parts="${part#*/}" -v before="$3" '(NR + before + part) % parts == 0' | sort -n
}

# asked NAME: whether that case is to be tried.
asked() { [[ $1 == *"${EVIDENCE_ONLY-}"* ]]; }

# every_child NAME ANSWER COMMAND...: runs COMMAND, whose answer is no PASS, once for each call of each child and each way to go
# wrong. It must never end with 0 nor leave a PASS at ANSWER.
every_child() {
    local name=$1 answer=$2 program status how which total before=0
    local -A counts=() tries=()
    asked "$name" || return 0
    shift 2
    choose none 0 none
    "$@"
    status=$?
    rm -f "$children/hit"
    ran="$name"
    same 'exit status is 1 or 3' "$(((status == 1 || status == 3) && 1))" 1
    ((status == 1 || status == 3)) || return
    for program in "$children"/calls/*; do
        counts[${program##*/}]=$(cat "$program")
        tries[${program##*/}]=$(worth_trying "${program##*/}" "${counts[${program##*/}]}" "$before")
        before=$((before + ${counts[${program##*/}]}))
    done
    children_cases=$((children_cases + 1))
    local tried=0 passed=0 missed=0
    for program in "${!counts[@]}"; do
        total=${counts[$program]}
        for which in ${tries[$program]}; do
            for how in killed silent; do
                choose "$program" "$which" "$how"
                rm -rf "$answer"
                "$@"
                status=$?
                tried=$((tried + 1)) checked=$((checked + 1))
                [[ -e $children/hit ]] || missed=$((missed + 1))
                if ((status == 0)) || [[ -e $answer && $(grep -o '"verdict":"[A-Z]*"' "$answer" | head -n 1) == *PASS* ]]; then
                    passed=$((passed + 1))
                    ran="$name, call $which of $total of $program, $how"
                    wrong "a false PASS (exit $status): $program $(cut -c 1-300 "$children/hit" 2>/dev/null)"
                fi
            done
        done
    done
    children_tried=$((children_tried + tried)) children_passed=$((children_passed + passed))
    printf '%s: %s children died or were silent, %s false PASS (%s of the calls were not made that time), %s s\n' "$name" "$tried" "$passed" "$missed" "$SECONDS"
}
children_tried=0 children_passed=0 children_cases=0
