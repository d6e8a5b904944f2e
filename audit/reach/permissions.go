package reach

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/github"
	"github.com/patrol-actions/patrol/rules"
)

// atOnce is how many questions are under way at a time. GitHub asks clients
// not to send many requests side by side.
const atOnce = 4

// permissions asks what a token without scopes holds.
func (in *inspector) permissions(ctx context.Context) {
	if in.token.Scopes != nil || in.token.Kind == audit.TokenClassic || in.token.Kind == audit.TokenOAuth {
		return
	}
	questions := in.questions()
	slots := make(chan struct{}, atOnce)
	var group sync.WaitGroup
	for i := range questions {
		if questions[i].path == "" {
			continue
		}
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			questions[i].ask(ctx, in.client)
		})
	}
	group.Wait()
	in.token.Permissions = &audit.Granted{Repository: map[string]audit.Access{}, Organization: map[string]audit.Access{}, Account: map[string]audit.Access{}}
	for i := range questions {
		q := &questions[i]
		q.answer()
		in.token.Probes = append(in.token.Probes, q.result)
		in.grant(q)
		if q.err != nil && q.result.Status == 0 && !in.stopped {
			in.problem("all permissions", q.err)
		}
	}
	in.fill()
}

// question is one probe put to one repository, organisation or account.
type question struct {
	probe rules.Probe
	// path is what is asked; "" where nothing can be asked, for the reason
	// why.
	path, why string
	// open tells that a refusal proves nothing, because the token may hold
	// the permission elsewhere.
	open   bool
	err    error
	result audit.ProbeResult
}

// questions fills the probes in with what there is to ask about.
func (in *inspector) questions() []question {
	var out []question
	organization := in.organization()
	user := in.token.User != nil
	ownedBy := in.resourceOwner()
	for _, p := range rules.Probes() {
		q := question{probe: p}
		switch {
		case in.token.Kind == audit.TokenFineGrained && !p.Permission.FineGrained():
			continue
		case p.Permission.Level == rules.LevelRepository:
			in.aboutRepository(&q)
		case p.Permission.Level == rules.LevelOrganization:
			if organization == "" || ownedBy == ownerUser {
				continue
			}
			q.path = strings.Replace(p.Path, "{org}", escaped(organization), 1)
		case !user, in.token.Kind == audit.TokenFineGrained && ownedBy == ownerOrganization:
			// A fine-grained token of an organisation holds no permission of
			// its user's account.
			continue
		default:
			q.path = p.Path
		}
		out = append(out, q)
	}
	return out
}

func escaped(name string) string { return strings.TrimPrefix(github.Path(name), "/") }

// aboutRepository chooses the repository to ask about.
func (in *inspector) aboutRepository(q *question) {
	on := in.private
	if on == nil && !q.probe.Hidden {
		on = in.public
		// Public repositories are listed whether or not the token was given
		// them; that a use touches one says that it was.
		q.open = in.token.Kind == audit.TokenFineGrained && on != nil && !in.used[strings.ToLower(on.FullName)]
	}
	switch {
	case on != nil:
		owner, name, _ := strings.Cut(on.FullName, "/")
		q.path = strings.NewReplacer("{owner}", escaped(owner), "{repo}", escaped(name), "{ref}", "HEAD").Replace(q.probe.Path)
	case in.public != nil:
		q.why = "everybody may read this of a public repository, and the token reaches no other"
	default:
		q.why = "the token reaches no repository to ask about"
	}
}

// The kinds of owner that a fine-grained token can belong to.
const (
	ownerUnknown = iota
	ownerUser
	ownerOrganization
)

// resourceOwner tells to whom a fine-grained token belongs, by who owns the
// repositories that not everybody can read: the token has one owner, and it
// reaches those of no other.
func (in *inspector) resourceOwner() int {
	if in.token.Kind != audit.TokenFineGrained {
		return ownerUnknown
	}
	for _, o := range in.owners {
		switch {
		case o.hidden == 0:
		case o.organization:
			return ownerOrganization
		default:
			return ownerUser
		}
	}
	return ownerUnknown
}

// organization is the one to ask about: that of a repository that a use
// touches, or the one with the most repositories within reach.
func (in *inspector) organization() string {
	for _, name := range in.options.Repositories {
		login, _, _ := strings.Cut(name, "/")
		if o := in.owners[strings.ToLower(login)]; o != nil && o.organization {
			return o.login
		}
	}
	if list := in.token.Reach.Organizations; len(list) > 0 {
		return list[0].Login
	}
	return ""
}

// ask sends the request of a question.
func (q *question) ask(ctx context.Context, c *github.Client) {
	answer, err := c.Get(ctx, q.path, nil, nil)
	q.err = err
	if answer != nil {
		q.result.Status = answer.Status
	}
}

// notAccessible begins what GitHub says where a permission is missing.
const notAccessible = "Resource not accessible by"

// answer reads the status: three of them prove something, all others nothing.
func (q *question) answer() {
	q.result.Permission, q.result.Answer = q.probe.Permission.Label(), audit.AccessUnknown
	if q.path == "" {
		q.result.Detail = q.why
		return
	}
	q.result.Request = "GET " + q.path
	var refused *github.StatusError
	switch {
	case q.err == nil, errors.As(q.err, &refused) && q.probe.Proves(refused.Status):
		q.result.Answer = audit.Access(q.probe.Permission.Access)
		q.result.Detail = "answered"
	case refused == nil:
		q.result.Detail = q.err.Error()
	case refused.Status == 403 && strings.Contains(refused.Message, notAccessible) && q.open:
		q.result.Detail = "refused, but the token may not have been given this public repository"
	case refused.Status == 403 && strings.Contains(refused.Message, notAccessible):
		q.result.Answer, q.result.Detail = audit.AccessNone, refused.Message
	default:
		q.result.Detail = fmt.Sprintf("%d proves nothing: %s", refused.Status, refused.Message)
	}
}

// grant adds the answer to a question to what the token holds. A refusal to
// write alone leaves open whether it may read.
func (in *inspector) grant(q *question) {
	level := in.level(q.probe.Permission.Level)
	old, name := level[q.probe.Permission.Name], q.probe.Permission.Name
	answer := q.result.Answer
	if q.probe.Permission.Access == "write" && answer == audit.AccessNone {
		answer = audit.AccessUnknown
	}
	switch {
	case answer == audit.AccessWrite, old == "", old == audit.AccessUnknown:
		level[name] = answer
	}
}

func (in *inspector) level(l rules.Level) map[string]audit.Access {
	switch l {
	case rules.LevelOrganization:
		return in.token.Permissions.Organization
	case rules.LevelAccount:
		return in.token.Permissions.Account
	}
	return in.token.Permissions.Repository
}

// fill says unknown of the repository permissions that no request can ask
// about, so that a reader sees that they were thought of.
func (in *inspector) fill() {
	for name := range rules.PermissionNames(rules.LevelRepository) {
		p := rules.Permission{Level: rules.LevelRepository, Name: name, Access: "read"}
		if _, known := in.token.Permissions.Repository[name]; !known && !p.Always() && (in.token.Kind != audit.TokenFineGrained || p.FineGrained()) {
			in.token.Permissions.Repository[name] = audit.AccessUnknown
		}
	}
	in.token.Permissions.Repository["metadata"] = audit.AccessRead
}
