// Package online asks GitHub what the files of a repository do not show: its
// settings, the protection of its branches, who can read other repositories.
// It answers the questions of package decide, each at most once.
//
// A question that GitHub does not answer stays open, and is said to be so
// once, with the permission that it takes: GITHUB_TOKEN, for one, may not read
// the settings of a repository.
package online

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/decide"
	"github.com/patrol-actions/patrol/audit/github"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// Source asks one GitHub. It may be used for several repositories at once, and
// remembers who can read what.
type Source struct {
	client *github.Client
	mutex  sync.Mutex
	public map[string]*answer
}

// NewSource makes a source. The client should be one that only reads.
func NewSource(client *github.Client) *Source {
	return &Source{client: client, public: map[string]*answer{}}
}

// answer is a fact that is asked for once.
type answer struct {
	once sync.Once
	fact decide.Fact
}

// Facts answers for one repository. The methods ask on first use, and may not
// be called by several goroutines at once.
type Facts struct {
	ctx        context.Context
	source     *Source
	repository string
	// plain are the paths of the workflows that write no permissions at all:
	// the log of one of their runs can show the default.
	plain []string

	about       sync.Once
	branch      string
	settings    sync.Once
	permissions decide.Fact
	pulls       decide.Fact
	pushes      map[string]decide.Fact
	problems    []audit.Problem
	said        map[string]bool
	// stopped tells that asking on is of no use.
	stopped bool
}

var _ decide.Facts = (*Facts)(nil)

// Of answers for a repository. One whose name is not known is not asked about.
func (s *Source) Of(ctx context.Context, r *workflow.Repository) *Facts {
	return &Facts{ctx: ctx, source: s, repository: r.Name, plain: plain(r), pushes: map[string]decide.Fact{}, said: map[string]bool{}}
}

// plain are the paths of the workflows whose jobs say nothing of permissions.
func plain(r *workflow.Repository) []string {
	var out []string
	for _, w := range r.Workflows {
		says := slices.ContainsFunc(w.Jobs, func(j *workflow.Job) bool { return j.Permissions != nil || j.Call != nil })
		if w.Permissions == nil && !says {
			out = append(out, w.Path)
		}
	}
	return out
}

// Problems are what could not be found out, in the order of the questions.
func (f *Facts) Problems() []audit.Problem { return f.problems }

// path is the path of something in the audited repository.
func (f *Facts) path(parts ...string) string {
	owner, name, _ := strings.Cut(f.repository, "/")
	return github.Path(append([]string{"repos", owner, name}, parts...)...)
}

// get asks, and notes a failure under what was to be found out. takes is the
// permission that the question takes.
func (f *Facts) get(path string, into any, what, takes string) bool {
	if f.stopped || !f.named() {
		return false
	}
	_, err := f.source.client.Get(f.ctx, path, nil, into)
	if err != nil {
		f.failed(err, what, takes)
	}
	return err == nil
}

// named tells whether the repository's name is known, and says once that it is
// not.
func (f *Facts) named() bool {
	if decide.IsFullName(f.repository) {
		return true
	}
	f.note("not asked of GitHub: the repository's settings: its name is not known; say --repository OWNER/NAME", false)
	return false
}

// note says something once. It is unread where GitHub answers nothing more, in
// contrast to a question that this token may not ask.
func (f *Facts) note(message string, unread bool) {
	if !f.said[message] {
		f.said[message] = true
		f.problems = append(f.problems, audit.Problem{Message: message, Unread: unread})
	}
}

// failed notes once why something could not be found out.
func (f *Facts) failed(err error, what, takes string) {
	var limit *github.LimitError
	var network *github.NetworkError
	if errors.As(err, &limit) || errors.As(err, &network) || errors.Is(err, github.ErrUnauthorized) {
		f.stopped = true
	}
	message := "not asked of GitHub: " + what
	switch {
	case errors.Is(err, github.ErrForbidden) && takes != "":
		message += ": that takes " + takes + ", which the token has not got"
	case errors.Is(err, github.ErrNotFound) && takes != "":
		message += ": that takes " + takes + ", which the token may lack, or there is no such thing"
	default:
		message += ": " + err.Error()
	}
	f.note(message, f.stopped)
}

// DefaultBranch implements [decide.Facts].
func (f *Facts) DefaultBranch() string {
	f.about.Do(func() {
		var r struct {
			DefaultBranch string `json:"default_branch"`
		}
		if f.get(f.path(), &r, "the repository "+f.repository, "metadata: read") {
			f.branch = r.DefaultBranch
		}
	})
	return f.branch
}

// Public implements [decide.Facts]. What the token may not see is not public.
func (f *Facts) Public(repository string) decide.Fact {
	if f.stopped {
		return decide.Fact{}
	}
	s := f.source
	s.mutex.Lock()
	a := s.public[strings.ToLower(repository)]
	if a == nil {
		a = &answer{}
		s.public[strings.ToLower(repository)] = a
	}
	s.mutex.Unlock()
	a.once.Do(func() {
		owner, name, _ := strings.Cut(repository, "/")
		var r struct {
			Private    *bool  `json:"private"`
			Visibility string `json:"visibility"`
		}
		_, err := s.client.Get(f.ctx, github.Path("repos", owner, name), nil, &r)
		switch {
		case errors.Is(err, github.ErrNotFound):
			a.fact = decide.Fact{Known: true}
		case err != nil:
			f.failed(err, "whether "+repository+" is public", "")
		case r.Private != nil:
			a.fact = decide.Fact{Known: true, Yes: !*r.Private}
		}
	})
	return a.fact
}

// PullRequestSetting implements [decide.Facts].
func (f *Facts) PullRequestSetting() decide.Fact {
	f.readSettings()
	return f.pulls
}

// DefaultPermissions implements [decide.Facts].
func (f *Facts) DefaultPermissions() decide.Fact {
	f.readSettings()
	return f.permissions
}

// readSettings reads what Actions may do in the repository; where the token
// may not, the log of a run shows a part of it.
func (f *Facts) readSettings() {
	f.settings.Do(func() {
		var r struct {
			Default    string `json:"default_workflow_permissions"`
			CanApprove *bool  `json:"can_approve_pull_request_reviews"`
		}
		if f.get(f.path("actions", "permissions", "workflow"), &r, "the default permissions of GITHUB_TOKEN, and whether it may create pull requests", "administration: read") {
			if r.Default == "read" || r.Default == "write" {
				f.permissions = decide.Fact{Known: true, Yes: r.Default == "write", Detail: "by the repository's settings"}
			}
			if r.CanApprove != nil {
				f.pulls = decide.Fact{Known: true, Yes: *r.CanApprove, Detail: "by the repository's settings"}
			}
			return
		}
		f.permissions = f.fromLog()
	})
}
