package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/rules"
)

// complete has every key.
const complete = `repository: acme/rocket
default-branch: release/next
severities:
  excess-permissions: off
  unscoped-pat: warning
secrets:
  DEPLOY_KEY: other
  ACME_*: github
skip:
  - .github/workflows/legacy-*.yml
  - vendor/**
accept:
  - {rule: unscoped-pat, secret: ACME_*, file: ".github/workflows/*.yml", job: release, reason: "the tap is in another repository", expires: 2027-01-31}
  - secret: LEGACY_PAT
    reason: goes with the old pipeline
actions:
  acme/release:
    inputs:
      token:
        permissions: {contents: write, pull-requests: write}
        target: input:repository
        events: [push, "pull_request.opened[base=main,head=input:branch]"]
        reasons: [protected-branch]
        default: github.token
        note: Opens the release pull request.
      slack-token: {other: true}
    env:
      GH_TOKEN: {organization: {members: read}, account: {gists: write}, target: acme/other}
    git: {permissions: {contents: write}}
  ./.github/actions/lint: {quiet: true}
programs:
  scripts/release.sh:
    env:
      GITHUB_TOKEN: {permissions: {contents: write, workflows: write}, target: "env:TARGET"}
  acme-bump minor:
    flags: {--token: {permissions: {pull_requests: write}, target: "flag:--repo"}}
    arguments: {1: {permissions: {}}}
    stdin: {permissions: {issues: read}}
    git: {permissions: {contents: write}, events: ["push[branch=main]", push:tag]}
  "@acme/lint": {quiet: true}
`

// good are configurations that are right.
var good = []string{
	"accept:\n", "accept: [{rule: exposed-pat, reason: a, expires: '2027-01-31'}]\n", "accept: [{file: ./a.yml, reason: a}]\n",
	"", "# nothing yet\n", "{}\n", "severities:\nsecrets:\nskip:\nactions:\nprograms:\n", complete,
	"secrets: {'*': other}\n", "skip: [./a.yml]\n", "programs: {./x.sh: {quiet: true}}\n", "actions: {.: {quiet: true}}\n",
	"repository: acme/.github\n", "actions: {a/b: {inputs: {token: {account: {gists: write}}}}}\n",
	"actions: {a/b: {inputs: {token: {permissions: {copilot-requests: write, id-token: write, packages: admin}}}}}\n",
	"programs: {a: {stdin: {reasons: [user-only]}}}\n",
}

