package workflow

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

var mark = regexp.MustCompile(`^ *mark`)

func TestComments(t *testing.T) {
	const source = "\xef\xbb\xbf# mark 1\n" +
		"on: push # mark 2\n" +
		"env: {A: '# mark', B: \"x\n  # mark\", é: y} # mark 3\n" +
		"jobs: # v4 # mark 4\n" +
		"  a: # mark 5\r\n" +
		"    runs-on: x# mark\n" +
		"    # other\n" +
		"    # mark 6\n" +
		"    \"# mark\": x\n" +
		"    steps:\n" +
		"      - run: | # mark 7\n" +
		"          echo '\n" +
		"          # mark\n" +
		"\n" +
		"          # mark'\n" +
		"        # mark 8\n" +
		"      - run: >-\n" +
		"          a\n" +
		"            # mark\n" +
		"          b\n" +
		"        # mark 9\n" +
		"      - run: a\n" +
		"          # mark 10\n" +
		"      - name: &x !!str \"a\\\n          # mark\"\n"
	f := &File{Path: "a.yml", Source: []byte(source)}
	var got []string
	for _, c := range f.Comments(mark) {
		got = append(got, strings.TrimSpace(c.Text))
		if line := strings.Split(source, "\n")[c.Line-1]; !strings.HasPrefix(string([]rune(strings.TrimPrefix(line, "\xef\xbb\xbf"))[c.Column-1:]), "#"+c.Text) {
			t.Errorf("%+v is not there", c)
		}
	}
	var want []string
	for i := range 10 {
		want = append(want, fmt.Sprint("mark ", i+1))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	l := f.Layout()
	for line, below := range map[int]int{1: 2, 7: 10, 8: 10, 9: 10, 10: 11, 99: 0} {
		if got := l.CodeBelow(line); got != below {
			t.Errorf("below %d is %d, want %d", line, got, below)
		}
	}
	if !l.Alone(1, 1) || !l.Alone(9, 5) || l.Alone(2, 10) || l.Alone(99, 1) {
		t.Error("a comment alone is not told from others")
	}
}

func FuzzComments(f *testing.F) {
	f.Add("a: '# mark'\nb: |\n  # mark\n# mark\n")
	f.Add("\xef\xbb\xbf#mark\r\n? x\r: >2-\n   # mark\n # mark\u2028# mark")
	f.Fuzz(func(t *testing.T, source string) {
		file := &File{Path: "a.yml", Source: []byte(source)}
		for _, c := range file.Comments(mark) {
			if c.Line < 1 || c.Column < 1 || c.Line > 1+strings.Count(source, "\n") {
				t.Errorf("%+v", c)
			}
			file.Layout().Alone(c.Line, c.Column)
			file.Layout().CodeBelow(c.Line)
		}
	})
}

func TestTextComment(t *testing.T) {
	const source = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n" +
		"      - uses: a/a@1 # v1.2\n" +
		"      - uses: \"b/b@1\"  #v2\r\n" +
		"      - uses: 'c/c@1'\t# tag=v3 # more\n" +
		"      - uses: d/d@1#v4\n" +
		"      - uses: e/e@1\n        # v5\n" +
		"      - {uses: f/f@1, with: {x: y}} # v6\n" +
		"      - uses: g/g@1 \n" +
		"      - uses: >-\n          h/h@1\n" +
		"      - uses: i/i@1 #"
	repository := Load(fstest.MapFS{".github/workflows/a.yml": {Data: []byte(source)}})
	want := []string{" v1.2", "v2", " tag=v3 # more", "", "", "", "", "", ""}
	var got []string
	for _, step := range repository.Workflows[0].Jobs[0].Steps {
		got = append(got, step.Uses.Comment())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("comments (-want +got):\n%s", diff)
	}
	if got := (Text{}).Comment(); got != "" {
		t.Errorf("what is not written has the comment %q", got)
	}
}
