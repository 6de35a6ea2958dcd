#!/usr/bin/env bash
# start-keycloak.sh DIR PORT: starts a real Keycloak with the realm of realm.py on 127.0.0.1:PORT; prints its pid, which leads a
# process group. Stop: kill -KILL -PID. Log: DIR/log. Its first start on a machine downloads it from Maven Central, builds it and
# makes a database to start from, all kept in KEYCLOAK_CACHE (default: ~/.cache/gatehouse-keycloak). Exit code 75: the download
# failed.
set -euo pipefail
[ $# = 2 ] || { echo "usage: start-keycloak.sh DIR PORT" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd); dir=$(mkdir -p "$1" && cd "$1" && pwd); port=$2
version=26.7.3; cache=${KEYCLOAK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/gatehouse-keycloak}; home=$cache/keycloak-$version
mkdir -p "$cache"; python3 "$here/realm.py" >"$dir/realm.json"
seed=$cache/seed-$version-$(sha256sum <"$dir/realm.json" | cut -c1-16).mv.db
export KC_BOOTSTRAP_ADMIN_USERNAME=admin KC_BOOTSTRAP_ADMIN_PASSWORD=admin-password
export JAVA_OPTS_KC_HEAP="-Xms64m -Xmx512m" JAVA_OPTS_APPEND="-XX:TieredStopAtLevel=1"   # without C2 it starts twice as fast

install() {
  [ ! -f "$home/built" ] || return 0
  rm -rf "$home" "$cache/download"
  mvn -B -q -C -Dmaven.repo.local="$cache/download/maven" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy \
    -Dartifact="org.keycloak:keycloak-quarkus-dist:$version:zip" -DoutputDirectory="$cache/download" || exit 75
  unzip -q "$cache/download/keycloak-quarkus-dist-$version.zip" -d "$cache"; rm -rf "$cache/download"
  "$home/bin/kc.sh" build --db=dev-file --cache=local --health-enabled=false --metrics-enabled=false
  touch "$home/built"
}

run() { # DATABASE-DIR [option...]: in the background, as a process group of its own; its pid is in $pid
  local url="jdbc:h2:file:$1/keycloakdb;NON_KEYWORDS=VALUE"; shift
  : >"$dir/log"
  setsid "$home/bin/kc.sh" start --optimized --http-enabled=true --http-host=127.0.0.1 --http-port="$port" \
    --hostname="http://127.0.0.1:$port" --db-url="$url" "$@" >>"$dir/log" 2>&1 </dev/null 9>&- &
  pid=$!
  for _ in $(seq 900); do
    kill -0 "$PPID" 2>/dev/null || { kill -KILL -- "-$pid"; exit 1; }   # nobody waits for it any more
    kill -0 "$pid" 2>/dev/null || { tail -20 "$dir/log" >&2; exit 1; }
    ! grep -q 'Listening on: ' "$dir/log" || return 0
    sleep 0.2
  done
  echo "not ready in 180 s" >&2; tail -20 "$dir/log" >&2; kill -KILL -- "-$pid"; exit 1
}

plant() { # the seed: the database after the import of the realm
  [ ! -f "$seed" ] || return 0
  mkdir -p "$home/data/import"; cp "$dir/realm.json" "$home/data/import/"
  run "$dir/seed" --import-realm
  kill -TERM -- "-$pid"; timeout 60 tail --pid="$pid" -f /dev/null
  mv "$dir/seed/keycloakdb.mv.db" "$seed.new"; mv "$seed.new" "$seed"
}

( flock 9; install; plant ) 9>"$cache/.lock" >&2
mkdir -p "$dir/data"; cp "$seed" "$dir/data/keycloakdb.mv.db"
run "$dir/data"
echo "http://127.0.0.1:$port/realms/gatehouse" >"$dir/issuer"
echo "$pid"
