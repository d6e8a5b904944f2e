#!/usr/bin/env bash
# Holds what is about to be released against checksums.txt: the version, the
# source and every program. Nothing else may be published.
#
# usage: verify.sh VERSION FOLDER [archives]     FOLDER has the programs, and archives with them
set -euo pipefail
version=$1
folder=$2
archives=${3:-}
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/release/source.sh"

fail() {
  echo "::error title=Release::$1"
  exit 1
}

# archived NAME writes the program that is in the archive of one.
archived() {
  local inside=${1%.exe}
  case $1 in
    *.exe) unzip -p "$folder/$inside.zip" "$inside/patrol.exe" ;;
    *) tar -xzOf "$folder/$inside.tar.gz" "$inside/patrol" ;;
  esac
}

list=$root/release/checksums.txt
[ -f "$list" ] || fail 'release/checksums.txt is missing: run release/prepare.sh before the tag is made'
grep -qx "# version $version" "$list" || fail "release/checksums.txt is not that of $version"
grep -qx "# source $(source_hash)" "$list" || fail 'release/checksums.txt is that of another source: run release/prepare.sh again'
count=0
while read -r sum name; do
  [ "$sum" = '#' ] && continue
  [ -f "$folder/$name" ] || fail "$name was not built"
  got=$(hash "$folder/$name")
  [ "$got" = "$sum" ] || fail "$name has the SHA-256 $got, and release/checksums.txt says $sum"
  if [ "$archives" = archives ]; then
    got=$(archived "$name" | "${sha256[@]}" | cut -c 1-64)
    [ "$got" = "$sum" ] || fail "the archive of $name has a program with the SHA-256 $got"
  fi
  count=$((count + 1))
done < "$list"
[ "$count" -gt 0 ] || fail 'release/checksums.txt names no program'
echo "The $count programs are those of release/checksums.txt."
