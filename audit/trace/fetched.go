package trace

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// fetchedScript finds the script that a command is given to read, where a command
// before it got that from the audited repository. args are $0 and its operands.
func (r *run) fetchedScript(c *Command, kind string, v value.Value, args []value.Value) (start, bool) {
	name, source, ok := r.ownFile(v)
	if !ok {
		return start{}, false
	}
	if kind == "" {
		kind = scriptKind(name, source)
	}
	return start{what: name, file: name, run: func(r *run, site *Site, at position) {
		text := r.t.asText(name, source)
		r.code(code{kind: kind, name: name, source: text, file: name, line: lineOf(text), args: args, piped: true, own: !sourced(c), sourced: sourced(c), plain: true}, site, at)
	}}, true
}

// ownFile returns the file of the audited repository whose text a value is, where a
// command got it from GitHub.
func (r *run) ownFile(v value.Value) (name string, source []byte, ok bool) {
	address, ok := shell.FetchedFrom(v)
	if !ok {
		return "", nil, false
	}
	repository, ref, name := addressedFile(address)
	if name == "" || strings.Contains(name, "$") || !r.t.isAudited(repository) || !r.isCurrent(ref) {
		return "", nil, false
	}
	name = path.Clean(name)
	source, err := r.t.repository.Read(name)
	return name, source, err == nil
}

// addressedFile takes the address of a file of a repository apart, in the REST API or
// where its text lies. A branch whose name has a "/" is not understood.
func addressedFile(address string) (repository, ref, name string) {
	host, rest, _ := strings.Cut(strings.TrimPrefix(address, "https://"), "/")
	inAPI := host == "api.github.com"
	if inAPI {
		rest = strings.TrimPrefix(rest, "repos/")
	}
	repository, rest, _ = strings.Cut(rest, "/")
	if m := wholeContext.FindStringSubmatch(repository); m == nil || !rules.OwnRepository(m[1]) {
		var name string
		name, rest, _ = strings.Cut(rest, "/")
		repository += "/" + name
	}
	switch {
	case inAPI:
		name, ok := strings.CutPrefix(rest, "contents/")
		name, query, asks := strings.Cut(name, "?")
		ref, known := strings.CutPrefix(query, "ref=")
		if !ok || asks && !known {
			return "", "", ""
		}
		return repository, strings.TrimPrefix(ref, "refs/heads/"), name
	case host == "github.com":
		var ok bool
		if rest, ok = strings.CutPrefix(rest, "raw/"); !ok {
			return "", "", ""
		}
	case host != "raw.githubusercontent.com":
		return "", "", ""
	}
	ref, name, _ = strings.Cut(strings.TrimPrefix(rest, "refs/heads/"), "/")
	return repository, ref, name
}

// wholeContext matches a text that is the value of a context.
var wholeContext = regexp.MustCompile(`^\$\{\{ ([\w.]+) \}\}$`)

// isAudited tells whether a repository in an address is surely the audited one.
func (t *tracer) isAudited(repository string) bool {
	if m := wholeContext.FindStringSubmatch(repository); m != nil {
		return rules.OwnRepository(m[1])
	}
	owner, name, _ := strings.Cut(repository, "/")
	ownOwner, ownName, known := strings.Cut(t.repository.Name, "/")
	isOwn := func(word, own string, holds func(string) bool) bool {
		if m := wholeContext.FindStringSubmatch(word); m != nil {
			return holds(m[1])
		}
		return known && strings.EqualFold(word, own)
	}
	return isOwn(owner, ownOwner, rules.OwnOwner) && isOwn(name, ownName, rules.OwnName)
}

// currentRefs are the contexts of refs whose files are taken to be those of the
// audited checkout, as they are for a checkout without a ref.
var currentRefs = []string{
	"github.ref", "github.ref_name", "github.sha", "github.workflow_sha", "github.event.repository.default_branch",
	"github.event.release.tag_name", "github.event.release.target_commitish",
}

// isCurrent tells whether the files of a ref are taken to be those of the audited
// checkout: those of no ref are the default branch's, and a tag or a commit that is
// written out may have other ones.
func (r *run) isCurrent(ref string) bool {
	if m := wholeContext.FindStringSubmatch(ref); m != nil {
		return slices.Contains(currentRefs, m[1])
	}
	switch {
	case ref == "" || ref == "HEAD":
		return true
	case strings.Contains(ref, "$") || commitName.MatchString(ref):
		return false
	}
	return r.otherBranch(value.Text(ref)) == ""
}
