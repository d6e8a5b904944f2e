package decide

import (
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

func word(t truth) string { return [...]string{maybe: "maybe", no: "no", yes: "yes"}[t] }

// TestPatterns holds patterns against the names that GitHub documents for
// each of them, and against near misses.
func TestPatterns(t *testing.T) {
	tests := []struct {
		pattern       string
		match, differ []string
	}{
		// Branches and tags.
		{"feature/*", []string{"feature/my-branch", "feature/"}, []string{"feature/a/b", "feature", "xfeature/a"}},
		{"feature/**", []string{"feature/beta-a/my-branch", "feature/your-branch", "feature/mona/the/octocat"}, []string{"feature"}},
		{"main", []string{"main"}, []string{"main2", "mai", "Main", "x/main"}},
		{"*", []string{"main", "releases"}, []string{"all/the/branches"}},
		{"**", []string{"all/the/branches", "every/tag", "main"}, nil},
		{"*feature", []string{"mona-feature", "feature", "ver-10-feature"}, []string{"a/feature", "features"}},
		{"v2*", []string{"v2", "v2.0", "v2.9"}, []string{"v1", "v2/a"}},
		{"v[12].[0-9]+.[0-9]+", []string{"v1.10.1", "v2.0.0"}, []string{"v3.0.0", "v1.10", "v1x10x1", "v1.10.1-rc"}},
		{"releases/**-alpha", []string{"releases/10-alpha", "releases/beta/3-alpha"}, []string{"releases/10-alphas"}},
		{"[CB]at", []string{"Cat", "Bat"}, []string{"at", "Rat"}},
		{"[1-2]00", []string{"100", "200"}, []string{"300"}},
		{"v1.?0", []string{"v1.0", "v10"}, []string{"v1..0", "v1x0"}},
		{"a+", []string{"a", "aaa"}, []string{"", "ab"}},
		// Files.
		{"*.jsx?", []string{"page.js", "page.jsx"}, []string{"page.jsxx", "a/page.js"}},
		{"*.js", []string{"app.js", "index.js"}, []string{"js/index.js", "app.json"}},
		{"**.js", []string{"index.js", "js/index.js", "src/js/app.js"}, []string{"index.jsx"}},
		{"docs/*", []string{"docs/README.md", "docs/file.txt"}, []string{"docs/a/b"}},
		{"docs/**", []string{"docs/README.md", "docs/mona/octocat.txt"}, []string{"docs", "a/docs/b"}},
		{"docs/**/*.md", []string{"docs/README.md", "docs/mona/hello-world.md", "docs/a/markdown/file.md"}, []string{"docs/a.txt"}},
		{"**/docs/**", []string{"docs/hello.md", "dir/docs/my-file.txt", "space/docs/plan/space.doc"}, []string{"mydocs/a"}},
		{"**/README.md", []string{"README.md", "js/README.md"}, []string{"README.mdx"}},
		{"**/*src/**", []string{"a/src/app.js", "my-src/code/js/app.js"}, []string{"a/srcs/app.js"}},
		{"**/*-post.md", []string{"my-post.md", "path/their-post.md"}, []string{"post.md"}},
		{"**/migrate-*.sql", []string{"migrate-10909.sql", "db/migrate-v1.0.sql", "db/sept/migrate-v1.sql"}, []string{"migrate-a/b.sql"}},
		// What stands for itself, and what is no pattern at all.
		{`a\*b`, []string{"a*b"}, []string{"axb"}},
		{"v1.0", []string{"v1.0"}, []string{"v1x0"}},
		{"(a|b)", []string{"(a|b)"}, []string{"a"}},
		{"café/é?/[à-ü]*", []string{"café/é/é", "café//êx"}, []string{"cafe/é/é"}},
		{"[\xb6", nil, []string{"a"}},
		{"+a", []string{"+a"}, []string{"a", "aa"}},
		{"[a", []string{"[a"}, []string{"a"}},
		{"[z-a]", []string{"[z-a]"}, []string{"z"}},
		{"", []string{""}, []string{"a"}},
	}
	for _, test := range tests {
		for range 2 { // the second time it is remembered
			for _, name := range test.match {
				if match(test.pattern, ref{pieces: []string{name}}) != yes {
					t.Errorf("%s does not match %q", test.pattern, name)
				}
			}
			for _, name := range test.differ {
				if match(test.pattern, ref{pieces: []string{name}}) != no {
					t.Errorf("%s matches %q", test.pattern, name)
				}
			}
		}
	}
}

// TestPatternLists holds lists: a later pattern outdoes an earlier one.
func TestPatternLists(t *testing.T) {
	tests := []struct {
		list []string
		name string
		want truth
	}{
		{[]string{"*.md", "!README.md"}, "hello.md", yes},
		{[]string{"*.md", "!README.md"}, "README.md", no},
		{[]string{"*.md", "!README.md"}, "docs/hello.md", no},
		{[]string{"*.md", "!README.md", "README*"}, "README.md", yes},
		{[]string{"*.md", "!README.md", "README*"}, "README.doc", yes},
		{[]string{"releases/**", "!releases/**-alpha"}, "releases/10", yes},
		{[]string{"releases/**", "!releases/**-alpha"}, "releases/10-alpha", no},
		{[]string{"main", "!main"}, "main", no},
		{[]string{"!main"}, "other", no},
		{[]string{}, "main", no},
	}
	for _, test := range tests {
		if got := matchList(test.list, ref{pieces: []string{test.name}}); got != test.want {
			t.Errorf("%v on %s: got %s", test.list, test.name, word(got))
		}
	}
}

// TestPartlyKnownNames holds names of which only pieces are known.
func TestPartlyKnownNames(t *testing.T) {
	name := func(pieces ...string) ref { return ref{pieces: pieces} }
	fresh := func(pieces ...string) ref { return ref{pieces: pieces, fresh: true} }
	tests := []struct {
		pattern string
		name    ref
		want    truth
	}{
		{"v*", name("v", ""), yes},
		{"v*", name("", ""), maybe},
		{"v*", name("release-", ""), no},
		{"v*", name("v1.", "-rc"), yes},
		{"**", name("", ""), yes},
		{"**/*", name("", ""), yes},
		{"*", name("bot/", ""), no},
		{"*", name("bot-", ""), yes}, // a slash is taken not to be there
		{"bot/*", name("bot/", "/", ""), no},
		{"bot/**", name("bot/", "/", ""), yes},
		{"bot/*", ref{pieces: []string{"bot/", "/", ""}, loose: true}, yes},
		{"release/**", name("release/", ""), yes},
		{"release/**", name("rel", ""), maybe},
		{"release/**", name("bot/", ""), no},
		{"*-rc", name("v", ""), maybe},
		{"*-rc", name("v", "-rc"), yes},
		{"v*-rc*", name("v2.0.0-rc.", ""), yes},
		{"v*-rc*", name("v2.0.0-", ""), maybe},
		{"v*-rc*", name("v2.", "-rc", ""), yes},
		{"v*-rc*-rc", name("v2.", "-rc"), maybe},
		{"v*rc*", name("x/v", "-rc", ""), no},
		{"v*-rc*", name("v2/1-rc", ""), no},
		{"v*-rc?", name("v2-rc", ""), maybe},
		{"*-rc*", ref{pieces: []string{"v-rc", ""}, loose: true}, maybe},
		{"*-rc", name("v", "-beta"), no},
		{"v[0-9]+.x", name("v", ".x"), maybe},
		{"v[0-9]+.x", name("w", ".x"), no},
		{"[0-9]+.[0-9]+.*", name("api-", ""), no},
		{"[0-9]+.[0-9]+.*", name("", "-rc"), maybe},
		{"[0-9]+.[0-9]+", name("", "-rc"), no},
		{"v?[0-9]*", name("w", ""), no},
		{"v?[0-9]*", name("1.", ""), maybe},
		{"*-v[0-9]", name("api-v", ".2"), no},
		{"ab?c", name("ac", ""), maybe},
		{"ab?c", name("b", ""), no},
		{"main", name("", ""), maybe},
		{"main", name("ma", ""), maybe},
		{"main", name("bot/", ""), no},
		{"main", name("m", "i", ""), maybe},
		{"main", name("m", "x", ""), no},
		{"main", name("", "n"), maybe},
		{"main", name("", "r"), no},
		{"main", fresh("", ""), no}, // what the job makes is not main
		{"m*", fresh("", ""), maybe},
		{"**", ref{topic: true}, yes},
		{"*", ref{topic: true}, yes},
		{"main", ref{topic: true}, no},
		{"feature/**", ref{topic: true}, maybe},
	}
	for _, test := range tests {
		if got := match(test.pattern, test.name); got != test.want {
			t.Errorf("%s on %q (fresh %v, topic %v): got %s, want %s", test.pattern, test.name.pieces, test.name.fresh, test.name.topic, word(got), word(test.want))
		}
	}
}

// view is a job of a workflow with the given triggers.
func view(triggers ...workflow.Trigger) *jobView {
	return &jobView{Job: &infer.Job{Job: &trace.Job{Job: &workflow.Job{}}}, triggers: triggers}
}

// TestListens holds events against triggers.
func TestListens(t *testing.T) {
	push := func(branch string) infer.Event {
		return infer.Event{Name: "push", Attributes: map[string]value.Value{"branch": value.Text(branch)}}
	}
	tag := infer.Event{Name: "push", Type: "tag", Attributes: map[string]value.Value{"tag": value.Text("v1.0")}}
	pull := func(kind, base string) infer.Event {
		return infer.Event{Name: "pull_request", Type: kind, Attributes: map[string]value.Value{"base": value.Text(base)}}
	}
	changed := func(paths ...string) infer.Event { e := push("main"); e.Paths = paths; return e }
	tests := []struct {
		name    string
		trigger workflow.Trigger
		event   infer.Event
		want    truth
	}{
		{"another event", workflow.Trigger{Event: "release"}, push("main"), no},
		{"every push", workflow.Trigger{Event: "push"}, push("main"), yes},
		{"every push, a tag", workflow.Trigger{Event: "push"}, tag, yes},
		{"a branch", workflow.Trigger{Event: "push", Branches: []string{"main"}}, push("main"), yes},
		{"another branch", workflow.Trigger{Event: "push", Branches: []string{"main"}}, push("x"), no},
		{"no branch at all", workflow.Trigger{Event: "push", Branches: []string{}}, push("x"), no},
		{"branches, a tag", workflow.Trigger{Event: "push", Branches: []string{"**"}}, tag, no},
		{"ignored branches, a tag", workflow.Trigger{Event: "push", BranchesIgnore: []string{"x"}}, tag, no},
		{"ignored", workflow.Trigger{Event: "push", BranchesIgnore: []string{"bot/**"}}, push("bot/a"), no},
		{"not ignored", workflow.Trigger{Event: "push", BranchesIgnore: []string{"bot/**"}}, push("main"), yes},
		{"tags, a branch", workflow.Trigger{Event: "push", Tags: []string{"**"}}, push("main"), no},
		{"tags", workflow.Trigger{Event: "push", Tags: []string{"v*"}}, tag, yes},
		{"other tags", workflow.Trigger{Event: "push", Tags: []string{"x*"}}, tag, no},
		{"ignored tags", workflow.Trigger{Event: "push", TagsIgnore: []string{"v*"}}, tag, no},
		{"branches or tags", workflow.Trigger{Event: "push", Branches: []string{"main"}, Tags: []string{"v*"}}, tag, yes},
		{"an unknown branch", workflow.Trigger{Event: "push", Branches: []string{"main"}}, infer.Event{Name: "push"}, maybe},
		{"a path", workflow.Trigger{Event: "push", Paths: []string{"docs/**"}}, changed("docs/a.md"), yes},
		{"another path", workflow.Trigger{Event: "push", Paths: []string{"docs/**"}}, changed("src/a.go"), no},
		{"one path of two", workflow.Trigger{Event: "push", Paths: []string{"docs/**"}}, changed("src/a.go", "docs/a.md"), yes},
		{"paths that are not known", workflow.Trigger{Event: "push", Paths: []string{"docs/**"}}, push("main"), yes},
		{"workflow files, paths not known", workflow.Trigger{Event: "push", Paths: []string{".github/workflows/a.yml"}}, push("main"), no},
		{"an ignored path", workflow.Trigger{Event: "push", PathsIgnore: []string{"**.md"}}, changed("docs/a.md"), no},
		{"not only ignored paths", workflow.Trigger{Event: "push", PathsIgnore: []string{"**.md"}}, changed("a.md", "a.go"), yes},
		{"a folder", workflow.Trigger{Event: "push", Paths: []string{"docs/*.md"}}, changed("docs"), yes},
		{"opened by default", workflow.Trigger{Event: "pull_request"}, pull("opened", "main"), yes},
		{"closed by default", workflow.Trigger{Event: "pull_request"}, pull("closed", "main"), no},
		{"closed when asked for", workflow.Trigger{Event: "pull_request", Types: []string{"closed"}}, pull("closed", "main"), yes},
		{"opened when not asked for", workflow.Trigger{Event: "pull_request", Types: []string{"closed"}}, pull("opened", "main"), no},
		{"a base", workflow.Trigger{Event: "pull_request", Branches: []string{"release"}}, pull("opened", "main"), no},
		{"the default base", workflow.Trigger{Event: "pull_request", Branches: []string{"main"}}, infer.Event{Name: "pull_request", Type: "opened"}, yes},
		{"all types", workflow.Trigger{Event: "issues"}, infer.Event{Name: "issues", Type: "labeled"}, yes},
		{"some types", workflow.Trigger{Event: "issues", Types: []string{"opened"}}, infer.Event{Name: "issues", Type: "labeled"}, no},
		{"a run of a workflow", workflow.Trigger{Event: "workflow_run"}, infer.Event{Name: "workflow_run"}, no},
	}
	d := &decider{repository: &workflow.Repository{}, defaultBranch: "main"}
	for _, test := range tests {
		if got := d.listens(view(), &test.trigger, test.event); got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, word(got), word(test.want))
		}
	}
}

