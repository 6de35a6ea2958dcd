#!/bin/sh
# Installs the Debian packages of packages.txt that are missing. As root, or with sudo.
set -eu
cd "$(dirname "$0")/.."
wanted=$(sed 's/#.*//' packages.txt)
missing=
for package in $wanted; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

command -v apt-get >/dev/null || { echo "This build needs Debian 12's packages, and there is no apt-get. Missing:$missing" >&2; exit 1; }
if [ "$(id -u)" = 0 ]; then run=; elif command -v sudo >/dev/null; then run=sudo; else
    echo "These Debian packages are missing, and neither root nor sudo is here to install them:" >&2
    echo "   apt-get install --no-install-recommends$missing" >&2
    exit 1
fi
echo "Installing:$missing"
$run apt-get update -qq
DEBIAN_FRONTEND=noninteractive $run apt-get install -y -qq --no-install-recommends $missing >/dev/null
