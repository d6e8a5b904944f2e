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
	at := place(site)
	if len(call.Operands) == 0 {
		u.Unknowns = []Unknown{{Code: "unread", Detail: "gh api without an endpoint", Place: at}}
		return
	}
	// files has those fields that take their text from a file.
	fields, files := map[string]value.Value{}, map[string]value.Value{}
	for _, flag := range []string{"field", "raw-field"} {
		for _, text := range call.Flags[flag] {
			name, v, _ := strings.Cut(text, "=")
			name = strings.TrimSuffix(name, "[]")
			if file, from := strings.CutPrefix(v, "@"); from && flag == "field" {
				files[name] = table.Value(file)
				fields[name] = in.textOf(site.Command, files[name])
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
	endpoint := table.Value(call.Operands[0])
	if text := strings.TrimPrefix(endpoint.String(), "/"); text == "graphql" {
		document := fields["query"]
		if hasInput && len(document) == 0 {
			document = in.inputDocument(site, table.Value(input))
		}
		delete(fields, "query")
		in.graphQL(u, document, fields, at)
		return
	}
	if hasInput {
		in.jsonFields(site, table.Value(input), fields)
	}
	in.rest(u, request{method: method, path: in.trimHost(endpoint), arguments: fields, open: hasInput, here: in.ghDefault(site), place: at})
	if body, given := files["body"]; given {
		for n := range u.Operations {
			in.saysFile(&u.Operations[n], site.Command, body)
		}
	}
}

// inputDocument returns the GraphQL text of a JSON body.
func (in *inferrer) inputDocument(site *trace.Site, file value.Value) value.Value {
	if file.String() == "-" {
		return queryOf(site.Command.Stdin)
	}
	return value.Unknown("the file " + file.String())
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

// jsonFields adds the top-level texts of a JSON body to fields.
func (in *inferrer) jsonFields(site *trace.Site, file value.Value, fields map[string]value.Value) {
	body := file
	if file.String() == "-" {
		body = site.Command.Stdin
	}
	addJSON(body, fields)
}

func addJSON(body value.Value, fields map[string]value.Value) {
	masked := body.Mask()
	var object map[string]any
	if json.Unmarshal([]byte(masked.Text), &object) != nil && json.Unmarshal([]byte(quoteBare(masked.Text)), &object) != nil {
		return
	}
	for name, v := range object {
		switch v := v.(type) {
		case string:
			fields[name] = masked.Table.Value(v)
		case bool:
			fields[name] = value.Text(map[bool]string{true: "true", false: "false"}[v])
		default:
			fields[name] = value.Unknown("a nested value")
		}
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
