package rules

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// routeNode is a node of the tree of path templates. A path is matched
// segment by segment: literals before parameters, a parameter of one segment
// before one of several.
type routeNode struct {
	literal map[string]*routeNode
	// param takes any one segment; spans tells that it may take several.
	param *routeNode
	spans bool
	// endpoints end here, by method.
	endpoints map[string]*Endpoint
}

// spanning are the parameters whose values hold slashes: files, refs, and
// the two refs of a comparison.
var spanning = []string{"{path}", "{dir}", "{ref}", "{branch}", "{tag}", "{basehead}"}

var routes = sync.OnceValue(func() *routeNode {
	root := &routeNode{}
	for _, e := range endpoints() {
		// A template with two parameters in one segment is an older form of
		// another one.
		if !strings.Contains(e.Path, "}...{") {
			root.add(segments(e.Path), e)
		}
	}
	return root
})

func (n *routeNode) add(template []string, e *Endpoint) {
	for _, segment := range template {
		next := n.param
		if !isParameter(segment) {
			next = n.literal[segment]
		}
		if next == nil {
			next = &routeNode{}
		}
		if isParameter(segment) {
			n.param, n.spans = next, n.spans || slices.Contains(spanning, segment)
		} else {
			if n.literal == nil {
				n.literal = map[string]*routeNode{}
			}
			n.literal[segment] = next
		}
		n = next
	}
	if n.endpoints == nil {
		n.endpoints = map[string]*Endpoint{}
	}
	if _, ok := n.endpoints[e.Method]; !ok {
		n.endpoints[e.Method] = e
	}
}

func isParameter(segment string) bool { return strings.HasPrefix(segment, "{") }

// find returns the endpoint for a path, and what its parameters stand for,
// in order.
func (n *routeNode) find(method string, path, values []string) (*Endpoint, []string) {
	if len(path) == 0 {
		return n.endpoints[method], values
	}
	if next := n.literal[path[0]]; next != nil {
		if e, found := next.find(method, path[1:], values); e != nil {
			return e, found
		}
	}
	if n.param == nil {
		return nil, nil
	}
	most := 1
	if n.spans {
		most = min(len(path), maxSpan)
	}
	for taken := 1; taken <= most; taken++ {
		value := strings.Join(path[:taken], "/")
		if e, found := n.param.find(method, path[taken:], append(slices.Clip(values), value)); e != nil {
			return e, found
		}
	}
	return nil, nil
}

// maxSpan bounds the segments of one parameter, so that a path of a thousand
// slashes takes no time.
const maxSpan = 64

// Route returns the endpoint that serves a method and path, and the values of
// the path's parameters by name.
//
// The path may begin with a slash or not, hold a query or a fragment, and be
// a template itself ("/repos/:owner/:repo/pulls"). A letter of the Yi script
// (U+A000 to U+A48C) stands for text that is not known, within one segment,
// but for one directly after "repos": there it may stand for owner and name
// together, as ${{ github.repository }} does, and is then the value of both.
// /repositories/ID and /organizations/ID are read as /repos/OWNER/NAME and
// /orgs/ORG, with the parameters repository_id and organization_id. Unknown
// text is never taken for a literal of the template: what cannot be told is
// not found.
func Route(method, path string) (*Endpoint, map[string]string, bool) {
	method = strings.ToUpper(method)
	switch method {
	case "", "HEAD":
		method = "GET"
	}
	given := segments(path)
	for _, try := range candidates(given) {
		if e, values := routes().find(method, try.segments, nil); e != nil {
			params := parameters(e.Path, values)
			maps.Copy(params, try.extra)
			for _, name := range try.hidden {
				delete(params, name)
			}
			return e, params, true
		}
	}
	return nil, nil, false
}

// candidate is one way to read a path.
type candidate struct {
	segments []string
	// extra are parameters known without the template, hidden are those of
	// the template that stand for nothing in the path.
	extra  map[string]string
	hidden []string
}

func candidates(path []string) []candidate {
	plain := candidate{segments: path}
	switch {
	case len(path) < 2:
		return []candidate{plain}
	case path[0] == "repositories":
		return []candidate{{
			segments: slices.Concat([]string{"repos", "", ""}, path[2:]),
			extra:    map[string]string{"repository_id": path[1]}, hidden: []string{"owner", "repo"},
		}}
	case path[0] == "organizations":
		mapped := candidate{
			segments: slices.Concat([]string{"orgs", ""}, path[2:]),
			extra:    map[string]string{"organization_id": path[1]}, hidden: []string{"org"},
		}
		return []candidate{plain, mapped}
	case path[0] == "repos" && isUnknown(path[1]):
		whole := candidate{segments: slices.Concat([]string{"repos", path[1]}, path[1:])}
		if len(path) == 2 || repositoryResource(path[2]) {
			return []candidate{whole, plain}
		}
		return []candidate{plain, whole}
	}
	return []candidate{plain}
}

// isUnknown tells whether a segment is one unknown text and nothing else. The
// letter for it may be padded with "_".
func isUnknown(segment string) bool {
	r, size := utf8.DecodeRuneInString(segment)
	return r >= '\ua000' && r <= '\ua48c' && strings.Trim(segment[size:], "_") == ""
}

// repositoryResource tells whether a word stands after /repos/OWNER/NAME/ in
// some path, such as "issues". A repository may have that name too, but
// hardly any does.
func repositoryResource(word string) bool {
	n := routes().literal["repos"]
	for range 2 {
		if n == nil || n.param == nil {
			return false
		}
		n = n.param
	}
	return n.literal[word] != nil
}

// segments cuts a path at its slashes. Query, fragment, doubled slashes and
// the prefixes that GitHub Enterprise Server puts before a path are left out.
func segments(path string) []string {
	if i := strings.IndexAny(path, "?#"); i >= 0 {
		path = path[:i]
	}
	all := slices.DeleteFunc(strings.Split(path, "/"), func(s string) bool { return s == "" })
	for _, prefix := range [][]string{{"api", "v3"}, {"api", "uploads"}} {
		if len(all) > 2 && slices.Equal(all[:2], prefix) {
			all = all[2:]
		}
	}
	return all
}

// parameters pairs the parameters of a template with their values.
func parameters(template string, values []string) map[string]string {
	out := map[string]string{}
	for _, segment := range segments(template) {
		if isParameter(segment) && len(values) > 0 {
			out[strings.Trim(segment, "{}")] = values[0]
			values = values[1:]
		}
	}
	return out
}
