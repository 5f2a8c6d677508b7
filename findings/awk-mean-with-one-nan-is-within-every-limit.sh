#!/usr/bin/env bash
# Shows: one `nan` in a column, and the awk that is Debian's default finds the mean below any limit, and equal to
# it.
# Expected: comparisons with NaN are false (IEEE 754), or `nan` is a word without digits, that is, 0 in awk. In both
# cases the gate judges by a rule, and by the same one in every awk.
# Seen: mawk reads `nan` as NaN and then says that the mean is <= 200 and == 200; busybox awk says <= 200; gawk
# takes the value for 0, so the sum is right, but it is divided by four lines: 1.5 instead of 2.
# Who it hurts: `awk '{s += $1} END {exit !(s / NR <= 200)}'` is a gate that cannot fail once a NaN is in the log,
# on Debian, Ubuntu (mawk) and Alpine (busybox), and another one on Fedora (gawk).
# Instead: write the rule so that the good case must be proven: count lines with $1 ~ /^[0-9.]+$/, and demand all.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# must WHAT WANTED SEEN
must() {
    echo "seen: $1: $3"
    [ "$3" = "$2" ] || {
        echo "differs: $1: this script states: $2" >&2
        exit 1
    }
}

# deb NAME VERSION: unpacked into ./root, nothing is installed
deb() {
    apt-get -qq download "$1=$2" >apt.log 2>&1 ||
        { apt-get -qq update && apt-get -qq download "$1=$2"; } >apt.log 2>&1 ||
        { cat apt.log >&2; exit 1; }
    dpkg -x "$1"_*.deb root
    echo "version: $1 $2"
}

deb mawk 1.3.4.20200120-3.1
deb busybox 1:1.35.0-4+deb12u1+b1
deb gawk 1:5.2.1-2
deb libsigsegv2 2.14-1
deb libmpfr6 4.2.0-1
deb libreadline8 8.2-1.3
deb libtinfo6 6.4-4
LD_LIBRARY_PATH=$(echo "$work"/root/{usr/,}lib/*-linux-gnu | tr ' ' :)
export LD_LIBRARY_PATH

cat >mean.awk <<'AWK'
{ s += $1 }
END { m = s / NR; printf "%s %d %d %d", m, (m <= 200), (m == 200), (m > 200) }
AWK
printf '1\nnan\n2\n3\n' >ms
must "mawk: mean, <= 200, == 200, > 200" "nan 1 1 0" "$(root/usr/bin/mawk -f mean.awk ms)"
must "busybox: the same" "nan 1 0 0" "$(root/bin/busybox awk -f mean.awk ms)"
must "gawk: the same" "1.5 1 0 0" "$(root/usr/bin/gawk -f mean.awk ms)"
