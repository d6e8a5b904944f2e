#!/usr/bin/env bash
# Runs the action end to end with act, on this machine and without network:
# once as others use it, on the bundled example, once as "uses: ./" on a copy of
# this project, against a GitHub in memory with tokens (tokens_test.go) and for
# pull requests, pushes and schedules (publish_test.go), and with a server in the
# place of github.com's releases (release_test.go).
#
# usage: run.sh ACT      ACT is the act program
set -euo pipefail

act=$1
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'chmod -R u+w "$work" && rm -rf "$work"' EXIT

# act keeps its files under HOME, but Go must find what it has fetched.
GOCACHE=$(go env GOCACHE)
GOMODCACHE=$(go env GOMODCACHE)
GOPATH=$(go env GOPATH)
export GOCACHE GOMODCACHE GOPATH

fail() {
  echo "run.sh: $1" >&2
  echo "--- the log:" >&2
  cat "$2" >&2
  exit 1
}

# repository DIRECTORY NAME makes a repository of what lies there.
repository() {
  git -C "$1" init --quiet --initial-branch main
  git -C "$1" add --all
  git -C "$1" -c user.name=run -c user.email=run@example.com commit --quiet --message 'Copy'
  git -C "$1" remote add origin "https://github.com/$2.git"
}

# play DIRECTORY WORKFLOW LOG [FLAG…] runs a workflow for a push.
play() {
  local directory=$1 workflow=$2 log=$3
  shift 3
  echo "act push $workflow"
  (
    cd "$directory"
    export HOME="$work/home" GOPROXY=off
    unset GITHUB_TOKEN GH_TOKEN XDG_CACHE_HOME XDG_CONFIG_HOME
    "$act" push --json --workflows "$workflow" --platform ubuntu-latest=-self-hosted \
      --pull=false --action-offline-mode --no-cache-server "$@" < /dev/null > "$log" 2>&1
  ) || fail "act failed on $workflow" "$log"
}

# has LOG PATTERN and hasnot LOG PATTERN look for one line of a log.
has() { grep -q -- "$2" "$1" || fail "nothing matches $2" "$1"; }
hasnot() { ! grep -q -- "$2" "$1" || fail "something matches $2" "$1"; }

mkdir "$work/home" "$work/reports" "$work/example" "$work/project"
# act copies an action for every step that uses it: without its history.
tar -C "$root" --exclude ./.git -cf - . | tar -C "$work/project" -xf -
cp -R "$work/project" "$work/action"
(cd "$root" && go build -o "$work/patrol" .) # also fetches what an offline build needs

cp -R "$root/testdata/example/." "$work/example"
repository "$work/example" acme-corp/rocket
log=$work/example.log
play "$work/example" "$here/example.yml" "$log" \
  --local-repository "patrol-actions/patrol@v0=$work/action" --env "REPORTS=$work/reports" --env "PATROL=$work/patrol"
has "$log" '"command":"warning".*"file":".github/workflows/triage.yml"'
has "$log" '"command":"notice".*"file":".github/workflows/release.yml"'
has "$log" 'Summary - .*TRIAGE_PAT'
hasnot "$log" '"arg":"[^"]*NPM_TOKEN.*"command"'
has "$work/reports/report.json" '"schema": *1'
has "$work/reports/report.json" '"repository": *"acme-corp/rocket"'
has "$work/reports/report.sarif" '"version": *"2.1.0"'

repository "$work/project" patrol-actions/patrol
log=$work/project.log
play "$work/project" .github/workflows/patrol.yml "$log"
has "$log" '::set-output:: findings=0'

(cd "$root" && PATROL_ACT=$act go test -count=1 ./testdata/act)

echo "run.sh: the action works on the example, on this project, with tokens, on pull requests and with releases"
