package shell

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// jq prints the JSON that `jq -n --arg name value '{key: $name}'` makes: that
// is how scripts put the bodies of requests together. Any other program of jq
// is a filter.
func jq(i *interp, c *call) {
	program, vars, ok := jqWords(c.args[1:])
	if ok {
		if v, ok := jqObject(program, vars); ok {
			i.prints(c, value.Concat(v, value.Text("\n")))
			return
		}
	}
	if v, ok := i.jqUpload(c.args[1:]); ok {
		i.prints(c, value.Concat(v, value.Text("\n")))
		return
	}
	if v, ok := i.jqPullHead(c.args[1:]); ok {
		i.prints(c, value.Concat(v, value.Text("\n")))
		return
	}
	if v, ok := i.jqEvent(c.args[1:]); ok {
		i.prints(c, value.Concat(v, value.Text("\n")))
		return
	}
	if v, ok := i.jqField(c.args[1:]); ok {
		i.prints(c, v)
		return
	}
	filter(i, c)
}

// askedRelease matches the request for a release in the source of its answer.
var askedRelease = regexp.MustCompile(`(?:https://api\.github\.com|\$\{?GITHUB_API_URL\}?)/repos/[^\s"'|;&]+/releases[^\s"'|;&)]*`)

// jqUpload takes the address for uploads out of a release's JSON that was read
// from a request: the address says no more than which request that was.
func (i *interp) jqUpload(args []value.Value) (v value.Value, ok bool) {
	if i.in == nil || len(args) != 2 || !slices.Contains(rawFlags, args[0].LiteralOr("")) || args[1].LiteralOr("") != ".upload_url" || len(i.in.value) == 0 {
		return nil, false
	}
	source := i.in.value[0].Unknown
	asked := askedRelease.FindAllString(source, -1)
	if len(asked) != 1 || strings.Count(source, "repos/") != 1 || !strings.HasPrefix(source, "$(") {
		return nil, false
	}
	return value.Opaque("$("+asked[0]+" | jq -r .upload_url)", i.in.value), true
}

// askedPull matches the source of an answer that is a pull request.
var askedPull = regexp.MustCompile(`^\$\((gh api [^|;&()]*\brepos/(?:\$\{\{[^}]*\}\}|[^\s|;&()])+/pulls/(?:\$\{\{[^}]*\}\}|[^\s/|;&()])+)\)$`)

// jqPullHead takes the repository of the head out of a pull request's JSON that
// was read from a request: it says no more than which request that was.
func (i *interp) jqPullHead(args []value.Value) (v value.Value, ok bool) {
	if i.in == nil || len(args) != 2 || !slices.Contains(rawFlags, args[0].LiteralOr("")) || args[1].LiteralOr("") != ".head.repo.full_name" || len(i.in.value) == 0 {
		return nil, false
	}
	asked := askedPull.FindStringSubmatch(i.in.value[0].Unknown)
	if asked == nil {
		return nil, false
	}
	return value.Opaque("$("+asked[1]+" --jq .head.repo.full_name)", i.in.value), true
}

// rawFlags make jq print a text without quotes.
var rawFlags = []string{"-r", "-er", "-re", "-j", "--raw-output"}

// eventField matches a program that picks one field of an event's payload.
var eventField = regexp.MustCompile(`^(?:\.[a-z_]+){2,6}$`)

// jqEvent reads one field of the file that holds the event's payload: it is
// what the context github.event has there. What was put in by hand is left
// alone.
func (i *interp) jqEvent(args []value.Value) (v value.Value, ok bool) {
	if len(args) != 3 || !slices.Contains(rawFlags, args[0].LiteralOr("")) || !args[2].IsContext("github.event_path") {
		return nil, false
	}
	field := args[1].LiteralOr("")
	if !eventField.MatchString(field) || strings.HasPrefix(field, ".inputs.") || strings.HasPrefix(field, ".client_payload.") {
		return nil, false
	}
	return value.Context("github.event" + field), true
}

// jqWords takes a call apart. ok is false where it reads input, or has flags
// that are not understood.
func jqWords(args []value.Value) (program string, vars map[string]value.Value, ok bool) {
	vars = map[string]value.Value{}
	bare := false
	for n := 0; n < len(args); n++ {
		word := args[n].LiteralOr("")
		switch {
		case (word == "--arg" || word == "--argjson") && n+2 < len(args):
			name, v := args[n+1].LiteralOr(""), args[n+2]
			if word == "--arg" {
				v = value.Concat(value.Text(`"`), mapText(v, jsonText), value.Text(`"`))
			}
			vars[name] = v
			n += 2
		case word == "--null-input":
			bare = true
		case word == "--compact-output" || word == "--raw-output":
		case isFlags(word):
			if strings.Trim(word[1:], "ncrSM") != "" {
				return "", nil, false
			}
			bare = bare || strings.Contains(word, "n")
		case program == "" && word != "" && !strings.HasPrefix(word, "-"):
			program = word
		default:
			return "", nil, false
		}
	}
	return program, vars, bare && program != ""
}

// jsonText is a text as it stands between the quotes of JSON.
func jsonText(s string) string {
	quoted, err := json.Marshal(s)
	if err != nil || len(quoted) < 2 {
		return s
	}
	return string(quoted[1 : len(quoted)-1])
}

// jqToken matches one token of a program that only builds a value.
var jqToken = regexp.MustCompile(`^(?:\s+|[{}\[\],:]|"(?:[^"\\]|\\[^(])*"|-?\d+(?:\.\d+)?|\$?[A-Za-z_]\w*)`)

// jqObject evaluates a program that builds an object of constants and
// variables.
func jqObject(program string, vars map[string]value.Value) (value.Value, bool) {
	if !strings.HasPrefix(strings.TrimSpace(program), "{") {
		return nil, false
	}
	var out []value.Value
	keys := []bool{}
	key := true // a key may stand here
	for rest := program; rest != ""; {
		token := jqToken.FindString(rest)
		if token == "" {
			return nil, false
		}
		rest = rest[len(token):]
		next := strings.TrimSpace(rest)
		switch {
		case strings.TrimSpace(token) == "":
		case token == "{" || token == "[":
			keys = append(keys, token == "{")
			key = token == "{"
			out = append(out, value.Text(token))
		case token == "}" || token == "]":
			if len(keys) == 0 {
				return nil, false
			}
			keys = keys[:len(keys)-1]
			out = append(out, value.Text(token))
		case token == ",":
			key = len(keys) > 0 && keys[len(keys)-1]
			out = append(out, value.Text(token))
		case token == ":":
			key = false
			out = append(out, value.Text(token))
		case strings.HasPrefix(token, "$"):
			v, ok := vars[token[1:]]
			if !ok {
				return nil, false
			}
			if key {
				// {$name} is short for {"name": $name}.
				out = append(out, value.Text(`"`+token[1:]+`":`))
			}
			out = append(out, v)
		case key && token[0] != '"' && !strings.HasPrefix(next, ":"):
			return nil, false
		case key && token[0] != '"':
			out = append(out, value.Text(`"`+token+`"`))
		case token[0] == '"', token == "true", token == "false", token == "null", token[0] == '-', token[0] >= '0' && token[0] <= '9':
			out = append(out, value.Text(token))
		default:
			return nil, false
		}
	}
	if len(keys) > 0 {
		return nil, false
	}
	return bounded(value.Concat(out...), "$(jq)"), true
}
