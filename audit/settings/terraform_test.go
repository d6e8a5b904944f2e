package settings

import (
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// list returns the names of the files in a folder.
func (f files) list(folder string) []string {
	var out []string
	for name := range f {
		if path.Dir(name) == folder {
			out = append(out, path.Base(name))
		}
	}
	slices.Sort(out)
	return out
}

func TestReadTerraform(t *testing.T) {
	tests := []struct {
		name   string
		files  files
		blocks []string
		open   []string
	}{
		{"resource", files{"a.tf": "resource \"github_issue\" \"x\" {\n  repository = \"n\"\n}"}, []string{"github_issue n a.tf:1"}, nil},
		{"data source", files{"a.tf": `data "github_user" "x" {}`}, []string{"data.github_user  a.tf:1"}, nil},
		{"others", files{"a.tf": `resource "aws_instance" "x" {}`, "b.txt": "{"}, nil, nil},
		{"computed", files{"a.tf": "\nresource \"github_issue\" \"x\" {\n  repository = var.n\n}"}, []string{"github_issue  a.tf:2"}, nil},
		{"by a resource", files{"a.tf": "resource \"github_issue\" \"x\" {\n  repository = github_repository.r.name\n}", "b.tf": "resource \"github_repository\" \"r\" {\n  name = \"n\"\n}"}, []string{"github_issue n a.tf:1", "github_repository  b.tf:1"}, nil},
		{"by a resource of that name in two modules", files{
			"a.tf": "module \"m\" {\n  source = \"./m\"\n}\nresource \"github_issue\" \"x\" {\n  repository = github_repository.r.name\n}\nresource \"github_repository\" \"r\" {\n  name = \"n\"\n}", "m/a.tf": "resource \"github_repository\" \"r\" {\n  name = \"o\"\n}",
		}, []string{"github_repository  m/a.tf:1", "github_issue  a.tf:4", "github_repository  a.tf:7"}, nil},
		{"module that is missing", files{"a.tf": "module \"m\" {\n  source = \"./m\"\n}"}, nil, []string{"the module m is not in this checkout"}},
		{"module twice", files{"a.tf": "module \"m\" {\n  source = \"./m\"\n}\nmodule \"o\" {\n  source = \"./m\"\n}", "m/a.tf": ""}, nil, nil},
		{"module from outside", files{"a.tf": "module \"m\" {\n  source = \"../m\"\n}"}, nil, []string{"the module m is not of this repository"}},
		{"two providers", files{"a.tf": "provider \"github\" {\n  alias = \"b\"\n}"}, nil, []string{"it has several providers of GitHub"}},
		{"computed token", files{"a.tf": "provider \"github\" {\n  token = file(\"x\")\n}"}, nil, []string{"the provider's token is computed"}},
		{"broken", files{"a.tf": "resource {"}, nil, []string{"a.tf does not parse"}},
		{"JSON", files{"a.tf.json": `{"resource": {"github_issue": {"x": {"repository": "n", "title": "${var.t}"}}, "aws_instance": {"y": {}}},
"data": [{"github_user": {"z": [{}]}}]}`}, []string{"github_issue n a.tf.json:1", "data.github_user  a.tf.json:2"}, nil},
		{"JSON by a resource", files{"a.tf.json": `{"resource": [{"github_repository": {"r": {"name": "n"}}}, {"github_issue": {"x": {"repository": "${github_repository.r.name}"}}}]}`}, []string{"github_repository  a.tf.json:1", "github_issue n a.tf.json:1"}, nil},
		{"JSON module", files{"a.tf.json": `{"module": {"m": {"source": "./m"}, "o": {"source": "x/y/z"}}}`, "m/a.tf": "resource \"github_issue\" \"x\" {}"}, []string{"github_issue  m/a.tf:1"}, []string{"the module o is not of this repository"}},
		{"JSON providers", files{"a.tf.json": `{"provider": {"github": [{"token": "${file(\"x\")}"}, {"alias": "b"}]}}`}, nil, []string{"the provider's token is computed", "it has several providers of GitHub"}},
		{"broken JSON", files{"a.tf.json": "{"}, nil, []string{"a.tf.json does not parse"}},
		{"nothing", files{}, nil, []string{"its configuration is not in this checkout"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := ReadTerraform(".", test.files.list, test.files.read)
			var blocks []string
			for _, b := range got.Blocks {
				blocks = append(blocks, b.Type+" "+b.Texts["repository"]+" "+b.File+":"+string(rune('0'+b.Line)))
			}
			if d := cmp.Diff(test.blocks, blocks); d != "" {
				t.Errorf("blocks: %s", d)
			}
			if d := cmp.Diff(test.open, got.Open); d != "" {
				t.Errorf("open: %s", d)
			}
		})
	}
}

func TestTerraformProvider(t *testing.T) {
	f := files{"a.tf": "provider \"github\" {\n  owner = \"o\"\n  token = var.t\n}"}
	if got := ReadTerraform(".", f.list, f.read); got.Owner != "o" || got.Variable != "t" || !got.OwnerGiven || got.Keyed {
		t.Errorf("%+v", got)
	}
	f = files{"a.tf": "provider \"github\" {\n  owner = var.o\n  app_auth {}\n}"}
	if got := ReadTerraform(".", f.list, f.read); got.Owner != "" || got.Variable != "" || !got.OwnerGiven || !got.Keyed {
		t.Errorf("%+v", got)
	}
}

func FuzzReadTerraform(f *testing.F) {
	f.Add("provider \"github\" {\n  owner = var.o\n}\nresource \"github_issue\" \"x\" {\n  repository = github_repository.r.name\n}")
	f.Add("module \"m\" {\n  source = \"./.\"\n}")
	f.Add("resource \"github_x\" {\n  a = \"${b}\"\n  c = <<EOF\nd\nEOF\n}")
	f.Fuzz(func(t *testing.T, source string) {
		one := files{"a.tf": source}
		got := ReadTerraform(".", one.list, one.read)
		for _, b := range got.Blocks {
			if kind := strings.TrimPrefix(b.Type, "data."); !strings.HasPrefix(kind, "github_") || b.Line < 1 {
				t.Errorf("%+v", b)
			}
		}
	})
}

func TestReadTerragrunt(t *testing.T) {
	resource := "resource \"github_issue\" \"x\" {\n  repository = \"n\"\n}"
	tests := []struct {
		name   string
		files  files
		blocks int
		open   []string
	}{
		{"module", files{"live/terragrunt.hcl": "terraform {\n  source = \"../modules//m\"\n}", "modules/m/a.tf": resource}, 1, nil},
		{"beside it", files{"live/terragrunt.hcl": "inputs = {}", "live/a.tf": resource}, 1, nil},
		{"includes", files{"live/terragrunt.hcl": "include \"root\" {\n  path = \"x\"\n}", "live/a.tf": resource}, 1, []string{"what live/terragrunt.hcl brings in by include is not read"}},
		{"token by inputs", files{"live/terragrunt.hcl": "inputs = {}", "live/a.tf": resource + "\nprovider \"github\" {\n  token = var.t\n}"}, 1, []string{"what live/terragrunt.hcl hands on as the token is not read"}},
		{"from elsewhere", files{"live/terragrunt.hcl": "terraform {\n  source = \"tfr:///x\"\n}", "live/a.tf": resource}, 0, nil},
		{"none", files{"live/a.tf": resource}, 0, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := ReadTerragrunt("live", test.files.list, test.files.read)
			if len(got.Blocks) != test.blocks {
				t.Errorf("%d blocks, want %d", len(got.Blocks), test.blocks)
			}
			if d := cmp.Diff(test.open, got.Open); d != "" {
				t.Errorf("open: %s", d)
			}
		})
	}
}
