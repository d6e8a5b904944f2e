package rules

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	diff "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// sorted compares lists of texts without regard to their order.
var sorted = diff.Options{cmpopts.SortSlices(strings.Compare), cmpopts.EquateEmpty()}

func openTables(t *testing.T) []*table {
	t.Helper()
	var out []*table
	for _, s := range Sources() {
		table, err := openTable(s.Table)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, table)
	}
	files, err := tableFiles.ReadDir("table")
	if err != nil || len(files) != len(out) {
		t.Fatalf("%d of %d tables can be read: %v", len(out), len(files), err)
	}
	return out
}

func TestTablesHaveSources(t *testing.T) {
	for _, table := range openTables(t) {
		i := table.info
		if i.Source == "" || i.Version == "" || i.Rows == 0 {
			t.Errorf("%s: %+v", i.Table, i)
		}
		_, err := time.Parse(time.DateOnly, i.Date)
		if _, err2 := time.Parse("2006-01", i.Date); err != nil && err2 != nil {
			t.Errorf("%s: date: %v", i.Table, err)
		}
	}
}

// TestTablesParse reads every table in full, and finds those that nothing reads.
func TestTablesParse(t *testing.T) {
	for _, table := range openTables(t) {
		fault, read := faults[table.info.Table]
		if !read {
			if table.info.Table != "actions" { // it is read action by action, see TestActionTableCells
				t.Errorf("nothing reads the table %s", table.info.Table)
			}
			continue
		}
		if err := fault(); err != nil {
			t.Errorf("%s: %v", table.info.Table, err)
		}
	}
}

// keys are the columns that tell the rows of a table apart, in order of
// sorting.
var keys = map[string][]string{
	"scopes": {"scope"}, "endpoint-cases": {"id", "when"}, "endpoints": {"id", "method", "path"},
	"mutations": {"mutation", "when"}, "fields": {"field", "when"}, "types": {"type"},
}

func TestTablesAreSortedAndUnique(t *testing.T) {
	for _, table := range openTables(t) {
		seen := map[string]int{}
		var before []string
		for _, r := range table.rows {
			whole := strings.Join(r.cells, "\t")
			if first, ok := seen[whole]; ok {
				t.Errorf("%s:%d: the same row as line %d", table.info.Table, r.line, first)
			}
			seen[whole] = r.line
			columns, ok := keys[table.info.Table]
			if !ok {
				continue
			}
			var key []string
			for _, c := range columns {
				key = append(key, r.cell(c))
			}
			if slices.Compare(before, key) >= 0 && before != nil {
				t.Errorf("%s:%d: %q stands after %q", table.info.Table, r.line, key, before)
			}
			before = key
		}
	}
}

func TestCellsAreClean(t *testing.T) {
	for _, table := range openTables(t) {
		for _, r := range table.rows {
			for i, c := range r.cells {
				if c == "" || c != strings.TrimSpace(c) || strings.Contains(c, "  ") {
					t.Errorf("%s:%d: %s: %q is empty or has spaces to spare", table.info.Table, r.line, table.columns[i], c)
				}
			}
		}
	}
}

// TestNeedsAreLegal checks the names and accesses of permissions in every
// table.
func TestNeedsAreLegal(t *testing.T) {
	count := 0
	for _, table := range openTables(t) {
		for _, r := range table.rows {
			needs, err := r.needs("needs")
			if err != nil {
				t.Errorf("%s:%d: %v", table.info.Table, r.line, err)
			}
			for _, p := range needs.Permissions() {
				count++
				if !p.Known() {
					t.Errorf("%s:%d: no such permission: %s", table.info.Table, r.line, p)
				}
			}
			if _, err := r.events("events"); err != nil {
				t.Errorf("%s:%d: %v", table.info.Table, r.line, err)
			}
			if _, err := r.condition("when"); err != nil {
				t.Errorf("%s:%d: %v", table.info.Table, r.line, err)
			}
		}
	}
	if count < 2000 {
		t.Errorf("only %d permissions looked at", count)
	}
}

