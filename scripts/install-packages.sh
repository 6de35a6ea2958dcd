#!/bin/sh
# Installs the Debian packages that are missing. As root, or with sudo.
# Usage: install-packages.sh SECTION...      sections of packages.txt: build demo test bench deep tidy
set -eu
cd "$(dirname "$0")/.."
missing=
for section in "$@"; do
    wanted=$(awk -v section="[$section]" '/^\[/ { on = $0 == section; next } on && !/^#/' packages.txt)
    for package in $wanted; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
    done
done
[ -n "$missing" ] || exit 0

command -v apt-get >/dev/null || { echo "This needs Debian 12's packages, and there is no apt-get. Missing:$missing" >&2; exit 1; }
if [ "$(id -u)" = 0 ]; then run=; elif command -v sudo >/dev/null; then run=sudo; else
    echo "These Debian packages are missing, and neither root nor sudo is here to install them:" >&2
    echo "   apt-get install --no-install-recommends$missing" >&2
    exit 1
fi
echo "Installing:$missing"
$run apt-get update -qq
DEBIAN_FRONTEND=noninteractive $run apt-get install -y -qq --no-install-recommends $missing >/dev/null
