package decide

import (
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// memberCall matches calls of Octokit that ask for somebody's membership or
// permission, memberRoute the addresses of these, and what stands in the place
// of the name.
var (
	memberCall  = regexp.MustCompile(`\b(?:getMembershipForUser(?:InOrg)?|checkMembershipForUser|getCollaboratorPermissionLevel|checkCollaborator)\s*\(|/(?:memberships|members|collaborators)/\{username\}`)
	memberRoute = regexp.MustCompile(`(?:\borgs/[^/\s"']+/(?:members|memberships)|\bteams/[^/\s"']+/(?:members|memberships)|/collaborators)/(@actor@|\$?\{[^}\s]+\}|\$\w+|"?'?\s*\+\s*[\w.]+)`)
	usernameIn  = regexp.MustCompile(`\busername\s*(?::\s*([^,}\n]+)|[,}\n])`)
)

// callEnd is how far behind its name the parameters of a call are looked for.
const callEnd = 400

// actorMark stands for the actor in the text of a script.
const actorMark = "@actor@"

// programOf is the program that an action runs, zero for most.
func programOf(s *workflow.Step) workflow.Text {
	if i := slices.IndexFunc(s.With, func(b workflow.Binding) bool { return b.Name == "script" }); i >= 0 {
		return s.With[i].Value
	}
	return workflow.Text{}
}

// checksActor tells at what a step asks for the membership or the permission of
// who has started the run; "" where it does not. A script that names GitHub's
// bot provides for it.
func (d *decider) checksActor(s *workflow.Step, scope actorScope) string {
	for _, script := range []workflow.Text{s.Run, programOf(s)} {
		if script.IsZero() || strings.Contains(script.Value, "github-actions") || strings.Contains(script.Value, "[bot]") {
			continue
		}
		code := actorCode{marked(expression.Eval(script, scope)), scope}
		if found := code.check(); found != "" {
			return found
		}
	}
	return d.actionChecks(s, scope)
}

// marked is the text of a value with the actor marked in it.
func marked(v value.Value) string {
	var b strings.Builder
	for _, p := range v {
		switch {
		case p.Context == actorContexts[0], p.OneOf != nil && !slices.ContainsFunc(p.OneOf, func(w value.Value) bool { return marked(w) != actorMark }):
			b.WriteString(actorMark)
		case p.Context != "" || p.Unknown != "" || p.Credential != nil || p.OneOf != nil:
			b.WriteString("@other@")
		default:
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

// actorCode is a script with the actor marked.
type actorCode struct {
	text  string
	scope actorScope
}

// check returns the name of the call by which a script asks for the actor's
// membership or permission.
func (c actorCode) check() string {
	for _, m := range memberCall.FindAllStringIndex(c.text, -1) {
		rest := c.text[m[1]:min(len(c.text), m[1]+callEnd)]
		if end := strings.Index(rest, ")"); end >= 0 {
			rest = rest[:end]
		}
		if name := usernameIn.FindStringSubmatch(rest); name != nil && c.isActor(firstOf(name[1], "username"), 0) {
			return strings.TrimRight(c.text[m[0]:m[1]], "( ")
		}
	}
	for _, m := range memberRoute.FindAllStringSubmatch(c.text, -1) {
		if c.isActor(m[1], 0) {
			return strings.ReplaceAll(strings.TrimSuffix(m[0], m[1]), "@other@", "…") + "…"
		}
	}
	return ""
}

func firstOf(text, instead string) string {
	if strings.TrimSpace(text) == "" {
		return instead
	}
	return text
}

var (
	// actorSpelled matches what always is the actor in a script.
	actorSpelled = regexp.MustCompile(`^(?:@actor@|(?:github\.)?context\.actor|(?:github\.)?context\.payload\??\.sender\??\.login|(?:process\.env\.)?GITHUB_(?:TRIGGERING_)?ACTOR)$`)
	// fromEnv matches what reads a variable of the environment.
	fromEnv = regexp.MustCompile(`^(?:process\.env\.(\w+)|process\.env\[["'](\w+)["']\]|os\.environ(?:\.get)?[\[(]["'](\w+)["'][\])]|os\.getenv\(["'](\w+)["']\))$`)
	// wrapped matches what leaves a name as it is.
	wrapped = regexp.MustCompile(`^(?:\$?\{(.*)\}|encodeURIComponent\((.*)\)|\$(\w+)|["']?\s*\+\s*(.*)|(.*)\.(?:trim|toLowerCase)\(\))$`)
	ident   = regexp.MustCompile(`^\w+$`)
)

// isActor tells whether an expression of a script is the actor, and nothing else.
func (c actorCode) isActor(text string, depth int) bool {
	text = strings.Trim(text, " \t\r;\"'`")
	if depth > 5 || text == "" {
		return false
	}
	if actorSpelled.MatchString(text) {
		return true
	}
	if m := wrapped.FindStringSubmatch(text); m != nil {
		return c.isActor(strings.Join(m[1:], ""), depth+1)
	}
	if m := fromEnv.FindStringSubmatch(text); m != nil {
		return c.variable(strings.Join(m[1:], ""))
	}
	if !ident.MatchString(text) {
		return false
	}
	if regexp.MustCompile(`\{[^{}]*\b` + text + `\b[^{}]*\}\s*=\s*(?:github\.)?context\b\s*(?:;|\n|$)`).MatchString(c.text) {
		return text == "actor"
	}
	assigned := regexp.MustCompile(`(?:^|[\s;])`+text+`[ \t]*=([^=\n;][^\n;]*)`).FindAllStringSubmatch(c.text, -1)
	for _, m := range assigned {
		if !c.isActor(m[1], depth+1) {
			return false
		}
	}
	return len(assigned) > 0 || c.variable(text)
}

// variable tells whether a variable of the environment is the actor.
func (c actorCode) variable(name string) bool {
	v, _ := c.scope.variable(name)
	return marked(v) == actorMark
}

// memberReads end the names of the operations that ask for a membership or a
// permission.
var memberReads = []string{"/collaborators/{username}/permission", "/members/{username}", "/memberships/{username}"}

// actionChecks is checksActor for an action, by what the tables say of it.
func (d *decider) actionChecks(s *workflow.Step, scope actorScope) string {
	name, _, _ := strings.Cut(strings.ToLower(s.Uses.Value), "@")
	given := func(names []string) (value.Value, bool) {
		for _, b := range s.With {
			if slices.Contains(names, strings.ToLower(b.Name)) {
				return expression.Eval(b.Value, scope), true
			}
		}
		return nil, false
	}
	info, known := infer.Action(d.options.Knowledge, name)
	if known && info.ByActor != nil {
		v, set := given(info.ByActor)
		if text, literal := v.Literal(); set && (!literal || text == "*" || text == "true" || strings.Contains(text, "github-actions")) {
			return ""
		}
		return "uses: " + name
	}
	if !known || !onlyAsks(info) {
		return ""
	}
	if v, set := given(rules.InputUser.Names()); set && marked(v) != actorMark {
		return ""
	}
	return "uses: " + name
}

// onlyAsks tells whether an action does nothing but ask for a membership or a
// permission.
func onlyAsks(info *rules.ActionInfo) bool {
	asks := false
	for _, token := range info.Tokens {
		effects := []rules.Effect{token.Base}
		for _, row := range token.Rows {
			effects = append(effects, row.Effect)
		}
		for _, effect := range effects {
			for _, op := range effect.Operations {
				if !slices.ContainsFunc(memberReads, func(end string) bool { return strings.HasPrefix(op, "GET ") && strings.HasSuffix(op, end) }) {
					return false
				}
				asks = true
			}
		}
	}
	return asks
}
