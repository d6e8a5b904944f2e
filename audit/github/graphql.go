package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// QueryError is what GraphQL says beside, or in place of, its data.
type QueryError struct {
	// Partial tells that there are data all the same: what was asked for is
	// filled in but for the paths of Problems.
	Partial bool
	// Problems are the errors, at most maxProblems of them; More tells that
	// there were more.
	Problems []QueryProblem
	More     bool
	// Response is what the headers say.
	Response *Response
}

// QueryProblem is one error of GraphQL.
type QueryProblem struct {
	// Type is GitHub's word for it, such as NOT_FOUND or FORBIDDEN; "" where
	// the query itself is wrong.
	Type string
	// Path is where in the data, such as repository.object; "" for all.
	Path string
	// Message is for people, made safe for one line.
	Message string
}

// maxProblems bounds how many errors of one query are kept.
const maxProblems = 100

// Error gives the first problem and counts the others.
func (e *QueryError) Error() string {
	if len(e.Problems) == 0 {
		return "GraphQL answers without data"
	}
	first, more := e.Problems[0], ""
	if first.Path != "" {
		more = " (at " + first.Path + ")"
	}
	if n := len(e.Problems) - 1; n > 0 {
		more += fmt.Sprintf(", and %d more", n)
	}
	if e.Partial {
		more += "; the rest was answered"
	}
	return "GraphQL: " + first.Message + more
}

// Is sorts a query all of whose problems are of one kind into [ErrNotFound] or
// [ErrForbidden].
func (e *QueryError) Is(target error) bool {
	for _, problem := range e.Problems {
		switch problem.Type {
		case "NOT_FOUND":
			if target != ErrNotFound {
				return false
			}
		case "FORBIDDEN", "INSUFFICIENT_SCOPES":
			if target != ErrForbidden {
				return false
			}
		default:
			return false
		}
	}
	return len(e.Problems) > 0
}

// Query asks GraphQL and decodes the data into what into points at. Where
// there are errors the error is a [*QueryError]; if it is Partial, into holds
// the data that came all the same, with null at the paths of the errors.
// Queries are sent again after a passing failure, mutations never.
func (c *Client) Query(ctx context.Context, document string, variables map[string]any, into any) error {
	asks := onlyAsks(document)
	return c.ask(ctx, call{query: asks, again: asks}, document, variables, into)
}

// QueryOnce is [Client.Query] without sending again what failed by chance: for
// who asks for less then, see [TooMuch].
func (c *Client) QueryOnce(ctx context.Context, document string, variables map[string]any, into any) error {
	return c.ask(ctx, call{query: onlyAsks(document)}, document, variables, into)
}

// TooMuch tells whether an error can come of asking for too much at once: the
// answer took too long or was too large. GitHub ends queries after 10 seconds,
// with status 502, 504 or an error of their own. The status 500 and 503, and a
// broken connection, may have other causes, and are counted here too.
//
// Source: GitHub Docs, "Rate limits and query limits for the GraphQL API".
func TooMuch(err error) bool {
	var status *StatusError
	var network *NetworkError
	var size *SizeError
	var truncated *TruncatedError
	var format *FormatError
	var failed *QueryError
	switch {
	case errors.As(err, &status):
		return status.Status >= http.StatusInternalServerError
	case errors.As(err, &network):
		return network.cause == nil && !network.permanent
	case errors.As(err, &format):
		return format.Status >= http.StatusInternalServerError
	case errors.As(err, &failed):
		return slices.ContainsFunc(failed.Problems, func(p QueryProblem) bool {
			return p.Type == "MAX_NODE_LIMIT_EXCEEDED" || p.Type == "RESOURCE_LIMITS_EXCEEDED" || p.Type == "" && p.Path == "" && strings.Contains(p.Message, "timeout")
		})
	}
	return errors.As(err, &size) || errors.As(err, &truncated)
}

// ask sends a document.
func (c *Client) ask(ctx context.Context, how call, document string, variables map[string]any, into any) error {
	body := struct {
		Query     string         `json:"query"`
		Variables map[string]any `json:"variables,omitempty"`
	}{document, variables}
	data, response, err := c.fetch(withCall(ctx, how), http.MethodPost, c.host.GraphQL(), mediaType, body)
	if err != nil {
		return err
	}
	var answer struct {
		Data   json.RawMessage `json:"data"`
		Errors []struct {
			Type    string          `json:"type"`
			Path    json.RawMessage `json:"path"`
			Message string          `json:"message"`
		} `json:"errors"`
		Message string `json:"message"`
	}
	if err := c.decode(data, &answer, "/graphql"); err != nil {
		return err
	}
	filled := len(answer.Data) > 0 && string(answer.Data) != "null"
	if filled && into != nil {
		if err := c.decode(answer.Data, into, "/graphql"); err != nil {
			return err
		}
	}
	if filled && len(answer.Errors) == 0 {
		return nil
	}
	failed := &QueryError{Partial: filled, Response: response, More: len(answer.Errors) > maxProblems}
	for _, problem := range answer.Errors[:min(len(answer.Errors), maxProblems)] {
		failed.Problems = append(failed.Problems, QueryProblem{
			Type: c.say(problem.Type), Path: c.say(pathText(problem.Path)), Message: c.say(problem.Message)})
	}
	if len(failed.Problems) == 0 && answer.Message != "" {
		failed.Problems = []QueryProblem{{Message: c.say(answer.Message)}}
	}
	return failed
}

// onlyAsks tells whether a document has queries alone. One that cannot be read
// may do anything.
func onlyAsks(document string) bool {
	parsed, err := parser.ParseQuery(&ast.Source{Input: document})
	if err != nil {
		return false
	}
	for _, operation := range parsed.Operations {
		if operation.Operation != ast.Query {
			return false
		}
	}
	return len(parsed.Operations) > 0
}

// pathText writes the path of an error, ["repository","refs",0], with points.
func pathText(raw json.RawMessage) string {
	var parts []any
	if json.Unmarshal(raw, &parts) != nil {
		return ""
	}
	var words []string
	for _, part := range parts {
		words = append(words, fmt.Sprint(part))
	}
	return strings.Join(words, ".")
}