// TestRefs resolves the contexts that name a branch by what starts the run.
func TestRefs(t *testing.T) {
	d := &decider{repository: &workflow.Repository{}, defaultBranch: "trunk"}
	push := workflow.Trigger{Event: "push", Branches: []string{"main", "v*", "!vx"}}
	pull := workflow.Trigger{Event: "pull_request", Branches: []string{"main", "v*"}}
	after := func(t workflow.Trigger) []workflow.Trigger {
		t.Event, t.Workflows = "workflow_run", []string{"CI"}
		return []workflow.Trigger{t}
	}
	tests := []struct {
		name     string
		v        value.Value
		triggers []workflow.Trigger
		want     []ref
	}{
		{"a constant", value.Text("a"), nil, []ref{{pieces: []string{"a"}}}},
		{"a full name", value.Text("refs/heads/a/b"), nil, []ref{{pieces: []string{"a/b"}}}},
		{"a full tag", value.Concat(value.Text("refs/tags/v"), value.Unknown("$V")), nil, []ref{{pieces: []string{"v", ""}}}},
		{"in the middle", value.Concat(value.Text("a-"), value.Unknown("$V"), value.Text("-b")), nil, []ref{{pieces: []string{"a-", "-b"}}}},
		{"one of two", value.Choice(value.Text("a"), value.Text("b")), nil, []ref{{pieces: []string{"a"}}, {pieces: []string{"b"}}}},
		{"the default branch", value.Context("github.event.repository.default_branch"), nil, []ref{{pieces: []string{"trunk"}}}},
		{"a head", value.Context("github.head_ref"), nil, []ref{{topic: true}}},
		{"a base", value.Context("github.base_ref"), []workflow.Trigger{pull}, []ref{{pieces: []string{"main"}}}},
		{"a base nobody names", value.Context("github.base_ref"), nil, []ref{{pieces: []string{"trunk"}}}},
		{"the run's, by push", value.Context("github.ref_name"), []workflow.Trigger{push}, []ref{{pieces: []string{"main"}}, {pieces: []string{"v", ""}, loose: true}}},
		{"the run's, by any push", value.Context("github.ref"), []workflow.Trigger{{Event: "push"}}, []ref{{pieces: []string{"", ""}}}},
		{"the run's, by hand", value.Context("github.ref_name"), []workflow.Trigger{{Event: "workflow_dispatch"}}, []ref{{pieces: []string{"trunk"}}}},
		{"of the run before, filtered", value.Context("github.event.workflow_run.head_branch"), after(workflow.Trigger{Branches: []string{"main", "v*", "!vx"}}), []ref{{pieces: []string{"main"}}, {pieces: []string{"v", ""}, loose: true}}},
		{"of the run before, not the default branch's", value.Context("github.event.workflow_run.head_branch"), after(workflow.Trigger{BranchesIgnore: []string{"t*"}}), []ref{{topic: true}}},
		{"of a run that is not seen", value.Context("github.event.workflow_run.head_branch"), after(workflow.Trigger{}), []ref{{pieces: []string{"", ""}}}},
		{"the run's, by a pull request", value.Context("github.ref_name"), []workflow.Trigger{pull}, []ref{{topic: true}}},
	}
	for _, test := range tests {
		got := d.refsOf(view(test.triggers...), test.v, false)
		if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(ref{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// FuzzMatch matches anything with anything: no pattern may panic, and what is
// certain of a name of which a part is hidden must be so of the whole.
func FuzzMatch(f *testing.F) {
	f.Add("v*", "v", "1.0")
	f.Add("release/**-[a-z]+", "release/", "1-b")
	f.Add(`\`, "", "")
	f.Add("[", "[", "]")
	f.Add("ab?c", "ac", "")
	f.Fuzz(func(t *testing.T, pattern, head, rest string) {
		if len(pattern) > 200 {
			return
		}
		whole := match(pattern, ref{pieces: []string{head + rest}})
		if !utf8.ValidString(pattern+head) || !utf8.ValidString(rest) {
			return // no name that git takes
		}
		if hidden := match(pattern, ref{pieces: []string{head, ""}}); hidden == no && whole == yes {
			t.Errorf("%q matches %q, but %q and something surely not", pattern, head+rest, head)
		}
	})
}
