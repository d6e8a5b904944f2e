#!/usr/bin/env bash
# Finds the program for the action, and gives its path as the output "path" of
# the step: a released one if there is one for this very source, and one that is
# built from it otherwise.
#
# A released program is run only if it has the SHA-256 that checksums.txt says,
# which lies in the repository at the same commit as the action itself. So it
# does not matter where it comes from. No token is sent, and action.yml gives
# this script none.
# Keeps to what bash 3.2 and the tools of macOS and of Git for Windows know.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/release/source.sh"

from=${PATROL_DOWNLOAD_URL%/}
work=$(mktemp -d "${RUNNER_TEMP:-/tmp}/patrol.XXXXXX")

fail() {
  echo "::error title=Patrol::$1"
  exit "$2"
}

found() {
  printf 'path=%s\n' "$1" >> "$GITHUB_OUTPUT"
  exit 0
}

# expected sets version, name and sum to those of the released program for this
# source and machine. Where there is none it says why, and fails.
expected() {
  local os='' arch='' exe='' source='' first second third
  case ${RUNNER_OS:-} in
    Linux) os=linux ;;
    macOS) os=darwin ;;
    Windows) os=windows exe=.exe ;;
  esac
  case ${RUNNER_ARCH:-} in
    X64) arch=amd64 ;;
    ARM64) arch=arm64 ;;
  esac
  version='' name='' sum=''
  if [ -f "$root/release/checksums.txt" ]; then
    while read -r first second third; do
      case "$first $second" in
        '# version') version=$third ;;
        '# source') source=$third ;;
        *" patrol_${version}_${os}_$arch$exe") sum=$first name=$second ;;
      esac
    done < "$root/release/checksums.txt"
  fi
  if [ -z "$source" ] || [ "$source" != "$(source_hash)" ]; then
    echo 'Patrol: this source is not that of a release.'
    return 1
  fi
  if [ -z "$sum" ]; then
    echo "Patrol: $version has no program for ${RUNNER_OS:-?} on ${RUNNER_ARCH:-?}."
    return 1
  fi
}

# download gets the released program, and ends the step if it is another one
# than was released: that is no reason to go on in another way.
download() {
  local file=$work/$name got
  if ! curl --disable --silent --show-error --fail --location --proto '=http,https' --max-filesize 200000000 \
    --connect-timeout 10 --max-time 120 --retry 2 --output "$file" "$from/$version/$name"; then
    echo "Patrol: $name could not be downloaded."
    return 1
  fi
  got=$(hash "$file")
  if [ "$got" != "$sum" ]; then
    rm -f "$file"
    fail "The download of $name has the SHA-256 $got, and the one that was released $sum. It was not run." 3
  fi
  chmod +x "$file"
  # Another job of this machine may be doing the same: one of them is last.
  if [ -n "$kept" ] && mkdir -p "${kept%/*}" 2> /dev/null && mv -f "$file" "$kept"; then
    file=$kept
  fi
  found "$file"
}

build() {
  local file
  if ! command -v go > /dev/null; then
    fail 'Go is not installed: run actions/setup-go before this step, or give the input binary' 2
  fi
  file="$work/patrol$(go env GOEXE)"
  echo 'Patrol is built from source.'
  (cd "$root" && CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags=-s -o "$file" .) || fail 'Patrol could not be built' 3
  found "$file"
}

pattern='^https?://[^[:space:][:cntrl:]]+$'
if ! [[ $from =~ $pattern ]]; then
  fail 'the input download-url takes an address that begins with https://' 2
fi
if expected; then
  kept=
  if [ -n "${RUNNER_TOOL_CACHE:-}" ]; then
    kept=$RUNNER_TOOL_CACHE/patrol/${version#v}/${RUNNER_ARCH}/${name}
    # Other jobs can write there, so it is held against the list each time.
    if [ -f "$kept" ] && [ "$(hash "$kept")" = "$sum" ]; then
      found "$kept"
    fi
  fi
  download || true
fi
build
