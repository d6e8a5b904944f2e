package rules

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rhysd/actionlint"

	"github.com/patrol-actions/patrol/audit"
)

// tooNew matches what actionlint says of things that are newer than it: a
// permission key, and the input that names an App.
var tooNew = regexp.MustCompile(`unknown permission scope "copilot-requests"|` +
	`missing input "app-id" which is required by action "actions/create-github-app-token@v3"|` +
	`input "client-id" is not defined in action "actions/create-github-app-token@v3"`)

func TestEveryPageFileParses(t *testing.T) {
	files, err := fs.Glob(pageFiles, "page/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		source, err := fs.ReadFile(pageFiles, name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := parsePage(string(source))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if want := strings.TrimSuffix(path.Base(name), ".md"); p.ID != want {
			t.Errorf("%s: id is %q, want %q", name, p.ID, want)
		}
	}
	if len(Pages()) != len(files) {
		t.Errorf("%d pages of %d files", len(Pages()), len(files))
	}
}

// TestVocabulary holds the codes to the list that the design fixes, because
// people's configurations and tools name them.
func TestVocabulary(t *testing.T) {
	rules := []string{
		"bad-ignore", "broad-token", "classic-token", "conditional-pat", "dead-token", "excess-permissions", "expiring-token", "exposed-pat",
		"missing-permissions", "replaceable-pat", "stale-acceptance", "stale-ignore", "unknown-pat-use", "unlimited-token", "unscoped-pat", "unscoped-secret",
		"unused-secret", "unused-token",
	}
	if diff := cmp.Diff(rules, RuleIDs()); diff != "" {
		t.Errorf("RuleIDs (-want +got):\n%s", diff)
	}
	verdicts := map[string][]audit.Verdict{}
	no, maybe, unknown := audit.VerdictNotReplaceable, audit.VerdictConditional, audit.VerdictUnknown
	for _, code := range []string{
		"other-owner", "triggers-workflows", "administration", "organization-api",
		"account-api", "projects", "user-only", "token-lifetime", "rate-limit",
	} {
		verdicts[code] = []audit.Verdict{no}
	}
	for _, code := range []string{"other-repository", "protected-branch", "package-access", "pull-request-setting", "workflow-files", "own-approval"} {
		verdicts[code] = []audit.Verdict{no, maybe}
	}
	for _, code := range []string{
		"approval-required", "private-submodules", "reduced-function",
		"organization-policy", "unknown-caller",
	} {
		verdicts[code] = []audit.Verdict{maybe}
	}
	for _, code := range []string{"unread", "unknown-action", "unknown-target"} {
		verdicts[code] = []audit.Verdict{unknown}
	}
	got := map[string][]audit.Verdict{}
	for _, code := range ReasonCodes() {
		p, _ := PageByID(code)
		got[code] = p.Verdicts
	}
	if diff := cmp.Diff(verdicts, got); diff != "" {
		t.Errorf("verdicts of the reasons (-want +got):\n%s", diff)
	}
}

func TestPageSections(t *testing.T) {
	headings := regexp.MustCompile(`(?m)^## (.*)$`)
	for _, p := range Pages() {
		var got []string
		for _, m := range headings.FindAllStringSubmatch(p.Body, -1) {
			got = append(got, m[1])
		}
		if diff := cmp.Diff([]string{"What", "Why", "Example", "Fix", "Limits"}, got); diff != "" {
			t.Errorf("%s: sections (-want +got):\n%s", p.ID, diff)
		}
		for _, title := range got {
			if p.Section(title) == "" {
				t.Errorf("%s: section %s is empty", p.ID, title)
			}
		}
		if strings.HasSuffix(p.Title, ".") {
			t.Errorf("%s: title ends with a full stop", p.ID)
		}
	}
}

// TestPageWorkflows checks that every workflow of a page, wrong or right, is
// one that GitHub would run.
func TestPageWorkflows(t *testing.T) {
	for _, p := range Pages() {
		if len(p.Examples()) == 0 {
			t.Errorf("%s: no example", p.ID)
		}
		for _, f := range slices.Concat(p.Examples(), fencedFiles(p.Section("Fix"))) {
			if !strings.HasPrefix(f.Path, ".github/workflows/") {
				continue
			}
			lintWorkflow(t, p.ID, f)
		}
	}
}

