package githubtest

import (
	"slices"
	"strings"
)

// named lists secrets as a repository shows its own, variables with their
// values.
func (c *call) secrets(wrap string, all []Secret) answer {
	return c.counted(wrap, rowsOf(all, func(s Secret) any { return secretObject(wrap, s) }))
}

func secretObject(wrap string, s Secret) Object {
	out := Object{"name": s.Name, "created_at": stamp(s.Created), "updated_at": stamp(s.Updated)}
	if wrap == "variables" {
		out["value"] = s.Value
	}
	return out
}

func repoSecrets(c *call) answer       { return c.secrets("secrets", c.repo.Secrets) }
func repoVariables(c *call) answer     { return c.secrets("variables", c.repo.Variables) }
func dependabotSecrets(c *call) answer { return c.secrets("secrets", c.repo.DependabotSecrets) }
func codespacesSecrets(c *call) answer { return c.secrets("secrets", c.repo.CodespacesSecrets) }

// sharedSecrets are an organization's secrets that the repository gets.
func sharedSecrets(c *call) answer {
	var shared []Secret
	if o := c.s.index.org(c.repo.Owner); o != nil {
		shared = slices.DeleteFunc(slices.Clone(o.Secrets), func(s Secret) bool { return !s.shared(c.repo) })
	}
	return c.secrets("secrets", shared)
}

// shared tells whether a repository gets an organization's secret.
func (s Secret) shared(r *Repository) bool {
	switch s.Visibility {
	case "private":
		return !r.public()
	case "selected":
		return slices.ContainsFunc(s.Repositories, func(name string) bool { return strings.EqualFold(name, r.Name) })
	}
	return true
}

// orgSecretsAt lists an organization's secrets with who gets them.
func (c *call) orgSecretsAt(wrap, path string, all []Secret) answer {
	return c.counted(wrap, rowsOf(all, func(s Secret) any { return c.orgSecretObject(wrap, path, s) }))
}

func (c *call) orgSecretObject(wrap, path string, s Secret) Object {
	out := secretObject(wrap, s)
	out["visibility"] = orElse(s.Visibility, "all")
	if s.Visibility == "selected" {
		out["selected_repositories_url"] = c.base() + "/orgs/" + c.org.Login + path + s.Name + "/repositories"
	}
	return out
}

func orgSecrets(c *call) answer {
	return c.orgSecretsAt("secrets", "/actions/secrets/", c.org.Secrets)
}

func orgVariables(c *call) answer {
	return c.orgSecretsAt("variables", "/actions/variables/", c.org.Variables)
}

func orgDependabotSecrets(c *call) answer {
	return c.orgSecretsAt("secrets", "/dependabot/secrets/", c.org.DependabotSecrets)
}

func orgCodespacesSecrets(c *call) answer {
	return c.orgSecretsAt("secrets", "/codespaces/secrets/", c.org.CodespacesSecrets)
}

func orgSecret(c *call) answer {
	if s, found := secretNamed(c.org.Secrets, c.params["secret_name"]); found {
		return ok(c.orgSecretObject("secrets", "/actions/secrets/", s))
	}
	return notFound()
}

func secretNamed(all []Secret, name string) (Secret, bool) {
	for _, s := range all {
		if strings.EqualFold(s.Name, name) {
			return s, true
		}
	}
	return Secret{}, false
}

func orgSecretRepositories(c *call) answer { return c.secretRepositories(c.org.Secrets) }

func orgDependabotSecretRepositories(c *call) answer {
	return c.secretRepositories(c.org.DependabotSecrets)
}

func orgCodespacesSecretRepositories(c *call) answer {
	return c.secretRepositories(c.org.CodespacesSecrets)
}

// secretRepositories lists the repositories that were selected for a secret.
func (c *call) secretRepositories(all []Secret) answer {
	s, found := secretNamed(all, c.params["secret_name"])
	if !found {
		return notFound()
	}
	if s.Visibility != "selected" {
		return failure(409, "The secret is not visible to selected repositories.")
	}
	return c.counted("repositories", c.repositoriesNamed(s.Repositories))
}

// repositoriesNamed are those of an organization with these names.
func (c *call) repositoriesNamed(names []string) rows {
	var found []*Repository
	for _, name := range names {
		if r := c.s.index.repo(c.org.Login + "/" + name[strings.IndexByte(name, '/')+1:]); r != nil {
			found = append(found, r)
		}
	}
	return rowsOf(found, func(r *Repository) any { return c.repositoryObject("minimal-repository", r) })
}

func environments(c *call) answer {
	return c.counted("environments", rowsOf(c.repo.Environments, func(e Environment) any { return c.environmentObject(e) }))
}

func (c *call) environmentObject(e Environment) Object {
	id := idOf(c.repo.FullName() + " " + e.Name)
	return shape("environment", Object{
		"id": id, "node_id": nodeID("EN", id), "name": e.Name, "url": c.base() + "/repos/" + c.repo.FullName() + "/environments/" + e.Name,
		"html_url": "https://github.com/" + c.repo.FullName() + "/deployments/activity_log?environments_filter=" + e.Name,
	}, e.Properties)
}

func (c *call) environmentNamed() (Environment, bool) {
	for _, e := range c.repo.Environments {
		if e.Name == c.params["environment_name"] {
			return e, true
		}
	}
	return Environment{}, false
}

func environment(c *call) answer {
	e, found := c.environmentNamed()
	if !found {
		return notFound()
	}
	return ok(c.environmentObject(e))
}

func environmentSecrets(c *call) answer {
	e, found := c.environmentNamed()
	if !found {
		return notFound()
	}
	return c.secrets("secrets", e.Secrets)
}

func environmentVariables(c *call) answer {
	e, found := c.environmentNamed()
	if !found {
		return notFound()
	}
	return c.secrets("variables", e.Variables)
}
