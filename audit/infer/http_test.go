package infer

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// pat is what $TOKEN holds in the scripts of these tests.
var pat = value.Of(&value.Credential{Name: "A_PAT", Written: []audit.Span{{File: "w.yml", Line: 1}}})

// commands runs a script through the shell's reader.
func commands(source string, dialect shell.Dialect) []*trace.Command {
	env := (*value.Env)(nil).With(map[string]value.Value{
		"TOKEN": pat, "GITHUB_REPOSITORY": value.Context("github.repository"), "GITHUB_API_URL": value.Text("https://api.github.com"),
	})
	var out []*trace.Command
	for _, c := range shell.Interpret(shell.Input{Source: source, Table: &value.Table{}, Dialect: dialect, Env: env}).Commands {
		out = append(out, &trace.Command{Command: c})
	}
	return out
}

// shown writes a call down: "METHOD urls | credential's places | body".
func shown(c httpCall) string {
	join := func(vs []value.Value) string {
		var out []string
		for _, v := range vs {
			out = append(out, v.String())
		}
		return strings.Join(out, ", ")
	}
	out := c.method + " " + join(c.urls)
	if len(c.headers) > 0 {
		out += " | H " + join(c.headers)
	}
	if len(c.user) > 0 {
		out += " | U " + c.user.String()
	}
	if c.hasBody {
		out += " | B " + c.body.String()
	}
	if c.netrc {
		out += " | netrc"
	}
	return out
}

func TestCurl(t *testing.T) {
	tests := map[string]string{
		`curl https://x`:                                                         "GET https://x",
		`curl -X POST https://x`:                                                 "POST https://x",
		`curl -XDELETE https://x`:                                                "DELETE https://x",
		`curl --request=PATCH https://x`:                                         "PATCH https://x",
		`curl --request put https://x`:                                           "PUT https://x",
		`curl -d a=b https://x`:                                                  "POST https://x | B a=b",
		`curl --data '{"a":1}' -X PUT https://x`:                                 `PUT https://x | B {"a":1}`,
		`curl -G -d a=b https://x`:                                               "GET https://x | B a=b",
		`curl -Gd a=b https://x`:                                                 "GET https://x | B a=b",
		`curl --get --data a=b https://x`:                                        "GET https://x | B a=b",
		`curl --json '{}' https://x`:                                             "POST https://x | B {}",
		`curl -I https://x`:                                                      "HEAD https://x",
		`curl -T file https://x`:                                                 "PUT https://x | B ",
		`curl -X POST -T file https://x`:                                         "POST https://x | B ",
		`curl -n https://x`:                                                      "GET https://x | netrc",
		`curl -fsSL https://x -o out`:                                            "GET https://x",
		`curl -fsSLo out https://x`:                                              "GET https://x",
		`curl -sXPOST https://x`:                                                 "POST https://x",
		`curl -sH "Authorization: Bearer $TOKEN" https://x`:                      "GET https://x | H Authorization: Bearer ${{ secrets.A_PAT }}",
		`curl -H "Authorization: token $TOKEN" -H 'Accept: x' https://x`:         "GET https://x | H Authorization: token ${{ secrets.A_PAT }}, Accept: x",
		`curl --header="Authorization: token $TOKEN" https://x`:                  "GET https://x | H Authorization: token ${{ secrets.A_PAT }}",
		`curl -u "bot:$TOKEN" https://x`:                                         "GET https://x | U bot:${{ secrets.A_PAT }}",
		`curl -ubot:$TOKEN https://x`:                                            "GET https://x | U bot:${{ secrets.A_PAT }}",
		`curl --oauth2-bearer $TOKEN https://x`:                                  "GET https://x | U ${{ secrets.A_PAT }}",
		`curl "https://$TOKEN@github.com/a/b"`:                                   "GET https://${{ secrets.A_PAT }}@github.com/a/b",
		`curl --url https://x --retry 3 --max-time=5 -w '%{http_code}' -A agent`: "GET https://x",
		`curl https://x https://y`:                                               "GET https://x, https://y",
		`curl "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/issues"`:                 "GET https://api.github.com/repos/${{ github.repository }}/issues",
		`curl -d @- https://x <<< '{"a":1}'`:                                     `POST https://x | B {"a":1}` + "\n",
		`curl https://x -X`:                                                      "GET https://x",
		`curl -F file=@a https://x`:                                              "POST https://x | H file=@a | B ",
		`curl --data-urlencode body@b -X POST https://x`:                         "POST https://x | B body@b",
		`curl --compressed --silent --fail-with-body -k -L https://x`:            "GET https://x",
		`curl -H "Authorization: Bearer ${TOKEN}" --data-binary "@a.zip" "https://x/?name=a"`: "POST https://x/?name=a | H Authorization: Bearer ${{ secrets.A_PAT }} | B @a.zip",
	}
	for source, want := range tests {
		cmds := commands(source, shell.Bash)
		if len(cmds) != 1 {
			t.Errorf("%s: %d commands", source, len(cmds))
			continue
		}
		if got := shown(parseCurl(cmds[0])); strings.TrimSpace(got) != strings.TrimSpace(want) {
			t.Errorf("%s: got %s, want %s", source, got, want)
		}
	}
}

