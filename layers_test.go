package main

import (
	"encoding/json"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// layers are the packages in the direction in which data flows: each may
// import what stands above it, and nothing else of ours.
var layers = []string{
	"audit",                           // the nouns of a report
	"audit/fingerprint",               // ids that stay
	"audit/virtual",                   // files that lie on no disk
	"audit/value",                     // strings of which not all is known
	"rules",                           // what is known about GitHub
	"audit/change",                    // what a job makes of the files of its checkout
	"audit/workflow",                  // files → positioned workflows and actions
	"audit/expression",                // ${{ … }}
	"audit/shell",                     // scripts → commands
	"audit/script",                    // JavaScript, Python, GraphQL → calls
	"audit/settings",                  // configurations of programs
	"audit/config",                    // patrol.yml
	"audit/trace",                     // where the value of a secret goes
	"audit/infer",                     // what is done with it there
	"audit/decide",                    // whether GITHUB_TOKEN would do
	"audit/accept",                    // what people leave as it is
	"audit/scan",                      // all of these, for one repository
	"audit/fix",                       // the edits that replace tokens
	"audit/needs",                     // the same for a question
	"audit/github",                    // GitHub's API
	"audit/remote",                    // files of other repositories, from there
	"audit/bulk",                      // files of many repositories, from there
	"audit/online",                    // settings and visibility, from there
	"audit/reach",                     // what a token reaches
	"audit/inventory",                 // secrets and tokens of accounts, from there
	"audit/compare",                   // that against what its uses need
	"audit/state",                     // what is kept of many repositories
	"audit/estate",                    // the audit of many
	"audit/organization",              // secrets and tokens against all uses of an account
	"audit/gittree",                   // files of a commit
	"audit/baseline",                  // a report against an earlier state
	"audit/report",                    // the formats
	"audit/merge",                     // several reports as one
	"audit/publish",                   // check runs and suggestions
	"audit/act",                       // issues, pull requests and uploads
	"audit/command",                   // the command line
	"",                                // main
	"audit/github/githubtest",         // a GitHub to test against
	"audit/github/githubtest/connect", // clients of that one
	"audit/github/githubtest/generate",
	"rules/generate", // the tables' refresh
}

// formats know the nouns alone, and only audit/github speaks HTTP.
var only = map[string][]string{"audit/report": {"audit"}, "audit/github": {}}

func TestLayers(t *testing.T) {
	const module = "github.com/patrol-actions/patrol"
	list, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	ours := func(path string) (string, bool) {
		rest, ok := strings.CutPrefix(path, module)
		return strings.TrimPrefix(rest, "/"), ok
	}
	for decoder := json.NewDecoder(strings.NewReader(string(list))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := decoder.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		name, _ := ours(p.ImportPath)
		place := slices.Index(layers, name)
		if place < 0 {
			t.Errorf("%s has no place among the layers", p.ImportPath)
		}
		for _, imported := range p.Imports {
			other, ok := ours(imported)
			allowed, limited := only[name]
			if ok && (slices.Index(layers, other) >= place || limited && !slices.Contains(allowed, other)) {
				t.Errorf("%s imports %s", p.ImportPath, imported)
			}
			if imported == "net/http" && name != "audit/github" && !strings.HasPrefix(name, "audit/github/githubtest") {
				t.Errorf("%s imports %s: only audit/github speaks HTTP", p.ImportPath, imported)
			}
		}
	}
}
