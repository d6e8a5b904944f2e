package decide

import (
	"strings"

	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/trace"
)

// nameInputs are inputs of actions that name the author of commits.
var nameInputs = []string{"username", "user_name", "user-name", "git-user-name", "git_user_name", "commit_user_name", "author_name", "git-user", "default_author"}

// actor guesses whom the token of a job belongs to, for conditions such as
// github.actor != 'release-bot': the user that the job's commits name. It is
// wrong where a bot signs its commits with another name than its login; a
// name of GitHub's own bot is therefore never taken, for any token may sign
// with it. Where several names stand in a job, none is taken.
func actor(j *infer.Job) string {
	found := ""
	note := func(name string) bool {
		if name == "" || strings.HasPrefix(name, "github-actions") || strings.ContainsAny(name, " @$") {
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

// namesAt are the authors that a site names.
func namesAt(site *trace.Site) []string {
	var out []string
	switch {
	case site.Action != nil:
		for _, input := range nameInputs {
			if v, ok := site.Action.Inputs[input]; ok {
				out = append(out, v.LiteralOr(""))
			}
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
