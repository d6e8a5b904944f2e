package scan

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"
)

// edits are changes of a workflow or action file that change nothing of what
// it does.
var edits = map[string]func(t *testing.T, source []byte) []byte{
	"comments and blank lines": func(_ *testing.T, source []byte) []byte {
		document := stepStart.ReplaceAll(source, []byte("\n$1# a comment\n\n$0"))
		return append([]byte("# one more line\n\n"), document...)
	},
	"CRLF": func(_ *testing.T, source []byte) []byte {
		return bytes.ReplaceAll(source, []byte("\n"), []byte("\r\n"))
	},
	"renamed": func(t *testing.T, source []byte) []byte {
		return rewritten(t, source, 2, func(key string, parent, value *yaml.Node) {
			if key == "name" && value.Kind == yaml.ScalarNode && !isBindings(parent) && (has(parent, "uses") || has(parent, "run") || has(parent, "steps")) {
				value.SetString("renamed " + value.Value)
			}
		})
	},
	"indented by four": func(t *testing.T, source []byte) []byte {
		return rewritten(t, source, 4, func(string, *yaml.Node, *yaml.Node) {})
	},
	"double quotes": func(t *testing.T, source []byte) []byte { return styled(t, source, yaml.DoubleQuotedStyle) },
	"literal":       func(t *testing.T, source []byte) []byte { return styled(t, source, yaml.LiteralStyle) },
	"folded":        func(t *testing.T, source []byte) []byte { return styled(t, source, yaml.FoldedStyle) },
	"flow": func(t *testing.T, source []byte) []byte {
		return rewritten(t, source, 2, func(key string, _, value *yaml.Node) {
			if key == "env" || key == "with" {
				value.Style = yaml.FlowStyle
				for _, n := range value.Content {
					n.HeadComment, n.LineComment, n.FootComment = "", "", ""
				}
			}
		})
	},
	"env in another order": func(t *testing.T, source []byte) []byte {
		return rewritten(t, source, 2, func(key string, _, value *yaml.Node) {
			if (key == "env" || key == "with") && value.Kind == yaml.MappingNode {
				var pairs [][]*yaml.Node
				for pair := range slices.Chunk(value.Content, 2) {
					pairs = append(pairs, pair)
				}
				slices.Reverse(pairs)
				value.Content = slices.Concat(pairs...)
			}
		})
	},
}

// stepStart is where a step begins with what a block scalar rarely has.
var stepStart = regexp.MustCompile(`\n( *)- (?:uses|name|id):`)

// styled writes the values that can hold a secret in another style.
func styled(t *testing.T, source []byte, style yaml.Style) []byte {
	return rewritten(t, source, 2, func(key string, parent, value *yaml.Node) {
		if value.Kind == yaml.ScalarNode && value.ShortTag() == "!!str" && (key == "run" || strings.Contains(value.Value, "secrets")) && !strings.HasSuffix(value.Value, "\n\n") {
			if style == yaml.FoldedStyle && strings.Contains(value.Value, "\n ") {
				return // the encoder loses a line break before a line that is indented more
			}
			value.Style = style
		}
	})
}

func isBindings(n *yaml.Node) bool { return !has(n, "uses") && !has(n, "run") && !has(n, "steps") }

func has(n *yaml.Node, key string) bool {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Kind == yaml.MappingNode && n.Content[i].Value == key {
			return true
		}
	}
	return false
}

// rewritten parses a file, changes each entry, and writes it anew. Values stay
// what they are, whatever the layout.
func rewritten(t *testing.T, source []byte, indent int, change func(key string, parent, value *yaml.Node)) []byte {
	t.Helper()
	var document yaml.Node
	if err := yaml.Unmarshal(source, &document); err != nil {
		return source
	}
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		for i, child := range n.Content {
			if n.Kind == yaml.MappingNode && i%2 == 1 {
				change(n.Content[i-1].Value, n, child)
			}
			walk(child)
		}
	}
	walk(&document)
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(indent)
	if err := encoder.Encode(&document); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// isYAML tells the files that the edits are for.
func isYAML(name string) bool {
	return strings.HasPrefix(name, ".github/workflows/") || strings.HasPrefix(path.Base(name), "action.y")
}