func TestWget(t *testing.T) {
	tests := map[string]string{
		`wget https://x`: "GET https://x",
		`wget -qO- --header="Authorization: token $TOKEN" https://x`:      "GET https://x | H Authorization: token ${{ secrets.A_PAT }}",
		`wget -q --header "Authorization: token $TOKEN" https://x -O out`: "GET https://x | H Authorization: token ${{ secrets.A_PAT }}",
		`wget -O out https://x`:                                             "GET https://x",
		`wget --post-data='{"a":1}' https://x`:                              `POST https://x | B {"a":1}`,
		`wget --method=DELETE https://x`:                                    "DELETE https://x",
		`wget --method PUT --body-data x https://x`:                         "PUT https://x | B x",
		`wget --user=bot --password=$TOKEN https://x`:                       "GET https://x | U bot:${{ secrets.A_PAT }}",
		`wget "https://bot:$TOKEN@raw.githubusercontent.com/a/b/main/c.sh"`: "GET https://bot:${{ secrets.A_PAT }}@raw.githubusercontent.com/a/b/main/c.sh",
		`wget -P dir -t 3 https://x https://y`:                              "GET https://x, https://y",
	}
	for source, want := range tests {
		cmds := commands(source, shell.Bash)
		if len(cmds) != 1 {
			t.Errorf("%s: %d commands", source, len(cmds))
			continue
		}
		if got := shown(parseWget(cmds[0])); got != want {
			t.Errorf("%s: got %s, want %s", source, got, want)
		}
	}
}

func TestHTTPie(t *testing.T) {
	tests := map[string]string{
		`http https://x`: "GET https://x",
		`http POST https://x "Authorization:Bearer $TOKEN" title=a`: "POST https://x | H Authorization:Bearer ${{ secrets.A_PAT }} | B ",
		`http https://x title=a`:                                    "POST https://x | B ",
		`http -a bot:$TOKEN DELETE https://x`:                       "DELETE https://x | U bot:${{ secrets.A_PAT }}",
		`http --check-status PUT https://x a:=1`:                    "PUT https://x | B ",
	}
	for source, want := range tests {
		if got := shown(parseHTTPie(commands(source, shell.Bash)[0])); got != want {
			t.Errorf("%s: got %s, want %s", source, got, want)
		}
	}
}

func TestPowerShell(t *testing.T) {
	tests := map[string]string{
		`Invoke-RestMethod https://x`:                                                        "GET https://x",
		`Invoke-RestMethod -Uri https://x`:                                                   "GET https://x",
		`Invoke-RestMethod -Uri https://x -Method Post -Body '{"a":1}'`:                      `POST https://x | B {"a":1}`,
		`Invoke-WebRequest -Uri https://x -OutFile out.zip -UseBasicParsing -Method:Delete`:  "DELETE https://x",
		`Invoke-RestMethod -Uri https://x -Headers @{ Authorization = "Bearer $env:TOKEN" }`: "GET https://x | H Bearer ${{ secrets.A_PAT }}",
		`Invoke-RestMethod "https://api.github.com/repos/$env:GITHUB_REPOSITORY/pulls"`:      "GET https://api.github.com/repos/${{ github.repository }}/pulls",
		`Invoke-RestMethod -ContentType application/json -TimeoutSec 5 -Uri https://x`:       "GET https://x",
		`Invoke-RestMethod -Authentication Bearer -Token $env:TOKEN -Uri https://x`:          "GET https://x | H ${{ secrets.A_PAT }}",
	}
	for source, want := range tests {
		cmds := commands(source, shell.PowerShell)
		if len(cmds) != 1 {
			t.Errorf("%s: %d commands", source, len(cmds))
			continue
		}
		got := shown(parsePowerShell(cmds[0]))
		if !strings.Contains(want, "Bearer ${{") && got != want || !strings.HasPrefix(got, strings.SplitN(want, " | ", 2)[0]) ||
			strings.Contains(want, "A_PAT") != strings.Contains(got, "A_PAT") {
			t.Errorf("%s: got %s, want %s", source, got, want)
		}
	}
}

