package report

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/patrol-actions/patrol/audit"
)

// compile reads a JSON schema from a file. Formats are asserted.
func compile(t testing.TB, path string) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile(path)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// check returns what a schema says about a document.
func check(t testing.TB, schema *jsonschema.Schema, document string) error {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(document))
	if err != nil {
		t.Fatalf("no JSON: %v", err)
	}
	return schema.Validate(value)
}

var (
	reportSchema = filepath.Join("schema", "report.schema.json")
	sarifFile    = filepath.Join("testdata", "sarif-schema-2.1.0.json")
)

func TestReportsMatchSchema(t *testing.T) {
	schema := compile(t, reportSchema)
	bare := &audit.Report{
		Schema: audit.SchemaVersion, GeneratedAt: "2026-11-21T09:00:00Z",
		Repositories: []*audit.Repository{{
			References: []*audit.Reference{{
				Credential: audit.CredentialOther, Uses: []*audit.Use{{Operations: []audit.Operation{{}}, Reasons: []audit.Reason{{}}}},
				Remedy: audit.Remedy{Kind: audit.RemedyNone, FineGrained: &audit.Recipe{}},
			}},
			Findings: []*audit.Finding{{Severity: audit.SeverityNotice}},
			Accepted: []*audit.Finding{{Severity: audit.SeverityNotice, Acceptance: &audit.Acceptance{Kind: audit.AcceptedByComment, Expires: "2027-01-31"}}},
			Baseline: &audit.Baseline{},
			Errors:   []audit.Problem{{}},
		}},
	}
	organization := &audit.Report{
		Schema: audit.SchemaVersion, GeneratedAt: "2026-11-21T09:00:00Z",
		Organization: &audit.Organization{
			Accounts: []audit.Account{{Login: "example", Kind: "organization"}},
			Secrets:  []*audit.StoredSecret{{State: audit.SecretUnasked, Credential: audit.CredentialUnknown, Verdict: audit.VerdictUnknown}},
			Grants:   []*audit.Grant{{Kind: audit.GrantRequest}},
			Unasked:  []audit.Problem{{}}, Findings: []*audit.Finding{{Severity: audit.SeverityNotice}},
			Trend: &audit.Trend{Points: []audit.TrendPoint{{GeneratedAt: "2026-11-20T09:00:00Z"}}},
		},
	}
	empty := &audit.Report{Schema: audit.SchemaVersion, GeneratedAt: "2026-11-21T09:00:00Z"}
	for name, r := range map[string]*audit.Report{"sample": sample(), "bare": bare, "empty": empty, "organization": organization} {
		if err := check(t, schema, write(t, "json", r, Options{})); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSchemaIsStrict breaks a good report in ways that the schema must see.
func TestSchemaIsStrict(t *testing.T) {
	schema := compile(t, reportSchema)
	good := write(t, "json", sample(), Options{})
	tests := map[string][2]string{
		"schema":        {`"schema": 1`, `"schema": 2`},
		"unknown field": {`"generated_at"`, `"new": 1, "generated_at"`},
		"null list":     {`"unknown_steps": []`, `"unknown_steps": null`},
		"severity":      {`"severity": "notice"`, `"severity": "info"`},
		"verdict":       {`"verdict": "conditional"`, `"verdict": "maybe"`},
		"time":          {`"2026-11-21T09:00:00Z"`, `"yesterday"`},
		"missing":       {`"secret": "BOT_PAT",`, ``},
	}
	for name, test := range tests {
		bad := strings.Replace(good, test[0], test[1], 1)
		if bad == good {
			t.Errorf("%s: the sample has no %s", name, test[0])
		} else if check(t, schema, bad) == nil {
			t.Errorf("%s: %s passes", name, test[1])
		}
	}
}

// object is the part of a schema that says what an object holds.
type object struct {
	Required   []string          `json:"required"`
	Properties map[string]object `json:"properties"`
	Defs       map[string]object `json:"$defs"`
}

// TestSchemaKnowsEveryField holds the schema against the nouns, field by
// field, so that neither grows alone.
func TestSchemaKnowsEveryField(t *testing.T) {
	source, err := os.ReadFile(reportSchema)
	if err != nil {
		t.Fatal(err)
	}
	var root object
	if err := json.Unmarshal(source, &root); err != nil {
		t.Fatal(err)
	}
	types := map[string]any{
		"tool": audit.Tool{}, "repository": audit.Repository{}, "problem": audit.Problem{}, "place": audit.Place{}, "opening": audit.Opening{},
		"hop": audit.Hop{}, "reason": audit.Reason{}, "permissions": audit.Permissions{}, "reference": audit.Reference{},
		"use": audit.Use{}, "operation": audit.Operation{}, "remedy": audit.Remedy{}, "recipe": audit.Recipe{},
		"finding": audit.Finding{}, "token": audit.Token{}, "summary": audit.Summary{}, "granted": audit.Granted{},
		"single_sign_on": audit.SingleSignOn{}, "refusal": audit.Refusal{}, "reach": audit.Reach{}, "membership": audit.Membership{},
		"probe": audit.ProbeResult{}, "secret": audit.Secret{}, "comparison": audit.Comparison{},
		"acceptance": audit.Acceptance{}, "baseline": audit.Baseline{},
		"fine_grained": audit.FineGrained{}, "organization": audit.Organization{}, "account": audit.Account{}, "coverage": audit.Coverage{},
		"stored_secret": audit.StoredSecret{}, "work": audit.Work{}, "grant": audit.Grant{}, "trend": audit.Trend{}, "trend_point": audit.TrendPoint{},
	}
	compareFields(t, "report", root, reflect.TypeFor[audit.Report]())
	for name, value := range types {
		compareFields(t, name, root.Defs[name], reflect.TypeOf(value))
	}
}

func compareFields(t *testing.T, name string, o object, typ reflect.Type) {
	t.Helper()
	var all, required, known []string
	for i := range typ.NumField() {
		field, options, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
		all = append(all, field)
		if options != "omitempty" {
			required = append(required, field)
		}
	}
	for property := range o.Properties {
		known = append(known, property)
	}
	slices.Sort(all)
	slices.Sort(known)
	slices.Sort(required)
	slices.Sort(o.Required)
	if diff := cmp.Diff(all, known); diff != "" {
		t.Errorf("%s: properties (-%s +schema):\n%s", name, typ, diff)
	}
	if diff := cmp.Diff(required, o.Required); diff != "" {
		t.Errorf("%s: required (-%s +schema):\n%s", name, typ, diff)
	}
}

func TestSARIFMatchesSchema(t *testing.T) {
	schema := compile(t, sarifFile)
	for name, r := range map[string]*audit.Report{"sample": sample(), "empty": {}} {
		for _, o := range []Options{{}, {Open: openSample, Rules: sampleRules()}} {
			if err := check(t, schema, write(t, "sarif", r, o)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	bad := strings.Replace(write(t, "sarif", sample(), Options{}), `"level": "note"`, `"level": "notice"`, 1)
	if check(t, schema, bad) == nil {
		t.Error("the schema takes any level")
	}
}

func TestReadErrors(t *testing.T) {
	tests := map[string]string{
		``:                                   "not a JSON report: unexpected end of JSON input",
		`{}`:                                 `not a report: it has no "schema"`,
		`{"schema":2}`:                       "the report has schema 2, but this program reads schema 1 only",
		`{"schema":1} {}`:                    "not a JSON report: invalid character '{' after top-level value",
		`{"schema":1,"x":[]}`:                "",
		`{"schema":1,"repositories":[null]}`: "not a report: null stands in a list of objects",
		`{"schema":1,"repositories":[{"findings":[null]}]}`:               "not a report: null stands in a list of objects",
		`{"schema":1,"repositories":[{"references":[{"uses":[null]}]}]}`:  "not a report: null stands in a list of objects",
		`{"schema":1,"repositories":[{"references":[null]}]}`:             "not a report: null stands in a list of objects",
		`{"schema":1,"tokens":[{"findings":[null]}]}`:                     "not a report: null stands in a list of objects",
		`{"schema":1,"repositories":[{"accepted":[null]}]}`:               "not a report: null stands in a list of objects",
		`{"schema":1,"repositories":[{"baseline":{"gone":[null]}}]}`:      "not a report: null stands in a list of objects",
		`{"schema":1,"organization":{"secrets":[null]}}`:                  "not a report: null stands in a list of objects",
		`{"schema":1,"tokens":[null]}`:                                    "not a report: null stands in a list of objects",
		`{"schema":1,"repositories":[{"references":[{"verdict":null}]}]}`: "",
		`{"schema":1,"repositories":[{"files":"many"}]}`:                  "not a report of schema 1: json: cannot unmarshal string into Go struct field Repository.repositories.files of type int",
	}
	for source, want := range tests {
		_, err := Read(strings.NewReader(source))
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("Read(%s): got %q, want %q", source, got, want)
		}
	}
}