// identified lists the ids of references, with their verdicts, and those of
// findings, so that a difference can be read.
func identified(files fstest.MapFS, name string) (all []string, ids map[string]int) {
	ids = map[string]int{}
	result := Repository(files, Options{Name: name})
	for _, r := range result.References {
		all = append(all, fmt.Sprint(r.ID, " ", r.File, " ", r.Secret))
		ids[r.ID]++
	}
	for _, f := range result.Findings {
		all = append(all, fmt.Sprint(f.ID, " ", f.File, " ", f.Rule))
		ids[f.ID]++
	}
	slices.Sort(all)
	return all, ids
}

// repositories are those of the cases, and the example.
func repositories(t *testing.T) map[string]*accuracyCase {
	t.Helper()
	out := map[string]*accuracyCase{"example": {name: "acme-corp/rocket", files: readTree(t, exampleFolder)}}
	files, err := filepath.Glob(filepath.Join(caseFolder, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		c, err := readCase(file)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(file)] = c
	}
	return out
}

func readTree(t *testing.T, folder string) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	err := fs.WalkDir(os.DirFS(folder), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(folder, name))
		out[name] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestFingerprints wants every id to stay whatever the layout of the files,
// and no id to come twice.
func TestFingerprints(t *testing.T) {
	all := repositories(t)
	// Their verdicts rest on comments and names, which the edits change.
	maps.DeleteFunc(all, func(name string, _ *accuracyCase) bool {
		return strings.HasPrefix(name, "remark-") || strings.HasPrefix(name, "sign-")
	})
	for n, name := range slices.Sorted(maps.Keys(all)) {
		if testing.Short() && n%sample != 0 {
			continue
		}
		c := all[name]
		want, ids := identified(c.files, c.name)
		for id, n := range ids {
			if n > 1 {
				t.Errorf("%s: the id %s comes %d times", name, id, n)
			}
		}
		for edit, change := range edits {
			files := maps.Clone(c.files)
			for file, content := range files {
				if isYAML(file) {
					files[file] = &fstest.MapFile{Data: change(t, content.Data)}
				}
			}
			got, _ := identified(files, c.name)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, %s (-before +after):\n%s", name, edit, diff)
			}
		}
	}
}

// step is one that a job has several of.
func step(number int, env string) string {
	return fmt.Sprintf("      - run: |\n          set -e\n          echo %d\n        env: {%s: \"${{ secrets.BOT_PAT }}\"}\n", number, env)
}

// TestEqualReferences takes one of several references away: those that differ
// by what their step runs keep their ids, and of true equals no more than one
// id is gone.
func TestEqualReferences(t *testing.T) {
	const head = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"
	different := []string{
		"      - run: gh release create v1\n        env: {GH_TOKEN: \"${{ secrets.BOT_PAT }}\"}\n",
		"      - run: gh issue list\n        env: {GH_TOKEN: \"${{ secrets.BOT_PAT }}\"}\n",
		"      - uses: actions/checkout@v4\n        with: {token: \"${{ secrets.BOT_PAT }}\"}\n",
		"      - uses: octo/action@v4\n        with: {token: \"${{ secrets.BOT_PAT }}\"}\n",
	}
	equal := []string{step(1, "GH_TOKEN"), step(2, "GH_TOKEN"), step(3, "GH_TOKEN"), step(4, "GH_TOKEN")}
	references := func(steps []string) (ids []string) {
		files := fstest.MapFS{".github/workflows/a.yml": {Data: []byte(head + strings.Join(steps, ""))}}
		for _, r := range Repository(files, Options{Name: "o/r"}).References {
			ids = append(ids, r.ID)
		}
		return ids
	}
	for i := range different {
		want := slices.Delete(references(different), i, i+1)
		if diff := cmp.Diff(want, references(slices.Delete(slices.Clone(different), i, i+1))); diff != "" {
			t.Errorf("without step %d (-want +got):\n%s", i+1, diff)
		}
		all, left := references(equal), references(slices.Delete(slices.Clone(equal), i, i+1))
		if len(left) != len(all)-1 || slices.ContainsFunc(left, func(id string) bool { return !slices.Contains(all, id) }) {
			t.Errorf("without equal step %d: %v of %v", i+1, left, all)
		}
	}
	mixed := slices.Concat(different, equal)
	rand.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
	got, want := references(mixed), slices.Concat(references(different), references(equal))
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("in another order (-want +got):\n%s", diff)
	}
}
