package script

import (
	"regexp"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// isUnset tells whether nothing sets a variable of an environment: see
// [value.Env.IsClosed].
func isUnset(env *value.Env, name string) bool {
	if !env.IsClosed() || rules.RunnerSets(name) {
		return false
	}
	_, set := env.LookupFold(name)
	return !set
}

// ofEnv begins the source of a variable of which JavaScript asks and that is not known.
const ofEnv = "process.env."

// isUnset tells whether a value is a variable that nothing sets. What Node.js is told
// to load first by a variable may set any.
func (r *reader) isUnset(t thing) bool {
	v, ok := t.(text)
	if !ok || len(v.value) != 1 {
		return false
	}
	name, ok := strings.CutPrefix(v.value[0].Unknown, ofEnv)
	_, loads := r.env.Lookup("NODE_OPTIONS")
	return ok && !loads && isUnset(r.env, name)
}

// isUnset is the same for Python.
func (p *python) isUnset(v pyValue) bool {
	if len(v.text) != 1 || v.members != nil || v.object != nil || v.environ != nil {
		return false
	}
	name, ok := strings.CutPrefix(v.text[0].Unknown, "$")
	return ok && isUnset(p.in.Env, name)
}

var (
	// javaScriptAsks matches where JavaScript asks for one variable, javaScriptSets where
	// it may set some: by any other mention of the environment, or by what it takes in.
	javaScriptAsks = regexp.MustCompile(`\bprocess\.env(?:\.[A-Za-z_]\w*|\[\s*(?:'\w+'|"\w+")\s*\])(\s*(?:=[^=>]|[-+*/%&|?^<>]+=[^=]))?`)
	javaScriptSets = regexp.MustCompile(`\bprocess\b\s*(?:\?\.|\[|\.\s*env\b)|=\s*process\s*(?:[;,)}\n]|$)|['"](?:node:)?process['"]|(?:Deno|Bun|meta)\.env\b|(?i:dotenv|envfile)|\beval\(|\bnew Function\(|\bvm\.(?:run|compile)|\bnew vm\.Script|(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*['"][^'".][^'"]*(?i:env|config)[^'"]*['"]`)
	// pythonAsks and pythonSets are the same for Python.
	pythonAsks = regexp.MustCompile(`\bos\.(?:getenv\(|environ(?:\.get\(|\[\s*(?:'\w+'|"\w+")\s*\](\s*(?:=[^=]|[-+|]=))?))`)
	pythonSets = regexp.MustCompile(`\b(?:environb?|putenv|unsetenv|getenv)\b|\b(?:exec|eval|__import__)\(|\bimportlib\b|(?i:dotenv)|(?m:^\s*(?:from|import)\s+[^\n#]*(?i:env|config|decouple))`)
)

// asksOnly tells whether code asks for variables of the environment by their names,
// and sets none.
func asksOnly(source string, asks, sets *regexp.Regexp) bool {
	assigned := false
	rest := asks.ReplaceAllStringFunc(source, func(found string) string {
		m := asks.FindStringSubmatch(found)
		assigned = assigned || m[1] != ""
		return "asked"
	})
	return !assigned && !sets.MatchString(rest)
}

// AsksOnly tells whether code in Python, with the modules of the project that it takes
// in, sets no variable of the environment.
func AsksOnly(sources ...string) bool {
	for _, source := range sources {
		if !asksOnly(source, pythonAsks, pythonSets) {
			return false
		}
	}
	return true
}

// opensEnv lets variables be set that are not seen, where code may do that.
func (r *reader) opensEnv(source string) {
	if r.env.IsClosed() && !asksOnly(source, javaScriptAsks, javaScriptSets) {
		r.env = r.env.Opened()
	}
}
