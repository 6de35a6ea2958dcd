#!/bin/sh
# Makes an SQLite database from what every Debian machine has: its own package database.
# Usage: build-database.sh FILE
set -eu
file=${1:?usage: build-database.sh FILE}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# dpkg-query's fields, one package a line, separated by unit separators that no field has.
us=$(printf '\037')
dpkg-query -W -f "\${Package}${us}\${Version}${us}\${Architecture}${us}\${Section}${us}\${Installed-Size}${us}\${binary:Summary}\n" \
    > "$work/packages"
dpkg-query -W -f "\${Package}${us}\${Depends}\n" | awk -F "$us" -v OFS="$us" '
    { n = split($2, groups, / *, */)
      for (i = 1; i <= n; i++) {
          split(groups[i], choices, / *\| */); first = choices[1]; sub(/[ :(].*/, "", first)
          if (first != "" && !seen[$1, first]++) print $1, first } }' > "$work/dependencies"

rm -f "$file"
sqlite3 "$file" <<SQL
CREATE TABLE packages (name TEXT NOT NULL, version TEXT NOT NULL, architecture TEXT NOT NULL, section TEXT,
                       installed_kib INTEGER, summary TEXT);
CREATE TABLE dependencies (package TEXT NOT NULL, needs TEXT NOT NULL);
.mode ascii
.separator "$us" "\n"
.import "$work/packages" packages
.import "$work/dependencies" dependencies
CREATE INDEX packages_by_name ON packages(name);
CREATE INDEX dependencies_by_need ON dependencies(needs);
SQL
echo "$(sqlite3 "$file" 'SELECT count(*) FROM packages') packages and $(sqlite3 "$file" 'SELECT count(*) FROM dependencies') dependencies in $file"
