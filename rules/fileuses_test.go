package rules

import (
	"strings"
	"testing"
)

func TestNamedFileUse(t *testing.T) {
	for call, want := range map[string]FileUse{
		"sed -i s/a/b/ a.yml": FilesEdited, "sed -E -i.bak s/a/b/ a.yml": FilesEdited, "sed -ni p a.yml": FilesEdited, "sed --in-place s/a/b/": FilesEdited,
		"sed s/a/b/ a.yml": FilesRead, "sed -n p a.yml": FilesRead, "perl -pi -e s/a/b/ a.yml": FilesEdited, "perl -ne print a.yml": FilesRead,
		"yq -i .a=1 a.yml": FilesEdited, "yq eval .a a.yml": FilesRead, "gawk -i inplace 1 a": FilesEdited, "awk -f inplaced.awk a": FilesRead,
		"sd a b a.yml": FilesEdited, "sd -p a b a.yml": FilesRead, "/usr/bin/tee a.yml": FilesEdited, "Set-Content a.yml": FilesEdited, "Get-Content a.yml": "",
		"cp a b": FilesCopied, "rsync -a a/ b/": FilesCopied, "zizmor .": FilesRead, "frob a.yml": "", "": "",
	} {
		if got := NamedFileUse(strings.Fields(call)); got != want {
			t.Errorf("NamedFileUse(%q) = %q, want %q", call, got, want)
		}
	}
}

func TestOnlyReads(t *testing.T) {
	for call, want := range map[string]bool{
		"actionlint a.yml": true, "Get-Content a.yml": true, "sha256sum a.yml": true, "prettier --check a.yml": true, "terraform validate": true,
		"prettier --write a.yml": false, "frob a.yml": false, "": true,
	} {
		if got := OnlyReads(strings.Fields(call)); got != want {
			t.Errorf("OnlyReads(%q) = %v, want %v", call, got, want)
		}
	}
}

func TestFlagsOfFiles(t *testing.T) {
	for flag, want := range map[string][2]bool{
		"-o": {true, false}, "--output-dir": {true, false}, "-OutFile": {true, false}, "--config": {false, true}, "--lint-config": {false, true}, "-v": {},
	} {
		if got := [2]bool{WrittenBehind(flag), ToldBehind(flag)}; got != want {
			t.Errorf("%s: written, told = %v, want %v", flag, got, want)
		}
	}
}
