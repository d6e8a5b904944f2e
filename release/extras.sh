#!/usr/bin/env bash
# Writes what the archives of a release have beside the program, to extras/: the
# manual page and the completions.
#
# usage: extras.sh VERSION TIMESTAMP     the page is dated by the latter, in seconds since 1970
set -euo pipefail
version=$1
export SOURCE_DATE_EPOCH=$2
cd "$(dirname "$0")/.."
mkdir -p extras
program=$(mktemp)
trap 'rm -f "$program"' EXIT
# With the flags of the releases, most of it is built already.
CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-X github.com/patrol-actions/patrol/audit/command.version=$version" -o "$program" .
"$program" man > extras/patrol.1
for shell in bash zsh fish; do
  "$program" completion "$shell" > "extras/patrol.$shell"
done
"$program" completion powershell > extras/patrol.ps1
