package githubtest

import (
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
)

func (r *Repository) protected(branch string) bool {
	_, ok := r.Protections[branch]
	return ok
}

func branches(c *call) answer {
	x := c.refs()
	return c.list(rowsOf(x.names("refs/heads/"), func(name string) any {
		sha := x.commitOf["refs/heads/"+name]
		return Object{
			"name": name, "protected": c.repo.protected(name), "commit": Object{"sha": sha, "url": c.repoURL() + "/commits/" + sha},
		}
	}))
}

func branch(c *call) answer {
	x, name := c.refs(), c.params["branch"]
	sha, found := x.commitOf["refs/heads/"+name]
	if !found {
		return failure(http.StatusNotFound, "Branch not found")
	}
	url := c.repoURL() + "/branches/" + name
	return ok(Object{
		"name": name, "protected": c.repo.protected(name), "commit": c.commitObject(x, sha), "protection_url": url + "/protection",
		"_links": Object{"self": url, "html": c.webURL() + "/tree/" + name}, "protection": Object{"enabled": c.repo.protected(name)},
	})
}

func tags(c *call) answer {
	x := c.refs()
	return c.list(rowsOf(x.names("refs/tags/"), func(name string) any {
		sha := x.commitOf["refs/tags/"+name]
		return Object{
			"name": name, "node_id": "REF_" + name, "commit": Object{"sha": sha, "url": c.repoURL() + "/commits/" + sha},
			"zipball_url": c.repoURL() + "/zipball/refs/tags/" + name, "tarball_url": c.repoURL() + "/tarball/refs/tags/" + name,
		}
	}))
}

func protection(c *call) answer {
	properties, found := c.repo.Protections[c.params["branch"]]
	if !found {
		return failure(http.StatusNotFound, "Branch not protected")
	}
	url := c.repoURL() + "/branches/" + c.params["branch"] + "/protection"
	return ok(shape("branch-protection", Object{
		"url": url, "enforce_admins": Object{"url": url + "/enforce_admins", "enabled": false},
		"allow_force_pushes": Object{"enabled": false}, "allow_deletions": Object{"enabled": false},
	}, properties))
}

// inForce are the rulesets of a repository and its organization.
func (c *call) inForce() []Ruleset {
	all := slices.Clone(c.repo.Rulesets)
	if o := c.s.index.org(c.repo.Owner); o != nil {
		all = append(all, o.Rulesets...)
	}
	return all
}

// branchRules are the active rules that hold for a branch.
func branchRules(c *call) answer {
	out := []Object{}
	for i, set := range c.inForce() {
		if orElse(set.Enforcement, "active") != "active" || !set.matches("refs/heads/"+c.params["branch"], c.repo) {
			continue
		}
		for _, rule := range set.Rules {
			o := shape("", rule, Object{"ruleset_id": set.id(), "ruleset_source_type": "Repository", "ruleset_source": c.repo.FullName()})
			if i >= len(c.repo.Rulesets) {
				o["ruleset_source_type"], o["ruleset_source"] = "Organization", c.repo.Owner
			}
			out = append(out, o)
		}
	}
	return c.list(rowsOf(out, same))
}

func (s Ruleset) id() int64 { return orElse(s.ID, idOf("ruleset "+s.Name)) }

// matches tells whether the ruleset is for a ref.
func (s Ruleset) matches(ref string, r *Repository) bool {
	any := func(patterns []string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool {
			ok, _ := path.Match(p, ref)
			return ok || p == "~ALL" || p == "~DEFAULT_BRANCH" && ref == "refs/heads/"+r.branch()
		})
	}
	of := "refs/" + map[string]string{"branch": "heads/", "tag": "tags/"}[orElse(s.Target, "branch")]
	return strings.HasPrefix(ref, of) && any(s.Include) && !any(s.Exclude)
}

func (c *call) rulesetObject(s Ruleset, kind, source string, whole bool) Object {
	o := shape("repository-ruleset", Object{
		"id": s.id(), "name": s.Name, "source": source, "source_type": kind, "target": orElse(s.Target, "branch"),
		"enforcement": orElse(s.Enforcement, "active"), "created_at": stamp(c.s.started), "updated_at": stamp(c.s.started),
	})
	if whole {
		o["conditions"] = Object{"ref_name": Object{"include": orEmpty(s.Include), "exclude": orEmpty(s.Exclude)}}
		o["rules"] = orEmpty(s.Rules)
	}
	return o
}

func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

func rulesets(c *call) answer {
	own := len(c.repo.Rulesets)
	all := c.inForce()
	if c.query().Get("includes_parents") == "false" {
		all = all[:own]
	}
	return c.list(rows{n: len(all), at: func(i int) any {
		if i < own {
			return c.rulesetObject(all[i], "Repository", c.repo.FullName(), false)
		}
		return c.rulesetObject(all[i], "Organization", c.repo.Owner, false)
	}})
}

// ruleset shows who may bypass it to those who may change it only.
func ruleset(c *call) answer {
	own := len(c.repo.Rulesets)
	for i, s := range c.inForce() {
		if strconv.FormatInt(s.id(), 10) != c.params["ruleset_id"] {
			continue
		}
		o := c.rulesetObject(s, "Repository", c.repo.FullName(), true)
		if i >= own {
			o = c.rulesetObject(s, "Organization", c.repo.Owner, true)
		}
		if c.administersRepository() {
			o["bypass_actors"] = orEmpty(s.Bypass)
		}
		return ok(o)
	}
	return notFound()
}

// administersRepository tells whether the token may change the settings of
// the repository.
func (c *call) administersRepository() bool {
	t := c.token
	switch {
	case t == nil:
		return false
	case t.scoped():
		return (t.covers("repo") || c.repo.public() && t.covers("public_repo")) && c.s.role(t.User, c.repo) == "admin"
	}
	return t.selects(c.repo) && strings.Contains(t.Permissions, "administration:write") && (t.Kind == Installation || c.s.role(t.User, c.repo) == "admin")
}

func orgRulesets(c *call) answer {
	return c.list(rowsOf(c.org.Rulesets, func(s Ruleset) any { return c.rulesetObject(s, "Organization", c.org.Login, false) }))
}

func orgRuleset(c *call) answer {
	for _, s := range c.org.Rulesets {
		if strconv.FormatInt(s.id(), 10) == c.params["ruleset_id"] {
			o := c.rulesetObject(s, "Organization", c.org.Login, true)
			o["bypass_actors"] = orEmpty(s.Bypass)
			return ok(o)
		}
	}
	return notFound()
}
