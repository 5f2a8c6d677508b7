#!/usr/bin/env bash
# Shows: json-bigint, made for large integers, changes what happens to fractions of more than 15 characters.
# Expected: only integers beyond 2^53 are given another type; 12.345678901234567, as any tool prints a mean, is a
# number.
# Seen: the length of the text decides. With useNativeBigInt such a fraction is a SyntaxError ("Cannot convert
# 12.345678901234567 to a BigInt"); by default it is an object: `a + b` glues texts together, === is false.
# Who it hurts: a reader of summaries that works while means are short (12.5) and throws, or sums 12.5 and
# 0.1234567890123456 to a text, when they are not. `"12.34…" < 200` still holds by conversion, so a limit does not
# show it.
# Instead: lossless-json, or JSON.parse and ids as text.
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

npmjs json-bigint@1.0.0 bignumber.js@9.3.1

cat >sum.js <<'JS'
const big = require("json-bigint");
const text = '{"a": 12.345678901234567, "b": 1.5}';
const { a, b } = big.parse(text);
console.log(typeof a, typeof b, a + b, a === 12.345678901234567);
try {
  console.log(big({ useNativeBigInt: true }).parse(text).a);
} catch (error) {
  console.log(error.message);
}
console.log(big({ useNativeBigInt: true }).parse('{"a": 12.345678901234}').a);
JS
mapfile -t line < <(node sum.js)
must "types of a and b, a + b, a === itself" "object number 12.3456789012345671.5 false" "${line[0]}"
must "useNativeBigInt" "Cannot convert 12.345678901234567 to a BigInt" "${line[1]}"
must "three digits fewer" "12.345678901234" "${line[2]}"
