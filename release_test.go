package main

import (
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// text is a file with its lines joined that end in a backslash.
func text(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(data), "\\\n    ", "")
}

// goreleaser builds with the settings of release/build.sh, or a release would
// not be what release/checksums.txt says.
func TestReleaseSettings(t *testing.T) {
	var config struct {
		Builds []struct {
			Env, Flags []string
			LDFlags    string   `yaml:"ldflags"`
			OS         []string `yaml:"goos"`
			Arch       []string `yaml:"goarch"`
			AMD64      []string `yaml:"goamd64"`
			ARM64      []string `yaml:"goarm64"`
			// These do not change a program.
			ID, Main, Binary string
			Modified         string `yaml:"mod_timestamp"`
			// Rest is what is not known here, and so could.
			Rest map[string]any `yaml:",inline"`
		}
	}
	if err := yaml.Unmarshal([]byte(text(t, ".goreleaser.yaml")), &config); err != nil {
		t.Fatal(err)
	}
	if len(config.Builds) != 1 {
		t.Fatalf("%d builds", len(config.Builds))
	}
	b := config.Builds[0]
	if len(b.Rest) > 0 || b.Main != "." {
		t.Errorf("the build of %s has other settings: %v", b.Main, b.Rest)
	}
	var platforms []string
	for _, system := range b.OS {
		for _, machine := range b.Arch {
			platforms = append(platforms, system+"/"+machine)
		}
	}
	want := map[string]string{
		"set -- ": strings.Join(platforms, " "),
		"export ": strings.Join(append(b.Env, "GOAMD64="+strings.Join(b.AMD64, " "), "GOARM64="+strings.Join(b.ARM64, " ")), " "),
		"go build ": strings.Join(b.Flags, " ") + ` -ldflags "` + strings.ReplaceAll(b.LDFlags, "{{ .Tag }}", "$version") +
			`" -o "$folder/$file" .`,
	}
	for line := range strings.Lines(strings.ReplaceAll(text(t, "release/build.sh"), "=''", "=")) {
		line = strings.TrimSpace(line)
		for start, settings := range want {
			if rest, ok := strings.CutPrefix(line, start); ok && rest == settings {
				delete(want, start)
			}
		}
	}
	for start, settings := range want {
		t.Errorf("release/build.sh has no line %s%s", start, settings)
	}
}

// The hash of the source, which says whether a released program is good for
// it, takes in all that the program is built from.
func TestSourceHash(t *testing.T) {
	const rule = "find go.mod go.sum ./*.go audit rules -type f ! -name '*_test.go' ! -path '*/testdata/*'"
	if !strings.Contains(text(t, "release/source.sh"), rule) {
		t.Fatalf("release/source.sh does not say %s", rule)
	}
	list, err := exec.Command("go", "list", "-deps", "-json", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	for decoder := json.NewDecoder(strings.NewReader(string(list))); ; {
		var p struct {
			Dir    string
			Module *struct{ Main bool }
			// All files that go into a package, but for those of C.
			GoFiles, EmbedFiles, SFiles, HFiles, SysoFiles []string
		}
		if err := decoder.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if p.Module == nil || !p.Module.Main {
			continue
		}
		for _, group := range [][]string{p.GoFiles, p.EmbedFiles, p.SFiles, p.HFiles, p.SysoFiles} {
			for _, name := range group {
				files++
				path, err := filepath.Rel(here, filepath.Join(p.Dir, name))
				path = filepath.ToSlash(path)
				folder, _, inside := strings.Cut(path, "/")
				covered := inside && (folder == "audit" || folder == "rules") || !inside && strings.HasSuffix(path, ".go")
				if err != nil || !covered || strings.Contains(path, "/testdata/") || strings.HasSuffix(path, "_test.go") {
					t.Errorf("%s is not in the hash", path)
				}
			}
		}
	}
	if files < 100 {
		t.Errorf("%d files", files)
	}
}