// TestNamesExist checks that what tables name stands in the tables of it:
// operations, mutations, scopes, reason codes.
func TestNamesExist(t *testing.T) {
	reasons := ReasonCodes()
	route := regexp.MustCompile(`^(GET|POST|PUT|PATCH|DELETE) /`)
	for _, table := range openTables(t) {
		for _, r := range table.rows {
			where := table.info.Table
			for _, code := range append(r.list("reasons"), r.list("reason")...) {
				if !slices.Contains(reasons, code) {
					t.Errorf("%s:%d: no page for the reason %q", where, r.line, code)
				}
			}
			for _, column := range table.columns {
				if !strings.HasSuffix(column, "scopes") && !strings.HasSuffix(column, "_scope") {
					continue
				}
				for _, s := range r.list(column) {
					if _, ok := scopeIndex()[s]; !ok {
						t.Errorf("%s:%d: no scope %q", where, r.line, s)
					}
				}
			}
			if path := r.cell("path"); path != "" && !strings.Contains(path, "}...{") {
				if e, _, ok := Route(r.cell("method"), path); !ok || e.Path != path {
					t.Errorf("%s:%d: no operation %s %s", where, r.line, r.cell("method"), path)
				}
			}
			for _, o := range strings.FieldsFunc(r.cell("operations")+","+r.cell("rest"), func(c rune) bool { return c == ';' || c == ',' }) {
				o = strings.TrimSpace(o)
				if name, ok := strings.CutPrefix(o, "mutation "); ok {
					if _, ok := Mutation(name); !ok {
						t.Errorf("%s:%d: no mutation %q", where, r.line, name)
					}
				}
				if !route.MatchString(o) {
					continue
				}
				method, path, _ := strings.Cut(o, " ")
				// The older template of a comparison leads to the newer one.
				path = strings.Replace(path, "{base}...{head}", "{basehead}", 1)
				if e, _, ok := Route(method, path); !ok || e.Path != path {
					t.Errorf("%s:%d: no operation %q", where, r.line, o)
				}
			}
		}
	}
}

func TestScopesAreSound(t *testing.T) {
	for _, s := range Scopes() {
		for _, by := range s.ImpliedBy {
			if _, ok := scopeIndex()[by]; !ok {
				t.Errorf("%s: no scope %q", s.Name, by)
			}
			if depth := height(by, 0); depth > 4 {
				t.Errorf("%s stands in a ring, or in a line of %d", s.Name, depth)
			}
		}
	}
}

func height(scope string, depth int) int {
	if depth > 5 {
		return depth
	}
	most := depth
	for _, by := range scopeIndex()[scope].ImpliedBy {
		most = max(most, height(by, depth+1))
	}
	return most
}

// TestRowsDoNotContradict holds the answers of the tables against what the
// needs say: GITHUB_TOKEN cannot do what takes a permission that it cannot
// hold.
func TestRowsDoNotContradict(t *testing.T) {
	check := func(name string, e Effect) {
		if _, missing := e.Needs.Workflow(); len(missing) > 0 && e.Answer != AnswerNo {
			t.Errorf("%s: answer %s, but nothing gives %s", name, e.Answer, missing)
		}
		if e.Answer == AnswerConditional && len(e.Reasons) == 0 {
			t.Errorf("%s: conditional without a reason", name)
		}
		if e.Answer == AnswerYes && len(e.Reasons) > 0 {
			t.Errorf("%s: yes with the reasons %q", name, e.Reasons)
		}
	}
	for _, e := range Endpoints() {
		check(e.Operation(), e.Effect())
		for _, c := range e.Cases {
			check(e.Operation()+" "+c.When.String(), c.Effect)
		}
	}
	for _, r := range slices.Concat(mutationRows().rows, plainFields()) {
		check(r.name+" "+r.When.String(), r.Effect)
		if _, missing := r.Effect.Needs.Workflow(); len(r.When) == 0 && r.Effect.Answer == AnswerNo && len(r.Effect.Reasons) == 0 && len(missing) == 0 {
			t.Errorf("%s: no, without a reason", r.name)
		}
		if !slices.Contains([]string{"high", "medium", "low"}, r.Effect.Confidence) {
			t.Errorf("%s: confidence %q", r.name, r.Effect.Confidence)
		}
	}
}

