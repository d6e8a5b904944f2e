package decide

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// Judge answers for single uses, whichever credential they go by, where an
// audit answers for the places in which secrets are written.
type Judge struct {
	d     *decider
	views map[*infer.Job]*jobView
}

// NewJudge returns a judge of the uses in the jobs of a repository.
func NewJudge(repository *workflow.Repository, jobs []*infer.Job, options Options) *Judge {
	d := newDecider(repository, jobs, options)
	j := &Judge{d: d, views: map[*infer.Job]*jobView{}}
	for _, job := range jobs {
		v := d.view(job)
		d.jobs = append(d.jobs, v)
		j.views[job] = v
	}
	return j
}

// Sum is what uses take together, and what is to be said of them.
type Sum struct {
	uses []*ruled
	// asked are the uses with what else they may do, also those that add
	// nothing.
	asked []*ruled
	total *ruling
	need  *need
	d     *decider
}

// Sum adds up uses of one job. Uses of credentials for other services than
// GitHub add nothing.
func (j *Judge) Sum(job *infer.Job, uses []*infer.Use) *Sum {
	s := &Sum{total: &ruling{verdict: audit.VerdictReplaceable}, need: newNeed(), d: j.d}
	s.need.publicOnly = j.d.options.PublicOnly
	for _, u := range uses {
		idle := u.Other || len(u.Operations)+len(u.Unknowns)+len(u.Keys) == 0
		if idle && len(u.Further) == 0 {
			continue
		}
		if j.d.options.PublicOnly {
			u = readsInPublic(u)
		}
		use := &ruled{Use: u, job: j.views[job], ruling: j.d.rule(j.views[job], u)}
		if len(u.Further) > 0 {
			s.asked = append(s.asked, use)
		}
		if !idle {
			s.add(use)
		}
	}
	return s
}

func (s *Sum) add(u *ruled) {
	s.uses = append(s.uses, u)
	s.need.use(u)
	for _, reason := range u.ruling.reasons {
		s.total.add(audit.VerdictNone, reason.Code, reason.Detail, reason.Evidence)
	}
	s.total.verdict = s.total.verdict.Worse(u.ruling.verdict)
}

// Together adds sums up, also those of different repositories.
func Together(sums ...*Sum) *Sum {
	out := &Sum{total: &ruling{verdict: audit.VerdictReplaceable}, need: newNeed(), d: &decider{}}
	for _, s := range sums {
		out.d, out.need.publicOnly = s.d, out.need.publicOnly || s.need.publicOnly
		for _, u := range s.uses {
			out.add(u)
		}
	}
	return out
}

// readable are the permissions whose reading nobody needs in a public
// repository of somebody else.
var readable = []string{"actions", "checks", "contents", "deployments", "discussions", "issues", "metadata", "pages", "pull_requests", "statuses"}

// readsInPublic returns a use whose reading of other repositories takes
// nothing, as these are public.
func readsInPublic(u *infer.Use) *infer.Use {
	return readsPublic(u, func(t infer.Target) bool { return t.Kind == infer.Repository })
}

// readsPublic returns a use whose reading takes nothing where all repositories
// that it reads are public.
func readsPublic(u *infer.Use, public func(infer.Target) bool) *infer.Use {
	out := *u
	out.Operations = slices.Clone(u.Operations)
	for i := range out.Operations {
		op := &out.Operations[i]
		private := slices.ContainsFunc(op.Targets, func(t infer.Target) bool { return !public(t) })
		if publiclyRead(*op) && len(op.Targets) > 0 && !private {
			op.Needs, op.Scopes, op.Public = nil, nil, true
		}
	}
	return &out
}

// Empty tells whether nothing was added up.
func (s *Sum) Empty() bool { return len(s.uses) == 0 }

// Verdict is the worst of the uses'; without any it is replaceable.
func (s *Sum) Verdict() audit.Verdict { return s.total.verdict }

// Reasons are those of the verdict, the ones that decide first.
func (s *Sum) Reasons() []audit.Reason { return sortReasons(relevant(s.total)) }

// Permissions is what the uses take in all three vocabularies.
func (s *Sum) Permissions() audit.Permissions { return s.need.permissions() }

// PublicScopes are the classic scopes that do where all repositories are
// public.
func (s *Sum) PublicScopes() []string {
	public := newNeed()
	public.publicOnly = true
	for _, u := range s.uses {
		public.use(&ruled{Use: readsInPublic(u.Use), job: u.job})
	}
	return public.classicScopes()
}

