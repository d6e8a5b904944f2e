package githubtest

import (
	"bytes"
	"fmt"
	"mime"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// contract holds exchanges against what GitHub publishes about itself.
type contract struct {
	rest    *description
	graphql *publicSchema
	checked atomic.Int64
}

// loaded are the descriptions, read once in a process.
var loaded = sync.OnceValues(func() (*description, error) {
	path := os.Getenv("PATROL_OPENAPI")
	if path == "" {
		return nil, nil
	}
	return loadDescription(path)
})

// newContract reads the descriptions that the environment names.
func newContract(t testing.TB) *contract {
	t.Helper()
	rest, err := loaded()
	if err != nil {
		t.Fatalf("PATROL_OPENAPI: %v", err)
	}
	graphql, err := loadedGraphQL()
	if err != nil {
		t.Fatalf("PATROL_GRAPHQL_SCHEMA: %v", err)
	}
	c := &contract{rest: rest, graphql: graphql}
	if path := os.Getenv("PATROL_CONTRACT_LOG"); path != "" {
		t.Cleanup(func() { c.log(t, path) })
	}
	return c
}

// log adds the number of exchanges of a test to a file.
func (x *contract) log(t testing.TB, path string) {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Errorf("PATROL_CONTRACT_LOG: %v", err)
		return
	}
	defer f.Close()
	fmt.Fprintf(f, "%s\t%d\n", t.Name(), x.checked.Load())
}

// Checked is how many exchanges were held against GitHub's descriptions; 0
// where the environment names none.
func (s *Server) Checked() int { return int(s.contract.checked.Load()) }

// undescribed are the statuses that GitHub gives to any operation, whether
// its description says so or not: a cached answer, a moved repository, no or
// no valid token, no permission, nothing there, a body that makes no sense,
// and limits. All from 500 on are added.
var undescribed = []int{
	http.StatusNotModified, http.StatusMovedPermanently, http.StatusTemporaryRedirect, http.StatusUnauthorized,
	http.StatusForbidden, http.StatusNotFound, http.StatusUnprocessableEntity, http.StatusTooManyRequests,
}

// unchecked are operations that the description does not have: those of
// Enterprise Cloud, and older forms of paths, which have no id.
var unchecked = []string{"orgs/list-saml-sso-authorizations", ""}

// check holds an exchange against the descriptions; the answer is nil where a
// fault stood in for the server's own.
func (x *contract) check(t testing.TB, c *call, a *answer) {
	t.Helper()
	var problems []string
	switch {
	case c.path == "/graphql":
		if x.graphql == nil {
			return
		}
		problems = x.graphql.check(c.body)
	case x.rest == nil:
		return
	case c.endpoint == nil:
		problems = []string{"GitHub has no such operation"}
	case slices.Contains(unchecked, c.endpoint.ID):
		return
	default:
		problems = x.rest.check(c, a)
	}
	x.checked.Add(1)
	for _, p := range problems {
		t.Errorf("contract: %s %s: %s", c.r.Method, c.path, p)
	}
}

// check returns what is wrong with an exchange; without an answer, with its
// request.
func (d *description) check(c *call, a *answer) []string {
	op, err := d.operation(c.endpoint.ID)
	if err != nil {
		return []string{err.Error()}
	}
	problems := append(op.query(c), op.body(c)...)
	if a != nil {
		problems = append(problems, op.answer(*a)...)
	}
	return problems
}

func (op *operation) query(c *call) []string {
	var problems []string
	given := c.query()
	for name, values := range given {
		p, ok := op.parameters[name]
		if !ok {
			problems = append(problems, fmt.Sprintf("unknown parameter %s", name))
			continue
		}
		for _, v := range values {
			if err := p.check(v); err != nil {
				problems = append(problems, fmt.Sprintf("parameter %s: %v", name, err))
			}
		}
	}
	for name, p := range op.parameters {
		if p.required && !given.Has(name) {
			problems = append(problems, "missing parameter "+name)
		}
	}
	slices.Sort(problems)
	return problems
}

// check holds the text of a query parameter against its schema.
func (p parameter) check(text string) error {
	if p.schema == nil {
		return nil
	}
	var value any = text
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && p.schema.Validate(float64(n)) == nil {
		return nil
	}
	if b, err := strconv.ParseBool(text); err == nil && p.schema.Validate(b) == nil {
		return nil
	}
	return p.schema.Validate(value)
}

func (op *operation) body(c *call) []string {
	switch {
	case len(c.body) == 0 && op.bodyRequired:
		return []string{"the request needs a body"}
	case len(c.body) == 0:
		return nil
	case !op.hasBody:
		return []string{"the request takes no body"}
	case op.request == nil:
		return nil
	}
	return validate("request", op.request, c.body)
}

func (op *operation) answer(a answer) []string {
	a = a.encoded()
	schema, described := op.responses[a.status]
	if !described {
		if a.status >= 500 || slices.Contains(undescribed, a.status) {
			return nil
		}
		return []string{fmt.Sprintf("status %d is not described", a.status)}
	}
	kind, _, _ := mime.ParseMediaType(a.header.Get("Content-Type"))
	switch {
	case kind != "application/json":
		return nil
	case schema == nil && len(a.body) > 0 && a.status < 400:
		return []string{fmt.Sprintf("status %d has no JSON in the description", a.status)}
	case schema == nil:
		return nil
	}
	return validate("answer", schema, a.body)
}

func validate(what string, schema *jsonschema.Schema, body []byte) []string {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err == nil {
		err = schema.Validate(value)
	}
	if err != nil {
		return []string{what + ": " + strings.ReplaceAll(err.Error(), "\n", "\n\t")}
	}
	return nil
}
