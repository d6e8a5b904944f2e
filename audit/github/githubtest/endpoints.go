package githubtest

import (
	"net/http"
	"strings"
)

type handler func(*call) answer

// handlers are the operations that take more than a list of rows. Those of
// the table in package rules that are not here answer with the rows of Lists
// where they are lists, and are not found otherwise.
var handlers = map[string]handler{
	"GET /":           root,
	"GET /meta":       meta,
	"GET /rate_limit": rateLimit,
	"GET /zen":        func(*call) answer { return answer{status: 200, body: []byte("Keep it logically awesome.")} },

	"GET /gists/{gist_id}/star": func(*call) answer { return answer{status: http.StatusNotFound, value: Object{}} },

	"GET /user":                        viewer,
	"GET /user/orgs":                   userOrganizations,
	"GET /user/memberships/orgs":       memberships,
	"GET /user/memberships/orgs/{org}": membership,
	"GET /user/repos":                  userRepositories,
	"GET /users/{username}":            userByLogin,
	"GET /users/{username}/repos":      ownerRepositories,
	"GET /installation/repositories":   installationRepositories,

	"GET /orgs/{org}":                                                              organization,
	"GET /orgs/{org}/repos":                                                        ownerRepositories,
	"GET /orgs/{org}/members":                                                      members,
	"GET /orgs/{org}/memberships/{username}":                                       orgMembership,
	"GET /orgs/{org}/actions/permissions/workflow":                                 orgWorkflowPermissions,
	"GET /orgs/{org}/actions/secrets":                                              orgSecrets,
	"GET /orgs/{org}/actions/secrets/{secret_name}":                                orgSecret,
	"GET /orgs/{org}/actions/secrets/{secret_name}/repositories":                   orgSecretRepositories,
	"GET /orgs/{org}/actions/variables":                                            orgVariables,
	"GET /orgs/{org}/dependabot/secrets":                                           orgDependabotSecrets,
	"GET /orgs/{org}/dependabot/secrets/{secret_name}/repositories":                orgDependabotSecretRepositories,
	"GET /orgs/{org}/codespaces/secrets":                                           orgCodespacesSecrets,
	"GET /orgs/{org}/codespaces/secrets/{secret_name}/repositories":                orgCodespacesSecretRepositories,
	"GET /orgs/{org}/personal-access-tokens":                                       grants,
	"GET /orgs/{org}/personal-access-tokens/{pat_id}/repositories":                 grantRepositories,
	"GET /orgs/{org}/personal-access-token-requests":                               grantRequests,
	"GET /orgs/{org}/personal-access-token-requests/{pat_request_id}/repositories": grantRequestRepositories,
	"GET /orgs/{org}/credential-authorizations":                                    authorizations,
	"GET /orgs/{org}/rulesets":                                                     orgRulesets,
	"GET /orgs/{org}/rulesets/{ruleset_id}":                                        orgRuleset,

	"GET /repos/{owner}/{repo}":                                     repository,
	"GET /repos/{owner}/{repo}/contents":                            contents,
	"GET /repos/{owner}/{repo}/contents/{path}":                     contents,
	"GET /repos/{owner}/{repo}/readme":                              readme,
	"GET /repos/{owner}/{repo}/tarball":                             archive,
	"GET /repos/{owner}/{repo}/tarball/{ref}":                       archive,
	"GET /repos/{owner}/{repo}/zipball":                             archive,
	"GET /repos/{owner}/{repo}/zipball/{ref}":                       archive,
	"GET /repos/{owner}/{repo}/git/trees/{tree_sha}":                gitTree,
	"GET /repos/{owner}/{repo}/git/blobs/{file_sha}":                gitBlob,
	"GET /repos/{owner}/{repo}/git/commits/{commit_sha}":            gitCommit,
	"GET /repos/{owner}/{repo}/git/ref/{ref}":                       gitRef,
	"GET /repos/{owner}/{repo}/git/refs":                            gitRefs,
	"GET /repos/{owner}/{repo}/git/matching-refs/{ref}":             gitRefs,
	"GET /repos/{owner}/{repo}/commits":                             commits,
	"GET /repos/{owner}/{repo}/commits/{ref}":                       commit,
	"GET /repos/{owner}/{repo}/commits/{ref}/status":                combinedStatus,
	"GET /repos/{owner}/{repo}/compare/{basehead}":                  compareCommits,
	"GET /repos/{owner}/{repo}/branches":                            branches,
	"GET /repos/{owner}/{repo}/branches/{branch}":                   branch,
	"GET /repos/{owner}/{repo}/branches/{branch}/protection":        protection,
	"GET /repos/{owner}/{repo}/tags":                                tags,
	"GET /repos/{owner}/{repo}/rules/branches/{branch}":             branchRules,
	"GET /repos/{owner}/{repo}/rulesets":                            rulesets,
	"GET /repos/{owner}/{repo}/rulesets/{ruleset_id}":               ruleset,
	"GET /repos/{owner}/{repo}/collaborators":                       collaborators,
	"GET /repos/{owner}/{repo}/collaborators/{username}/permission": collaboratorPermission,

	"GET /repos/{owner}/{repo}/actions/permissions/workflow":              workflowPermissions,
	"GET /repos/{owner}/{repo}/actions/secrets":                           repoSecrets,
	"GET /repos/{owner}/{repo}/actions/organization-secrets":              sharedSecrets,
	"GET /repos/{owner}/{repo}/actions/variables":                         repoVariables,
	"GET /repos/{owner}/{repo}/dependabot/secrets":                        dependabotSecrets,
	"GET /repos/{owner}/{repo}/codespaces/secrets":                        codespacesSecrets,
	"GET /repos/{owner}/{repo}/environments":                              environments,
	"GET /repos/{owner}/{repo}/environments/{environment_name}":           environment,
	"GET /repos/{owner}/{repo}/environments/{environment_name}/secrets":   environmentSecrets,
	"GET /repos/{owner}/{repo}/environments/{environment_name}/variables": environmentVariables,
	"GET /repos/{owner}/{repo}/actions/workflows":                         workflows,
	"GET /repos/{owner}/{repo}/actions/runs":                              runs,
	"GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs":      runs,
	"GET /repos/{owner}/{repo}/actions/runs/{run_id}":                     run,
	"GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs":                runJobs,
	"GET /repos/{owner}/{repo}/actions/runs/{run_id}/logs":                runLogs,
	"GET /repos/{owner}/{repo}/actions/jobs/{job_id}":                     job,
	"GET /repos/{owner}/{repo}/actions/jobs/{job_id}/logs":                jobLogs,

	"GET /orgs/{org}/actions/permissions":           permissionsOfActions("enabled_repositories", "all"),
	"GET /repos/{owner}/{repo}/actions/permissions": permissionsOfActions("enabled", true),

	"GET /repos/{owner}/{repo}/pages":                         shaped("page", false),
	"GET /repos/{owner}/{repo}/traffic/views":                 shaped("view-traffic", true),
	"GET /repos/{owner}/{repo}/traffic/clones":                shaped("clone-traffic", true),
	"GET /repos/{owner}/{repo}/attestations/{subject_digest}": func(*call) answer { return ok(Object{"attestations": []any{}}) },
}

