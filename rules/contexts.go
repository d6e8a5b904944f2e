package rules

// ownContexts are contexts that hold the name or the address of the workflow's
// own repository, see
// https://docs.github.com/actions/reference/workflows-and-actions/contexts and
// the payloads of webhooks.
var ownContexts = map[string]bool{
	"github.repository": true, "github.event.repository.full_name": true, "github.event.pull_request.base.repo.full_name": true,
	"github.event.repository.html_url": true, "github.event.repository.clone_url": true,
	"github.event.workflow_run.repository.full_name": true, "github.event.workflow_run.repository.html_url": true,
}

// ownOwners hold the owner of the workflow's own repository, ownNames its name
// alone: a pull request goes to it, and a run that a run follows was one of its own.
var (
	ownOwners = map[string]bool{
		"github.repository_owner": true, "github.event.repository.owner.login": true, "github.event.organization.login": true,
		"github.event.pull_request.base.repo.owner.login": true, "github.event.workflow_run.repository.owner.login": true,
	}
	ownNames = map[string]bool{
		"github.event.repository.name": true, "github.event.pull_request.base.repo.name": true, "github.event.workflow_run.repository.name": true,
	}
)

// headContexts are those that hold the repository of a pull request's head.
var headContexts = map[string]bool{
	"github.event.pull_request.head.repo.full_name":       true,
	"github.event.pull_request.head.repo.clone_url":       true,
	"github.event.workflow_run.head_repository.full_name": true,
}

// OwnRepository tells whether a context is the workflow's own repository.
func OwnRepository(context string) bool { return ownContexts[context] }

// OwnOwner tells whether a context is the owner of the workflow's own repository,
// OwnName whether it is the name of that without its owner.
func OwnOwner(context string) bool { return ownOwners[context] }

// OwnName is described with OwnOwner.
func OwnName(context string) bool { return ownNames[context] }

// HeadRepository tells whether a context is the repository of a pull request's
// head, which may be a fork.
func HeadRepository(context string) bool { return headContexts[context] }
