# Kills the children of a harness, one call at a time; sourced after check.bash. shellcheck shell=bash
# shellcheck disable=SC2034,SC2154
#
# Owns a folder of stand-ins, one for each program that a harness may call: each counts its calls, and does in the one call that
# was chosen what was chosen: dies, or ends well without a word. All others are the program itself.

children=$work/children
mkdir -p "$children/bin" "$children/calls"

# stand_in PROGRAM PATH: written for dash, whose start costs a millisecond.
stand_in() {
    cat >"$children/bin/$1" <<END
#!/bin/sh
n=0
read -r n <"$children/calls/$1"
n=\$((n + 1))
echo "\$n" >"$children/calls/$1"
read -r name which how <"$children/chosen"
if [ "\$name" = "$1" ] && [ "\$which" = "\$n" ]; then
    echo "\$*" >"$children/hit"
    case \$how in killed) kill -9 \$\$ ;; silent) exit 0 ;; esac
fi
exec "$2" "\$@"
END
    chmod +x "$children/bin/$1"
}
for program in kv-extract percentile merge-evidence check-threshold verdict; do stand_in "$program" "$tools/$program"; done
for program in awk basename cat chmod cp curl cut date dirname du flock grep head kill ls mkdir mktemp mv paste readlink realpath rm rmdir \
    sed setpriv sha256sum sleep sort stat tail tar timeout touch tr wc xargs; do
    if path=$(PATH=/usr/bin:/bin command -v "$program") && [[ $path == /* ]]; then stand_in "$program" "$path"; fi
done

# choose NAME N HOW: what is to go wrong in the next run; none none none for nothing.
choose() {
    local each
    printf '%s %s %s\n' "$@" >"$children/chosen"
    rm -f "$children/hit" "$children"/calls/*
    # A count that is not there yet would be a message on standard error.
    for each in "$children"/bin/*; do echo 0 >"$children/calls/${each##*/}"; done
}

# run HARNESS OPTION...: as ever, but by the stand-ins. Ends with its status.
run_by_stand_ins() {
    env -i PATH="$children/bin:/usr/bin:/bin" TMPDIR="$TMPDIR" "${environment[@]}" /usr/bin/timeout -s KILL 120 bash "scripts/$1" \
        "${@:2}" --tools "$children/bin" >"$work/out" 2>"$work/err"
}

# every_child NAME ANSWER COMMAND...: runs COMMAND, whose answer is no PASS, once for each call of each child and each way to go
# wrong. It must never end with 0 nor leave a PASS at ANSWER. EVIDENCE_EVERY=N tries every N-th call of each program, from a random
# one on.
every_child() {
    local name=$1 answer=$2 program status how which total
    local -A counts=()
    shift 2
    choose none 0 none
    "$@"
    status=$?
    ran="$name"
    same 'exit status is 1 or 3' "$(((status == 1 || status == 3) && 1))" 1
    ((status == 1 || status == 3)) || return
    for program in "$children"/calls/*; do counts[${program##*/}]=$(cat "$program"); done
    local tried=0 passed=0
    for program in "${!counts[@]}"; do
        total=${counts[$program]}
        for ((which = 1 + RANDOM % ${EVIDENCE_EVERY:-1}; which <= total; which += ${EVIDENCE_EVERY:-1})); do
            for how in killed silent; do
                choose "$program" "$which" "$how"
                rm -rf "$answer"
                "$@"
                status=$?
                tried=$((tried + 1)) checked=$((checked + 1))
                if ((status == 0)) || [[ -e $answer && $(grep -o '"verdict":"[A-Z]*"' "$answer" | head -n 1) == *PASS* ]]; then
                    passed=$((passed + 1))
                    ran="$name, call $which of $total of $program, $how"
                    wrong "a false PASS (exit $status): $program $(cut -c 1-300 "$children/hit" 2>/dev/null)"
                fi
            done
        done
    done
    children_tried=$((children_tried + tried)) children_passed=$((children_passed + passed))
    printf '%s: %s children died or were silent, %s false PASS\n' "$name" "$tried" "$passed"
}
children_tried=0 children_passed=0
