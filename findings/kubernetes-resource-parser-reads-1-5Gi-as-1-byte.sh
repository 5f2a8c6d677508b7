#!/usr/bin/env bash
# Shows: memoryParser("1.5Gi") is 1 and memoryParser("129e6") is 129; cpuParser("2k") is 2.
# Expected: 1610612736, 129000000 and 2000, or an error: all three are in Kubernetes' documentation of quantities.
# Seen: the suffix is looked up only where digits and letters are all there is; else the number is what parseInt makes of it.
# An unknown suffix, 1K, gives NaN. k8s-resource-parser reads the three rightly and refuses 1K.
# Who it hurts: a soak test that holds the memory used against the limit of the pod: used 900Mi of 1.5Gi is 900 million
# times the limit; the other way round, a growth limit of 0.5Gi is 0.
# Instead: k8s-resource-parser, or the quantity functions of the official clients.
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

# npmjs NAME@VERSION ...: into ./node_modules
npmjs() {
    npm install --silent --no-audit --no-fund --no-save --ignore-scripts "$@" >npm.log 2>&1 || { cat npm.log >&2; exit 1; }
    printf 'version: %s\n' "node $(node --version)" "$@"
}

npmjs kubernetes-resource-parser@0.1.0 k8s-resource-parser@0.2.2

cat >parse.js <<'JS'
const { cpuParser, memoryParser } = require(process.argv[2]);
const read = (parse, text) => {
  try {
    return parse(text);
  } catch {
    return "error";
  }
};
console.log(...["1Gi", "1.5Gi", "0.5Gi", "129e6", "1K"].map((text) => read(memoryParser, text)), read(cpuParser, "2k"));
JS
must "k8s-resource-parser: 1Gi 1.5Gi 0.5Gi 129e6 1K, CPU 2k" "1073741824 1610612736 536870912 129000000 error 2000" \
    "$(node parse.js k8s-resource-parser)"
must "kubernetes-resource-parser" "1073741824 1 0 129 NaN 2" "$(node parse.js kubernetes-resource-parser)"
