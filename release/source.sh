# Sourced by the other scripts, with root set to the folder of the repository.
# Keeps to what bash 3.2 and the tools of macOS and of Git for Windows know.

if command -v sha256sum > /dev/null; then
  sha256=(sha256sum)
else
  sha256=(shasum -a 256)
fi

# hash FILE prints the SHA-256 of a file.
hash() { "${sha256[@]}" < "$1" | cut -c 1-64; }

# source_hash prints one SHA-256 of all that the program is built from: of the
# names of the files and their hashes. It takes in a little more, such as the
# tables' generator, and no tests.
source_hash() (
  cd "$root"
  export LC_ALL=C
  files=$(find go.mod go.sum ./*.go audit rules -type f ! -name '*_test.go' ! -path '*/testdata/*' | sort)
  {
    echo "$files"
    echo "$files" | tr '\n' '\0' | xargs -0 "${sha256[@]}" | cut -c 1-64
  } | "${sha256[@]}" | cut -c 1-64
)
