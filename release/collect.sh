#!/usr/bin/env bash
# Copies what goreleaser made to a folder, under the names that it is published
# with. Needs jq.
#
# usage: collect.sh FOLDER
set -euo pipefail
folder=$1
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
cd "$(dirname "$0")/.."
jq -r '.[] | select(.type | IN("Binary", "Archive", "SBOM", "Checksum")) | select(.extra.ID? != "patrol") | [.path, .name] | @tsv' dist/artifacts.json |
  while IFS=$'\t' read -r path name; do
    cp "$path" "$folder/$name"
  done
