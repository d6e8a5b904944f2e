package scan

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/patrol-actions/patrol/audit"
)

// caseFolder holds the accuracy cases: small repositories together with what
// is true of the secrets in them. They state what GitHub does, so a case is
// only ever changed because it was wrong about GitHub.
const caseFolder = "../../testdata/cases"

// want is what a case says about one reference: "want FILE SECRET VERDICT
// key=value…". A key that is not given is not checked.
type want struct {
	file, secret string
	verdict      audit.Verdict
	keys         map[string]string
}

// accuracyCase is one archive.
type accuracyCase struct {
	// shows says in a sentence what the case is about.
	shows string
	// name is the repository's own name, or empty.
	name string
	// server says that it is on GitHub Enterprise Server.
	server bool
	wants  []want
	// findings are by file and rule what a finding must say, "" where there
	// must be none: "finds FILE RULE TEXT" and "spares FILE RULE".
	findings map[[2]string]string
	// breaks are the places at which the YAML of files must break, each
	// "FILE:LINE": "breaks FILE LINE".
	breaks []string
	files  fstest.MapFS
}

// wantKeys are the keys of a want line, each with what it is compared to.
var wantKeys = map[string]func(*audit.Reference) string{
	"line":       func(r *audit.Reference) string { return strconv.Itoa(r.Line) },
	"credential": func(r *audit.Reference) string { return string(r.Credential) },
	"reasons": func(r *audit.Reference) string {
		var codes []string
		for _, x := range r.Reasons {
			codes = append(codes, x.Code)
		}
		return setOf(codes)
	},
	"workflow": func(r *audit.Reference) string { return setOf(grants("", r.Permissions.Workflow)) },
	"fine": func(r *audit.Reference) string {
		f := r.Permissions.FineGrained
		return setOf(slices.Concat(grants("", f.Repository), grants("org:", f.Organization), grants("account:", f.Account)))
	},
	"classic": func(r *audit.Reference) string { return setOf(r.Permissions.ClassicScopes) },
	"target":  func(r *audit.Reference) string { return setOf(r.Target) },
	"events":  func(r *audit.Reference) string { return setOf(r.Events) },
	"uses":    func(r *audit.Reference) string { return strconv.Itoa(len(r.Uses)) },
	"remedy":  func(r *audit.Reference) string { return string(r.Remedy.Kind) },
	"job":     func(r *audit.Reference) string { return setOf(grants("", r.Remedy.JobPermissions)) },
}

// grants lists permissions as "name:access". Reading metadata comes with
// every token, so it is no part of a need.
func grants(prefix string, m map[string]string) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if name != "metadata" {
			out = append(out, prefix+name+":"+m[name])
		}
	}
	return out
}

// setOf writes a set in one way: sorted, without doubles, "-" where empty.
func setOf(words []string) string {
	if len(words) == 0 {
		return "-"
	}
	return strings.Join(slices.Compact(slices.Sorted(slices.Values(words))), ",")
}

// differs compares one key of a want line to a reference. Events are those
// that must be among the reference's; everything else is compared whole.
func differs(key, value string, r *audit.Reference) (got string, differ bool) {
	got = wantKeys[key](r)
	if value == "-" {
		return got, got != "-"
	}
	words := strings.Split(value, ",")
	if key != "events" {
		return got, got != setOf(words)
	}
	return got, slices.ContainsFunc(words, func(w string) bool { return !slices.Contains(r.Events, w) })
}

// readArchive splits an archive into its comment and a file system.
func readArchive(data string) (comment string, files fstest.MapFS) {
	archive := txtar.Parse([]byte(data))
	files = fstest.MapFS{}
	for _, f := range archive.Files {
		files[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	return string(archive.Comment), files
}

func readCase(file string) (*accuracyCase, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	c := &accuracyCase{findings: map[[2]string]string{}}
	comment, files := readArchive(string(data))
	c.files = files
	for number, line := range strings.Split(comment, "\n") {
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
		case words[0] == "name" && len(words) == 2:
			c.name = words[1]
		case line == "enterprise server":
			c.server = true
		case words[0] == "breaks" && len(words) == 3:
			c.breaks = append(c.breaks, words[1]+":"+words[2])
		case words[0] == "want":
			w, err := readWant(words[1:])
			if err != nil {
				return nil, fmt.Errorf("%s:%d: %w", filepath.Base(file), number+1, err)
			}
			if _, ok := c.files[w.file]; !ok {
				return nil, fmt.Errorf("%s:%d: the archive has no file %s", filepath.Base(file), number+1, w.file)
			}
			c.wants = append(c.wants, w)
		case words[0] == "finds" && len(words) > 3, words[0] == "spares" && len(words) == 3:
			c.findings[[2]string{".github/workflows/" + words[1], words[2]}] = strings.Join(words[3:], " ")
		default:
			c.shows = strings.TrimSpace(c.shows + " " + line)
		}
	}
	if c.shows == "" || len(c.wants)+len(c.findings) == 0 {
		return nil, fmt.Errorf("%s: a case says what it shows, and what it wants", filepath.Base(file))
	}
	return c, nil
}

func readWant(words []string) (want, error) {
	if len(words) < 3 {
		return want{}, fmt.Errorf("say want FILE SECRET VERDICT")
	}
	w := want{file: words[0], secret: words[1], verdict: audit.Verdict(words[2]), keys: map[string]string{"credential": "github"}}
	if !strings.Contains(w.file, "/") {
		w.file = ".github/workflows/" + w.file
	}
	if w.verdict == "-" {
		w.verdict = audit.VerdictNone
	}
	known := []audit.Verdict{audit.VerdictNone, audit.VerdictReplaceable, audit.VerdictConditional, audit.VerdictUnknown, audit.VerdictNotReplaceable}
	if !slices.Contains(known, w.verdict) {
		return w, fmt.Errorf("unknown verdict %s", w.verdict)
	}
	for _, word := range words[3:] {
		key, value, ok := strings.Cut(word, "=")
		if _, known := wantKeys[key]; !known || !ok || value == "" {
			return w, fmt.Errorf("say key=value, with a key that is known: %s", word)
		}
		w.keys[key] = value
	}
	return w, nil
}

// take removes from the references the one that a want line is about: that
// of the line where one is given, else the first of the file and the secret.
func (w want) take(left []*audit.Reference) (*audit.Reference, []*audit.Reference) {
	for i, r := range left {
		if r.File == w.file && r.Secret == w.secret && (w.keys["line"] == "" || w.keys["line"] == strconv.Itoa(r.Line)) {
			return r, slices.Delete(slices.Clone(left), i, i+1)
		}
	}
	return nil, left
}

// confusion counts references by the verdict that is true and the one given.
type confusion map[[2]string]int

func verdictName(v audit.Verdict) string { return cmp.Or(string(v), "(other)") }

// String writes the counts as a table: a line for each true verdict, a column
// for each given one.
func (c confusion) String() string {
	names := []string{"replaceable", "conditional", "not-replaceable", "unknown", "(other)", "(none)"}
	var b strings.Builder
	fmt.Fprintf(&b, "%-18s", "true \\ given")
	for _, given := range names {
		fmt.Fprintf(&b, "%17s", given)
	}
	for _, expected := range names {
		fmt.Fprintf(&b, "\n%-18s", expected)
		for _, given := range names {
			fmt.Fprintf(&b, "%17d", c[[2]string{expected, given}])
		}
	}
	return b.String()
}

func TestCases(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(caseFolder, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases in %s: %v", caseFolder, err)
	}
	counts := confusion{}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			c, err := readCase(file)
			if err != nil {
				t.Fatal(err)
			}
			c.check(t, counts)
		})
	}
	t.Logf("%d cases\n%s", len(files), counts)
}

