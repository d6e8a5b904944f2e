package inventory

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/github"
	"github.com/patrol-actions/patrol/rules"
)

// defaultEnvironments bounds how many environments of a repository are asked
// for their secrets.
const defaultEnvironments = 30

// Options say what to ask of a repository.
type Options struct {
	// Stores are those to ask for, as in [audit.StoredSecret]; nil for all.
	Stores []string
	// MaxEnvironments bounds how many environments are asked for their
	// secrets; 0 for 30. A repository with more counts as not asked in full.
	MaxEnvironments int
}

func (o Options) asks(store string) bool {
	return len(o.Stores) == 0 || slices.Contains(o.Stores, store)
}

func (o Options) environments() int { return cmp.Or(o.MaxEnvironments, defaultEnvironments) }

// Requests is how many requests [Source.Repository] takes for a repository
// without environments, and for one with as many as are asked. Each has one
// more for every hundred secrets after the first hundred of a list.
func Requests(o Options) (least, most int) {
	least = 1 // the default of GITHUB_TOKEN
	for _, store := range stores {
		if o.asks(store) {
			least++
		}
	}
	most = least
	if o.asks(StoreActions) {
		least++ // the list of environments
		most = least + o.environments()
	}
	return least, most
}

// Settings are what GitHub tells of one repository.
type Settings struct {
	// Name is "owner/name".
	Name string
	// Secrets are those of the repository and of its environments, by store
	// and name.
	Secrets []*audit.StoredSecret
	// DefaultPermissions and ApprovePullRequests are as in [audit.Account].
	DefaultPermissions  string
	ApprovePullRequests *bool
	// Asked tells that all secrets for actions are among Secrets, those of
	// environments too.
	Asked bool
}

// Fill puts the settings into the report of the repository.
func (s *Settings) Fill(r *audit.Repository) {
	r.DefaultPermissions, r.ApprovePullRequests, r.SecretsKnown = s.DefaultPermissions, s.ApprovePullRequests, s.Asked
}

// Keep puts the settings into the inventory of their account.
func (s *Settings) Keep(into *audit.Inventory) {
	into.Secrets = append(into.Secrets, s.Secrets...)
	if s.Asked {
		into.Repositories = append(into.Repositories, s.Name)
	}
}

// repositoryAsker asks about one repository.
type repositoryAsker struct {
	*Source
	ctx         context.Context
	owner, name string
	ended       error
}

// Repository asks for the secrets of a repository and of its environments, and
// for the default of GITHUB_TOKEN in it. What could not be asked of one
// repository or another is told by [Source.Unasked]. What was found out so far
// stands beside an error.
func (s *Source) Repository(ctx context.Context, fullName string, o Options) (*Settings, error) {
	owner, name, _ := strings.Cut(fullName, "/")
	a := &repositoryAsker{Source: s, ctx: ctx, owner: owner, name: name}
	out := &Settings{Name: fullName, Secrets: []*audit.StoredSecret{}}
	if o.asks(StoreActions) {
		own := a.secrets(out, StoreActions, "", StoreActions+"/list-repo-secrets", "secrets of some repositories", StoreActions, "secrets")
		out.Asked = a.environments(out, o.environments()) && own
	}
	if o.asks(StoreDependabot) {
		a.secrets(out, StoreDependabot, "", "dependabot/list-repo-secrets", "Dependabot secrets of some repositories", StoreDependabot, "secrets")
	}
	if o.asks(StoreCodespaces) {
		a.secrets(out, StoreCodespaces, "", "codespaces/list-repo-secrets", "Codespaces secrets of some repositories", StoreCodespaces, "secrets")
	}
	var answer workflowPermissions
	if a.get("actions/get-github-actions-default-workflow-permissions-repository", "default permissions of GITHUB_TOKEN in some repositories", func() error {
		_, err := s.client.Get(ctx, a.path("actions", "permissions", "workflow"), nil, &answer)
		return err
	}) {
		out.DefaultPermissions, out.ApprovePullRequests = answer.access(), answer.Approve
	}
	return out, a.ended
}

func (a *repositoryAsker) path(parts ...string) string {
	return github.Path(append([]string{"repos", a.owner, a.name}, parts...)...)
}

// get asks, and notes once for all repositories what one of them does not
// tell. What an App's installation may not ask of one repository it may ask of
// none: it is asked once for each owner.
func (a *repositoryAsker) get(operation, what string, ask func() error) bool {
	if a.ended != nil || a.halted() || a.isRefused(operation) {
		return false
	}
	err := ask()
	if err == nil {
		return true
	}
	if a.ended = ends(a.ctx, err); a.ended != nil {
		return false
	}
	message := a.explain("the "+what, takes(operation), err)
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.said[message] = true
	// What is told of a public repository is told to everybody.
	e, _ := rules.OperationByID(operation)
	if a.client.TokenKind() == github.KindInstallation && errors.Is(err, github.ErrForbidden) && e != nil && !e.Public {
		a.refused[operation+" "+strings.ToLower(a.owner)] = true
	}
	return false
}

func (a *repositoryAsker) isRefused(operation string) bool {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return a.refused[operation+" "+strings.ToLower(a.owner)]
}

// secrets lists the secrets of a store, or those of an environment.
func (a *repositoryAsker) secrets(out *Settings, store, environment, operation, what string, path ...string) bool {
	return a.get(operation, what, func() error {
		scope := "repository"
		if environment != "" {
			scope = "environment"
		}
		count := 0
		for row, err := range github.List[secretRow](a.ctx, a.client, a.path(path...), pages, "secrets") {
			if err != nil {
				return err
			}
			if count++; count > a.rows {
				return errors.New("there are too many")
			}
			secret := row.stored(out.Name, scope, store)
			secret.Environment, secret.Visibility = short(environment), ""
			out.Secrets = append(out.Secrets, secret)
		}
		return nil
	})
}

// environments lists the secrets of environments, and tells whether these are
// all.
func (a *repositoryAsker) environments(out *Settings, most int) bool {
	var names []string
	all := true
	if !a.get("repos/get-all-environments", "environments of some repositories", func() error {
		for row, err := range github.List[struct {
			Name string `json:"name"`
		}](a.ctx, a.client, a.path("environments"), pages, "environments") {
			if err != nil {
				return err
			}
			if len(names) == most {
				all = false
				break
			}
			names = append(names, row.Name)
		}
		return nil
	}) {
		return false
	}
	for _, name := range names {
		all = a.secrets(out, StoreActions, name, "actions/list-environment-secrets", "secrets of environments of some repositories", "environments", name, "secrets") && all
	}
	return all
}
