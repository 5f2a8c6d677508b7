#!/usr/bin/env bash
# Shows: start-server-and-test runs the tests against whatever answers at the URL: its own server could not bind the port, died,
# and the tests of the server that was there pass.
# Expected: an error, since the server that it was told to start has ended with status 1 before the tests began or while they
# ran.
# Seen: the new server's EADDRINUSE is printed, the tests ask the old one, exit 0.
# Who it hurts: a deploy rehearsal after a run whose server was left behind: the build of yesterday is what passes.
# Instead: have the answer say its version and test that, or look for a listener on the port first.
set -euo pipefail

work=$(mktemp -d)
old=
trap '[ -z "$old" ] || kill "$old"; rm -rf "$work"' EXIT
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

npmjs start-server-and-test@2.1.5

# The new server takes half a second to begin to listen, as most do.
cat >server.js <<'JS'
const server = require("http").createServer((request, response) => response.end(process.argv[2]));
setTimeout(() => server.listen(Number(process.argv[3])), process.argv[2] === "old" ? 0 : 500);
JS
cat >test.js <<'JS'
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
wait(2000).then(() => fetch("http://localhost:" + process.argv[2])).then((answer) => answer.text()).then((text) => console.log("answered by: " + text));
JS
port=$(node -e 'const s = require("net").createServer().listen(0, () => { console.log(s.address().port); s.close(); })')
# tried: exit status and what the test saw
tried() {
    local status=0
    node_modules/.bin/start-server-and-test "node server.js new $port" "http://localhost:$port" "node test.js $port" >run.log 2>&1 || status=$?
    echo "$status $(grep -oE '^answered by: (old|new)' run.log) $(grep -c 'Error: listen EADDRINUSE' run.log || true)"
}
must "nothing on the port: exit, answer, EADDRINUSE" "0 answered by: new 0" "$(tried)"
node server.js old "$port" &
old=$!
until node -e "fetch('http://localhost:$port').then(() => process.exit(0), () => process.exit(1))"; do sleep 0.2; done
must "yesterday's server on the port" "0 answered by: old 1" "$(tried)"
