package script

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// expression reads a text, a dictionary of texts, or what holds no
// credential. ok is false for everything else.
func (p *python) expression(tokens []pyToken) (v pyValue, ok bool) {
	p.steps++
	if p.steps > maxPythonSteps || len(tokens) == 0 {
		return pyValue{}, false
	}
	if v, n, ok := p.chain(tokens); ok && n == len(tokens) {
		return v, true
	}
	if v, ok := p.texts(tokens); ok {
		return v, true
	}
	if p.mentions(tokens) {
		return pyValue{}, false
	}
	return pyValue{text: value.Unknown(tokens[0].text)}, true
}

// texts reads texts that are put together by + or chosen by or.
func (p *python) texts(tokens []pyToken) (pyValue, bool) {
	if tokens[0].kind == '{' && pyClose(tokens) == len(tokens)-1 {
		return p.dictionary(tokens[1 : len(tokens)-1])
	}
	if tokens[0].kind == '(' && pyClose(tokens) == len(tokens)-1 && len(pySplit(tokens[1:len(tokens)-1], ',')) == 1 && len(tokens) > 2 {
		return p.texts(tokens[1 : len(tokens)-1])
	}
	if parts := pySplit(tokens, '+'); len(parts) > 1 {
		var whole value.Value
		for _, part := range parts {
			v, ok := p.expression(part)
			if !ok || v.members != nil {
				return pyValue{}, false
			}
			whole = value.Concat(whole, v.text)
		}
		return pyValue{text: whole}, true
	}
	if tokens[0].kind == 's' && !slices.ContainsFunc(tokens, func(t pyToken) bool { return t.kind != 's' }) {
		var whole value.Value
		for _, t := range tokens {
			v, ok := p.literal(t)
			if !ok {
				return pyValue{}, false
			}
			whole = value.Concat(whole, v)
		}
		return pyValue{text: whole}, true
	}
	if len(tokens) == 1 && tokens[0].kind == 'n' && p.bound(tokens[0].text) {
		return p.resolve(tokens[0].text), true
	}
	if len(tokens) == 1 {
		switch t := tokens[0]; {
		case t.kind == '0':
			return pyValue{text: value.Text(t.text)}, true
		case t.text == "True" || t.text == "False":
			return pyValue{text: value.Text(strings.ToLower(t.text))}, true
		}
	}
	return p.environment(tokens)
}

// environment reads os.environ["X"], os.environ.get("X", …) and
// os.getenv("X", …).
func (p *python) environment(tokens []pyToken) (pyValue, bool) {
	if pyIs(tokens, "os", ".") {
		tokens = tokens[2:]
	}
	var arguments []pyToken
	switch end := len(tokens) - 1; {
	case pyIs(tokens, "environ", "[") && pyClose(tokens[1:]) == end-1:
		arguments = tokens[2:end]
	case pyIs(tokens, "environ", ".", "get", "(") && pyClose(tokens[3:]) == end-3:
		arguments = tokens[4:end]
	case pyIs(tokens, "getenv", "(") && pyClose(tokens[1:]) == end-1:
		arguments = tokens[2:end]
	default:
		return pyValue{}, false
	}
	parts := pySplit(arguments, ',')
	if len(parts) == 0 || len(parts[0]) != 1 || parts[0][0].kind != 's' || parts[0][0].format || len(parts) > 2 {
		return pyValue{}, false
	}
	name := parts[0][0].text
	p.result.EnvReads = append(p.result.EnvReads, name)
	v, set := p.in.Env.Lookup(name)
	if !set {
		v = value.Unknown("$" + name)
	}
	if len(parts) == 2 && !set {
		other, ok := p.expression(parts[1])
		if !ok {
			return pyValue{}, false
		}
		v = value.Choice(v, other.text)
	}
	return pyValue{text: v}, true
}

// literal returns a string's text.
func (p *python) literal(t pyToken) (value.Value, bool) {
	if t.bytes {
		v := p.in.Table.Value(t.text)
		return value.Concat(value.Unknown("text"), v), !t.format
	}
	if !t.format {
		return p.in.Table.Value(t.text), true
	}
	var whole value.Value
	rest := t.text
	for {
		before, after, more := strings.Cut(rest, "{")
		whole = value.Concat(whole, p.in.Table.Value(before))
		if !more {
			return whole, true
		}
		inner, next, closed := strings.Cut(after, "}")
		statements := pyStatements(inner)
		if !closed || len(statements) != 1 || strings.HasPrefix(after, "{") {
			return nil, false
		}
		v, ok := p.expression(statements[0])
		if !ok || v.members != nil {
			return nil, false
		}
		whole = value.Concat(whole, v.text)
		rest = next
	}
}

