#!/usr/bin/env bash
# Writes checksums.txt for a version, to be committed and tagged. It takes a
# minute or more for each of six platforms. See docs/releasing.md.
#
# usage: prepare.sh VERSION [OS/ARCH…]     such as v1.2.3, by default for every platform
set -euo pipefail
version=$1
shift
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/release/source.sh"

pattern='^v[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$'
if ! [[ $version =~ $pattern ]]; then
  echo "prepare.sh: $version is no version: give one such as v1.2.3" >&2
  exit 2
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# All of it from one state of the source.
source=$(source_hash)
bash "$root/release/build.sh" "$version" "$work" "$@"
if [ "$source" != "$(source_hash)" ]; then
  echo "prepare.sh: the source changed meanwhile" >&2
  exit 1
fi
{
  echo '# The released programs of this source, for release/obtain.sh. Written by release/prepare.sh.'
  echo "# version $version"
  echo "# go $(cd "$root" && GOENV=off go env GOVERSION)"
  echo "# source $source"
  for file in "$work"/*; do
    echo "$(hash "$file")  ${file##*/}"
  done
} > "$root/release/checksums.txt"
cat "$root/release/checksums.txt"
