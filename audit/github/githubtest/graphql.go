package githubtest

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
)

//go:embed schema.graphql
var schemaText string

var schema = sync.OnceValues(func() (*ast.Schema, error) {
	s, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphql", Input: schemaText})
	if err != nil {
		return nil, err
	}
	return s, nil
})

// nodeLimit is GitHub's bound on the nodes of a query.
const nodeLimit = 500_000

// gqlRequest is the body of a request.
type gqlRequest struct {
	Query         string         `json:"query"`
	OperationName string         `json:"operationName"`
	Variables     map[string]any `json:"variables"`
}

// mutates tells whether a request's body holds a mutation.
func mutates(body string) bool {
	var in gqlRequest
	if json.Unmarshal([]byte(body), &in) != nil {
		return false
	}
	doc, err := parser.ParseQuery(&ast.Source{Input: in.Query})
	if err != nil {
		return false
	}
	for _, op := range doc.Operations {
		if op.Operation == ast.Mutation {
			return true
		}
	}
	return false
}

// graphql answers a query.
func (s *Server) graphql(c *call) answer {
	if c.r.Method != http.MethodPost {
		return notFound()
	}
	if c.token == nil {
		return failure(http.StatusUnauthorized, "This endpoint requires you to be authenticated.")
	}
	var in gqlRequest
	if err := json.Unmarshal(c.body, &in); err != nil {
		return failure(http.StatusBadRequest, "Problems parsing JSON")
	}
	if strings.TrimSpace(in.Query) == "" {
		return failed(&gqlError{Message: "A query attribute must be specified and must be a string."})
	}
	known, err := schema()
	if err != nil {
		return failure(http.StatusInternalServerError, err.Error())
	}
	doc, problems := gqlparser.LoadQueryWithRules(known, in.Query, nil)
	if len(problems) > 0 {
		return failed(refusals(problems)...)
	}
	return s.execute(c, known, doc, in)
}

func failed(all ...*gqlError) answer { return ok(Object{"errors": all}) }

// refusals are the errors of a query that the schema does not take.
func refusals(problems gqlerror.List) []*gqlError {
	var out []*gqlError
	for _, p := range problems {
		e := &gqlError{Message: p.Message}
		for _, l := range p.Locations {
			e.Locations = append(e.Locations, Object{"line": l.Line, "column": l.Column})
		}
		out = append(out, e)
	}
	return out
}

func (s *Server) execute(c *call, known *ast.Schema, doc *ast.QueryDocument, in gqlRequest) answer {
	op := doc.Operations.ForName(in.OperationName)
	if op == nil {
		return failed(&gqlError{Message: "An operation name is required"})
	}
	variables, err := validator.VariableValues(known, op, in.Variables)
	if err != nil {
		return failed(&gqlError{Message: err.Error()})
	}
	x := &execution{doc: doc, schema: known, variables: variables}
	nodes, requests := x.nodeCount(op.SelectionSet, 1)
	if nodes > nodeLimit {
		return failed(&gqlError{
			Type: "MAX_NODE_LIMIT_EXCEEDED", Message: fmt.Sprintf("This query requests up to %d possible nodes which exceeds the maximum limit of 500,000.", nodes),
		})
	}
	cost := max(1, (requests+50)/100)
	state, allowed := s.limiter.take(c.token, "graphql", cost-1, s.now())
	if !allowed {
		return s.exhausted(c)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q := &query{c: c, built: map[string]refs{}}
	root := q.root(state, cost, nodes)
	if op.Operation == ast.Mutation {
		root = q.mutations()
	}
	data := x.selection(root, op.SelectionSet, nil)
	if budget := s.limiter.limits.GraphQLObjects; budget > 0 && x.objects > budget {
		return tooMuch()
	}
	out := Object{"data": data}
	if len(x.errors) > 0 {
		out["errors"] = x.errors
	}
	a := ok(out)
	if q.sso != "" {
		a.head().Set("X-GitHub-SSO", q.sso)
	}
	return a
}

// tooMuch is the answer to a query that takes GitHub too long.
func tooMuch() answer {
	a := answer{status: http.StatusBadGateway, value: Object{"data": nil, "errors": []Object{{
		"message": "Something went wrong while executing your query. This may be the result of a timeout, or it could be a GitHub bug. Please include `0000:00000000` when reporting this issue.",
	}}}}
	return a.encoded()
}

// root are the fields of a query.
func (q *query) root(state window, cost, nodes int) *gqlObject {
	return &gqlObject{kind: "Query", fields: map[string]any{
		"viewer": resolver(func(map[string]any) (any, *gqlError) {
			return q.user(q.c.actor()), nil
		}),
		"rateLimit": &gqlObject{kind: "RateLimit", fields: map[string]any{
			"cost": cost, "limit": state.limit, "nodeCount": nodes, "remaining": state.limit - state.used, "used": state.used,
			"resetAt": state.reset.UTC().Format(time.RFC3339),
		}},
		"repository":      resolver(q.repositoryField),
		"repositoryOwner": resolver(q.ownerField("")),
		"organization":    resolver(q.ownerField("Organization")),
		"user":            resolver(q.ownerField("User")),
		"node":            resolver(func(args map[string]any) (any, *gqlError) { return q.node(text(args["id"])) }),
		"nodes": resolver(func(args map[string]any) (any, *gqlError) {
			var out []*gqlObject
			ids, _ := args["ids"].([]any)
			for _, id := range ids {
				o, _ := q.node(text(id))
				out = append(out, o)
			}
			return out, nil
		}),
	}}
}

func text(v any) string {
	s, _ := v.(string)
	return s
}