func lintWorkflow(t *testing.T, id string, f File) {
	t.Helper()
	linter, err := actionlint.NewLinter(nopWriter{}, &actionlint.LinterOptions{Shellcheck: "", Pyflakes: ""})
	if err != nil {
		t.Fatal(err)
	}
	found, err := linter.Lint(f.Path, []byte(f.Content), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range found {
		if !tooNew.MatchString(e.Message) {
			t.Errorf("%s: %v", id, e)
		}
	}
}

type nopWriter struct{}

func (nopWriter) Write(b []byte) (int, error) { return len(b), nil }

// TestExamplesNameTheSecret keeps the examples about tokens: all but those of
// the two rules on GITHUB_TOKEN itself name a secret, and the corrected form
// of a replaceable one names none.
func TestExamplesNameTheSecret(t *testing.T) {
	for _, p := range Pages() {
		var source strings.Builder
		for _, f := range p.Examples() {
			source.WriteString(f.Content)
		}
		about := p.ID == "missing-permissions" || p.ID == "excess-permissions"
		if has := strings.Contains(source.String(), "secrets."); has == about {
			t.Errorf("%s: example names a secret: %t", p.ID, has)
		}
	}
	p, _ := PageByID("replaceable-pat")
	for _, f := range fencedFiles(p.Section("Fix")) {
		if strings.Contains(f.Content, "secrets.") {
			t.Errorf("the corrected form still names a secret:\n%s", f.Content)
		}
	}
}

func TestExampleFiles(t *testing.T) {
	p, ok := PageByID("private-submodules")
	if !ok {
		t.Fatal("no page private-submodules")
	}
	var got []string
	for _, f := range p.Examples() {
		got = append(got, f.Path)
	}
	if diff := cmp.Diff([]string{".github/workflows/build.yml", ".gitmodules"}, got); diff != "" {
		t.Errorf("paths (-want +got):\n%s", diff)
	}
	want := "[submodule \"vendor/protocol\"]\n\tpath = vendor/protocol\n\turl = https://github.com/acme-corp/protocol.git\n"
	if diff := cmp.Diff(want, p.Examples()[1].Content); diff != "" {
		t.Errorf(".gitmodules (-want +got):\n%s", diff)
	}
}

func TestFencedFiles(t *testing.T) {
	tests := []struct {
		name, markdown string
		want           []File
	}{
		{"two files", "```yaml\n# a.yml\non: push\n```\ntext\n```js\n// lib/b.js\nf()\ng()\n```",
			[]File{{"a.yml", "on: push\n"}, {"lib/b.js", "f()\ng()\n"}}},
		{"output is no file", "```\nfound 3\nmore\n```", nil},
		{"a remark is no path", "```yaml\n# a remark\non: push\n```", nil},
		{"path alone", "```yaml\n# a.yml\n```", nil},
		{"not closed", "```yaml\n# a.yml\non: push\n", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, fencedFiles(test.markdown)); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSection(t *testing.T) {
	p := Page{Body: "## What\none\n\n## Example\n```yaml\n## no heading\n```\n"}
	tests := map[string]string{"What": "one", "Example": "```yaml\n## no heading\n```", "Fix": "", "no heading": ""}
	for title, want := range tests {
		if diff := cmp.Diff(want, p.Section(title)); diff != "" {
			t.Errorf("Section(%q) (-want +got):\n%s", title, diff)
		}
	}
}

func TestParsePageErrors(t *testing.T) {
	tests := map[string]string{
		"no front matter":  "## What\n",
		"not closed":       "---\nid: x\n",
		"no colon":         "---\nid\n---\n",
		"no id":            "---\nkind: rule\ntitle: T\nseverity: error\n---\n",
		"no title":         "---\nid: x\nkind: rule\nseverity: error\n---\n",
		"unknown key":      "---\nid: x\ncolour: red\n---\n",
		"unknown kind":     "---\nid: x\ntitle: T\nkind: poem\n---\n",
		"unknown severity": "---\nid: x\ntitle: T\nkind: rule\nseverity: fatal\n---\n",
		"rule, no grade":   "---\nid: x\ntitle: T\nkind: rule\n---\n",
		"reason, none":     "---\nid: x\ntitle: T\nkind: reason\n---\n",
		"unknown verdict":  "---\nid: x\ntitle: T\nkind: reason\nverdicts: fine\n---\n",
		"good verdict":     "---\nid: x\ntitle: T\nkind: reason\nverdicts: replaceable\n---\n",
	}
	for name, source := range tests {
		if p, err := parsePage(source); err == nil {
			t.Errorf("%s: parsed as %+v", name, p)
		}
	}
}

func TestParsePageReadsWindowsLineEnds(t *testing.T) {
	source := "---\nid: x\nkind: reason\ntitle: T\nverdicts: conditional, unknown\n---\n## What\ntext\n"
	want, err := parsePage(source)
	if err != nil {
		t.Fatal(err)
	}
	got, err := parsePage(strings.ReplaceAll(source, "\n", "\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("page (-LF +CRLF):\n%s", diff)
	}
	if got.Section("What") != "text" {
		t.Errorf("section What is %q", got.Section("What"))
	}
}

func TestPageByID(t *testing.T) {
	for _, p := range Pages() {
		if got, ok := PageByID(p.ID); !ok || got.ID != p.ID {
			t.Errorf("PageByID(%q) = %q, %t", p.ID, got.ID, ok)
		}
	}
	for _, id := range []string{"", "a", "replaceable", "zzz"} {
		if p, ok := PageByID(id); ok {
			t.Errorf("PageByID(%q) found %q", id, p.ID)
		}
	}
}

func TestPagesMayBeChangedByTheCaller(t *testing.T) {
	Pages()[0].ID = "changed"
	if got := Pages()[0].ID; got != "account-api" {
		t.Errorf("first page is %q now", got)
	}
}

func TestSuggest(t *testing.T) {
	tests := []struct {
		id   string
		want []string
	}{
		{"replacable-pat", []string{"replaceable-pat"}},
		{"Replaceable_PAT", []string{"replaceable-pat"}},
		{"workflow-file", []string{"workflow-files"}},
		{"trigger-workflow", []string{"triggers-workflows"}},
		{"branch", []string{"protected-branch"}},
		{"unknown-targets", []string{"unknown-target"}},
		{"nothing-like-it-at-all", nil},
		{"", nil},
		{strings.Repeat("x", 1000), nil},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, Suggest(test.id)); diff != "" {
			t.Errorf("Suggest(%.40q) (-want +got):\n%s", test.id, diff)
		}
	}
	if got := Suggest("pat"); len(got) != suggestions {
		t.Errorf("Suggest(\"pat\") = %q, want %d of them", got, suggestions)
	}
}

func TestEditDistance(t *testing.T) {
	tests := []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "abc", 0},
		{"abc", "abd", 1}, {"abc", "bc", 1}, {"kitten", "sitting", 3},
	}
	for _, test := range tests {
		if got := editDistance(test.a, test.b); got != test.want {
			t.Errorf("editDistance(%q, %q) = %d, want %d", test.a, test.b, got, test.want)
		}
	}
}

// FuzzParsePage checks that no text makes the reader panic, and that a page
// which is accepted has what the formats rely on.
func FuzzParsePage(f *testing.F) {
	f.Add("---\nid: x\nkind: rule\ntitle: T\nseverity: error\n---\n## Example\n```yaml\n# a.yml\non: push\n```\n")
	f.Add("---\n---\n")
	f.Add("---\r\nid: x\r\n---\r\n```")
	f.Fuzz(func(t *testing.T, source string) {
		p, err := parsePage(source)
		if err != nil {
			return
		}
		if p.ID == "" || p.Title == "" || (p.Severity == "") != (p.Kind == PageReason) {
			t.Errorf("accepted %+v", p)
		}
		for _, file := range p.Examples() {
			if file.Path == "" || !strings.HasSuffix(file.Content, "\n") {
				t.Errorf("example file %+v", file)
			}
		}
	})
}
