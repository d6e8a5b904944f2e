package infer

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// ghLoginUse is the use of a credential that gh is logged in with.
const ghLoginUse = "gh auth login"

// idleLogins notes the logins of gh that nothing is seen to use: what the rest
// of the job runs may do so unseen, for somebody wants the login for something.
// Where nothing comes after it, it is for nothing.
func (in *inferrer) idleLogins() {
	if len(in.options.Assumed) > 0 {
		return
	}
	var order map[*trace.Site]int
	for _, u := range in.uses {
		if u.What != ghLoginUse || u.Credential.Kind != value.Secret {
			continue
		}
		if order == nil {
			order = make(map[*trace.Site]int, len(in.job.Sites))
			for i, s := range in.job.Sites {
				order[s] = i
			}
		}
		later := func(s *trace.Site) bool { return order[s] > order[u.Site] }
		used := slices.ContainsFunc(in.uses, func(v *Use) bool {
			return !strings.HasPrefix(v.What, "gh auth ") && (len(v.Operations) > 0 || len(v.Unknowns) > 0) && later(v.Site) && sameCredential(v.Credential, u.Credential)
		})
		if used || !slices.ContainsFunc(in.job.Sites[order[u.Site]+1:], works) {
			continue
		}
		u.Unknowns = append(u.Unknowns, Unknown{
			Code: "unread", Detail: "gh is logged in with it, and what comes after that was not seen to use the login", Place: u.Site.Place(),
			Settle: "give it to the steps that need it, as GH_TOKEN, or leave the login out",
		})
	}
}

// works tells whether a site may be what a login is for: anything but a
// program that only prints or keeps files, or that asks about the login.
func works(s *trace.Site) bool {
	if s.Command == nil || s.Unread != nil {
		return true
	}
	words, _ := s.Command.Words()
	if len(words) > 1 && words[0] == "gh" && slices.Contains([]string{"auth", "--version", "version", "config"}, words[1]) {
		return false
	}
	return len(words) > 0 && !rules.StaysIdle.Has(words[0])
}
