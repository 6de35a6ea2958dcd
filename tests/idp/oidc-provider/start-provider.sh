#!/usr/bin/env bash
# start-provider.sh DIR PORT: installs (npm ci, once) and starts provider.mjs on 127.0.0.1:PORT; prints its pid. Stop: kill PID. Log: DIR/log.
set -euo pipefail
[ $# = 2 ] || { echo "usage: start-provider.sh DIR PORT" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd); dir=$(mkdir -p "$1" && cd "$1" && pwd)
app=${OP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/gatehouse-oidc-provider}; mkdir -p "$app"; cp "$here"/{provider.mjs,package.json,package-lock.json} "$app/"
( flock 9; [ -d "$app/node_modules/oidc-provider" ] || npm ci --prefix "$app" --no-audit --no-fund --silent >&2 || npm ci --prefix "$app" --no-audit --no-fund >&2 ) 9>"$app/.lock"
: >"$dir/log"   # before the fork: a stale "ready" line must not be seen
node "$app/provider.mjs" "$2" >>"$dir/log" 2>&1 </dev/null &
pid=$!; echo "$pid" >"$dir/pid"
for _ in $(seq 600); do
  kill -0 "$pid" 2>/dev/null || { tail -20 "$dir/log" >&2; exit 1; }
  if grep -q ^ready "$dir/log"; then grep ^ready "$dir/log" | cut -d' ' -f2 >"$dir/issuer"; cat "$dir/issuer" >&2; echo "$pid"; exit 0; fi; sleep 0.1
done
echo "not ready in 60 s" >&2; tail -20 "$dir/log" >&2; kill "$pid"; exit 1
