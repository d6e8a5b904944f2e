package infer

import (
	"encoding/json"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// ghAPI handles `gh api`: a REST or GraphQL call.
func (in *inferrer) ghAPI(u *Use, site *trace.Site, call rules.GhCall, table *value.Table) {
	at := site.Place()
	if len(call.Operands) == 0 {
		u.Unknowns = []Unknown{{Code: "unread", Detail: "gh api without an endpoint", Place: at}}
		return
	}
	// files has those fields that take their text from a file.
	fields, files := map[string]value.Value{}, map[string]value.Value{}
	lists := map[string][]value.Value{}
	for _, flag := range []string{"field", "raw-field"} {
		for _, text := range call.Flags[flag] {
			name, v, _ := strings.Cut(text, "=")
			if flag == "field" && v == "null" {
				v = ""
			}
			element := strings.HasSuffix(name, "[]")
			name, nested := fieldName(name)
			if outer, _, _ := strings.Cut(name, "."); nested && len(fields[outer]) == 0 {
				fields[outer] = value.Unknown("a nested value")
			}
			if file, from := strings.CutPrefix(v, "@"); from && flag == "field" {
				files[name] = table.Value(file)
				fields[name] = in.textOf(site.Command, files[name])
				if name == "query" {
					fields[name] = in.fileBody(site.Command, files[name])
				}
				continue
			}
			if element && !nested {
				lists[name] = append(lists[name], table.Value(v))
				fields[name] = value.List(lists[name]...)
				continue
			}
			if before, there := fields[name]; there && nested {
				fields[name] = value.Choice(before, table.Value(v))
				continue
			}
			fields[name] = table.Value(v)
		}
	}
	input, hasInput := call.Lookup("input")
	method := "GET"
	if len(fields) > 0 || hasInput {
		method = "POST"
	}
	if m, ok := call.Lookup("method"); ok {
		method = strings.ToUpper(m)
	}
	body := in.fileBody(site.Command, table.Value(input))
	endpoint := table.Value(call.Operands[0])
	if text := strings.TrimPrefix(endpoint.String(), "/"); text == "graphql" {
		document := in.filledIn(site.Command, fields["query"])
		if hasInput && len(document) == 0 {
			document, fields = queryOf(body), variablesOf(body)
		}
		delete(fields, "query")
		in.graphQL(u, document, fields, at)
		return
	}
	open := hasInput && !jsonBody(body, fields)
	in.rest(u, request{method: method, path: in.trimHost(endpoint), arguments: fields, open: open, here: in.ghDefault(site), place: at})
	if said, given := files["body"]; given {
		for n := range u.Operations {
			in.saysFile(&u.Operations[n], site.Command, said)
		}
	}
}

// fieldName returns the name of a field as arguments have it: "tree[][path]" is
// tree.path. Nested says that it is one of an inner object, of which a list may
// have several.
// Source: https://cli.github.com/manual/gh_api
func fieldName(flag string) (name string, nested bool) {
	name, rest, nested := strings.Cut(strings.TrimSuffix(flag, "[]"), "[")
	if !nested {
		return name, false
	}
	for _, inner := range strings.Split(rest, "[") {
		if inner = strings.TrimSuffix(inner, "]"); inner != "" {
			name += "." + inner
		}
	}
	return name, true
}

// queryOf returns the "query" of a JSON body, or the body itself where it is
// no JSON.
func queryOf(body value.Value) value.Value {
	if alternatives := body.Alternatives(); len(alternatives) > 1 {
		var queries []value.Value
		for _, a := range alternatives {
			queries = append(queries, queryOf(a))
		}
		return value.Choice(queries...)
	}
	masked := body.Mask()
	var document struct {
		Query string `json:"query"`
	}
	if err := json.Unmarshal([]byte(masked.Text), &document); err == nil && document.Query != "" {
		return masked.Table.Value(document.Query)
	}
	return body
}

// variablesOf returns the variables of a GraphQL request's JSON body.
func variablesOf(body value.Value) map[string]value.Value {
	out := map[string]value.Value{}
	for alternative := range body.EachAlternative() {
		fields := map[string]value.Value{}
		addJSON(alternative, fields)
		for key, v := range fields {
			name, of := strings.CutPrefix(key, "variables.")
			if !of {
				continue
			}
			if before, there := out[name]; there {
				v = value.Choice(before, v)
			}
			out[name] = v
		}
	}
	return out
}

// addJSON adds the texts of one JSON body to fields. Whole says that it has no
// others.
func addJSON(body value.Value, fields map[string]value.Value) (whole bool) {
	masked := body.Mask()
	var object map[string]any
	if json.Unmarshal([]byte(masked.Text), &object) != nil && json.Unmarshal([]byte(quoteBare(masked.Text)), &object) != nil {
		return false
	}
	whole = true
	for name, v := range object {
		addField(masked.Table, name, v, fields)
		whole = whole && !value.HasPlaceholder(name)
	}
	return whole
}

// addField adds a member of a JSON body to fields, of objects in a list one or
// the other.
func addField(table *value.Table, name string, v any, fields map[string]value.Value) {
	switch v := v.(type) {
	case nil:
		// It is there, and empties what it names.
		fields[name] = nil
	case string:
		one := table.Value(v)
		if before, there := fields[name]; there && strings.Contains(name, ".") {
			one = value.Choice(before, one)
		}
		fields[name] = one
	case bool:
		fields[name] = value.Text(map[bool]string{true: "true", false: "false"}[v])
	case map[string]any:
		fields[name] = value.Unknown("a nested value")
		for inner, member := range v {
			addField(table, name+"."+inner, member, fields)
		}
	case []any:
		var texts []value.Value
		for _, member := range v {
			switch member := member.(type) {
			case map[string]any:
				addField(table, name, member, fields)
			case string:
				texts = append(texts, table.Value(member))
			}
		}
		fields[name] = value.Unknown("a nested value")
		if len(texts) == len(v) {
			fields[name] = value.List(texts...)
		}
	default:
		fields[name] = value.Unknown("a nested value")
	}
}

// quoteBare puts quotes around placeholders that stand outside the strings of
// a JSON text: numbers and words that are only known when it runs.
func quoteBare(text string) string {
	if !value.HasPlaceholder(text) {
		return text
	}
	var b strings.Builder
	inside, escaped, bare := false, false, false
	for _, r := range text {
		placeholder := !inside && (value.HasPlaceholder(string(r)) || bare && r == '_')
		if placeholder != bare {
			b.WriteByte('"')
			bare = placeholder
		}
		switch {
		case escaped:
			escaped = false
		case r == '\\':
			escaped = inside
		case r == '"':
			inside = !inside
		}
		b.WriteRune(r)
	}
	if bare {
		b.WriteByte('"')
	}
	return b.String()
}