// bad are configurations that are wrong, and what is said of them. Those in
// ofYAML are wrong in a way that a schema does not see.
var bad = []struct {
	source, want string
	ofYAML       bool
}{
	{source: "[]\n", want: `c.yml:1:1: the configuration must be a mapping, and this is a list`},
	{source: "sevrities: {}\n", want: `c.yml:1:1: unknown key "sevrities" in the configuration: did you mean severities? (say accept, actions, default-branch, programs, repository, secrets, severities or skip)`},
	{source: "baseline: x\n", want: `c.yml:1:1: unknown key "baseline" in the configuration: say accept, actions, default-branch, programs, repository, secrets, severities or skip`},
	{source: "severities:\n  excess-permission: off\n", want: `c.yml:2:3: no rule is called "excess-permission": did you mean excess-permissions?`},
	{source: "severities:\n  unscoped-pat: warn\n", want: `c.yml:2:17: the severity of unscoped-pat cannot be "warn": did you mean warning? (say error, notice, off or warning)`},
	{source: "severities: {unscoped-pat: false}\n", want: `c.yml:1:28: the severity of unscoped-pat must be text, and this is true or false: write it in quotes`},
	{source: "severities: {unscoped-pat: }\n", want: `c.yml:1:28: the severity of unscoped-pat must be text, and this is nothing`},
	{source: "severities: [a]\n", want: `c.yml:1:13: severities must be a mapping, and this is a list`},
	{source: "secrets: {A: gitlab}\n", want: `c.yml:1:14: the kind of secret A cannot be "gitlab": did you mean github? (say github or other)`},
	{source: "secrets: {A-B: other}\n", want: `c.yml:1:11: no secret can be called "A-B": say a name, or a pattern with * and ?`},
	{source: "secrets: {github_token: other}\n", want: `c.yml:1:11: "github_token" is GitHub's own, and no secret`},
	{source: "skip: a.yml\n", want: `c.yml:1:7: skip must be a list, and this is text`},
	{source: "skip: [/a.yml]\n", want: `c.yml:1:8: "/a.yml" is no path of a file`},
	{source: "skip: [vendor/]\n", want: `c.yml:1:8: "vendor/" is a folder: say vendor/** for the files below it`},
	{source: "skip: ['a[']\n", want: `c.yml:1:8: "a[" is no valid pattern`, ofYAML: true},
	{source: "skip: [1]\n", want: `c.yml:1:8: a path to skip must be text, and this is a number: write it in quotes`},
	{source: "accept: {}\n", want: `c.yml:1:9: accept must be a list, and this is a mapping`},
	{source: "accept: [x]\n", want: `c.yml:1:10: an entry of accept must be a mapping, and this is text`},
	{source: "accept: [{rule: unscoped-pat}]\n", want: `c.yml:1:10: an entry of accept has no reason: say why it is accepted`},
	{source: "accept: [{rule: unscoped-pat, reason: ' '}]\n", want: `c.yml:1:39: the reason of an entry of accept is empty`},
	{source: "accept: [{rule: unscoped-pat, reason: }]\n", want: `c.yml:1:39: reason of an entry of accept must be text, and this is nothing`},
	{source: "accept: [{reason: a, job: b}]\n", want: `c.yml:1:10: an entry of accept would accept everything: say rule, secret or file`},
	{source: "accept: [{reason: a, rule: unscoped}]\n", want: `c.yml:1:28: rule of an entry of accept cannot be "unscoped"`},
	{source: "accept: [{reason: a, rule: stale-acceptance}]\n", want: `c.yml:1:28: rule of an entry of accept cannot be "stale-acceptance"`},
	{source: "accept: [{reason: a, rule: user-only}]\n", want: `c.yml:1:28: rule of an entry of accept cannot be "user-only"`},
	{source: "accept: [{reason: a, secret: A-B}]\n", want: `c.yml:1:30: no secret can be called "A-B"`},
	{source: "accept: [{reason: a, file: /a.yml}]\n", want: `c.yml:1:28: "/a.yml" is no path of a file`},
	{source: "accept: [{reason: a, file: a.yml, job: a b}]\n", want: `c.yml:1:40: no job can be called "a b"`},
	{source: "accept: [{reason: a, file: a.yml, expires: 2027}]\n", want: `c.yml:1:44: expires must be a day, such as 2027-01-31`},
	{source: "accept: [{reason: a, file: a.yml, expires: 2027-02-30}]\n", want: `c.yml:1:44: expires must be a day`, ofYAML: true},
	{source: "accept: [{reason: a, file: a.yml, expires: next year}]\n", want: `c.yml:1:44: expires must be a day`},
	{source: "accept: [{reason: a, file: a.yml, until: 2027-01-31}]\n", want: `c.yml:1:35: unknown key "until" in an entry of accept`},
	{source: "repository: rocket\n", want: `c.yml:1:13: repository cannot be "rocket": say owner/name`},
	{source: "repository:\n", want: `c.yml:1:12: repository must be text, and this is nothing`},
	{source: "default-branch: refs/heads/main\n", want: `c.yml:1:17: default-branch cannot be "refs/heads/main": say the branch's name alone, such as main`},
	{source: "default-branch: 1.0\n", want: `c.yml:1:17: default-branch must be text, and this is a number: write it in quotes`},
	{source: "default-branch: a b\n", want: `c.yml:1:17: default-branch cannot be "a b": say a branch's name`},

	{source: "actions: {a/b@v1: {quiet: true}}\n", want: `c.yml:1:11: leave the version of "a/b@v1" out`},
	{source: "actions: {lint: {quiet: true}}\n", want: `c.yml:1:11: no action can be called "lint": say owner/repo, owner/repo/path or ./path`},
	{source: "actions: {a/b/.github/workflows/c.yml: {quiet: true}}\n", want: `c.yml:1:11: "a/b/.github/workflows/c.yml" is a reusable workflow`},
	{source: "actions: {a/b: {}}\n", want: `c.yml:1:11: say where a/b takes a token (inputs, env or git), or that it takes none (quiet: true)`},
	{source: "actions: {a/b: }\n", want: `c.yml:1:16: action a/b must be a mapping, and this is nothing`},
	{source: "actions: {a/b: {quiet: false}}\n", want: `c.yml:1:24: quiet can only be true: leave it out otherwise`},
	{source: "actions: {a/b: {quiet: true, git: {other: true}}}\n", want: `c.yml:1:11: a/b cannot be quiet and take a token`},
	{source: "actions: {a/b: {inputs: {}}}\n", want: `c.yml:1:25: inputs of a/b are empty`},
	{source: "actions: {a/b: {input: {t: {other: true}}}}\n", want: `c.yml:1:17: unknown key "input" in action a/b: did you mean inputs? (say env, git, inputs or quiet)`},
	{source: "actions: {a/b: {env: {A-B: {other: true}}}}\n", want: `c.yml:1:23: "A-B" cannot stand in the env of a/b: say the name of a variable`},
	{source: "actions: {a/b: {git: {}}}\n", want: `c.yml:1:22: say what git of a/b takes: permissions ({} where it takes none), organization, account, reasons, or other: true`},
	{source: "actions: {a/b: {git: {events: [push]}}}\n", want: `c.yml:1:22: say what git of a/b takes`},
	{source: "actions: {a/b: {git: {other: true, permissions: {}}}}\n", want: `c.yml:1:22: git of a/b cannot be a credential for something else`},
	{source: "actions: {a/b: {git: {other: 1}}}\n", want: `c.yml:1:30: other can only be true`},
	{source: "actions: {a/b: {git: {permission: {}}}}\n", want: `c.yml:1:23: unknown key "permission" in git of a/b: did you mean permissions?`},
	{source: "actions: {a/b: {git: {permissions: {content: write}}}}\n", want: `c.yml:1:37: no permission in permissions is called "content": did you mean contents?`},
	{source: "actions: {a/b: {git: {permissions: {members: read}}}}\n", want: `c.yml:1:37: no permission in permissions is called "members": it is one of organization`},
	{source: "actions: {a/b: {git: {permissions: {zzzzzz: read}}}}\n", want: `c.yml:1:37: no permission in permissions is called "zzzzzz": docs/configuration.md and docs/patrol.schema.json list what is allowed`},
	{source: "actions: {a/b: {git: {permissions: {contents: none}}}}\n", want: `c.yml:1:47: permission contents cannot be "none": say read or write`},
	{source: "actions: {a/b: {git: {permissions: {workflows: read}}}}\n", want: `c.yml:1:48: permission workflows cannot be "read": say write`},
	{source: "actions: {a/b: {git: {permissions: write-all}}}\n", want: `c.yml:1:36: permissions must be a mapping, and this is text`},
	{source: "actions: {a/b: {git: {account: {gist: write}}}}\n", want: `c.yml:1:33: no permission in account is called "gist": did you mean gists?`},
	{source: "actions: {a/b: {git: {permissions: {}, target: flag:--repo}}}\n", want: `c.yml:1:48: target cannot be "flag:--repo": say self, owner/name, input:NAME or env:NAME`},
	{source: "actions: {a/b: {git: {permissions: {}, events: [pushed]}}}\n", want: `c.yml:1:49: no event is called "pushed": did you mean push`},
	{source: "actions: {a/b: {git: {permissions: {}, events: [release]}}}\n", want: `c.yml:1:49: no event is called "release": its activity type must be said, as in release.created`},
	{source: "actions: {a/b: {git: {permissions: {}, events: [release.publish]}}}\n", want: `c.yml:1:49: no event is called "release.publish": did you mean release.published or release.unpublished?`},
	{source: "actions: {a/b: {git: {permissions: {}, events: ['push[branches=main]']}}}\n", want: `c.yml:1:49: an event cannot be narrowed by "branches": did you mean branch?`},
	{source: "actions: {a/b: {git: {permissions: {}, events: ['push[branch=]']}}}\n", want: `c.yml:1:49: "push[branch=]" is no event`},
	{source: "actions: {a/b: {git: {permissions: {}, events: push}}}\n", want: `c.yml:1:48: events must be a list, and this is text`},
	{source: "actions: {a/b: {git: {reasons: [user_only]}}}\n", want: `c.yml:1:33: no reason that can be given here is called "user_only": did you mean user-only?`},
	{source: "actions: {a/b: {git: {reasons: [triggers-workflows]}}}\n", want: `c.yml:1:33: triggers-workflows follows from events: say that instead`},
	{source: "actions: {a/b: {git: {reasons: [other-owner]}}}\n", want: `c.yml:1:33: other-owner follows from target: say that instead`},
	{source: "actions: {a/b: {git: {reasons: [unread]}}}\n", want: `c.yml:1:33: no reason that can be given here is called "unread"`},
	{source: "actions: {a/b: {git: {reasons: [user-only, user-only]}}}\n", want: `c.yml:1:44: reason user-only stands here twice`},
	{source: "actions: {a/b: {inputs: {t: {permissions: {}, default: token}}}}\n", want: `c.yml:1:56: default cannot be "token": say github.token`},
	{source: "actions: {a/b: {env: {T: {permissions: {}, default: github.token}}}}\n", want: `c.yml:1:44: unknown key "default" in variable T of a/b`},

	{source: "programs: {/usr/bin/x: {quiet: true}}\n", want: `c.yml:1:12: "/usr/bin/x" is no path of this repository`},
	{source: "programs: {../x.sh: {quiet: true}}\n", want: `c.yml:1:12: "../x.sh" is no path of this repository`},
	{source: "programs: {a/x.sh run: {quiet: true}}\n", want: `c.yml:1:12: "a/x.sh run" is no path of a script`},
	{source: "programs: {--x: {quiet: true}}\n", want: `c.yml:1:12: no program can be called "--x"`},
	{source: "programs: {x: {flags: {-t: {other: true}}}}\n", want: `c.yml:1:24: "-t" cannot stand in the flags of x: say a long flag, such as --token`},
	{source: "programs: {x: {arguments: {first: {other: true}}}}\n", want: `c.yml:1:28: "first" cannot stand in the arguments of x: say the number of an operand`},
	{source: "programs: {x: {inputs: {t: {other: true}}}}\n", want: `c.yml:1:16: unknown key "inputs" in program x: say arguments, env, flags, git, quiet or stdin`},
	{source: "programs: {x: {git: {permissions: {}, target: input:repository}}}\n", want: `c.yml:1:47: target cannot be "input:repository": say self, owner/name, flag:--NAME, arg:NUMBER or env:NAME`},

	{source: "a: [\n", want: `could not parse as YAML: `, ofYAML: true},
	{source: "a: b: c\n", want: `c.yml:1:`, ofYAML: true},
	{source: "skip: []\n---\nskip: []\n", want: `c.yml:2:1: a second YAML document begins here`, ofYAML: true},
	{source: "repository: a/b\nrepository: a/c\n", want: `c.yml:2:1: "repository" stands in the configuration twice: first on line 1`, ofYAML: true},
	{source: "secrets: {A: other, a: github}\n", want: `c.yml:1:21: "a" stands in secrets twice`, ofYAML: true},
	{source: "actions: {./a: {quiet: true}, ./b/../a: {quiet: true}}\n", want: `c.yml:1:31: "./b/../a" stands in actions twice`, ofYAML: true},
	{source: "programs: {./x.sh: {quiet: true}, x.sh: {quiet: true}, a/../x.sh: {quiet: true}}\n", want: `c.yml:1:35: "x.sh" stands in programs twice`, ofYAML: true},
	{source: "actions: {a/b: {git: {permissions: {pull-requests: read, pull_requests: write}}}}\n", want: `c.yml:1:58: permission pull_requests stands in permissions twice`, ofYAML: true},
	{source: "skip: &a []\nactions: *a\n", want: `c.yml:2:10: actions must be a mapping, and this is an alias, which is not read here`, ofYAML: true},
	{source: "secrets: &s {A: other}\nactions: {<<: *s}\n", want: `c.yml:2:11: merge keys (<<) are not read here`, ofYAML: true},
	{source: "repository: \"\\e[31m\"\n", want: `c.yml:1:13: repository cannot be "\x1b[31m": say owner/name`},
	{source: "a: \xff\n", want: `c.yml:1:1: this line is not valid UTF-8`, ofYAML: true},
	{source: "#" + strings.Repeat("x", maxSize), want: `c.yml: it is larger than 256 KiB, the most that is read`, ofYAML: true},
}

