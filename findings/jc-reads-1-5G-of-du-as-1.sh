#!/usr/bin/env bash
# Shows: jc reads `du -h` with 1.5G and 900M as the sizes 1 and 900, but the same two of `df -h` as bytes.
# Expected: bytes, as its df and free parsers give, or the text. The schema says "size": integer.
# Seen: du and ls drop the unit and the fraction and keep the number before it; no warning, exit 0. Plain du, in
# blocks of 1024, gives numbers of the same kind.
# Who it hurts: a soak gate on the size of a data folder: 1.5G is smaller than 900M, and `size < 1000` holds for
# every folder.
# Instead: du -b, ls without -h; or jc --raw, which leaves "1.5G".
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

# pypi NAME==VERSION ...: into a virtual environment
pypi() {
    python3 -m venv --without-pip py
    python3 -m pip --python py/bin/python --disable-pip-version-check install -q --no-compile "$@"
    export PATH=$work/py/bin:$PATH
    printf 'version: %s\n' "$(python3 --version)" "$@"
}

pypi jc==1.25.6

printf '1.5G\t./events\n900M\t./index\n' >du.txt
printf '%s\n' 'Filesystem  Size  Used Avail Use% Mounted on' '/dev/sdb1   1.5T  900M  1.4T   1% /data' >df.txt
printf '%s\n' 'total 1.5G' '-rw-r--r-- 1 shop shop 1.5G Nov 28 10:00 events' >ls.txt
sizes() { python3 -c 'import json, sys; print(*(r[sys.argv[1]] for r in json.load(sys.stdin)))' "$1"; }
must "du -h of 1.5G and 900M" "1 900" "$(jc --du <du.txt | sizes size)"
must "ls -lh of 1.5G" "1" "$(jc --ls <ls.txt | sizes size)"
must "df -h, 900M used" "943718400" "$(jc --df <df.txt | sizes used)"
must "du -h, --raw" "1.5G 900M" "$(jc --du --raw <du.txt | sizes size)"
