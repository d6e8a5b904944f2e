package needs

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/patrol-actions/patrol/audit"
)

// TextOptions say how to write for people.
type TextOptions struct {
	// Width is the number of columns, 80 where it is 0.
	Width int
	// PublicOnly says that the answers are for public repositories only.
	PublicOnly bool
	// EnterpriseServer says that they are not for github.com.
	EnterpriseServer bool
}

// column is where the answers begin, behind their names.
const column = 14

// text lays out lines.
type text struct {
	strings.Builder
	TextOptions
}

// WriteText writes a report for people at a terminal.
func WriteText(w io.Writer, r *Report, o TextOptions) error {
	t := &text{TextOptions: o}
	if t.Width == 0 {
		t.Width = 80
	}
	for i, g := range r.Groups {
		if i > 0 {
			t.WriteByte('\n')
		}
		t.heading(g.Query)
		if g.Job != "" {
			t.steps(g)
			continue
		}
		t.need(g.Needs[0], true)
	}
	if len(r.Groups) > 1 {
		t.WriteByte('\n')
		t.heading("Together")
		t.need(r.Together, false)
	}
	_, err := io.WriteString(w, clean(t.String()))
	return err
}

func (t *text) heading(line string) { t.wrap("", line); t.WriteByte('\n') }

// row writes a named answer, wrapped into its column.
func (t *text) row(name, line string) {
	if line != "" {
		t.wrap(fmt.Sprintf("%-*s", column, name), line)
	}
}

// wrap writes words in lines, those after the first indented like it.
func (t *text) wrap(head, line string) {
	indent := strings.Repeat(" ", utf8.RuneCountInString(head))
	at := 0
	t.WriteString(head)
	for _, word := range strings.Fields(line) {
		n := utf8.RuneCountInString(word)
		if at > 0 && len(indent)+at+1+n > t.Width {
			t.WriteString("\n" + indent)
			at = 0
		}
		if at > 0 {
			t.WriteByte(' ')
			at++
		}
		t.WriteString(word)
		at += n
	}
	t.WriteByte('\n')
}

var answerWords = map[Answer]string{
	Yes: "yes", No: "no", Conditional: "if a condition holds", Unknown: "not known: not all of it can be read",
}

// need writes one answer. detailed adds what is done and how it is known.
func (t *text) need(n *Need, detailed bool) {
	for i, remark := range n.Remarks {
		t.row(map[bool]string{true: "note"}[i == 0], remark)
	}
	if len(n.Tokens) == 0 {
		t.row("", "Nothing in it is known to use a token that GitHub takes.")
		return
	}
	t.row("GITHUB_TOKEN", answerWords[n.GitHubToken])
	for _, reason := range n.Reasons {
		t.row("", reason.Code+": "+reason.Detail)
	}
	if n.GitHubToken != No || len(n.Permissions.Workflow) > 0 {
		t.block(n.Permissions.Workflow)
	}
	t.row("fine-grained", fineGrained(n.Permissions.FineGrained))
	t.row("classic", t.classic(n))
	t.choices(n)
	t.events(n)
	if !detailed {
		return
	}
	for i, op := range n.Operations {
		name := map[bool]string{true: "does"}[i == 0]
		line := op.Name
		if !slices.Contains([]string{"self", "none", "public"}, op.Target) {
			line += " on " + map[bool]string{true: "a repository that is not known"}[op.Target == "unknown"] + map[bool]string{true: op.Target}[op.Target != "unknown"]
		}
		t.row(name, line)
	}
	for i, source := range n.Sources {
		t.row(map[bool]string{true: "known from"}[i == 0], source)
	}
	t.more(n)
}

// block writes what to paste into a workflow.
func (t *text) block(keys map[string]string) {
	if len(keys) == 0 {
		t.row("workflow", "permissions: {}")
		return
	}
	t.row("workflow", "permissions:")
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		t.WriteString(strings.Repeat(" ", column+2) + key + ": " + keys[key] + "\n")
	}
}