func TestSplitURL(t *testing.T) {
	names := map[hostKind]string{hostAPI: "api", hostWeb: "web", hostOther: "other", hostUnknown: "unknown"}
	tests := []struct {
		url  value.Value
		want string
	}{
		{value.Text("https://api.github.com/repos/a/b"), "api repos/a/b"},
		{value.Text("https://API.github.com:443/user"), "api user"},
		{value.Text("api.github.com/user"), "api user"},
		{value.Text(" 'https://uploads.github.com/repos/a/b/releases/1/assets?name=x' "), "api repos/a/b/releases/1/assets?name=x"},
		{value.Text("https://github.com/a/b/releases/download/v1/x"), "web github.com/a/b/releases/download/v1/x"},
		{value.Text("https://raw.githubusercontent.com/a/b/main/x"), "web raw.githubusercontent.com/a/b/main/x"},
		{value.Text("https://registry.npmjs.org/x"), "other x"},
		{value.Text("https://api.github.com.evil.example/x"), "other x"},
		{value.Text("https://api.github.com@evil.example/x"), "other x"},
		{value.Text("https://evil.example/api.github.com"), "other api.github.com"},
		{value.Text(""), "unknown "},
		{value.Unknown("$URL"), "unknown "},
		{value.Concat(value.Text("https://"), pat, value.Text("@github.com/a/b")), "web github.com/a/b"},
		{value.Concat(value.Text("https://x:"), pat, value.Text("@api.github.com/user")), "api user"},
	}
	for _, test := range tests {
		_, path, kind := splitURL(test.url.Mask())
		if got := names[kind] + " " + path; got != test.want {
			t.Errorf("%s: got %s, want %s", test.url, got, test.want)
		}
	}
}

// uses infers what a script of a workflow of acme/rocket does.
func uses(t *testing.T, source string) []*Use {
	t.Helper()
	text := "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n    - env: {TOKEN: '${{ secrets.A_PAT }}'}\n      run: |\n        " + source + "\n"
	r := workflow.Load(fstest.MapFS{workflow.Folder + "/w.yml": {Data: []byte(text)}})
	if len(r.Problems) > 0 {
		t.Fatalf("%s: %v", source, r.Problems)
	}
	var out []*Use
	for _, j := range Infer(trace.Trace(r, trace.Options{}).Jobs, Options{Repository: "acme/rocket", Read: r.Read}) {
		out = append(out, j.Uses...)
	}
	return out
}

// TestHTTPUse follows a request to what it does.
func TestHTTPUse(t *testing.T) {
	tests := map[string]string{
		`curl -H "Authorization: Bearer $TOKEN" https://api.github.com/repos/$GITHUB_REPOSITORY/issues/1/comments -d '{"body":"x"}'`: "POST /repos/{owner}/{repo}/issues/{issue_number}/comments on self",
		`curl -H "Authorization: Bearer $TOKEN" https://api.github.com/repos/octo/app/issues`:                                        "GET /repos/{owner}/{repo}/issues on octo/app",
		`curl -u bot:$TOKEN -X DELETE https://api.github.com/repos/octo/$X/git/refs/heads/a`:                                         "DELETE /repos/{owner}/{repo}/git/refs/{ref} on octo/*",
		`curl -H "Authorization: Bearer $TOKEN" https://registry.npmjs.org/x`:                                                        "other",
		`curl -H "Authorization: Bearer $TOKEN" "$SOME_URL"`:                                                                         "unread",
		`curl -H "Authorization: Bearer $TOKEN"`:                                                                                     "unread",
		`curl https://api.github.com/user`:                                                                                           "",
		`wget --header="Authorization: Bearer $TOKEN" https://api.github.com/user`:                                                   "GET /user on none",
	}
	for source, want := range tests {
		var got []string
		for _, u := range uses(t, source) {
			for _, op := range u.Operations {
				for _, target := range op.Targets {
					text := target.Text
					if target.Kind == Nothing {
						text = "none"
					}
					got = append(got, fmt.Sprint(op.Names[0], " on ", text))
				}
			}
			for _, x := range u.Unknowns {
				got = append(got, x.Code)
			}
			if u.Other {
				got = append(got, "other")
			}
		}
		if diff := cmp.Diff(want, strings.Join(got, ", ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", source, diff)
		}
	}
}

// FuzzHTTP reads any script's HTTP clients: no argument may break them.
func FuzzHTTP(f *testing.F) {
	for _, source := range []string{"curl -X", "curl --request= -H", "wget --header", "http -a", "curl -d @- https://$TOKEN@api.github.com", "curl - -- --", "curl -sé"} {
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source string) {
		if len(source) > 500 {
			return
		}
		for _, dialect := range []shell.Dialect{shell.Bash, shell.PowerShell} {
			for _, c := range commands(source, dialect) {
				if len(c.Args) == 0 {
					continue
				}
				for _, parse := range []func(*trace.Command) httpCall{parseCurl, parseWget, parseHTTPie, parsePowerShell} {
					call := parse(c)
					for _, url := range call.urls {
						splitURL(url.Mask())
					}
					if call.method == "" && !strings.Contains(source, "''") && !strings.Contains(source, `""`) && !strings.Contains(source, "=") {
						t.Errorf("%s: no method", source)
					}
				}
			}
		}
	})
}
