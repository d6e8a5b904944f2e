package settings

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadUpdatecli(t *testing.T) {
	values := []map[string]any{{"one": map[string]any{"owner": "a", "all": map[string]any{"x": map[string]any{"o": "p"}, "y": map[string]any{"o": "q"}}}}}
	tests := []struct {
		name, source string
		values       []map[string]any
		want         Updatecli
	}{
		{"only read", "scms:\n  s: {kind: github, spec: {owner: a, repository: b}}\n", nil, Updatecli{Repositories: []UpdatecliRepository{
			{File: "m.yaml", Owner: "a", Name: "b", Branch: "main", Head: "updatecli_"},
		}}},
		{"value and variable", "scms:\n  s:\n    kind: github\n    spec:\n      owner: {{ .one.owner }}\n      repository: {{ requiredEnv \"R\" | quote }}\n      branch: {{ env .one.owner }}\n", values, Updatecli{Repositories: []UpdatecliRepository{
			{File: "m.yaml", Owner: "a", Name: markEnv + "R" + MarkEnd, Branch: markEnv + "a" + MarkEnd, Head: "updatecli_"},
		}}},
		{"values that differ", "{{ range $k, $v := .one.all }}\nscms:\n  s: {kind: github, spec: {owner: '{{ $v.o }}', repository: b}}\n{{ end }}\n", values, Updatecli{Repositories: []UpdatecliRepository{
			{File: "m.yaml", Owner: markOpen, Name: "b", Branch: "main", Head: "updatecli_"},
		}}},
		{"values that cannot be read", "scms:\n  s: {kind: github, spec: {owner: '{{ .one.owner }}', repository: b}}\n", append([]map[string]any{nil}, values...), Updatecli{Repositories: []UpdatecliRepository{
			{File: "m.yaml", Owner: markOpen, Name: "b", Branch: "main", Head: "updatecli_"},
		}}},
		{"handed to a source", "sources:\n  s: {kind: json, spec: {headers: {Authorization: 'Bearer {{ requiredEnv \"T\" }}'}}}\n", nil, Updatecli{Handed: []string{"T"}}},
		{"another kind, and a scm that is guessed", "scms:\n  s: {kind: githubsearch}\ntargets:\n  t: {kind: file, scmid: local}\n", nil, Updatecli{Open: []string{
			"what it does with a repository of kind githubsearch is not known", "which repository local is, the manifest does not say",
		}}},
		{"parts", "{{ template \"x\" . }}\n", nil, Updatecli{Open: []string{"a template of the manifest brings in more"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := ReadUpdatecli("m.yaml", []byte(test.source), test.values)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func FuzzReadUpdatecli(f *testing.F) {
	f.Add("{{ range $k, $v := .a }}\nscms:\n  s: {kind: github, spec: {owner: '{{ $v.o }}'}}\n{{ end }}\n")
	f.Add("targets:\n  t: {kind: shell, spec: {environments: [{name: X}]}}\n")
	f.Fuzz(func(t *testing.T, source string) {
		read, err := ReadUpdatecli("m.yaml", []byte(source), []map[string]any{{"a": map[string]any{"b": map[string]any{"o": "p"}}}})
		if err != nil && len(read.Repositories) > 0 {
			t.Errorf("an error, and repositories: %v", err)
		}
	})
}