func plainFields() []mutationRow {
	var out []mutationRow
	for _, f := range fieldRows().rows {
		out = append(out, f.mutationRow)
	}
	return out
}

// TestFirstRowAlwaysHolds checks that each mutation and field has one row
// without a condition, and that it comes first.
func TestFirstRowAlwaysHolds(t *testing.T) {
	for _, all := range [][]mutationRow{mutationRows().rows, plainFields()} {
		for i, r := range all {
			first := i == 0 || all[i-1].name != r.name
			if first != (len(r.When) == 0) {
				t.Errorf("%s: row %d has the condition %q", r.name, i, r.When)
			}
		}
	}
}

func TestEndpointIDsAreUnique(t *testing.T) {
	seen := map[string]string{}
	for _, e := range Endpoints() {
		if other, ok := seen[e.ID]; ok && e.ID != "" {
			t.Errorf("%s stands for %s and %s", e.ID, other, e.Operation())
		}
		seen[e.ID] = e.Operation()
		if needs := e.Needs.String(); e.WorkflowFiles && needs != "contents:write" && needs != "pull_requests:write" {
			t.Errorf("%s: workflow files, but needs %s", e.ID, e.Needs)
		}
		if e.Basis == BasisPublic && len(e.Needs) > 0 {
			t.Errorf("%s: takes no permission, but needs %s", e.ID, e.Needs)
		}
	}
	for _, r := range endpointCaseRows().rows {
		e, ok := OperationByID(r.id)
		if !ok {
			t.Errorf("endpoint-cases: no operation %q", r.id)
		}
		if ok && r.When.String() == "workflow-files" != slices.ContainsFunc(r.Effect.Reasons, func(c string) bool { return c == "workflow-files" }) {
			t.Errorf("endpoint-cases: %s: reasons %q", r.id, r.Effect.Reasons)
		}
		if ok && r.When.String() == "workflow-files" && !e.WorkflowFiles && r.id != "git/create-ref" && r.id != "git/create-tree" {
			t.Errorf("endpoint-cases: %s is not marked as touching workflow files", r.id)
		}
	}
}

// TestTypesAreWhole checks that every type that a field returns is there, and
// that guarded fields belong to types that can be reached.
func TestTypesAreWhole(t *testing.T) {
	all := graphTypes()
	for _, g := range typeRows().rows {
		for field, result := range g.fields {
			if all[result] == nil {
				t.Errorf("%s.%s returns %s, which is not there", g.name, field, result)
			}
		}
		for _, i := range g.interfaces {
			if all[i] == nil {
				t.Errorf("%s: no interface %s", g.name, i)
			}
		}
	}
	for _, f := range fieldRows().rows {
		name, field, ok := strings.Cut(f.name, ".")
		if !ok || field == "" || all[name] == nil && name != "viewer" {
			t.Errorf("field %s: no such type", f.name)
		}
	}
	if len(all) < 500 || all["Query"].fields["repository"] != "Repository" {
		t.Errorf("%d types", len(all))
	}
}

func TestSources(t *testing.T) {
	names := []string{}
	for _, s := range Sources() {
		names = append(names, s.Table)
	}
	if !slices.IsSortedFunc(names, cmp.Compare[string]) || !slices.Contains(names, "endpoints") {
		t.Errorf("tables %q", names)
	}
}
