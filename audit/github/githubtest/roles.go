package githubtest

import (
	"slices"

	"github.com/patrol-actions/patrol/rules"
)

// readRoles are the roles that reading under a permission takes, where a
// collaborator with the role read may not; writing takes at least as much.
var readRoles = map[string]string{
	"actions_variables": "write", "administration": "admin", "agent_secrets": "write", "agent_variables": "write",
	"codespaces_secrets": "write", "dependabot_secrets": "write", "environments": "read", "repository_hooks": "admin",
	"secret_scanning_alerts": "admin", "secrets": "write", "security_events": "write", "vulnerability_alerts": "write",
}

// writeRoles are the roles that writing takes, where it is not "write".
var writeRoles = map[string]string{
	"administration": "admin", "codespaces_secrets": "write", "environments": "admin", "repository_hooks": "admin",
	"discussions": "read", "issues": "read", "pull_requests": "read", "pages": "admin", "metadata": "read",
}

// operationRoles are those of operations that differ from their permission.
var operationRoles = map[string]string{
	"repos/list-collaborators": "write", "repos/get-collaborator-permission-level": "write", "repos/get-views": "write",
	"repos/get-clones": "write", "repos/get-pages": "read", "repos/list-autolinks": "admin", "repos/list-deploy-keys": "admin",
	"issues/update": "read", "pulls/merge": "write", "code-scanning/upload-sarif": "write",
}

// roleFor is the role on the repository that a user needs for an operation.
func roleFor(e *rules.Endpoint) string {
	if role, ok := operationRoles[e.ID]; ok {
		return role
	}
	role := "read"
	for _, p := range e.Needs.Permissions() {
		wanted := readRoles[p.Name]
		if p.Access != rules.AccessRead && !e.Reads() {
			wanted = orElse(writeRoles[p.Name], "write")
		}
		role = better(role, orElse(wanted, "read"))
	}
	return role
}

// memberPermissions are those that every member of an organization has for
// reading; the others are for its owners.
var memberPermissions = []string{"members", "organization_events", "organization_projects", "issue_types", "issue_fields", "organization_custom_properties"}

// orgRoleFor is the role in the organization that a user needs.
func orgRoleFor(e *rules.Endpoint) string {
	for _, p := range e.Needs.Permissions() {
		if p.Level == rules.LevelOrganization && (!e.Reads() || !slices.Contains(memberPermissions, p.Name)) {
			return "admin"
		}
	}
	return "member"
}