func TestParse(t *testing.T) {
	s := compiled(t)
	for _, source := range good {
		if _, err := Parse("c.yml", []byte(source)); err != nil {
			t.Errorf("%q is right, but:\n%v", source, err)
		}
		if err := valid(t, s, source); err != nil {
			t.Errorf("the schema refuses %q, which is right:\n%v", source, err)
		}
	}
	for _, test := range bad {
		c, err := Parse("c.yml", []byte(test.source))
		if err == nil {
			t.Errorf("%q is wrong, but nothing is said: %+v", test.source, c)
			continue
		}
		if !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "c.yml:") {
			t.Errorf("of %q it is said:\n%v\nwant:\n%s", test.source, err, test.want)
		}
		if !test.ofYAML && valid(t, s, test.source) == nil {
			t.Errorf("the schema takes %q, which is wrong", test.source)
		}
	}
}

// TestSeveral wants all faults, in the order of the file.
func TestSeveral(t *testing.T) {
	_, err := Parse("c.yml", []byte("skip: {}\nnope: 1\nsecrets: {A: x}\n"))
	var faults *Error
	if !errors.As(err, &faults) {
		t.Fatalf("no fault: %v", err)
	}
	var got []int
	for _, p := range faults.In("web").Problems {
		if p.File != "web/c.yml" {
			t.Errorf("the file is %q", p.File)
		}
		got = append(got, p.Line)
	}
	if diff := cmp.Diff([]int{1, 2, 3}, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	_, err = Parse("c.yml", []byte("secrets:\n"+strings.Repeat("  A: x\n", 200)))
	if errors.As(err, &faults); len(faults.Problems) != maxProblems+1 {
		t.Errorf("%d faults are listed", len(faults.Problems))
	}
}

func TestFind(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	for _, test := range []struct {
		name  string
		files fstest.MapFS
		want  string
		wrong string
	}{
		{name: "none", files: fstest.MapFS{"a/patrol.yml": file("x")}},
		{name: "folder", files: fstest.MapFS{".github/patrol.yml": file("repository: a/b")}, want: "a/b"},
		{name: "root", files: fstest.MapFS{"patrol.yml": file("repository: a/c")}, want: "a/c"},
		{name: "both", files: fstest.MapFS{".github/patrol.yml": file(""), "patrol.yml": file("")}, wrong: "patrol.yml: the configuration stands in .github/patrol.yml as well: keep one of the two"},
		{name: "broken", files: fstest.MapFS{".github/patrol.yaml": file("x: 1")}, wrong: `.github/patrol.yaml:1:1: unknown key "x"`},
		{name: "directory", files: fstest.MapFS{"patrol.yml/x": file("")}, wrong: "patrol.yml: could not be read: it is not a regular file"},
	} {
		c, err := Find(test.files)
		switch {
		case test.wrong != "":
			if err == nil || !strings.HasPrefix(err.Error(), test.wrong) {
				t.Errorf("%s: error %v, want %s", test.name, err, test.wrong)
			}
		case err != nil:
			t.Errorf("%s: %v", test.name, err)
		case test.want == "" && c != nil || test.want != "" && (c == nil || c.Repository != test.want):
			t.Errorf("%s: %+v, want %q", test.name, c, test.want)
		}
	}
	if _, err := Find(denied{}); err == nil || !strings.Contains(err.Error(), "could not be read: permission denied") {
		t.Errorf("a file that cannot be read: %v", err)
	}
}

type denied struct{}

func (denied) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
}

