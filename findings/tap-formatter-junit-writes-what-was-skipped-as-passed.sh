#!/usr/bin/env bash
# Shows: Perl's TAP::Formatter::JUnit writes two tests that were skipped as two that passed; a TODO that passed, at which prove
# exits 0, is an error.
# Expected: `<skipped/>`, as of TAP::Harness::JUnit and of everything else that writes such reports; no error where prove is green.
# Seen: a plain `<testcase>` for `ok 1 # SKIP no database`, and no count of what was skipped. `ok 1 # TODO` is
# `<error type="TodoTestSucceeded">` unless ALLOW_PASSING_TODOS is set. `not ok 1 # TODO` passes in both.
# Who it hurts: a gate that wants a number of tests that really ran: without its database the suite has as many passes as ever.
# Instead: TAP itself (prove -v), or TAP::Harness::JUnit.
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

# debs NAME=VERSION ...: unpacked into ./root, nothing is installed
debs() {
    apt-get -qq download "$@" >apt.log 2>&1 ||
        { apt-get -qq update && apt-get -qq download "$@"; } >apt.log 2>&1 ||
        { cat apt.log >&2; exit 1; }
    local file
    for file in ./*.deb; do dpkg -x "$file" root; done
    printf 'version: %s\n' "$@"
}

mapfile -t packages <<'LIST'
libtap-formatter-junit-perl=0.11-2
libclass-load-perl=0.25-2
libclass-load-xs-perl=0.10-2+b1
libdata-optlist-perl=0.113-1
libdevel-globaldestruction-perl=0.14-4
libdevel-overloadinfo-perl=0.007-1
libeval-closure-perl=0.14-3
libexporter-tiny-perl=1.006000-1
liblist-moreutils-perl=0.430-2
liblist-moreutils-xs-perl=0.430-3+b1
libmodule-implementation-perl=0.09-2
libmodule-runtime-perl=0.016-2
libmoose-perl=2.2203-1
libmoosex-nonmoose-perl=0.26-2
libmro-compat-perl=0.15-2
libpackage-deprecationmanager-perl=0.18-1
libpackage-stash-perl=0.40-1
libpackage-stash-xs-perl=0.30-1+b1
libparams-util-perl=1.102-2+b1
libsub-exporter-perl=0.989-1
libsub-exporter-progressive-perl=0.001013-3
libsub-install-perl=0.929-1
libtry-tiny-perl=0.31-2
libxml-generator-perl=1.11-1
LIST
debs "${packages[@]}"
export PERL5LIB=$work/root/usr/share/perl5:$work/root/usr/lib/x86_64-linux-gnu/perl5/5.36

# run LINE ...: a test file that prints these lines; the report in ./report; prints the exit status
run() {
    printf 'print "%s\\n";\n' "1..$#" "$@" >case.t
    local status=0
    prove --formatter TAP::Formatter::JUnit case.t >report 2>log || status=$?
    echo "$status"
}
inside() { tr -d '\n' <report | sed 's/.*<testsuite [^>]*>//; s/<system-out>.*//; s/  */ /g; s/^ //; s/ $//'; }
must "two that failed: exit" "1" "$(run 'not ok 1 - a' 'not ok 2 - b')"
must "failures in the report" "2" "$(grep -c '<failure' report)"
must "two that were skipped: exit" "0" "$(run 'ok 1 - a # SKIP no database' 'ok 2 - b # SKIP no database')"
must "in the report" '<testcase name="1 - a"></testcase> <testcase name="2 - b"></testcase>' "$(inside)"
must "skipped in the report" "0" "$(grep -v '# SKIP' report | grep -c skip || true)"
must "TODO that passed: exit" "0" "$(run 'ok 1 - a # TODO later')"
must "errors in the report" "1" "$(grep -c TodoTestSucceeded report)"
