#!/usr/bin/env bash
# Closes the issues that nobody has touched for some days.
set -euo pipefail

days=$1
since=$(date --utc --date "-$days days" +%F)

gh issue list --repo "$GITHUB_REPOSITORY" --search "updated:<$since" --json number --jq '.[].number' |
  while read -r number; do
    gh issue close "$number" --repo "$GITHUB_REPOSITORY" --reason 'not planned'
  done
