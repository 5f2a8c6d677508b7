#!/usr/bin/env bash
# Shows: Perl's Prometheus::Tiny takes 950ms, `1,5` and an empty text and serves 0; the buckets of its histograms stand in the
# order 0.5, 1, 10, 2.5, 5.
# Expected: an error; or the number at the front, as Perl itself reads 950ms; and buckets in the order of their bounds.
# Seen: a warning on standard error, where a server writes many, and the metric is 0 from then on, also where it had a value
# before. The lines of a page are sorted as texts, those of the buckets as well; the counts are right.
# Who it hurts: a limit on a gauge that is set from the output of another program: once that writes a unit, the value is 0. And
# readers that take the buckets as they come.
# Instead: looks_like_number() before set().
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

deb libprometheus-tiny-perl 0.010-1

export PERL5LIB=$work/root/usr/share/perl5
# served VALUE: what is served of a gauge that was 12 and is set to VALUE
served() {
    perl -MPrometheus::Tiny -e 'my $page = Prometheus::Tiny->new; $page->set("ms", 12); $page->set("ms", $ARGV[0]); print $page->format' -- "$1" 2>err
}
must "950" "ms 950" "$(served 950)"
must "1e-05" "ms 1e-05" "$(served 1e-05)"
must "950ms" "ms 0" "$(served 950ms)"
must "standard error" "setting 'ms' to non-numeric value, using 0 instead" "$(sed 's/ at .*//' err)"
must "1,5" "ms 0" "$(served 1,5)"
must "buckets" "0.5 0.75 1 10 2.5 5 7.5 +Inf" "$(perl -MPrometheus::Tiny -e 'my $page = Prometheus::Tiny->new;
$page->declare("t", type => "histogram"); $page->histogram_observe("t", 3); print $page->format' |
    sed -n 's/.*le="\([^"]*\)".*/\1/p' | sed -n '/^0.5$/,$p' | xargs)"
