package organization

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/config"
	"github.com/patrol-actions/patrol/audit/scan"
	"github.com/patrol-actions/patrol/rules"
)

// TestPages joins the example of every page that has an organisation, and
// wants a finding of the page's rule.
func TestPages(t *testing.T) {
	tested := 0
	for _, page := range rules.Pages() {
		files := fstest.MapFS{}
		var o *audit.Organization
		for _, f := range page.Examples() {
			if f.Path != "organization.json" {
				files[f.Path] = &fstest.MapFile{Data: []byte(f.Content)}
				continue
			}
			o = &audit.Organization{}
			if err := json.Unmarshal([]byte(f.Content), o); err != nil {
				t.Errorf("%s: %v", page.ID, err)
			}
		}
		if o == nil {
			continue
		}
		tested++
		j := New(Options{Inventories: Inventories(o)})
		j.Add(scan.Repository(files, scan.Options{Name: "acme-corp/rocket"}))
		j.Finish(o)
		if len(o.Findings) != 1 || o.Findings[0].Rule != page.ID || o.Findings[0].Severity != page.Severity || o.Findings[0].Fix == "" || o.Findings[0].ID == "" {
			t.Errorf("%s: its example gives %+v", page.ID, o.Findings)
		}
	}
	if tested != 2 {
		t.Errorf("%d pages have an organisation", tested)
	}
}

// world is a small organisation in which most things can be.
type world struct {
	organization audit.Organization
	inventory    audit.Inventory
	tokens       []*audit.Token
	repositories []*audit.Repository
	config       string
}

func newWorld() *world {
	return &world{
		organization: audit.Organization{Accounts: []audit.Account{{Login: "octo", Kind: "organization", Repositories: 10, Private: 6}}, Complete: true},
		inventory:    audit.Inventory{Account: "octo", Asked: true},
	}
}

// secret adds a secret: "NAME all", "NAME private", "NAME selected a b",
// "owner/name NAME", "owner/name:environment NAME", each with a store before
// it or not.
func (w *world) secret(text string) *world {
	words := strings.Fields(text)
	s := &audit.StoredSecret{Owner: "octo", Scope: "organization", Store: "actions", State: audit.SecretStored, UpdatedAt: "2024-04-01T12:00:00Z"}
	if words[0] == "dependabot" || words[0] == "codespaces" {
		s.Store, words = words[0], words[1:]
	}
	if strings.Contains(words[0], "/") {
		s.Owner, s.Environment, _ = strings.Cut(words[0], ":")
		s.Scope, s.Name = "repository", words[1]
		if s.Environment != "" {
			s.Scope = "environment"
		}
	} else {
		s.Name, s.Visibility = words[0], words[1]
		for _, name := range words[2:] {
			s.Selected = append(s.Selected, "octo/"+name)
		}
	}
	w.inventory.Secrets = append(w.inventory.Secrets, s)
	return w
}

// asked says that the secrets of repositories are known.
func (w *world) asked(names ...string) *world {
	for _, name := range names {
		w.inventory.Repositories = append(w.inventory.Repositories, "octo/"+name)
	}
	return w
}