func fineGrained(p audit.FineGrained) string {
	var parts []string
	for _, level := range []struct {
		name string
		keys map[string]string
	}{{"", p.Repository}, {" (organisation)", p.Organization}, {" (account)", p.Account}} {
		for _, key := range slices.Sorted(maps.Keys(level.keys)) {
			parts = append(parts, key+": "+level.keys[key]+level.name)
		}
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}

func (t *text) classic(n *Need) string {
	line := strings.Join(n.Permissions.ClassicScopes, ", ")
	if line == "" {
		return "no scope"
	}
	if !t.PublicOnly && !slices.Equal(n.PublicScopes, n.Permissions.ClassicScopes) {
		public := strings.Join(n.PublicScopes, ", ")
		if public == "" {
			public = "no scope"
		}
		line += "; " + public + " if the repositories are public"
	}
	return line
}

func (t *text) choices(n *Need) {
	for _, choice := range n.Choices {
		t.row("either", choice+", by what it is about")
	}
}

func (t *text) events(n *Need) {
	if len(n.Events) == 0 {
		return
	}
	line := strings.Join(n.Events, ", ")
	if n.GitHubToken != No {
		line += "; with GITHUB_TOKEN these start no other workflow"
	}
	approved := slices.ContainsFunc(n.Events, func(e string) bool {
		return slices.Contains([]string{"pull_request.opened", "pull_request.synchronize", "pull_request.reopened"}, e)
	})
	if approved && n.GitHubToken != No && !t.EnterpriseServer {
		line += ", or for pull_request one that waits for approval"
	}
	t.row("causes", line)
}

// steps writes a job: a line for each step, and what they take together.
func (t *text) steps(g *Group) {
	for _, n := range g.Needs {
		number := n.Query[strings.LastIndexByte(n.Query, ':')+1:]
		takes := takes(n)
		if len(n.Tokens) == 0 {
			takes = "takes no token"
		} else if !slices.Equal(n.Tokens, []string{"GITHUB_TOKEN"}) {
			takes += " (by " + strings.Join(n.Tokens, ", ") + ")"
		}
		if number == g.Job {
			number = "-" // the job itself: a call, a container
		}
		t.wrap(fmt.Sprintf("%4s  %-30s  ", number, short(n.Label, 30)), takes)
	}
	t.WriteByte('\n')
	t.row("GITHUB_TOKEN", "as the job uses it now")
	t.block(g.Block)
	if len(g.Replaceable) > 0 {
		t.row("GITHUB_TOKEN", "in place of "+strings.Join(g.Replaceable, ", ")+" as well")
		t.block(g.Replaced)
	}
	if len(g.Open) > 0 {
		t.row("", "steps that are not known may take more")
	}
	for _, n := range g.Tokens {
		t.WriteByte('\n')
		t.wrap(fmt.Sprintf("%-*s", max(column, utf8.RuneCountInString(n.Label)+2), n.Label), takes(n))
		t.row("", "GITHUB_TOKEN in its place: "+answerWords[n.GitHubToken])
		for _, reason := range n.Reasons {
			t.row("", reason.Code+": "+reason.Detail)
		}
	}
}

// takes names the permissions of a need in a line.
func takes(n *Need) string {
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(n.Permissions.Workflow)) {
		parts = append(parts, key+": "+n.Permissions.Workflow[key])
	}
	if line := fineGrained(n.Permissions.FineGrained); len(parts) == 0 && line != "none" {
		return line
	}
	if n.GitHubToken == Unknown {
		parts = append(parts, "something that is not known")
	}
	if len(parts) == 0 {
		return "no permission"
	}
	return strings.Join(parts, ", ")
}

func short(s string, n int) string {
	s = oneLine(s)
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// WriteRecipe writes down how to make a token.
func WriteRecipe(w io.Writer, r *Report, recipe *audit.Recipe, kind audit.RemedyKind, width int) error {
	t := &text{TextOptions: TextOptions{Width: max(width, 40)}}
	switch kind {
	case audit.RemedyNone:
		t.heading("No token is needed: it takes no permission that is known")
	case audit.RemedyClassic:
		t.heading("A classic token, for no fine-grained one does this")
	default:
		t.heading("A fine-grained token")
	}
	switch {
	case r.Together.GitHubToken == Yes && len(recipe.Repositories) < 2:
		t.wrap("", "In a workflow of the repository itself, GITHUB_TOKEN can do this.")
		t.WriteByte('\n')
	case r.Together.GitHubToken == Unknown:
		t.wrap("", "Not all of it can be read: it may take more.")
		t.WriteByte('\n')
	}
	if kind != audit.RemedyNone {
		t.recipe(recipe, kind)
	}
	_, err := io.WriteString(w, clean(t.String()))
	return err
}

func (t *text) recipe(recipe *audit.Recipe, kind audit.RemedyKind) {
	t.row("name", recipe.Name)
	if kind == audit.RemedyClassic {
		t.row("scopes", strings.Join(recipe.ClassicScopes, ", "))
	} else {
		t.row("owner", or(recipe.ResourceOwner, "the owner of the repositories: say it with --owner"))
		if owners := owners(recipe); len(owners) > 1 {
			t.row("", "a token is of one owner: make one for each of "+strings.Join(owners, ", "))
		}
		t.row("repositories", or(strings.Join(recipe.Repositories, ", "), "only those it is used on: say them with --repository"))
		for i, name := range slices.Sorted(maps.Keys(recipe.Permissions)) {
			t.row(map[bool]string{true: "permissions"}[i == 0], name+": "+recipe.Permissions[name])
		}
	}
	t.row("expires", fmt.Sprintf("in %d days", recipe.ExpiresInDays))
	t.row("purpose", recipe.Justification)
	t.WriteString("\nThis address fills in the form; hold what it fills in against the list:\n" + recipe.URL + "\n")
}

// owners are the owners of a recipe's repositories, sorted.
func owners(recipe *audit.Recipe) []string {
	var out []string
	for _, name := range recipe.Repositories {
		owner, _, _ := strings.Cut(name, "/")
		out = append(out, owner)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func or(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// clean leaves out characters that act on a terminal: what was asked may
// come from anywhere.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && (r < ' ' || r >= 0x7f && r < 0xa0 || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069') {
			return utf8.RuneError
		}
		return r
	}, s)
}
