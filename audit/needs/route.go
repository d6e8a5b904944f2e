package needs

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/script"
	"github.com/patrol-actions/patrol/rules"
)

var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}

func isMethod(word string) bool { return slices.Contains(methods, strings.ToUpper(word)) }

// isRoute tells whether a word is the path of a REST call, with or without
// the API's address.
func isRoute(word string) bool {
	_, ok := routePath(word)
	return ok
}

// firstSegments begin the paths that may be written without a slash in front.
var firstSegments = []string{"repos", "orgs", "users", "user", "search", "gists", "enterprises", "notifications", "repositories", "teams", "app", "installation", "rate_limit"}

func routePath(word string) (string, bool) {
	for _, scheme := range []string{"https://", "http://"} {
		rest, ok := strings.CutPrefix(word, scheme)
		if !ok {
			continue
		}
		host, tail, _ := strings.Cut(rest, "/")
		if below, ok := strings.CutPrefix(tail, "api/v3/"); ok {
			return "/" + below, true
		}
		return "/" + tail, host == "api.github.com" || host == "uploads.github.com" || strings.HasPrefix(host, "api.")
	}
	head, _, below := strings.Cut(word, "/")
	if strings.HasPrefix(word, "/") {
		return word, true
	}
	return "/" + word, below && slices.Contains(firstSegments, head) && len(strings.Split(word, "/")) > 2
}

// route reads a REST call. Without a method it is GET, or POST where there
// are fields, as with gh api.
func (q Query) route(method, word string, rest []string) (Query, error) {
	q, err := q.with(rest)
	if err != nil {
		return Query{}, err
	}
	if method == "" {
		method = "GET"
		if len(q.given) > 0 {
			method = "POST"
		}
	}
	route, ok := routePath(word)
	if !ok {
		return Query{}, fmt.Errorf("%s is no address of GitHub's API", word)
	}
	route, _, _ = strings.Cut(route, "#")
	if strings.Trim(route, "/") == "graphql" {
		return Query{}, errors.New("what a call of /graphql needs is in its document: ask for that, as patrol needs 'mutation { … }' or @FILE")
	}
	if method == "HEAD" {
		method = "GET" // it takes the same
	}
	bare, _, _ := strings.Cut(route, "?")
	if _, _, ok := rules.Route(method, masked(bare)); !ok {
		return Query{}, unknownRoute(method, bare)
	}
	q.kind, q.operation = request, method+" "+route
	return q, nil
}

// operation returns the endpoint of an operation id or of an Octokit method.
func operation(word string) (*rules.Endpoint, bool) {
	if e, ok := rules.OperationByID(word); ok {
		return e, true
	}
	method := strings.TrimSuffix(word, "()")
	for _, prefix := range []string{"octokit.", "github.", "client.", "rest."} {
		method = strings.TrimPrefix(method, prefix)
	}
	if !octokitMethod.MatchString(method) {
		return nil, false
	}
	return rules.OperationByID(script.Operation(method))
}

var octokitMethod = regexp.MustCompile(`^[a-zA-Z]+\.[a-zA-Z]\w*$`)