// repository adds one with references: "NAME", "NAME:verdict",
// "NAME@environment", "NAME other", "NAME called".
func (w *world) repository(name, visibility string, references ...string) *world {
	full := "octo/" + name
	r := &audit.Repository{Name: &full, Visibility: visibility, Files: 1, Workflows: 1}
	for i, text := range references {
		x := &audit.Reference{File: ".github/workflows/ci.yml", Line: i + 1, Credential: audit.CredentialGitHub, Verdict: audit.VerdictReplaceable, Target: []string{"self"}, Remedy: audit.Remedy{Kind: audit.RemedyGitHubToken}}
		words := strings.Fields(text)
		x.Secret = words[0]
		if before, environment, ok := strings.Cut(x.Secret, "@"); ok {
			x.Secret, x.Environments = before, strings.Split(environment, ",")
		}
		for _, word := range words[1:] {
			switch word {
			case "other":
				x.Credential, x.Verdict = audit.CredentialOther, audit.VerdictNone
			case "called":
				x.FromCaller = true
			case "app":
				x.Verdict, x.Target = audit.VerdictNotReplaceable, []string{"octo/tap", "self"}
				x.Permissions.FineGrained.Repository = map[string]string{"contents": "write"}
				x.Remedy = audit.Remedy{Kind: audit.RemedyApp, FineGrained: &audit.Recipe{
					Permissions: map[string]string{"contents": "write"}, Repositories: []string{full, "octo/tap"}, ResourceOwner: "octo", ClassicScopes: []string{"repo"}, ExpiresInDays: 90,
				}}
			case "unknown":
				x.Verdict, x.Target, x.Remedy.Kind = audit.VerdictUnknown, []string{"unknown"}, audit.RemedyNone
			}
		}
		r.References = append(r.References, x)
	}
	w.repositories = append(w.repositories, r)
	return w
}

// open says that the last repository hands over secrets that it does not name.
func (w *world) open(kind audit.OpeningKind) *world {
	r := w.repositories[len(w.repositories)-1]
	r.Open = append(r.Open, audit.Opening{Kind: kind, File: ".github/workflows/all.yml", Line: 7})
	return w
}

func (w *world) join(t testing.TB) *audit.Organization {
	t.Helper()
	o := w.organization
	o.Accounts = slices.Clone(o.Accounts)
	var c *config.Config
	if w.config != "" {
		var err error
		if c, err = config.Parse("patrol.yml", []byte(w.config)); err != nil {
			t.Fatal(err)
		}
	}
	j := New(Options{Inventories: []*audit.Inventory{&w.inventory}, Tokens: w.tokens, Config: c, Now: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)})
	for _, r := range w.repositories {
		j.Add(r)
	}
	j.Finish(&o)
	return &o
}

// users lists who reads which secret.
func users(o *audit.Organization) (out []string) {
	for _, s := range o.Secrets {
		holder := s.Owner
		if s.Environment != "" {
			holder += ":" + s.Environment
		}
		store := ""
		if s.Store != "actions" {
			store = s.Store + " "
		}
		out = append(out, store+holder+" "+s.Name+" "+string(s.State)+": "+strings.Join(s.Users, " "))
	}
	slices.Sort(out)
	return out
}

