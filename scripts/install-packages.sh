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

give_up() { # SENTENCE...
    printf '%s\n' "$@" "   apt-get install --no-install-recommends$missing" >&2
    exit 1
}
system=$(sed -n 's/^PRETTY_NAME="\{0,1\}\([^"]*\).*/\1/p' /etc/os-release 2>/dev/null || true)
command -v apt-get >/dev/null ||
    give_up "This needs packages of Debian 12, and there is no apt-get here (${system:-unknown system}). On Debian 12 it would be:"
if [ "$(id -u)" = 0 ]; then as_root=; elif command -v sudo >/dev/null; then as_root=sudo; else
    give_up "Debian packages are missing, and only root may install them (there is no sudo here). As root, run:"
fi

echo "Installing:$missing"
# An index that cannot be fetched is a warning to apt-get update, and "Unable to locate package" later: any error counts.
$as_root apt-get update -qq -o APT::Update::Error-Mode=any ||
    give_up "The package lists could not be fetched (see above): is the network up, and are the mirrors of /etc/apt right? Then run:"
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null ||
    give_up "These packages of Debian 12 could not be installed on ${system:-this system} (see above):"