// handle answers a request that the token may make.
func handle(c *call) answer {
	key := c.endpoint.Method + " " + c.endpoint.Path
	if h, ok := handlers[key]; ok {
		return h(c)
	}
	if h, ok := writes[key]; ok {
		if !c.endpoint.Reads() && len(c.body) > 0 && c.input(&Object{}) != nil {
			return *c.input(&Object{})
		}
		return h(c)
	}
	if row, ok := shapes().Lists[key]; ok {
		return plainList(c, row)
	}
	if properties, found := c.object(); found && c.endpoint.Reads() {
		return ok(properties)
	}
	return notFound()
}

// object is what the world says of the object that a path below a repository
// or an organization names.
func (c *call) object() (Object, bool) {
	var o Object
	var found bool
	switch {
	case c.repo != nil:
		o, found = c.repo.Objects[c.rest()]
	case c.org != nil:
		o, found = c.org.Objects[c.rest()]
	}
	return o, found
}

// rest is the path below the repository, the organization or the account.
func (c *call) rest() string {
	parts := strings.Split(strings.Trim(c.path, "/"), "/")
	skip := map[string]int{"repos": 3, "repositories": 2, "orgs": 2, "organizations": 2, "users": 2, "user": 1}[parts[0]]
	return strings.Join(parts[min(skip, len(parts)):], "/")
}

// plainList answers with the rows of Lists.
func plainList(c *call, row listRow) answer {
	all := rowsOf(c.rows(), func(o Object) any { return shape(row.Item, o) })
	if row.Wrap == "" {
		return c.list(all)
	}
	return c.counted(row.Wrap, all, row.Others)
}

func (c *call) rows() []Object {
	switch {
	case c.repo != nil:
		return c.rowsAt(c.rest())
	case c.org != nil:
		return c.org.Lists[c.rest()]
	case c.params["username"] != "":
		return c.s.index.user(c.params["username"]).Lists[c.rest()]
	case c.token != nil:
		return c.s.index.user(c.token.User).Lists[c.rest()]
	}
	return nil
}

// shaped answers with an object; where the world has none, with an empty one
// or not at all.
func shaped(name string, always bool) handler {
	return func(c *call) answer {
		properties, found := c.object()
		if !found && !always {
			return notFound()
		}
		return ok(shape(name, Object{"url": c.base() + c.path}, properties))
	}
}

func root(c *call) answer {
	return ok(shape("root", Object{"url": c.base()}))
}

func meta(c *call) answer {
	out := Object{"verifiable_password_authentication": false}
	if c.s.world.Enterprise != "" {
		out["installed_version"] = c.s.world.Enterprise
	}
	return answer{status: http.StatusOK, value: out}
}
