package rules

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// permissionRow is what the table of permissions says of one of them.
type permissionRow struct {
	level    Level
	name     string
	accesses []string
	// key is the word under "permissions:" of a workflow, "" where there is
	// none, and keyAccesses are what may stand after it.
	key         string
	keyAccesses []string
	reason      string
	fineGrained bool
	// scopes are the smallest classic scopes: [0] for all repositories, [1]
	// for public ones only, then by access.
	scopes [2]map[string][]string
}

var permissionRows = rows("permissions", []string{"level", "name", "accesses", "key", "key_accesses", "reason",
	"fine_grained_pat", "read_scope", "write_scope", "public_read_scope", "public_write_scope", "admin_scopes"}, parsePermissionRow)

var permissionIndex = sync.OnceValue(func() map[Permission]permissionRow {
	out := map[Permission]permissionRow{}
	for _, p := range permissionRows().rows {
		out[Permission{Level: p.level, Name: p.name}] = p
	}
	return out
})

func parsePermissionRow(r row) (permissionRow, error) {
	p := permissionRow{
		level: Level(r.cell("level")), name: r.cell("name"), accesses: r.list("accesses"),
		key: r.cell("key"), keyAccesses: r.list("key_accesses"), reason: r.cell("reason"),
		fineGrained: r.cell("fine_grained_pat") == "1",
	}
	for i, prefix := range []string{"", "public_"} {
		read, write, admin := r.list(prefix+"read_scope"), r.list(prefix+"write_scope"), r.list("admin_scopes")
		if admin == nil {
			admin = write
		}
		p.scopes[i] = map[string][]string{AccessRead: read, AccessWrite: write, AccessAdmin: admin}
	}
	for _, access := range p.accesses {
		if _, err := ParsePermission(Permission{p.level, p.name, access}.String()); err != nil {
			return p, err
		}
	}
	if (p.key == "") != (p.keyAccesses == nil) {
		return p, fmt.Errorf("permission %q: a key and its accesses belong together", p.name)
	}
	return p, nil
}

func permissionOf(p Permission) (permissionRow, bool) {
	r, ok := permissionIndex()[Permission{Level: p.Level, Name: p.Name}]
	return r, ok
}

// Known tells whether GitHub has this permission, with this access.
func (p Permission) Known() bool {
	r, ok := permissionOf(p)
	return ok && slices.Contains(r.accesses, p.Access)
}

// Label is how reports name a permission, whatever its access: "contents",
// "organization:members".
func (p Permission) Label() string {
	if p.Level == LevelRepository {
		return p.Name
	}
	return string(p.Level) + ":" + p.Name
}

// FineGrained tells whether a fine-grained PAT can hold p. Checks, packages
// and some others are for Apps and GITHUB_TOKEN only.
func (p Permission) FineGrained() bool {
	r, ok := permissionOf(p)
	return ok && r.fineGrained
}

// WorkflowKey returns the key and the access that give p to GITHUB_TOKEN:
// "pull-requests" and "write" for pull_requests:write. The access can be more
// than p's where the key takes no less (id-token). It is not ok where no key
// gives p, and for metadata:read, which GITHUB_TOKEN holds without.
func WorkflowKey(p Permission) (key, access string, ok bool) {
	r, known := permissionOf(p)
	if !known || r.key == "" {
		return "", "", false
	}
	for _, access := range r.keyAccesses {
		if accessOrder[access] >= accessOrder[p.Access] {
			return r.key, access, true
		}
	}
	// Deleting a package takes the role admin on it, which packages: write
	// brings along in the repository that it is linked to.
	if p.Access == AccessAdmin && r.name == "packages" {
		return r.key, AccessWrite, true
	}
	return "", "", false
}

// ReasonFor returns the reason code why GITHUB_TOKEN cannot hold p, "" where
// it can.
func ReasonFor(p Permission) string {
	if _, _, ok := WorkflowKey(p); ok || p.Always() {
		return ""
	}
	if r, ok := permissionOf(p); ok && r.reason != "" {
		return r.reason
	}
	switch p.Level {
	case LevelOrganization:
		return "organization-api"
	case LevelAccount:
		return "account-api"
	case LevelEnterprise:
		return "user-only"
	}
	return "administration"
}

// KeyInfo is a key of "permissions:" in a workflow.
type KeyInfo struct {
	Key string
	// Permission is the same in the words of the API; its access is empty.
	Permission Permission
	// Accesses may stand after the key, beside "none".
	Accesses []string
	// Default is what a job without any "permissions:" has where the
	// repository's default is read access; "" for none.
	Default string
}

// WorkflowKeys returns all keys, sorted. GitHub adds to them: a key that is
// not here need not be wrong. The list is not to be changed.
func WorkflowKeys() []KeyInfo { return allWorkflowKeys() }

var allWorkflowKeys = sync.OnceValue(func() []KeyInfo {
	var out []KeyInfo
	for _, p := range permissionRows().rows {
		if p.key == "" {
			continue
		}
		k := KeyInfo{Key: p.key, Permission: Permission{Level: p.level, Name: p.name}, Accesses: p.keyAccesses}
		if p.key == "contents" || p.key == "packages" {
			k.Default = AccessRead
		}
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b KeyInfo) int { return strings.Compare(a.Key, b.Key) })
	return out
})

// PermissionForKey returns the permission that a line "key: access" of a
// workflow gives, and whether there is such a key with such an access.
func PermissionForKey(key, access string) (Permission, bool) {
	for _, k := range WorkflowKeys() {
		if k.Key == key && slices.Contains(k.Accesses, access) {
			k.Permission.Access = access
			return k.Permission, true
		}
	}
	return Permission{}, false
}

// Workflow returns the keys and accesses that give n to GITHUB_TOKEN, and the
// groups that no key gives. Of alternatives it takes one that is given
// anyway, or else the first that has a key: where something tells which of
// them fits (an issue, or a pull request), choose before.
func (n Needs) Workflow() (keys map[string]string, missing Needs) {
	keys = map[string]string{}
	for _, alone := range []bool{true, false} {
		for _, group := range n.Merge() {
			if (len(group) == 1) == alone && !addKey(keys, group) {
				missing = append(missing, group)
			}
		}
	}
	return keys, missing
}

// addKey adds to keys what meets a group, and tells whether anything does.
func addKey(keys map[string]string, group []Permission) bool {
	var key, access string
	for _, p := range group {
		if p.Always() {
			return true
		}
		k, a, ok := WorkflowKey(p)
		if !ok {
			continue
		}
		if held, ok := keys[k]; ok && accessOrder[held] >= accessOrder[a] {
			return true
		}
		if key == "" {
			key, access = k, a
		}
	}
	if key == "" {
		return false
	}
	if accessOrder[access] > accessOrder[keys[key]] {
		keys[key] = access
	}
	return true
}