func (p *python) dictionary(tokens []pyToken) (pyValue, bool) {
	out := pyValue{members: map[string]value.Value{}}
	for _, entry := range pySplit(tokens, ',') {
		pair := pySplit(entry, ':')
		if len(pair) != 2 || len(pair[0]) != 1 || pair[0][0].kind != 's' || len(pair[1]) == 0 {
			if p.mentions(entry) {
				return pyValue{}, false
			}
			continue
		}
		v, ok := p.expression(pair[1])
		if !ok || v.members != nil && v.holds() {
			return pyValue{}, false
		}
		if v.members != nil {
			v.text = value.Unknown("dictionary")
		}
		out.members[pair[0][0].text] = v.text
	}
	return out, true
}

// calls reads the calls in a statement, and returns the statement with a
// token in place of each that was understood.
func (p *python) calls(s []pyToken) []pyToken {
	var out []pyToken
	for i := 0; i < len(s); i++ {
		if s[i].kind == 'n' && (i == 0 || s[i-1].kind != '.' && !pyIs(s[i-1:], "def")) && (i+1 == len(s) || s[i+1].kind != '=' || i+2 < len(s) && s[i+2].kind == '=') {
			if v, n, ok := p.chain(s[i:]); ok && n > 1 {
				kind := byte('?')
				if v.object != nil {
					kind = 'o'
				}
				out = append(out, pyToken{kind: kind, offset: s[i].offset})
				i += n - 1
				continue
			}
			open := i + 1
			for open+1 < len(s) && s[open].kind == '.' && s[open+1].kind == 'n' {
				open += 2
			}
			if open < len(s) && s[open].kind == '(' {
				end := pyClose(s[open:])
				if end > 0 && p.call(pyName(s[i:open]), s[open+1:open+end], s[i].offset) {
					out = append(out, pyToken{kind: '?', offset: s[i].offset})
					i = open + end
					continue
				}
			}
		}
		out = append(out, s[i])
	}
	return out
}

func pyName(tokens []pyToken) string {
	var b strings.Builder
	for _, t := range tokens {
		b.WriteString(t.text)
	}
	return b.String()
}

// pyMethods are the functions of requests and httpx that are methods of HTTP.
var pyMethods = []string{"get", "post", "put", "patch", "delete", "head"}

// call reads the call of a function by its name.
func (p *python) call(name string, arguments []pyToken, offset int) bool {
	module, function, _ := strings.Cut(name, ".")
	if p.bound(module) || p.loose[module] {
		return false
	}
	switch {
	case (module == "requests" || module == "httpx") && slices.Contains(pyMethods, function):
		return p.request(strings.ToUpper(function), arguments, offset)
	case name == "requests.request" || name == "httpx.request":
		parts := pySplit(arguments, ',')
		if len(parts) < 2 || len(parts[0]) != 1 || parts[0][0].kind != 's' {
			return false
		}
		return p.request(strings.ToUpper(parts[0][0].text), arguments[2:], offset)
	case name == "urllib.request.Request":
		return p.request("", arguments, offset)
	case module == "subprocess" && slices.Contains([]string{"run", "call", "check_call", "check_output", "Popen", "getoutput"}, function):
		if !p.process(arguments, function == "getoutput", offset) {
			p.unread(offset, "starts a program that is not known here")
			return !p.mentions(arguments)
		}
		return true
	case name == "os.system" || name == "os.popen":
		if !p.process(arguments, true, offset) {
			p.unread(offset, "starts a program that is not known here")
			return !p.mentions(arguments)
		}
		return true
	}
	return false
}

// pyArguments parts positional from named arguments.
func pyArguments(tokens []pyToken) (list [][]pyToken, named map[string][]pyToken) {
	named = map[string][]pyToken{}
	for _, part := range pySplit(tokens, ',') {
		if len(part) > 2 && part[0].kind == 'n' && part[1].kind == '=' && part[2].kind != '=' {
			named[part[0].text] = part[2:]
			continue
		}
		list = append(list, part)
	}
	return list, named
}