// TestResolve finds the secret that a reference means.
func TestResolve(t *testing.T) {
	for _, test := range []struct {
		name string
		w    *world
		want []string
	}{
		{"the organisation's", newWorld().secret("A all").repository("r", "public", "a"), []string{"octo A stored: octo/r"}},
		{"the repository's goes first", newWorld().secret("A all").secret("octo/r A").asked("r").repository("r", "private", "A").repository("s", "private", "A"),
			[]string{"octo A stored: octo/s", "octo/r A stored: octo/r"}},
		{"the environment's goes first", newWorld().secret("octo/r A").secret("octo/r:Prod A").secret("octo/r:test A").asked("r").repository("r", "private", "A@prod"),
			[]string{"octo/r A stored: ", "octo/r:Prod A stored: octo/r", "octo/r:test A stored: "}},
		{"an environment without it", newWorld().secret("octo/r A").secret("octo/r:test A").asked("r").repository("r", "private", "A@prod"),
			[]string{"octo/r A stored: octo/r", "octo/r:test A stored: "}},
		{"a computed environment is any", newWorld().secret("octo/r A").secret("octo/r:test A").asked("r").repository("r", "private", "A@${{inputs.to}}"),
			[]string{"octo/r A stored: octo/r", "octo/r:test A stored: octo/r"}},
		{"jobs with and without", newWorld().secret("octo/r A").secret("octo/r:test A").asked("r").repository("r", "private", "A@,test"),
			[]string{"octo/r A stored: octo/r", "octo/r:test A stored: octo/r"}},
		{"a public repository sees no private one", newWorld().secret("A private").asked("r", "s").repository("r", "public", "A").repository("s", "internal", "A"),
			[]string{"octo A stored: octo/s", "octo/r A missing: octo/r"}},
		{"selected", newWorld().secret("A selected R").asked("r", "s").repository("r", "public", "A").repository("s", "private", "A"),
			[]string{"octo A stored: octo/r", "octo/s A missing: octo/s"}},
		{"missing, once for a repository", newWorld().asked("r").repository("r", "public", "A", "a other", "GITHUB_TOKEN", "github_token"),
			[]string{"octo/r A missing: octo/r"}},
		{"what a caller binds is not missing", newWorld().asked("r").repository("r", "public", "A called"), nil},
		{"what a caller may bind is stored", newWorld().secret("A all").asked("r").repository("r", "public", "A called"), []string{"octo A stored: octo/r"}},
		{"nobody was asked", newWorld().repository("r", "public", "a", "N other").repository("s", "public", "A"), []string{"octo A unasked: octo/r octo/s"}},
		{"Dependabot reads its own", newWorld().secret("A all").secret("dependabot A private").secret("dependabot octo/r B").repository("r", "private", "A", "B"),
			[]string{"dependabot octo A stored: octo/r", "dependabot octo/r B stored: octo/r", "octo A stored: octo/r", "octo B unasked: octo/r"}},
		{"Codespaces has other readers", newWorld().secret("codespaces A all").asked("r").repository("r", "private", "A"),
			[]string{"codespaces octo A stored: ", "octo/r A missing: octo/r"}},
	} {
		if diff := cmp.Diff(test.want, users(test.w.join(t))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// TestFindings judges secrets.
func TestFindings(t *testing.T) {
	failed := func(w *world, e audit.Problem, files int) *world {
		r := w.repositories[len(w.repositories)-1]
		r.Errors, r.Files = append(r.Errors, e), files
		return w
	}
	incomplete := func(w *world) *world {
		w.organization.Complete = false
		return w
	}
	oneFailed := failed(newWorld().secret("A selected r s").secret("B selected r t").repository("r", "public", "A", "B").repository("s", "public"), audit.Problem{Message: "502"}, 0)
	oneFailed.organization.Complete, oneFailed.organization.Coverage.Failed = false, 1
	listless := newWorld().secret("A selected").repository("r", "public", "B")
	listless.inventory.Secrets[0].Unclear = "it could not be asked for which repositories it is selected"
	for _, test := range []struct {
		name    string
		w       *world
		want    string
		unclear string
	}{
		{"unused", newWorld().secret("A all").repository("r", "public", "B"), "unused-secret: No workflow reads A, a secret of the organisation octo that 10 repositories can read; it was last set on 2024-04-01.", ""},
		{"unused in a repository", newWorld().secret("octo/r A").repository("r", "public", "B"), "unused-secret: No workflow reads A, a secret of octo/r; it was last set on 2024-04-01.", ""},
		{"unused in one without workflows", newWorld().secret("octo/s A"), "unused-secret: No workflow reads A, a secret of octo/s; it was last set on 2024-04-01.", ""},
		{"unused in an environment", newWorld().secret("octo/r:prod A").repository("r", "public", "A"), "unused-secret: No workflow reads A, a secret of the environment prod of octo/r; it was last set on 2024-04-01.", ""},
		{"used", newWorld().secret("octo/r A").repository("r", "public", "A"), "", ""},
		{"used as something else", newWorld().secret("octo/r A").repository("r", "public", "A other"), "", ""},
		{"incomplete", incomplete(newWorld().secret("A all").repository("r", "public", "B")), "", "not audited: 1 repository that may read it"},
		{"incomplete elsewhere", incomplete(newWorld().secret("A selected r").repository("r", "public", "B")), "unused-secret: No workflow reads A, a secret of the organisation octo that 1 repository can read; it was last set on 2024-04-01.", ""},
		{"incomplete here", incomplete(newWorld().secret("octo/s A").repository("r", "public", "B")), "", "octo/s may be among"},
		{"incomplete where it is selected", incomplete(newWorld().secret("A selected r s t").repository("r", "public", "B")), "", "not audited: 2 repositories that may read it"},
		{"the list was not told", listless, "", "could not be asked"},
		{"open", newWorld().secret("A all").repository("r", "public", "B").open(audit.OpenAll).repository("q", "public").open(audit.OpenInherit), "", ".github/workflows/all.yml of octo/q hands over secrets that it does not name, or could not be read in full; so do 1 more"},
		{"open where it is not seen", newWorld().secret("A private").repository("r", "public").open(audit.OpenAll), "unused-secret: No workflow reads A, a secret of the organisation octo that 6 repositories can read; it was last set on 2024-04-01.", ""},
		{"an environment that others read", newWorld().secret("octo/r:prod A").secret("octo/s B").repository("r", "public").open(audit.OpenEnvironment).repository("s", "public").open(audit.OpenEnvironment), "unused-secret: No workflow reads B, a secret of octo/s; it was last set on 2024-04-01.", "calls a workflow of another repository"},
		{"Copilot's", newWorld().secret("octo/r:Copilot A").repository("r", "public"), "", "Copilot's coding agent"},
		{"a workflow that cannot be read", failed(newWorld().secret("octo/r A").repository("r", "public"), audit.Problem{File: ".github/workflows/bad.yml", Message: "no YAML"}, 1), "", ".github/workflows/bad.yml of octo/r"},
		{"a script that cannot be read", failed(newWorld().secret("octo/r A").repository("r", "public"), audit.Problem{File: "x.sh", Message: "no shell"}, 1), "unused-secret: No workflow reads A, a secret of octo/r; it was last set on 2024-04-01.", ""},
		{"a repository that cannot be read", failed(newWorld().secret("octo/r A").repository("r", "public"), audit.Problem{Message: "502"}, 0), "", "octo/r could not be read"},
		{"one that is known cannot be read", oneFailed, "unscoped-secret: 2 repositories can read B, a secret of the organisation octo, and workflows of only one do.", ""},
		{"for Dependabot", newWorld().secret("dependabot A all"), "", "Dependabot itself"},
		{"for Codespaces", newWorld().secret("codespaces A all"), "", "development environments"},
		{"unscoped", newWorld().secret("A all").repository("r", "public", "A").repository("s", "public", "A").repository("t", "public", "B"), "unscoped-secret: 10 repositories can read A, a secret of the organisation octo, and workflows of only 2 do.", ""},
		{"unscoped and selected", newWorld().secret("A selected r s").repository("r", "public", "A"), "unscoped-secret: 2 repositories can read A, a secret of the organisation octo, and workflows of only one do.", ""},
		{"scoped", newWorld().secret("A selected r s").repository("r", "public", "A").repository("s", "private", "A other"), "", ""},
		{"unscoped but for an open one", newWorld().secret("A selected r s t").repository("r", "public", "A").repository("s", "private").open(audit.OpenAll), "unscoped-secret: 3 repositories can read A, a secret of the organisation octo, and workflows of only one do; of 1 more it is not known.", ""},
		{"scoped but for an open one", newWorld().secret("A selected r s").repository("r", "public", "A").repository("s", "private").open(audit.OpenAll), "", ""},
		{"scoped as far as is known", incomplete(newWorld().secret("A selected r s").repository("r", "public", "A")), "", ""},
	} {
		o := test.w.join(t)
		got, unclear := "", ""
		for _, f := range o.Findings {
			got += f.Rule + ": " + f.Message
		}
		for _, s := range o.Secrets {
			unclear += s.Unclear
		}
		if got != test.want || !strings.Contains(unclear, test.unclear) || (unclear == "") != (test.unclear == "") {
			t.Errorf("%s: %q, unclear %q", test.name, got, unclear)
		}
	}
}
