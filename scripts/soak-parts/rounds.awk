# The rounds of a soak, a line for each: its number (-1 where its summary is not whole), folder, slot, and 1 where its summary and
# its state are whole, parted by tabs; or one line "wrong" and what. The input's parts are named by "part".

# By index: an expression made anew for each line would cost more than all else here.
function member(name, at, found) {
    at = index($0, "\"" name "\":")
    if (!at) { return "" }
    found = substr($0, at + length(name) + 3)
    if (substr(found, 1, 1) == "\"") { found = substr(found, 2) }
    return match(found, /[",}]/) ? substr(found, 1, RSTART - 1) : ""
}

part == "begun" && $0 != "" { folder[++begun] = $0 }
part == "times" && $0 != "" { slot[++times] = $0 < first_due ? 0 : int(($0 - first_due) / interval) + 1 }
part == "names" { name[++names] = member("name"); number[names] = member("round"); due[names] = member("slot") }
part == "summaries" && $0 != "" { sub("/round-summary.json$", ""); whole[$0] = ++summaries }
part == "states" && $0 != "" { sub("/create-times.state$", ""); state[$0] = 1 }

END {
    if (names + 0 != summaries + 0) {
        print "wrong\trounds: of " summaries + 0 " summaries " names + 0 " have a name, a round and a slot"
        exit
    }
    for (i = 1; i <= begun; i++) {
        at = folder[i]
        k = whole[at]
        if (k && (name[k] != at || due[k] != slot[i] "")) {
            print "wrong\t" at ": holds the summary of another round, " name[k] " in slot " due[k] ": wanted one folder a round"
            exit
        }
        if (k && number[k] !~ /^[0-9]+$/) {
            print "wrong\t" at ": a round without its number"
            exit
        }
        if (k && number[k] in taken) {
            print "wrong\t" taken[number[k]] " and " at " have one number, " number[k] ": wanted one folder a round"
            exit
        }
        if (k) { taken[number[k]] = at }
        line[i] = (k ? number[k] : -1) "\t" at "\t" slot[i] "\t" (k ? 1 : "") "\t" (at in state ? 1 : "")
    }
    for (i = 1; i <= begun; i++) { print line[i] }
}
