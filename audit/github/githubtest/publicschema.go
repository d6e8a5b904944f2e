package githubtest

import (
	"encoding/json"
	"os"
	"slices"
	"sync"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
)

// publicSchema is GitHub's GraphQL schema.
type publicSchema struct{ schema *ast.Schema }

// loadedGraphQL is the schema that the environment names, read once in a
// process.
var loadedGraphQL = sync.OnceValues(func() (*publicSchema, error) {
	path := os.Getenv("PATROL_GRAPHQL_SCHEMA")
	if path == "" {
		return nil, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	doc, err := parser.ParseSchemas(validator.Prelude, &ast.Source{Name: path, Input: string(data)})
	if err != nil {
		return nil, err
	}
	once(doc)
	s, err := validator.ValidateSchemaDocument(doc)
	if err != nil {
		return nil, err
	}
	return &publicSchema{s}, nil
})

// once drops repeated fields: some versions of the published schema define
// one field of an enterprise twice.
func once(doc *ast.SchemaDocument) {
	for _, def := range doc.Definitions {
		seen := map[string]bool{}
		def.Fields = slices.DeleteFunc(def.Fields, func(f *ast.FieldDefinition) bool {
			repeated := seen[f.Name]
			seen[f.Name] = true
			return repeated
		})
	}
}

// check returns what GitHub's schema does not take of a request.
func (p *publicSchema) check(body []byte) []string {
	var in gqlRequest
	if err := json.Unmarshal(body, &in); err != nil {
		return []string{err.Error()}
	}
	_, problems := gqlparser.LoadQueryWithRules(p.schema, in.Query, nil)
	var out []string
	for _, e := range problems {
		out = append(out, e.Error())
	}
	return out
}
