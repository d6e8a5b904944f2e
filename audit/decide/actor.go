package decide

import (
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// actor guesses whom the token of a job belongs to, for conditions such as
// github.actor != 'release-bot': the user that the job's commits name. It is
// wrong where a bot signs its commits with another name than its login, so that
// it is only asked about a condition that spells the very name (see user); a
// name of GitHub's own bot is therefore never taken, for any token may sign
// with it. Where several names stand in a job, none is taken.
func actor(j *infer.Job) string {
	found := ""
	note := func(name string) bool {
		if name == "" || name == "GitHub" || strings.HasPrefix(name, "github-actions") || strings.ContainsAny(name, " @$") {
			return true
		}
		if found != "" && found != name {
			return false
		}
		found = name
		return true
	}
	for _, site := range j.Sites {
		for _, name := range namesAt(site) {
			if !note(name) {
				return ""
			}
		}
	}
	return found
}

// owners guesses whom secrets belong to, by the jobs that use one GitHub secret
// alone and name an author. It is only asked about a condition that spells the
// very name out, which makes a wrong guess unlikely.
func owners(jobs []*infer.Job) map[string]string {
	found := map[string]string{}
	for _, j := range jobs {
		var secrets []string
		for _, u := range j.Uses {
			if secret := strings.ToUpper(u.Credential.Name); u.Credential.Kind == value.Secret && u.Reads && !slices.Contains(secrets, secret) {
				secrets = append(secrets, secret)
			}
		}
		if len(secrets) != 1 {
			continue
		}
		name := actor(j)
		if name == "" {
			continue
		}
		if before, ok := found[secrets[0]]; ok && before != name {
			name = ""
		}
		found[secrets[0]] = name
	}
	return found
}

// tokenSuffix matches what the names of secrets have behind a login.
var tokenSuffix = regexp.MustCompile(`(?i)(_(GITHUB|GH|ACCESS|PERSONAL|PAT|TOKEN|SECRET))+$`)

// namedAfter is the login that a secret is named after, if it is: SHOAL_BOT_TOKEN
// after shoal-bot.
func namedAfter(secret string) string {
	name := tokenSuffix.ReplaceAllString(secret, "")
	if name == secret {
		return ""
	}
	return strings.ReplaceAll(strings.ToLower(name), "_", "-")
}

// user is whom the token of a job is taken to belong to in a condition: the one
// that the job, or another with the same secret, seems to name, if the condition
// spells the very name, and nobody known otherwise: that a job signs with one
// name says nothing of a condition for another.
func (j *jobView) user(condition workflow.Text) string {
	for _, name := range []string{j.actor, j.owner} {
		if name != "" && strings.Contains(condition.Value, "'"+name+"'") && !rules.WordRole.Has(strings.ToLower(name)) {
			return name
		}
	}
	return ""
}

// signed returns the name of an author that is written "NAME <ADDRESS>".
func signed(v value.Value) string {
	name, _, _ := strings.Cut(v.LiteralOr(""), "<")
	return strings.TrimSpace(name)
}

// namesAt are the authors that a site names.
func namesAt(site *trace.Site) []string {
	var out []string
	switch {
	case site.Action != nil:
		for _, input := range rules.InputAuthor.Names() {
			if v, ok := site.Action.Inputs[input]; ok {
				out = append(out, v.LiteralOr(""))
			}
		}
		for _, input := range []string{"author", "committer"} {
			out = append(out, signed(site.Action.Inputs[input]))
		}
	case site.Command != nil && len(site.Command.Args) > 3 && site.Command.Args[0].LiteralOr("") == "git":
		args := site.Command.Args
		for i := 1; i+1 < len(args); i++ {
			if args[i].String() == "user.name" {
				out = append(out, args[i+1].LiteralOr(""))
			}
		}
	}
	return out
}