// check audits a case's repository and holds the result against its wants.
func (c *accuracyCase) check(t *testing.T, counts confusion) {
	result := Repository(c.files, Options{Name: c.name, EnterpriseServer: c.server})
	breaks := slices.Clone(c.breaks)
	for _, p := range result.Errors {
		i := slices.Index(breaks, fmt.Sprintf("%s:%d", p.File, p.Line))
		if i < 0 || !strings.HasPrefix(p.Message, "could not parse as YAML") {
			t.Errorf("%s:%d: %s", p.File, p.Line, p.Message)
			continue
		}
		breaks = slices.Delete(breaks, i, i+1)
	}
	for _, place := range breaks {
		t.Errorf("%s: no fault", place)
	}
	for at, want := range c.findings {
		i := slices.IndexFunc(result.Findings, func(f *audit.Finding) bool { return f.File == at[0] && f.Rule == at[1] })
		switch {
		case i < 0 && want != "":
			t.Errorf("%s: no finding of %s", at[0], at[1])
		case i >= 0 && (want == "" || !strings.Contains(result.Findings[i].Message, want)):
			t.Errorf("%s: %s says %q, want %q", at[0], at[1], result.Findings[i].Message, want)
		}
	}
	for _, r := range result.References {
		worst := audit.VerdictNone
		for _, u := range r.Uses {
			worst = worst.Worse(u.Verdict)
		}
		if len(r.Uses) > 0 && worst != r.Verdict {
			t.Errorf("%s:%d: %s is %s, and the worst of its uses %s", r.File, r.Line, r.Secret, verdictName(r.Verdict), verdictName(worst))
		}
	}
	left := result.References
	for _, w := range c.wants {
		var r *audit.Reference
		r, left = w.take(left)
		if r == nil {
			counts[[2]string{verdictName(w.verdict), "(none)"}]++
			t.Errorf("%s: no reference to %s found", w.file, w.secret)
			continue
		}
		counts[[2]string{verdictName(w.verdict), verdictName(r.Verdict)}]++
		w.compare(t, r)
	}
	for _, r := range left {
		counts[[2]string{"(none)", verdictName(r.Verdict)}]++
		t.Errorf("%s:%d: reference to %s that the case does not want", r.File, r.Line, r.Secret)
	}
}

// compare reports where a reference is not as wanted, and why it is as it is.
func (w want) compare(t *testing.T, r *audit.Reference) {
	var wrong []string
	if r.Verdict != w.verdict {
		wrong = append(wrong, fmt.Sprintf("%s, want %s", verdictName(r.Verdict), verdictName(w.verdict)))
	}
	for _, key := range slices.Sorted(maps.Keys(w.keys)) {
		if got, differ := differs(key, w.keys[key], r); differ {
			wrong = append(wrong, fmt.Sprintf("%s=%s, want %s", key, got, w.keys[key]))
		}
	}
	if len(wrong) > 0 {
		t.Errorf("%s:%d: %s is %s\n%s", r.File, r.Line, r.Secret, strings.Join(wrong, "; "), grounds(r))
	}
}

// grounds says why a reference has its verdict, for the reader of a failure.
func grounds(r *audit.Reference) string {
	var b strings.Builder
	for _, x := range r.Reasons {
		fmt.Fprintf(&b, "  %s: %s\n", x.Code, x.Detail)
	}
	for _, u := range r.Uses {
		for _, op := range u.Operations {
			fmt.Fprintf(&b, "  line %d: %s on %s\n", u.Line, op.Name, op.Target)
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}
