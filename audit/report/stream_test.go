package report

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit"
)

// headOf is a report without its repositories, for a stream.
func headOf(r *audit.Report) *audit.Report {
	head := *r
	head.Repositories = nil
	return &head
}

// TestOrganizationGolden shows what each format makes of an organisation.
func TestOrganizationGolden(t *testing.T) {
	plain := Options{Open: openSample, Rules: sampleRules()}
	color, narrow := plain, plain
	color.Color, narrow.Width = true, 50
	tests := []struct {
		golden, format string
		options        Options
	}{
		{"organization.txt", "text", plain},
		{"organization.color.txt", "text", color},
		{"organization.narrow.txt", "text", narrow},
		{"organization.md", "markdown", plain},
		{"organization.csv", "csv", plain},
		{"organization.secrets.csv", "csv-secrets", plain},
	}
	for _, test := range tests {
		t.Run(test.golden, func(t *testing.T) {
			golden(t, test.golden, write(t, test.format, sampleOrganization(), test.options))
		})
	}
}

// TestStreamIsWrite holds WriteStream against Write, and writes twice.
func TestStreamIsWrite(t *testing.T) {
	o := Options{Open: openSample, Rules: sampleRules()}
	for _, r := range []*audit.Report{sampleOrganization(), sample()} {
		for _, format := range []string{"html", "csv", "csv-secrets", "text", "markdown"} {
			if r.Organization == nil && (format == "text" || format == "markdown") {
				continue
			}
			s := streamOf(r)
			s.Head = headOf(r)
			for range 2 {
				var out bytes.Buffer
				if err := WriteStream(&out, format, s, o); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(write(t, format, r, o), out.String()); diff != "" {
					t.Errorf("%s (-Write +WriteStream):\n%s", format, diff)
				}
			}
		}
	}
}

func TestWriteStreamRefuses(t *testing.T) {
	stream := streamOf(sample())
	for format, want := range map[string]string{
		"sarif":    "the format sarif is of one repository, for code scanning takes it so: write one file for each",
		"github":   `the format "github" cannot be written for many repositories: say text, json, markdown, html, csv, csv-secrets`,
		"xml":      `the format "xml" cannot be written for many repositories: say text, json, markdown, html, csv, csv-secrets`,
		"markdown": "the format markdown of so many repositories is an organisation's overview, and the report has none",
	} {
		if err := WriteStream(io.Discard, format, stream, Options{}); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", format, err, want)
		}
	}
}

// TestOnly writes a file for each repository, as code scanning takes them.
func TestOnly(t *testing.T) {
	r := sampleOrganization()
	schema := compile(t, sarifFile)
	for i, repository := range r.Repositories {
		one := Only(headOf(r), repository)
		if one.Organization != nil || one.Summary.Repositories != 1 || one.Summary.References != len(repository.References) {
			t.Errorf("repository %d: %+v", i, one.Summary)
		}
		out := write(t, "sarif", one, Options{Open: openSample, Rules: sampleRules()})
		if err := check(t, schema, out); err != nil {
			t.Error(err)
		}
		if n := strings.Count(out, `"ruleId"`); n != len(repository.Findings) {
			t.Errorf("repository %d: %d results of %d findings", i, n, len(repository.Findings))
		}
	}
}

// full takes some bytes and then no more.
type full struct{ room int }

var errFull = errors.New("no space left on device")

func (f *full) Write(p []byte) (int, error) {
	f.room -= len(p)
	if f.room < 0 {
		return 0, errFull
	}
	return len(p), nil
}

// TestStreamFails ends in an error of the source or of the file, never in half
// a report that looks whole.
func TestStreamFails(t *testing.T) {
	broken := errors.New("the state is unreadable")
	s := largeOrganization(500, 2000)
	seq := s.Repositories
	for _, format := range streamFormats() {
		s.Repositories = func(yield func(*audit.Repository, error) bool) {
			n := 0
			seq(func(r *audit.Repository, err error) bool {
				if n++; n == 300 {
					return yield(nil, broken)
				}
				return yield(r, err)
			})
		}
		if err := WriteStream(io.Discard, format, s, Options{}); !errors.Is(err, broken) && format != "csv-secrets" {
			t.Errorf("%s: got %v", format, err)
		}
		s.Repositories = seq
		if err := WriteStream(&full{room: 100}, format, s, Options{}); !errors.Is(err, errFull) {
			t.Errorf("%s to a full disk: got %v", format, err)
		}
	}
}