func mustParse(t *testing.T, source string) *Config {
	t.Helper()
	c, err := Parse("c.yml", []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSecretKind(t *testing.T) {
	c := mustParse(t, "secrets: {A_*: other, A_PAT: github, '*_BOT': github}\n")
	for name, want := range map[string]string{"A_X": "other", "a_pat": "github", "A_BOT": "other", "B_BOT": "github", "B": ""} {
		if got, ok := c.SecretKind(name); got != want || ok != (want != "") {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestSkips(t *testing.T) {
	c := mustParse(t, "skip: [./.github/workflows/old-*.yml, 'vendor/**', 'a/{b,c}.yml']\n")
	for file, want := range map[string]bool{
		".github/workflows/old-a.yml": true, ".github/workflows/new.yml": false, "vendor/x/action.yml": true, "a/c.yml": true, "a/d.yml": false,
	} {
		if c.Skips(file) != want {
			t.Errorf("%s: %v, want %v", file, !want, want)
		}
	}
}

func TestFits(t *testing.T) {
	c := mustParse(t, "accept: [{rule: unscoped-pat, secret: A_*, file: '.github/**', job: Release, reason: r, expires: 2027-01-31}]\n")
	a := c.Acceptances()[0]
	for _, test := range []struct {
		rule, secret, file string
		jobs               []string
		want               bool
	}{
		{"unscoped-pat", "a_pat", ".github/workflows/a.yml", []string{"release"}, true},
		{"exposed-pat", "a_pat", ".github/workflows/a.yml", []string{"release"}, false},
		{"unscoped-pat", "b_pat", ".github/workflows/a.yml", []string{"release"}, false},
		{"unscoped-pat", "", ".github/workflows/a.yml", []string{"release"}, false},
		{"unscoped-pat", "a_pat", "action.yml", []string{"release"}, false},
		{"unscoped-pat", "a_pat", ".github/workflows/a.yml", []string{"release", "other"}, false},
		{"unscoped-pat", "a_pat", ".github/workflows/a.yml", nil, false},
	} {
		if got := a.Fits(test.rule, test.secret, test.file, test.jobs); got != test.want {
			t.Errorf("%+v: %v", test, got)
		}
	}
	day := func(month, day, hour int) time.Time {
		return time.Date(2027, time.Month(month), day, hour, 0, 0, 0, time.UTC)
	}
	if a.Expired(day(1, 31, 23)) || !a.Expired(day(2, 1, 0)) || a.Expired(time.Time{}) || (Acceptance{}).Expired(day(2, 1, 0)) {
		t.Error("the last day is not 31 January")
	}
}

func TestApply(t *testing.T) {
	c := mustParse(t, "severities: {unscoped-pat: error, exposed-pat: off}\n")
	got := c.Apply([]*audit.Finding{
		{Rule: "unscoped-pat", Severity: "notice"}, {Rule: "exposed-pat", Severity: "warning"}, {Rule: "replaceable-pat", Severity: "warning"},
	})
	want := []*audit.Finding{{Rule: "unscoped-pat", Severity: "error"}, {Rule: "replaceable-pat", Severity: "warning"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestAction(t *testing.T) {
	c := mustParse(t, complete)
	info, ok := c.Action("ACME/Release")
	if !ok {
		t.Fatal("acme/release is not found")
	}
	token, ok := info.Token("token")
	if !ok || token.Default != "github.token" {
		t.Fatalf("input token: %v %+v", ok, token)
	}
	needs, err := rules.ParseNeeds("contents:write,pull_requests:write")
	if err != nil {
		t.Fatal(err)
	}
	events, err := rules.ParseEvents("push,pull_request.opened[base=main,head=input:branch]")
	if err != nil {
		t.Fatal(err)
	}
	want := rules.Effect{
		Operations: []string{"acme/release"}, Needs: needs, Answer: rules.AnswerConditional, Reasons: []string{"protected-branch"}, Events: events,
		Target: "input:repository", Note: "Opens the release pull request.", Source: "c.yml:20", Confidence: "high",
	}
	if diff := cmp.Diff(want, token.Base); diff != "" {
		t.Errorf("effect (-want +got):\n%s", diff)
	}
	for name, want := range map[string]bool{
		"./.github/actions/lint": true, "./.github/actions/lint/": true, "./.github/actions": false, "acme/release/x": false, "acme/rele": false,
	} {
		if _, ok := c.Action(name); ok != want {
			t.Errorf("%s: %v, want %v", name, ok, want)
		}
	}
}

func TestProgram(t *testing.T) {
	c := mustParse(t, "programs: {scripts/x.sh: {stdin: {other: true}}, y.py: {quiet: true}, acme: {quiet: true}, acme run: {git: {reasons: [projects]}}}\n")
	for _, test := range []struct{ call, folder, want string }{
		{"./scripts/x.sh v1", ".", "scripts/x.sh"}, {"bash x.sh", "scripts", "scripts/x.sh"}, {"bash scripts/x.sh", "web", "scripts/x.sh"},
		{`pwsh .\scripts\x.sh`, ".", "scripts/x.sh"}, {"bash x.sh", ".", ""}, {"cat scripts/x.sh", ".", ""}, {"bash scripts/x.sh", "?", "scripts/x.sh"},
		{"python3 y.py", ".", "y.py"}, {"./y.py", ".", "y.py"}, {"acme list", ".", "acme"}, {"acme run it", ".", "acme run"}, {"npx acme run", ".", "acme run"},
	} {
		info, ok := c.Program(strings.Fields(test.call), test.folder)
		if ok != (test.want != "") || ok && info.Name != test.want {
			t.Errorf("%s in %s: %v %+v, want %q", test.call, test.folder, ok, info, test.want)
		}
	}
}

// TestNil wants nothing of no configuration.
func TestNil(t *testing.T) {
	var c *Config
	_, action := c.Action("a/b")
	_, program := c.Program([]string{"a"}, ".")
	_, secret := c.SecretKind("A")
	if action || program || secret || c.Skips("a") || c.Acceptances() != nil || len(c.Apply([]*audit.Finding{{}})) != 1 {
		t.Error("no configuration says something")
	}
}

// TestDocumentation wants the examples of the documentation to be right, and
// the complete one to have every key.
func TestDocumentation(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "configuration.md"))
	if err != nil {
		t.Fatal(err)
	}
	s := compiled(t)
	examples := regexp.MustCompile("(?s)```yaml\n# (?:\\.github/)?patrol\\.yml\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(examples) == 0 {
		t.Fatal("there is no example")
	}
	for _, example := range examples {
		c, err := Parse("docs/configuration.md", []byte(example[1]))
		if err != nil {
			t.Errorf("an example is wrong: %v\n%s", err, example[1])
			continue
		}
		if err := valid(t, s, example[1]); err != nil {
			t.Errorf("the schema refuses an example: %v\n%s", err, example[1])
		}
		if strings.Contains(example[1], "# complete") && (c.Repository == "" || c.DefaultBranch == "" || len(c.severities) == 0 || len(c.secrets) == 0 || len(c.skip) == 0 || len(c.accept) == 0 || len(c.actions) == 0 || len(c.programs) == 0) {
			t.Errorf("the complete example lacks a key:\n%s", example[1])
		}
	}
	for _, word := range append(rules.RuleIDs(), reasonWords()...) {
		if !strings.Contains(string(text), "`"+word+"`") {
			t.Errorf("docs/configuration.md does not name %s", word)
		}
	}
}

// FuzzParse wants an answer to any text: a configuration, or faults of which
// each has a place and a message that is safe to show.
func FuzzParse(f *testing.F) {
	for _, source := range good {
		f.Add([]byte(source))
	}
	for _, test := range bad {
		if len(test.source) < 1000 {
			f.Add([]byte(test.source))
		}
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		c, err := Parse("c.yml", source)
		if err == nil {
			c.SecretKind("A_PAT")
			c.Skips(".github/workflows/a.yml")
			c.Action("a/b")
			c.Program([]string{"bash", "x.sh"}, ".")
			return
		}
		var faults *Error
		if !errors.As(err, &faults) || len(faults.Problems) == 0 || len(faults.Problems) > maxProblems+1 {
			t.Fatalf("no faults, or too many: %v", err)
		}
		for _, p := range faults.Problems {
			if p.Message == "" || p.Message != inert(p.Message) || p.Line < 0 || p.Line > 1+strings.Count(string(source), "\n")+strings.Count(string(source), "\r")+3*strings.Count(string(source), "\u2028") {
				t.Errorf("%+v", p)
			}
		}
	})
}
