package infer

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit/value"
)

// texts names targets, with "!" behind those of another owner and "=" behind
// those of the same.
func texts(list []Target) string {
	var out []string
	for _, t := range list {
		text := t.Text
		switch {
		case t.Kind == Self:
		case t.OtherOwner:
			text += "!"
		case t.SameOwner:
			text += "="
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

func TestTargets(t *testing.T) {
	owner := value.Context("github.repository_owner")
	name := value.Context("github.event.repository.name")
	tests := []struct {
		name string
		in   value.Value
		// named and unnamed are the targets where the repository is
		// acme/rocket, and where its name is not known.
		named, unnamed string
	}{
		{"nothing", nil, "self", "self"},
		{"itself", value.Context("github.repository"), "self", "self"},
		{"itself by the event", value.Context("github.event.repository.full_name"), "self", "self"},
		{"itself by its parts", value.Concat(owner, value.Text("/"), name), "self", "self"},
		{"itself by name", value.Text("acme/rocket"), "self", "acme/rocket"},
		{"itself in capitals", value.Text("Acme/Rocket"), "self", "Acme/Rocket"},
		{"a neighbour", value.Text("acme/site"), "acme/site=", "acme/site"},
		{"a neighbour by its owner", value.Concat(owner, value.Text("/site")), "acme/site=", "${{ github.repository_owner }}/site="},
		{"a stranger", value.Text("octo/app"), "octo/app!", "octo/app"},
		{"a stranger's anything", value.Concat(value.Text("octo/"), value.Unknown("$X")), "octo/*!", "unknown"},
		{"a neighbour's anything", value.Concat(value.Text("acme/"), value.Unknown("$X")), "unknown=", "unknown"},
		{"anything", value.Unknown("$REPO"), "unknown", "unknown"},
		{"another context", value.Context("inputs.repository"), "unknown", "unknown"},
		{"the folder's name", value.Text("acme/folder"), "acme/folder=", "unknown"},
		{"one of two", value.Choice(value.Context("github.repository"), value.Text("octo/app")), "self, octo/app!", "self, octo/app"},
		{"an address", value.Text("https://github.com/octo/app.git"), "octo/app!", "octo/app"},
		{"an address with a slash", value.Text("https://github.com/octo/app/"), "octo/app!", "octo/app"},
		{"an address of ssh", value.Text("git@github.com:octo/app.git"), "octo/app!", "octo/app"},
		{"a long address of ssh", value.Text("ssh://git@github.com/octo/app"), "octo/app!", "octo/app"},
		{"an address with a token", value.Concat(value.Text("https://x-access-token:"), pat, value.Text("@github.com/"), value.Context("github.repository"), value.Text(".git")), "self", "self"},
		{"an address with a token alone", value.Concat(value.Text("https://"), pat, value.Text("@github.com/octo/app")), "octo/app!", "octo/app"},
		{"an address of the API", value.Text("https://api.github.com/repos/octo/app"), "octo/app!", "octo/app"},
		{"a pip address", value.Text("git+https://github.com/octo/app"), "octo/app!", "octo/app"},
		{"itself by its address", value.Context("github.event.repository.clone_url"), "self", "self"},
		{"another service", value.Text("https://gitlab.com/octo/app"), "", ""},
		{"no repository", value.Text("octo"), "unknown", "unknown"},
	}
	for _, test := range tests {
		named := &inferrer{options: Options{Repository: "acme/rocket", Folder: "folder"}}
		unnamed := &inferrer{options: Options{Folder: "folder"}}
		if diff := cmp.Diff([]string{test.named, test.unnamed}, []string{texts(named.targets(test.in)), texts(unnamed.targets(test.in))}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestParts(t *testing.T) {
	in := &inferrer{options: Options{Repository: "acme/rocket"}}
	tests := []struct {
		name        string
		owner, repo value.Value
		want        string
	}{
		{"nothing", nil, nil, "self"},
		{"an owner alone", value.Text("octo"), nil, "octo/rocket!"},
		{"its own owner alone", value.Text("acme"), nil, "self"},
		{"a name alone", nil, value.Text("site"), "acme/site="},
		{"its own name alone", nil, value.Text("rocket"), "self"},
		{"both", value.Text("octo"), value.Text("app"), "octo/app!"},
		{"the contexts", value.Context("github.repository_owner"), value.Context("github.event.repository.name"), "self"},
		{"a whole name for a name", value.Text("octo"), value.Text("octo/app"), "octo/app!"},
		{"the repository for a name", value.Text("octo"), value.Context("github.repository"), "self"},
		{"one of two owners", value.Choice(value.Text("acme"), value.Text("octo")), value.Text("rocket"), "self, octo/rocket!"},
	}
	for _, test := range tests {
		if got := texts(in.parts(test.owner, test.repo)); got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}
