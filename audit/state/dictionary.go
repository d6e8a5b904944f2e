package state

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"strings"
	"sync"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/bulk"
)

// generation is the version of what the values mean. Values of another, or
// packed with another dictionary, are dropped.
const generation = "2"

// form names the form of a file.
var form = sync.OnceValue(func() string {
	sum := sha256.Sum256(dictionary())
	return generation + "-" + hex.EncodeToString(sum[:8])
})

// dictionary is what packed values can refer to: most of what stands in a
// small one are the names of its fields, and without it they would take more
// room than the values.
var dictionary = sync.OnceValue(func() []byte {
	name := "owner/name"
	place := audit.Place{File: ".github/workflows/release.yml", Line: 1, Text: "${{ secrets.GITHUB_TOKEN }}"}
	permissions := audit.Permissions{
		Workflow:    map[string]string{"contents": "write", "issues": "write", "pull-requests": "write"},
		FineGrained: audit.FineGrained{Repository: map[string]string{"contents": "write", "pull_requests": "write"}}, ClassicScopes: []string{"repo"},
	}
	reason := audit.Reason{Code: "triggers-workflows", Detail: "a push with GITHUB_TOKEN starts no workflow", Evidence: []audit.Place{place}}
	use := &audit.Use{
		Job: "build", Step: 1, File: place.File, Line: 1, What: "actions/checkout", Via: []audit.Hop{{File: place.File, Line: 1, What: "step env GH_TOKEN"}},
		Operations: []audit.Operation{{Name: "POST /repos/{owner}/{repo}/issues", Target: "self", Evidence: place}}, Verdict: audit.VerdictReplaceable,
		Reasons: []audit.Reason{reason}, Permissions: permissions,
	}
	report := &audit.Repository{
		Name: &name, Files: 1, Workflows: 1, Errors: []audit.Problem{{File: place.File, Line: 1, Message: "could not be read: "}},
		References: []*audit.Reference{{
			ID: "0", Secret: "BOT_PAT", File: place.File, Line: 1, Column: 1, EndLine: 1, EndColumn: 1, Credential: audit.CredentialGitHub, Verdict: audit.VerdictNotReplaceable,
			Reasons: []audit.Reason{reason}, Permissions: permissions, Target: []string{"self"}, Events: []string{"push:branch"}, Uses: []*audit.Use{use},
			Remedy: audit.Remedy{
				Kind: audit.RemedyGitHubToken, Summary: "use ${{ secrets.GITHUB_TOKEN }} with contents: read, issues: write; github-actions[bot] is then the author",
				JobPermissions: permissions.Workflow, FineGrained: &audit.Recipe{URL: "https://github.com/settings/personal-access-tokens/new?"},
			},
		}},
		Findings: []*audit.Finding{{
			Rule: "replaceable-pat", Severity: audit.SeverityWarning, Message: "BOT_PAT is used for gh issue create, where GITHUB_TOKEN would do.", ID: "0",
			File: place.File, Line: 1, EndLine: 1, Column: 1, EndColumn: 1, Reference: "0", Related: []audit.Place{place},
			Fix: "use a GitHub App's token, made in the job by actions/create-github-app-token with permission-contents: write",
		}},
	}
	text, err := json.Marshal(report)
	if err != nil {
		return nil // it then only takes more room
	}
	result := &Result{
		Key: "0", Used: map[string]string{".github": "0", "package.json": ""}, Report: text,
		Lines: map[string]map[int]string{place.File: {1: "    runs-on: ubuntu-latest", 2: "    steps:", 3: "      - uses: actions/checkout@v4", 4: "        env:", 5: "          GH_TOKEN: ${{ secrets.GITHUB_TOKEN }}"}},
	}
	listed := &bulk.Repository{Name: name, Visibility: "private", Branch: "main", Commit: "0", Root: []bulk.Entry{{Name: ".github", Mode: 0o40000, ID: "0"}, {Name: ".gitignore", Mode: 0o100644, ID: "0"}, {Name: "README.md"}, {Name: "LICENSE"}, {Name: "package.json"}}}
	var out strings.Builder
	for _, v := range []any{listed, result} {
		data, err := json.Marshal(v)
		if err != nil {
			return nil
		}
		out.Write(data)
	}
	return []byte(out.String())
})

// unpacker unpacks one value after the other in the same memory.
type unpacker struct {
	packed bytes.Reader
	reader io.ReadCloser
	text   bytes.Buffer
}

// unpackers are kept, for the files are read several times for each report.
var unpackers = sync.Pool{New: func() any {
	u := &unpacker{}
	u.reader = flate.NewReaderDict(&u.packed, nil)
	return u
}}

// packers are kept, for each takes a megabyte of memory.
var packers = sync.OnceValue(func() *sync.Pool {
	return &sync.Pool{New: func() any {
		w, _ := flate.NewWriterDict(nil, flate.DefaultCompression, dictionary()) // fails for unknown levels only
		return w
	}}
})
