package needs

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/patrol-actions/patrol/audit/config"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/rules"
)

// kind is what a query is about.
type kind int

const (
	command  kind = iota // a line of a script
	request              // a REST call
	document             // a GraphQL document
	action               // an action with its inputs
	file                 // a workflow file, or a job or step of it
)

// Query is one thing that is asked about.
type Query struct {
	// Text is the query as it was asked, on one line.
	Text string

	kind kind
	// script is what a command runs, shell what it is written for where that
	// is not bash; operation is a request's route.
	script, shell, operation string
	// document is GraphQL text; source is the file that holds it instead, or
	// the workflow file.
	document, source string
	// uses is the action.
	uses string
	// job and step narrow a workflow file; step 0 means all.
	job  string
	step int
	// given are a request's parameters, a document's variables, an action's
	// inputs.
	given []field
	// own is what the project says itself; nil where it says nothing.
	own *config.Config
	// remarks say what of the query is not known, and so has no part in the
	// answer.
	remarks []string
}

// field is one name=value.
type field struct{ name, value string }

// IsCommand tells whether the query is a command line, in which every word
// that looks like a flag is the command's.
func (q Query) IsCommand() bool { return q.kind == command }

// maxQuery bounds the length of a query.
const maxQuery = 64 << 10

// separator stands between several queries.
const separator = "+"

// ParseWords reads the words of a command line, given what the project says of
// its own actions and programs (or nil): queries with a lone "+"
// between them. A query of one word with spaces in it is read like a line.
func ParseWords(words []string, own *config.Config) ([]Query, error) {
	var out []Query
	for _, group := range Split(words) {
		q, err := parseGroup(group, own)
		if err != nil {
			return nil, err
		}
		out = append(out, q)
	}
	if len(out) == 0 {
		return nil, errors.New("say what it is about: a command, a REST call, an action, a workflow file")
	}
	return out, nil
}

func parseGroup(group []string, own *config.Config) (Query, error) {
	if len(group) == 1 && strings.ContainsAny(group[0], " \t\n") {
		return ParseLine(group[0], own)
	}
	q, err := parse(group, quoted(group), own)
	if err == nil && q.kind != command {
		q.Text = oneLine(strings.Join(group, " "))
	}
	return q, err
}

// Split parts words at every lone "+"; empty parts are left out.
func Split(words []string) [][]string {
	var out [][]string
	for len(words) > 0 {
		i := slices.Index(words, separator)
		if i < 0 {
			i = len(words)
		}
		if i > 0 {
			out = append(out, words[:i:i])
		}
		words = words[min(i+1, len(words)):]
	}
	return out
}

// ParseLine reads a query that stands on a line: a command as a script has
// it, or any other form with spaces between its words. Own is as for
// [ParseWords].
func ParseLine(line string, own *config.Config) (Query, error) {
	line = strings.TrimSpace(line)
	if isGraphQL(line) {
		return Query{Text: oneLine(line), kind: document, document: line}, nil
	}
	return parse(lineWords(line), line, own)
}

// parse reads the words of a query; source is how a script has them.
func parse(words []string, source string, own *config.Config) (Query, error) {
	if len(words) == 0 || strings.TrimSpace(words[0]) == "" {
		return Query{}, errors.New("say what it is about: a command, a REST call, an action, a workflow file")
	}
	if len(source) > maxQuery {
		return Query{}, errors.New("a query is at most 64 KiB long")
	}
	if strings.ContainsRune(source, 0) {
		return Query{}, errors.New("a query cannot hold a zero byte")
	}
	q := Query{Text: oneLine(source), own: own}
	first, rest := words[0], words[1:]
	switch {
	case strings.HasPrefix(first, "@") && !q.isProgram(words):
		q.kind, q.source = document, first[1:]
		return q.with(rest)
	case isGraphQL(first):
		q.kind, q.document = document, first
		return q.with(rest)
	case isMethod(first) && len(rest) > 0 && isRoute(rest[0]):
		return q.route(strings.ToUpper(first), rest[0], rest[1:])
	case workflowFile.MatchString(first):
		return q.file(first, rest)
	case isRoute(first):
		return q.route("", first, rest)
	}
	if e, ok := operation(first); ok {
		q.kind, q.operation = request, e.Operation()
		return q.with(rest)
	}
	return q.named(words, source)
}

// named reads a query whose first word is a name: of an action, a program, or
// a mutation.
func (q Query) named(words []string, source string) (Query, error) {
	first, rest := words[0], words[1:]
	name, _, _ := strings.Cut(first, "@")
	if _, ok := infer.Action(q.own, name); ok && strings.Contains(name, "/") {
		q.kind, q.uses = action, first
		q, err := q.with(rest)
		q.remarks = q.unknownInputs()
		return q, err
	}
	if strings.HasPrefix(first, "./") && path.Ext(first) == "" && !strings.ContainsAny(strings.Join(rest, ""), "-") && allFields(rest) {
		q.kind, q.uses = action, first
		return q.with(rest)
	}
	if calls, ok := q.statement(source); ok {
		return q.commands(calls, source)
	}
	if q.isProgram(words) {
		return q.command(words, source)
	}
	if _, ok := rules.Mutation(strings.TrimPrefix(first, "mutation.")); ok {
		return q.mutation(first, rest)
	}
	return Query{}, unknownName(first)
}