// request reads an HTTP request; the method is GET or POST where none is
// named.
func (p *python) request(method string, tokens []pyToken, offset int) bool {
	list, named := pyArguments(tokens)
	address := named["url"]
	if len(list) > 0 {
		address, list = list[0], list[1:]
	}
	url, ok := p.expression(address)
	if !ok || url.members != nil {
		return false
	}
	call := Call{Kind: Fetch, Method: method, Headers: map[string]value.Value{}, Start: offset, End: offset, File: p.in.Path}
	for _, part := range list {
		if p.mentions(part) {
			return false
		}
	}
	body := len(list) > 0 && method != "GET"
	for name, tokens := range named {
		switch name {
		case "headers":
			headers, ok := p.expression(tokens)
			if !ok {
				return false
			}
			for key, v := range headers.members {
				call.Headers[strings.ToLower(key)] = v
			}
			call.Token = headers.text
		case "auth":
			parts := []([]pyToken){tokens}
			if tokens[0].kind == '(' && pyClose(tokens) == len(tokens)-1 {
				parts = pySplit(tokens[1:len(tokens)-1], ',')
			}
			for _, part := range parts {
				v, ok := p.expression(part)
				if !ok || v.members != nil {
					return false
				}
				call.Token = value.Concat(call.Token, v.text)
			}
		case "json", "data", "content":
			body = true
			v, ok := p.expression(tokens)
			if !ok || v.holds() {
				return false
			}
			call.Arguments, call.Open = v.members, v.members == nil
		case "method":
			if len(tokens) != 1 || tokens[0].kind != 's' {
				return false
			}
			call.Method = strings.ToUpper(tokens[0].text)
		case "url":
		default:
			if p.mentions(tokens) {
				return false
			}
		}
	}
	if body && call.Arguments == nil {
		call.Arguments = map[string]value.Value{"": nil}
	}
	if call.Method == "" {
		call.Method = "GET"
		if body {
			call.Method = "POST"
		}
	}
	return p.send(call, url.text)
}

// send notes a request to each address that it may go to. One to GraphQL is
// not understood: its document would have to be read.
func (p *python) send(call Call, url value.Value) bool {
	holds := call.Token.HoldsCredential() || url.HoldsCredential()
	for _, v := range call.Headers {
		holds = holds || v.HoldsCredential()
	}
	if !holds {
		return true
	}
	for _, address := range url.Alternatives() {
		if strings.Contains(strings.ToLower(address.String()), "graphql") {
			return false
		}
	}
	for _, address := range url.Alternatives() {
		c := call
		c.Path = address
		p.result.Calls = append(p.result.Calls, c)
	}
	return true
}

// process reads the start of a program, whose name must be known.
func (p *python) process(tokens []pyToken, shell bool, offset int) bool {
	list, named := pyArguments(tokens)
	if len(list) == 0 || len(list[0]) == 0 {
		return false
	}
	for name, tokens := range named {
		switch {
		case name == "shell":
			shell = pyIs(tokens, "True")
		case name == "env" && (pyName(tokens) == "os.environ" || pyName(tokens) == "os.environ.copy()"):
		case name == "env", name == "input", name == "stdin", name == "cwd", name == "executable", p.mentions(tokens):
			return false
		}
	}
	words := [][]pyToken{list[0]}
	if first := list[0]; first[0].kind == '[' && pyClose(first) == len(first)-1 {
		words = pySplit(first[1:len(first)-1], ',')
	} else if !shell {
		return false
	}
	call := Call{Kind: Exec, ShellString: shell, Env: p.in.Env, Start: offset, End: offset, File: p.in.Path}
	for i, word := range words {
		v, ok := p.expression(word)
		if !ok || v.members != nil || len(v.text.Alternatives()) > 1 || word[0].kind == '*' {
			return false
		}
		if i == 0 && (len(v.text) == 0 || v.text[0].Text == "") {
			return false
		}
		call.Command = append(call.Command, v.text)
	}
	p.result.Calls = append(p.result.Calls, call)
	return len(call.Command) > 0
}
