package command

import (
	"bytes"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"

	"github.com/patrol-actions/patrol/audit/report"
)

// TestLinks follows the links of the documentation to files and headings of the
// repository. Those to elsewhere are not asked for.
func TestLinks(t *testing.T) {
	t.Chdir("../..")
	files, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, "README.md")
	followed := 0
	for _, file := range files {
		n, problems := brokenLinks(filepath.ToSlash(file), os.ReadFile)
		followed += n
		for _, p := range problems {
			t.Errorf("%s: %s", file, p)
		}
	}
	if len(files) < 5 || followed < 20 {
		t.Errorf("%d links in %d files", followed, len(files))
	}
}

// Every table is told of, and so is every format.
func TestDocumented(t *testing.T) {
	t.Chdir("../..")
	tables, err := filepath.Glob("rules/table/*.tsv")
	if err != nil || len(tables) < 10 {
		t.Fatalf("%d tables: %v", len(tables), err)
	}
	for i, file := range tables {
		tables[i] = strings.TrimSuffix(filepath.Base(file), ".tsv")
	}
	for page, names := range map[string][]string{"docs/tables.md": tables, "docs/reports.md": report.Formats(), "README.md": report.Formats()} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if !strings.Contains(string(text), "`"+name+"`") {
				t.Errorf("%s tells nothing of %s", page, name)
			}
		}
	}
}

func TestBrokenLinks(t *testing.T) {
	files := map[string]string{
		"a.md":      "# A `b` c\n[x](docs/b.md#two-words-1) [x](#a-b-c) [x](#nowhere) ![x](no.png) [x](docs) [x](https://example.com/#no) [x](/a.md) [x](../a.md)\n<<<<<<< HEAD\n",
		"docs/b.md": "## Two words\n## Two *words*\n[x](../a.md) [x](b.md#three) `[x](code.md)`\n",
		"docs":      "",
	}
	read := func(name string) ([]byte, error) {
		if s, ok := files[name]; ok {
			return []byte(s), nil
		}
		return nil, os.ErrNotExist
	}
	var got []string
	for _, file := range []string{"a.md", "docs/b.md"} {
		_, problems := brokenLinks(file, read)
		got = append(got, problems...)
	}
	want := []string{
		"a conflict was left: <<<<<<< HEAD", "no heading #nowhere in a.md", "no file no.png", "/a.md leads nowhere outside of this repository", "../a.md leads out of the repository",
		"no heading #three in docs/b.md",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// conflict matches what git leaves in a file that it could not merge.
var conflict = regexp.MustCompile(`(?m)^(<{7}|>{7}|\|{7}) .*`)

// brokenLinks counts the links of a page to files of its repository, and says
// which lead nowhere.
func brokenLinks(file string, read func(string) ([]byte, error)) (followed int, problems []string) {
	source, err := read(file)
	if err != nil {
		return 0, []string{err.Error()}
	}
	if m := conflict.Find(source); m != nil {
		problems = append(problems, fmt.Sprintf("a conflict was left: %s", m))
	}
	for _, link := range destinations(source) {
		u, err := url.Parse(link)
		switch {
		case err != nil:
			problems = append(problems, err.Error())
			continue
		case u.Scheme != "" || u.Host != "":
			continue
		case strings.HasPrefix(u.Path, "/"):
			problems = append(problems, link+" leads nowhere outside of this repository")
			continue
		}
		followed++
		if p := broken(file, u, read); p != "" {
			problems = append(problems, p)
		}
	}
	return followed, problems
}

// broken says why a link leads nowhere.
func broken(file string, link *url.URL, read func(string) ([]byte, error)) string {
	target := file
	if link.Path != "" {
		target = path.Join(path.Dir(file), link.Path)
	}
	if strings.HasPrefix(target, "..") {
		return link.Path + " leads out of the repository"
	}
	// What cannot be read may be a folder, which has no headings.
	page, err := read(target)
	if _, missing := os.Stat(target); err != nil && missing != nil {
		return "no file " + target
	}
	if link.Fragment != "" && !anchors(page)[link.Fragment] {
		return "no heading #" + link.Fragment + " in " + target
	}
	return ""
}

// markdown reads Markdown as GitHub does.
var markdown = goldmark.New(goldmark.WithExtensions(extension.GFM))

// destinations are the links and pictures of a page.
func destinations(source []byte) (out []string) {
	_ = ast.Walk(markdown.Parser().Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			switch n := n.(type) {
			case *ast.Link:
				out = append(out, string(n.Destination))
			case *ast.Image:
				out = append(out, string(n.Destination))
			}
		}
		return ast.WalkContinue, nil // and no error, so that Walk has none
	})
	return out
}

// anchors are the names that GitHub gives to the headings of a page: in lower
// case, with hyphens for spaces and without punctuation; a second one of the
// same name has a number.
func anchors(source []byte) map[string]bool {
	out, seen := map[string]bool{}, map[string]int{}
	_ = ast.Walk(markdown.Parser().Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		heading, ok := n.(*ast.Heading)
		if !entering || !ok {
			return ast.WalkContinue, nil
		}
		name := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, words(heading, source))
		if n := seen[name]; n > 0 {
			out[fmt.Sprintf("%s-%d", name, n)] = true
		}
		seen[name]++
		out[name] = true
		return ast.WalkSkipChildren, nil
	})
	return out
}

// words is the text of a heading.
func words(heading ast.Node, source []byte) string {
	var out bytes.Buffer
	_ = ast.Walk(heading, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if t, ok := n.(*ast.Text); ok && entering {
			out.Write(t.Segment.Value(source))
		}
		return ast.WalkContinue, nil
	})
	return out.String()
}