// Operations are what is done, each once.
func (s *Sum) Operations() []audit.Operation {
	out := []audit.Operation{}
	for _, u := range s.uses {
		for _, o := range s.d.use(u).Operations {
			if !slices.Contains(out, o) {
				out = append(out, o)
			}
		}
	}
	return out
}

// Events are what the uses cause, as reports name them.
func (s *Sum) Events() []string {
	var out []string
	for _, u := range s.uses {
		for _, op := range u.Operations {
			for _, e := range op.Events {
				if !e.Doubted {
					out = appendNew(out, e.Key())
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

// Choices are the needs of which any one will do, in the form of rules.Needs:
// which one the code alone does not show. Permissions holds one of each.
func (s *Sum) Choices() rules.Needs {
	var out rules.Needs
	for _, u := range s.uses {
		for _, op := range u.Operations {
			for _, group := range op.Needs {
				if _, _, ok := shared(group); len(group) > 1 && (!ok || objectOf(u, op) <= anyObject) {
					out = append(out, group)
				}
			}
		}
	}
	// Merge leaves out what the rest of the needs meets anyway.
	out = append(out, s.need.settled...).Merge()
	return slices.DeleteFunc(out, func(group []rules.Permission) bool { return len(group) < 2 })
}

// Source is where something is known from.
type Source struct {
	// Text is an address, or what the tables say in its place.
	Text string
	// Confidence is high, medium or low, or empty where nothing is said.
	Confidence string
	// Git says that it is about git itself, of which no table speaks.
	Git bool
}

// Sources say where what is known of the uses is known from, each once.
func (s *Sum) Sources() []Source {
	var out []Source
	for _, u := range s.uses {
		for _, op := range u.Operations {
			git := op.Source == "" && len(op.Names) > 0 && strings.HasPrefix(op.Names[0], "git ")
			if source := (Source{op.Source, op.Confidence, git}); !slices.Contains(out, source) {
				out = append(out, source)
			}
		}
	}
	return out
}

// Tokens name the credentials that the uses go by: GITHUB_TOKEN, a secret, or
// the action that made a token.
func (s *Sum) Tokens() []string {
	var out []string
	for _, u := range s.uses {
		out = appendNew(out, u.Credential.Name)
	}
	return out
}

// Wanted says what token somebody wants to make.
type Wanted struct {
	// Name is what the token shall be called, Purpose what it is for.
	Name, Purpose string
	// Owner is the resource owner, empty for the owner of the repositories.
	Owner string
	// Repositories are "owner/name", or names of the owner's.
	Repositories []string
	// Days is the token's life.
	Days int
}

// Recipe writes down the least token for the uses, and says which kind it is:
// fine-grained, classic, or none where no permission is taken at all.
func (s *Sum) Recipe(w Wanted) (*audit.Recipe, audit.RemedyKind) {
	reference := &audit.Reference{Secret: w.Name, Reasons: s.Reasons(), Permissions: s.Permissions()}
	out, ok := s.d.recipe(reference, s.uses, s.need)
	if !ok {
		out.URL = ""
		return out, audit.RemedyNone
	}
	kind := s.d.kind(reference, s.uses, s.need)
	if kind == audit.RemedyApp {
		kind = audit.RemedyFineGrained
	}
	if len(out.Permissions) == 0 {
		kind = audit.RemedyClassic
	}
	out.Name, out.Justification, out.ExpiresInDays = w.Name, w.Purpose, w.Days
	out.Repositories = slices.DeleteFunc(out.Repositories, func(name string) bool { return !IsFullName(name) })
	for _, name := range w.Repositories {
		if owner, _, full := strings.Cut(name, "/"); full {
			out.ResourceOwner = owner
		} else if w.Owner != "" {
			name = w.Owner + "/" + name
		}
		out.Repositories = appendNew(out.Repositories, name)
	}
	if w.Owner != "" {
		out.ResourceOwner = w.Owner
	}
	out.URL = RecipeURL(s.d.options.Web, out, kind)
	return out, kind
}

// IsFullName tells the name of a repository from words that stand in its
// place, from expressions and from the images of registries. The login of an
// owner has no dot, as hosts have.
func IsFullName(name string) bool {
	owner, rest, full := strings.Cut(name, "/")
	return full && owner != "" && rest != "" && !strings.ContainsAny(rest, "/${}* ") && !strings.ContainsAny(owner, ".${}* ")
}

// OfJob tells whether a use goes by the job's own GITHUB_TOKEN.
func OfJob(u *infer.Use) bool { return u.Credential.Kind == value.JobToken }
