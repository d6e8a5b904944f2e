package shell

import (
	"encoding/json"
	"regexp"
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
	filter(i, c)
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
