package infer

import (
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// Patterns for addresses that only hold what everybody may read where nobody signs
// in: of a repository for git, and of files of one and of its releases.
var (
	repositoryAddress = regexp.MustCompile(`^https://github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?/?$`)
	fileAddress       = regexp.MustCompile(`^https://(?:raw\.githubusercontent\.com/([\w.-]+/[\w.-]+)/|github\.com/([\w.-]+/[\w.-]+)/(?:releases/(?:latest/)?download|archive|raw)/)`)
)

// clonesOpen notes a repository that git clones or fetches by its address without a
// credential.
func (in *inferrer) clonesOpen(c gitCall, address value.Value) {
	text, _ := address.Literal()
	m := repositoryAddress.FindStringSubmatch(text)
	if m == nil || c.subcommand == "ls-remote" || len(c.header) > 0 || len(in.session.rewrites) > 0 || !plainWords(c.site.Command) {
		return
	}
	in.readsOpen(c.site, m[1])
}

// downloadsOpen notes repositories whose files or releases an HTTP client gets
// without a credential, and that would say so if they were not there.
func (in *inferrer) downloadsOpen(site *trace.Site, c httpCall) {
	if !c.fails || c.method != "GET" || len(c.headers) > 0 || len(c.user) > 0 || len(c.name) > 0 || c.netrc || c.hasBody || !plainWords(site.Command) {
		return
	}
	for _, url := range c.urls {
		if len(url) == 0 {
			continue
		}
		if m := fileAddress.FindStringSubmatch(url[0].Text); m != nil {
			in.readsOpen(site, m[1]+m[2])
		}
	}
}

// plainWords tells whether none of the words of a command may say how to sign in:
// those that are not known begin with what they are, or hold what another flag takes
// for a file.
func plainWords(c *trace.Command) bool {
	for i, a := range c.Args {
		before := ""
		if i > 0 {
			before = c.Args[i-1].String()
		}
		text, known := a.Literal()
		switch {
		case known && !signsIn.MatchString(text):
		case !known && (len(a) > 0 && a[0].Text != "" && !strings.HasPrefix(a[0].Text, "-") || intoFile.MatchString(before)):
		default:
			return false
		}
	}
	return true
}

// signsIn matches flags that say where a credential is, intoFile those of a file that
// is written.
var (
	signsIn  = regexp.MustCompile(`^(?:-K|--config|-E|--cert|--netrc.*|-b|--cookie|--load-cookies|-c|--http-(?:user|password).*|--(?:user|password|header)=.*)$`)
	intoFile = regexp.MustCompile(`^(?:-[A-Za-z]*[oO]|--output(?:-document)?)$`)
)

// readsOpen notes a repository that a site reads without a credential: it is public.
// Code that may fail shows nothing, nor does any where somebody may have signed in
// who is not seen: on a machine that is not GitHub's, by code that was given a secret
// and could not be read, by an action that was given one, or by a setting of git.
func (in *inferrer) readsOpen(site *trace.Site, repository string) {
	if in.general() || in.options.EnterpriseServer || site.MayFail() || in.job.Job.Forgiven || !onHosted(in.job.Job) {
		return
	}
	if slices.ContainsFunc(in.uses, func(u *Use) bool {
		return u.Credential.Kind != value.JobToken && (len(u.Unknowns) > 0 || u.Site != nil && u.Site.Action != nil && !u.Site.Action.Is("actions/checkout"))
	}) || in.mayBeSignedIn() {
		return
	}
	in.open = append(in.open, strings.ToLower(repository))
}

// signInWords match what a command says that has to do with signing git in.
var signInWords = regexp.MustCompile(`(?i)extraheader|insteadof|\bcredential|askpass|netrc|\bgh auth\b`)

// mayBeSignedIn tells whether any command before the site at hand may have set how git
// signs in.
func (in *inferrer) mayBeSignedIn() bool {
	for ; in.looked < in.index && !in.signedIn; in.looked++ {
		in.signedIn = setsSignIn(in.job.Sites[in.looked])
	}
	return in.signedIn
}

// setsSignIn tells whether a command may set how git signs in.
func setsSignIn(s *trace.Site) bool {
	if s.Command == nil {
		return false
	}
	words, _ := s.Command.Words()
	return signInWords.MatchString(strings.Join(words, " "))
}

// onHosted tells whether a job surely runs on a machine of GitHub's.
func onHosted(j *workflow.Job) bool {
	return j.RunnerGroup.IsZero() && len(j.RunsOn) > 0 && !slices.ContainsFunc(j.RunsOn, func(label workflow.Text) bool { return !rules.HostedRunner(label.Value) })
}
