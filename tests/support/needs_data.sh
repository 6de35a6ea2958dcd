#!/bin/sh
# Runs a test that reads third-party data, if the variable names its folder; else 77: ctest reports it as skipped.
# Usage: needs_data.sh VARIABLE NAME COMMAND...      What the variables are: CONTRIBUTING.md.
set -eu
variable=$1 name=$2
shift 2
eval "folder=\${$variable:-}"
if [ -z "$folder" ]; then
    why="$variable is not set (third-party data, see CONTRIBUTING.md)"
    echo "skipped: $name: $why"
    [ -z "${GATEHOUSE_SKIPPED:-}" ] || echo "$name: $why" >> "$GATEHOUSE_SKIPPED"
    exit 77
fi
[ -d "$folder" ] || { echo "$variable=$folder: there is no such folder" >&2; exit 1; }
exec "$@"