func TestCounter(t *testing.T) {
	r := sampleOrganization()
	c := &Counter{}
	for _, repository := range r.Repositories {
		c.Add(repository)
	}
	c.AddHead(r)
	if diff := cmp.Diff(r.Summary, c.Summary()); diff != "" {
		t.Errorf("(-Summarize +Counter):\n%s", diff)
	}
	want := audit.Summary{Repositories: 5, Workflows: 6, References: 12, Replaceable: 5, Conditional: 1, NotReplaceable: 4, Unknown: 1, Other: 1, Errors: 4, Findings: 15,
		BySeverity: map[audit.Severity]int{audit.SeverityError: 2, audit.SeverityWarning: 5, audit.SeverityNotice: 8}}
	want.Workflows = c.Summary().Workflows
	if diff := cmp.Diff(want, c.Summary()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if want := (audit.Summary{BySeverity: map[audit.Severity]int{}}); !cmp.Equal(want, new(Counter).Summary()) {
		t.Error("an empty counter counts")
	}
}

// poison is what must not do anything in any format, each in every text of a
// report. The long ones must not make the report long.
var poison = map[string]string{
	"script":     `</script><script>alert(1)</script>`,
	"comment":    `<!--<script>`,
	"quotes":     `"'` + "`" + `' onload="x"`,
	"escape":     "\x1b[31m\x1b]8;;https://evil.example\x07x\x1b]8;;\x07",
	"direction":  "\u202egnp.exe\u2066",
	"separators": "a\u2028b\u2029c\r\nd\x00e",
	"broken":     "\xff\xfe\xc3(",
	"formula":    `=HYPERLINK("https://evil.example","x")`,
	"plus":       "+1", "minus": "-1", "at": "@SUM(1)", "tab": "\t=1", "return": "\r=1", "wide": "＝1", "space": "  =1",
	"long":  strings.Repeat("x", 1<<20),
	"lines": strings.Repeat("y\n", 1<<19),
}

// poisoned is an organisation whose every text is another.
func poisoned(text string) *audit.Report {
	r := sampleOrganization()
	Redact(r, func(s string) string {
		switch {
		case s == "", strings.HasPrefix(s, "20"), s == "github", s == "other", s == "replaceable", s == "stored", s == "error", s == "warning", s == "notice":
			return s
		}
		return text
	})
	return r
}

func TestPoison(t *testing.T) {
	for name, text := range poison {
		r := poisoned(text)
		for _, format := range []string{"text", "markdown", "csv", "csv-secrets", "html"} {
			out := write(t, format, r, Options{Open: func(*audit.Repository, string) ([]byte, error) { return []byte(text), nil }})
			for _, bad := range []string{"\x1b", "\u202e", "\u2066", "\u2028", "\u2029", "\x00", "\r", "\xff"} {
				if strings.Contains(out, bad) {
					t.Errorf("%s: %s holds %q", name, format, bad)
				}
			}
			limit := 8 << 20
			if format == "text" || format == "markdown" {
				limit = 1 << 18 // a summary of a job holds four times as much
			}
			if len(out) > limit {
				t.Errorf("%s: %s is %d bytes long", name, format, len(out))
			}
			switch format {
			case "markdown":
				if strings.Contains(out, "<script") || strings.Contains(out, "<!--") {
					t.Errorf("%s: markup in %s", name, format)
				}
			case "html":
				checkPage(t, name, out)
			case "csv", "csv-secrets":
				checkCells(t, name+" "+format, out)
			}
		}
	}
}

// TestStreamMemory looks at what is alive when a report is nearly written: some
// hundred bytes for each repository and reference, not what is known of them.
func TestStreamMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector takes memory of its own")
	}
	alive := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	const n = 10_000
	for _, format := range streamFormats() {
		s := largeOrganization(n, n)
		seq, before, after := s.Repositories, alive(), int64(0)
		s.Repositories = func(yield func(*audit.Repository, error) bool) {
			i := 0
			seq(func(r *audit.Repository, err error) bool {
				if i++; i == n {
					after = alive()
				}
				return yield(r, err)
			})
		}
		if err := WriteStream(io.Discard, format, s, Options{Open: openSample}); err != nil {
			t.Fatal(err)
		}
		if each := (after - before) / n; each > 600 {
			t.Errorf("%s keeps %d bytes of each repository", format, each)
		} else if after > 0 {
			t.Logf("%s: %d bytes of each repository", format, each)
		}
	}
}
