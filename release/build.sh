#!/usr/bin/env bash
# Builds the programs of a release. The same source, version and Go give the
# same bytes, in whatever folder and on whatever machine: checksums.txt rests
# on that. .goreleaser.yaml builds with the same settings.
#
# usage: build.sh VERSION FOLDER [OS/ARCH…]     by default for every platform
set -euo pipefail
version=$1
folder=$2
shift 2
if [ $# = 0 ]; then
  set -- linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64
fi

mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
cd "$(dirname "$0")/.."
# What a machine can be set to otherwise.
export CGO_ENABLED=0 GOENV=off GOFLAGS='' GOWORK=off GOEXPERIMENT='' GOFIPS140=off GOAMD64=v1 GOARM64=v8.0
for platform; do
  export GOOS=${platform%/*} GOARCH=${platform#*/}
  file=patrol_${version}_${GOOS}_$GOARCH
  if [ "$GOOS" = windows ]; then
    file=$file.exe
  fi
  # The commit is left out: that of a release has the hash of the program in it.
  go build -trimpath -buildvcs=false \
    -ldflags "-s -w -X github.com/patrol-actions/patrol/audit/command.version=$version" -o "$folder/$file" .
done
