package infer

import (
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// coded adds what an action does whose inputs hold the request to make: a
// GraphQL document or a REST route, with the other inputs as arguments. ok is
// false for every other action.
func (in *inferrer) coded(u *Use, site *trace.Site, info *rules.ActionInfo, at audit.Place) (ok bool) {
	for _, code := range info.Code {
		text := site.Action.Inputs[strings.ToLower(code.Input)]
		switch code.Language {
		case "graphql":
			in.graphQL(u, text, site.Action.Inputs, at)
		case "route":
			in.codedRoute(u, text, site.Action.Inputs, at)
		default:
			continue
		}
		ok = true
	}
	return ok
}

// codedRoute handles a route such as "POST /repos/{owner}/{repo}/issues". A
// parameter {repository} stands for owner and name together.
func (in *inferrer) codedRoute(u *Use, route value.Value, inputs map[string]value.Value, at audit.Place) {
	masked := route.Mask()
	method, path, ok := strings.Cut(strings.TrimSpace(masked.Text), " ")
	if !ok {
		method, path = "GET", method
	}
	whole := masked.Table.Value(strings.TrimSpace(path))
	for _, parameter := range []string{"{repository}", ":repository"} {
		if before, after, found := strings.Cut(path, parameter); found {
			whole = value.Concat(masked.Table.Value(before), inputs["repository"], masked.Table.Value(after))
		}
	}
	in.rest(u, request{method: strings.ToUpper(method), path: whole, arguments: inputs, place: at})
}