func (q Query) command(words []string, source string) (Query, error) {
	q.kind, q.script = command, source
	if rules.PowerShellClient.Has(strings.ToLower(words[0])) {
		q.shell = "pwsh"
		return q, nil
	}
	if _, err := syntax.NewParser().Parse(strings.NewReader(masked(source)), ""); err != nil {
		return Query{}, fmt.Errorf("%s: %w", q.Text, err)
	}
	if _, described := q.own.Program(words, "."); described {
		return q, nil // an extension of gh, say
	}
	q.remarks = unknownFlags(words)
	return q, checkGh(words)
}

func allFields(words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(w, "=") })
}

// workflowFile matches a path with a job and a step, if there are any.
var workflowFile = regexp.MustCompile(`^[^:@?=]+\.ya?ml(?::[\w.-]+(?::\d+)?)?$`)

func (q Query) file(word string, rest []string) (Query, error) {
	if len(rest) > 0 {
		return Query{}, fmt.Errorf("%s: say a job as %s:JOB, and a step of it as %s:JOB:2; %q is neither", word, word, word, rest[0])
	}
	q.kind = file
	name, narrow, _ := strings.Cut(word, ":")
	job, step, _ := strings.Cut(narrow, ":")
	q.source, q.job = name, job
	if step != "" {
		n, err := strconv.Atoi(step)
		if err != nil || n < 1 {
			return Query{}, fmt.Errorf("%s: steps are numbered from 1", word)
		}
		q.step = n
	}
	return q, nil
}

// mutation makes a document of a mutation's name and the fields of its input.
func (q Query) mutation(name string, rest []string) (Query, error) {
	fields, err := fields(rest)
	if err != nil {
		return Query{}, err
	}
	var input []string
	for _, f := range fields {
		if !graphQLName.MatchString(f.name) {
			return Query{}, fmt.Errorf("%q is no field of a GraphQL input", f.name)
		}
		text, _ := json.Marshal(f.value)
		input = append(input, f.name+": "+string(text))
	}
	q.kind = document
	q.document = fmt.Sprintf("mutation { %s(input: {%s}) { clientMutationId } }", strings.TrimPrefix(name, "mutation."), strings.Join(input, ", "))
	return q, nil
}

var graphQLName = regexp.MustCompile(`^[A-Za-z_]\w*$`)

// with adds name=value words.
func (q Query) with(words []string) (Query, error) {
	var err error
	q.given, err = fields(words)
	return q, err
}

func fields(words []string) ([]field, error) {
	var out []field
	for _, w := range words {
		name, text, ok := strings.Cut(w, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("%q is not of the form NAME=VALUE", w)
		}
		out = append(out, field{strings.TrimSuffix(name, "[]"), text})
	}
	return out, nil
}

// expressionText matches what is only known when a workflow runs.
var expressionText = regexp.MustCompile(`\$\{\{.*?\}\}|\$\{\w+\}|\$\w+`)

// masked puts a placeholder where a path holds an expression or a variable.
func masked(text string) string { return expressionText.ReplaceAllString(text, "\ua000") }

var graphQLStart = regexp.MustCompile(`^\s*(?:(?:query|mutation|subscription|fragment)\b[^{]*)?\{`)

func isGraphQL(text string) bool { return len(text) > 1 && graphQLStart.MatchString(text) }

func (q Query) isProgram(words []string) bool {
	if _, ok := q.own.Program(words, "."); ok {
		return true
	}
	name := strings.ToLower(strings.TrimSuffix(path.Base(words[0]), ".exe"))
	if rules.Client.Has(name) || rules.PowerShellClient.Has(name) {
		return true
	}
	if script := path.Ext(words[0]); strings.HasPrefix(words[0], ".") || slices.Contains([]string{".sh", ".bash", ".ps1", ".js", ".mjs"}, script) {
		return true
	}
	if _, ok := rules.Program(words); ok {
		return true
	}
	return slices.Contains([]string{"bash", "sh", "node", "make", "npm", "yarn", "pnpm"}, name) && len(words) > 1
}

// checkGh says where gh has no such command.
func checkGh(words []string) error {
	if path.Base(words[0]) != "gh" {
		return nil
	}
	call, ok := rules.ParseGh(words[1:])
	if !ok || call.Command == "api" {
		return nil
	}
	if _, _, known := rules.GhEffect(call); known && call.Command != "" {
		return nil
	}
	return unknownGh(call.Command, words[1:])
}

// quoted writes words as a script has them. A word that is nothing but text
// around variables is left to the shell, which reads them as not known.
func quoted(words []string) string {
	out := make([]string, len(words))
	for i, w := range words {
		text, err := syntax.Quote(w, syntax.LangBash)
		switch {
		case expressionText.MatchString(w) && !strings.ContainsAny(expressionText.ReplaceAllString(w, ""), " \t\n\"`\\(){}$"):
			text = `"` + w + `"`
		case strings.HasPrefix(text, "~"), err != nil:
			text = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
		out[i] = text
	}
	return strings.Join(out, " ")
}

// lineWords parts a line at spaces, with quotes taken as a shell does, and
// expressions kept whole.
func lineWords(line string) []string {
	var out []string
	var word strings.Builder
	open, quote := false, rune(0)
	expressions := expressionText.FindAllStringIndex(line, -1)
	for i, r := range line {
		for len(expressions) > 0 && i >= expressions[0][1] {
			expressions = expressions[1:]
		}
		switch {
		case len(expressions) > 0 && i >= expressions[0][0]:
			word.WriteRune(r)
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			open, quote = true, r
		case r == ' ' || r == '\t' || r == '\n':
			if open || word.Len() > 0 {
				out = append(out, word.String())
			}
			word.Reset()
			open = false
		default:
			word.WriteRune(r)
		}
	}
	if open || word.Len() > 0 {
		out = append(out, word.String())
	}
	return out
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
