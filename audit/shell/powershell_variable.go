package shell

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// scopes are the prefixes of a variable that say where it lives.
var scopes = map[string]bool{
	"env": true, "script": true, "global": true, "local": true, "private": true, "using": true, "variable": true,
}

// scoped drops the scopes that say nothing.
func scoped(name string) string {
	scope, rest, ok := strings.Cut(name, ":")
	switch scope = strings.ToLower(scope); {
	case !ok:
		return name
	case scope == "env" || scope == "script" || scope == "global":
		return scope + ":" + rest
	}
	return rest
}

// A variable of PowerShell belongs to the script or to the call in which it is set,
// and is seen by all that this one calls. Its name in a scope has a dollar in front,
// and how deep the call is behind.
const depthMark = "\x00"

// variableKey is the name of a variable in a scope, of so many calls within each other.
func variableKey(name string, depth int) string {
	name = "$" + strings.ReplaceAll(strings.ToLower(name), depthMark, "")
	if depth > 0 {
		name += depthMark + strconv.Itoa(depth)
	}
	return name
}

// callerKey is the name that a variable has for the caller; ok is false for one that
// is no variable of a call.
func callerKey(key string) (outer string, ok bool) {
	name, depth, ok := strings.Cut(key, depthMark)
	if !ok || !strings.HasPrefix(name, "$") {
		return "", false
	}
	n, _ := strconv.Atoi(depth)
	return variableKey(name[1:], n-1), true
}

// scopeKey is the name that a variable of the script has in a scope where it is set.
func (p *posh) scopeKey(name string) string {
	depth := p.i.poshDepth
	if rest, ok := strings.CutPrefix(name, "script:"); ok {
		name, depth = rest, p.i.poshBase
	} else if rest, ok := strings.CutPrefix(name, "global:"); ok {
		name, depth = rest, 0
	}
	return variableKey(name, depth)
}

// variable returns the value of a variable.
func (p *posh) variable(name string) thing {
	st := p.i.st
	if env, ok := strings.CutPrefix(name, "env:"); ok {
		if v, ok := st.lookup(env); ok {
			return plain(v.value)
		}
		if v, ok := st.env.LookupFold(env); ok && p.i.folds != Distinct {
			return plain(v)
		}
		return plain(value.Unknown("$env:" + env))
	}
	switch strings.ToLower(name) {
	case "null":
		return thing{}
	case "true", "false":
		return plain(value.Text(strings.ToLower(name)))
	case "home":
		return plain(value.Unknown("$HOME"))
	}
	v, ok := st.lookup(p.scopeKey(name))
	if !ok && len(p.i.home) > 0 && strings.EqualFold(name, "PSScriptRoot") {
		return plain(p.i.home)
	}
	if !ok {
		return plain(value.Unknown("$" + name))
	}
	return v.thing()
}

func (v variable) thing() thing {
	return thing{value: v.value, list: v.list, isList: v.isList, isHash: v.hash, object: v.object, block: v.block}
}

// setVariable sets a variable.
func (p *posh) setVariable(name string, t thing) {
	if name == "" {
		return
	}
	if env, ok := strings.CutPrefix(name, "env:"); ok {
		p.setEnv(env, t.text())
		return
	}
	p.i.st.set(p.scopeKey(name), t.variable())
}

func (t thing) variable() variable {
	return variable{value: t.value, list: t.list, isList: t.isList, hash: t.isHash, object: t.object, block: t.block}
}

// Folding says whether the case of letters tells the names of variables of the
// environment apart.
type Folding int

// The foldings.
const (
	// Unsettled: it is not known which system the script runs on.
	Unsettled Folding = iota
	// Distinct: names that differ in it are two.
	Distinct
	// Folded: they are one, as on Windows.
	Folded
)

// setEnv sets a variable of the environment. No system has one whose name is empty or
// holds a NUL.
func (p *posh) setEnv(name string, v value.Value) {
	i := p.i
	if name == "" || strings.Contains(name, depthMark) {
		return
	}
	i.st.set(name, variable{value: v, exported: true})
	if i.folds == Distinct {
		return
	}
	others := map[string]bool{strings.ToUpper(name): true}
	for have := range i.st.env.All() {
		if strings.EqualFold(have, name) {
			others[have] = true
		}
	}
	delete(others, name)
	for _, other := range slices.Sorted(maps.Keys(others)) {
		w := v
		if old, set := i.st.env.Lookup(other); i.folds == Unsettled && set {
			w = choose("$env:"+other, old, v)
		}
		i.st.set(other, variable{value: w, exported: true})
	}
}

// forget says that variables may be set whose names begin so, and are not known: any
// that the script has, and the one that tells gh where to go.
func (p *posh) forget(name value.Value, v value.Value) {
	st := p.i.st
	begin := ""
	if len(name) > 0 {
		begin = strings.ToLower(name[0].Text)
	}
	env, isEnv := strings.CutPrefix(begin, "env:")
	keys := slices.DeleteFunc(p.i.variables(), func(key string) bool {
		if isEnv {
			return strings.HasPrefix(key, "$") || !strings.HasPrefix(strings.ToLower(key), env)
		}
		return !strings.HasPrefix(key, "$"+begin)
	})
	if isEnv && strings.HasPrefix("gh_repo", env) && !slices.Contains(keys, "GH_REPO") {
		keys = append(keys, "GH_REPO")
	}
	for _, key := range keys {
		old, set := st.lookup(key)
		if old.value.HoldsCredential() || old.isList {
			continue
		}
		source := "$" + name.String()
		w := choose(source, old.value, value.Opaque(source, v))
		if !set {
			w = value.Opaque(source, v)
		}
		st.set(key, variable{value: w, exported: old.exported || isEnv})
	}
}

// variables are the names of all variables that the script has set. To look at them
// is work, as much as a statement for every few.
func (i *interp) variables() []string {
	keys := map[string]bool{}
	for t := i.st; t != nil; t = t.outer {
		for key := range t.vars {
			keys[key] = true
		}
	}
	*i.steps += len(keys) / 16
	return slices.Sorted(maps.Keys(keys))
}

// inCall walks what has variables of its own: a call of a function or a script, or
// a block. What it sets for itself alone is gone behind it.
func (i *interp) inCall(script bool, walk func()) {
	outer, base, dead := i.st, i.poshBase, i.st.dead
	i.poshDepth++
	if script {
		i.poshBase = i.poshDepth
	}
	var f fork
	body := func() {
		left := i.leaving(leavesFunction, func() {
			f.branches = append(f.branches, i.branch(func() {
				i.st.function = true
				walk()
			}))
		})
		f.branches = append(f.branches, left...)
	}
	if script {
		f.branches = append(i.leaving(leavesScript, body), f.branches...)
	} else {
		body()
	}
	for _, t := range f.branches {
		for key := range t.vars {
			if _, depth, _ := strings.Cut(key, depthMark); depth != "" {
				if n, _ := strconv.Atoi(depth); n >= i.poshDepth {
					delete(t.vars, key)
				}
			}
		}
	}
	i.poshDepth, i.poshBase = i.poshDepth-1, base
	if t := f.branches[0]; len(f.branches) == 1 && !t.dead {
		outer.adopt(t)
		return
	}
	outer.merge(false, f.branches...)
	outer.dead = outer.dead && !script || dead
}
