package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// write returns what a format makes of a report.
func write(t testing.TB, format string, r *audit.Report, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, format, r, o); err != nil {
		t.Fatalf("Write(%s): %v", format, err)
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestGolden(t *testing.T) {
	plain := Options{Open: openSample, Rules: sampleRules()}
	with := func(change func(*Options)) Options {
		o := plain
		change(&o)
		return o
	}
	tests := []struct {
		golden, format string
		options        Options
	}{
		{"report.json", "json", plain},
		{"report.txt", "text", plain},
		{"report.color.txt", "text", with(func(o *Options) { o.Color = true })},
		{"report.verbose.txt", "text", with(func(o *Options) { o.Verbose = 1 })},
		{"report.narrow.txt", "text", with(func(o *Options) { o.Width, o.Open = 50, nil })},
		{"report.sarif", "sarif", plain},
		{"report.github.txt", "github", plain},
		{"report.md", "markdown", with(func(o *Options) { o.Page = sampleAddress })},
	}
	for _, test := range tests {
		t.Run(test.golden, func(t *testing.T) {
			got := write(t, test.format, sample(), test.options)
			golden(t, test.golden, got)
			if again := write(t, test.format, sample(), test.options); again != got {
				t.Error("a second write gives other bytes")
			}
		})
	}
}

// TestOneRepository shows what most people see: no titles, and places.
func TestOneRepository(t *testing.T) {
	one := sample()
	one.Repositories = one.Repositories[:1]
	one.Tokens = nil
	Summarize(one)
	options := Options{Open: openSample, Rules: sampleRules()}
	golden(t, "one.txt", write(t, "text", one, options))
	golden(t, "one.github.txt", write(t, "github", one, options))
	options.Page, options.Patch = sampleAddress, "--- a/x.yml\n+++ b/x.yml\n@@ -1 +1 @@\n-a\n+b\n"
	golden(t, "one.md", write(t, "markdown", one, options))
}

// TestWriteReads replays a saved report: it must look like the one it was.
func TestWriteReads(t *testing.T) {
	file, err := os.Open(filepath.Join("testdata", "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	saved, err := Read(file)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Open: openSample, Rules: sampleRules(), Verbose: 1}
	for _, format := range Formats() {
		if diff := cmp.Diff(write(t, format, sample(), o), write(t, format, saved, o)); diff != "" {
			t.Errorf("%s of the saved report (-made +read):\n%s", format, diff)
		}
	}
}

func TestWriteChangesNothing(t *testing.T) {
	r := sample()
	for _, format := range Formats() {
		write(t, format, r, Options{Open: openSample})
	}
	if diff := cmp.Diff(sample(), r); diff != "" {
		t.Errorf("Write changed the report (-before +after):\n%s", diff)
	}
}

func TestWriteUnknownFormat(t *testing.T) {
	err := Write(&bytes.Buffer{}, "xml", sample(), Options{})
	const want = `unknown format "xml": say text, json, sarif, github, markdown, html, csv, csv-secrets`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
