package script

import (
	"cmp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// expression reads a text, a dictionary of texts, or what holds no
// credential. ok is false for everything else.
func (p *python) expression(tokens []pyToken) (v pyValue, ok bool) {
	p.steps += 1 + len(tokens)/64
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
		return p.expression(tokens[1 : len(tokens)-1])
	}
	if v, ok, is := p.chosen(tokens); is {
		return v, ok
	}
	if parts := pySplit(tokens, '+'); len(parts) > 1 {
		if v, ok := p.added(parts); ok {
			return v, true
		}
		var whole value.Value
		for _, part := range parts {
			v, ok := p.expression(part)
			if !ok || !v.plain() {
				return pyValue{}, false
			}
			whole = value.Concat(whole, v.text)
		}
		return pyValue{text: whole}, true
	}
	if parts := pySplit(tokens, '%'); len(parts) == 2 && len(parts[0]) == 1 && parts[0][0].kind == 's' {
		if v, ok := p.percented(parts[0][0], parts[1]); ok {
			return v, true
		}
	}
	if parts := pySplit(tokens, '|'); len(parts) > 1 {
		return p.merged(parts)
	}
	if v, ok, is := p.listed(tokens); is {
		return v, ok
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
	if len(tokens) == 1 && tokens[0].kind == 'n' && p.bound(tokens[0]) {
		return p.resolve(tokens[0]), true
	}
	if len(tokens) == 1 {
		switch t := tokens[0]; {
		case t.kind == '0':
			return pyValue{text: value.Text(t.text)}, true
		case t.text == "True" || t.text == "False":
			return pyValue{text: value.Text(strings.ToLower(t.text))}, true
		}
	}
	if v, ok := p.environment(tokens); ok {
		return v, true
	}
	if v, ok := p.operands(tokens); ok {
		return v, true
	}
	if v, ok, is := p.suffixed(tokens); is {
		return v, ok
	}
	return pyValue{}, false
}

// environment reads os.environ["X"], os.environ.get("X", …) and
// os.getenv("X", …).
func (p *python) environment(tokens []pyToken) (pyValue, bool) {
	if pyEnviron(tokens) {
		return pyValue{environ: p.in.Env}, true
	}
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
		if v = value.Choice(v, other.text); isUnset(p.in.Env, name) {
			v = other.text
		}
	}
	return pyValue{text: v}, true
}

// literal returns a string's text.
func (p *python) literal(t pyToken) (value.Value, bool) {
	if t.escape {
		if text, ok := pyUnescaped(t.text); ok && !t.format {
			return p.in.Table.Value(text), true
		}
		v := p.in.Table.Value(t.text)
		return value.Concat(value.Unknown("text"), v), !t.format
	}
	if !t.format {
		return p.in.Table.Value(t.text), true
	}
	var whole value.Value
	rest, at := t.text, t.offset
	for {
		before, after, more := strings.Cut(rest, "{")
		at += len(before) + 1
		whole = value.Concat(whole, p.in.Table.Value(before))
		if !more {
			return whole, true
		}
		inner, next, closed := strings.Cut(after, "}")
		statements := pyInner(inner, at)
		at += len(inner) + 1
		if !closed || len(statements) != 1 || strings.HasPrefix(after, "{") {
			return nil, false
		}
		v, ok := p.expression(statements[0])
		if v.lists != nil && !v.holds() {
			v = pyValue{text: value.Unknown("list")}
		}
		if !ok || !v.plain() {
			return nil, false
		}
		whole = value.Concat(whole, v.text)
		rest = next
	}
}

func (p *python) dictionary(tokens []pyToken) (pyValue, bool) {
	out := pyValue{members: map[string]value.Value{}}
	for _, entry := range pySplit(tokens, ',') {
		if len(entry) > 2 && entry[0].kind == '*' && entry[1].kind == '*' {
			v, ok := p.expression(entry[2:])
			if !ok || v.members == nil && v.environ == nil && v.holds() {
				return pyValue{}, false
			}
			out.put(v, true)
			out.open = out.open || v.members == nil && v.environ == nil
			out.environ = cmp.Or(out.environ, v.environ)
			continue
		}
		pair := pySplit(entry, ':')
		if len(pair) != 2 || len(pair[0]) != 1 || pair[0][0].kind != 's' || len(pair[1]) == 0 {
			if p.mentions(entry) {
				return pyValue{}, false
			}
			out.open = true
			continue
		}
		v, ok := p.expression(pair[1])
		if !ok || !v.plain() && v.holds() {
			return pyValue{}, false
		}
		if !v.plain() {
			v.text = value.Unknown("dictionary")
		}
		for key, member := range v.members {
			out.members[pair[0][0].text+"."+key] = member
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
		if p.steps > maxPythonSteps {
			return append(out, s[i:]...)
		}
		if s[i].kind == '[' && (i == 0 || !slices.Contains([]byte("ns])"), s[i-1].kind) || pyIs(s[i-1:], "in") || pyIs(s[i-1:], "return")) {
			if v, n, ok := p.comprehended(s[i:]); ok {
				kind := byte('?')
				if v.holds() {
					kind = 'o'
				}
				out = append(out, pyToken{kind: kind, offset: s[i].offset})
				i += n - 1
				continue
			}
		}
		if s[i].kind == 'n' && (i == 0 || s[i-1].kind != '.' && !pyIs(s[i-1:], "def")) && (i+1 == len(s) || s[i+1].kind != '=' || i+2 < len(s) && s[i+2].kind == '=') {
			if v, n, ok := p.chain(s[i:]); ok && n > 1 {
				kind := byte('?')
				if v.holds() {
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
				p.steps += len(s) / 64
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
	if key := p.home(pyToken{text: module, offset: offset}); p.boundKey(key) || p.loose[key] {
		return false
	}
	switch {
	case (module == "requests" || module == "httpx") && (function == "request" || slices.Contains(pyMethods, function)):
		return p.requested(function, arguments, nil, offset)
	case p.makesRequest(name):
		return p.finished(arguments, offset)
	case module == "subprocess" && slices.Contains([]string{"run", "call", "check_call", "check_output", "Popen", "getoutput"}, function):
		from := len(p.result.Calls)
		if !p.process(arguments, function == "getoutput", offset) {
			p.unread(offset, "starts a program that is not known here")
			return !p.mentions(arguments)
		}
		if _, named := pyArguments(arguments); !strings.HasPrefix(function, "check_") && !pyIs(named["check"], "True") || p.indented(offset) {
			forgive(p.result.Calls, from, true)
		}
		return true
	case name == "os.system" || name == "os.popen":
		from := len(p.result.Calls)
		if !p.process(arguments, true, offset) {
			p.unread(offset, "starts a program that is not known here")
			return !p.mentions(arguments)
		}
		forgive(p.result.Calls, from, true)
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
func (p *python) request(method string, tokens []pyToken, session *pySession, offset int) bool {
	list, named := pyArguments(tokens)
	address := named["url"]
	if len(list) > 0 {
		address, list = list[0], list[1:]
	}
	url, ok := p.expression(address)
	if !ok || !url.plain() {
		return false
	}
	call := Call{Kind: Fetch, Method: method, Headers: map[string]value.Value{}, Start: offset, End: offset, File: p.in.Path}
	for _, part := range list {
		if p.mentions(part) {
			return false
		}
		call.Open = call.Open || len(part) > 0 && part[0].kind == '*'
	}
	body := len(list) > 0 && method != "GET"
	if session != nil {
		for name, v := range session.headers {
			call.Headers[name] = v
		}
		call.Token, url.text = session.token, session.address(url.text)
	}
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
			if headers.text.HoldsCredential() || session == nil {
				call.Token = headers.text
			}
		case "auth":
			parts := []([]pyToken){tokens}
			if tokens[0].kind == '(' && pyClose(tokens) == len(tokens)-1 {
				parts = pySplit(tokens[1:len(tokens)-1], ',')
			}
			for _, part := range parts {
				v, ok := p.expression(part)
				if !ok || !v.plain() {
					return false
				}
				call.Token = value.Concat(call.Token, v.text)
			}
		case "json", "data", "content":
			if pyIs(tokens, "None") && len(tokens) == 1 {
				continue
			}
			body = true
			v, ok := p.expression(tokens)
			if !ok || v.holds() {
				return false
			}
			call.Arguments = v.arguments()
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
	// Of a dictionary, further keys are not seen that code puts in elsewhere.
	call.Open = body
	if call.Method == "" {
		call.Method = "GET"
		if body {
			call.Method = "POST"
		}
	}
	return p.send(call, url.text)
}

// send notes a request to each address that it may go to. One to GraphQL whose
// document is not seen is not understood.
func (p *python) send(call Call, url value.Value) bool {
	holds := call.Token.HoldsCredential() || url.HoldsCredential()
	for _, v := range call.Headers {
		holds = holds || v.HoldsCredential()
	}
	if !holds {
		return true
	}
	document := call.Arguments["query"]
	for _, address := range url.Alternatives() {
		if strings.Contains(strings.ToLower(address.String()), "graphql") && (!hasText(document) || !pyGraphQL(address)) {
			return false
		}
	}
	for _, address := range url.Alternatives() {
		c := call
		c.Path = address
		at := c.Method + " " + address.String()
		if slices.Contains(p.asked[c.Start], at) {
			continue
		}
		p.asked[c.Start] = append(p.asked[c.Start], at)
		if pyGraphQL(address) {
			for _, v := range call.Headers {
				call.Token = value.Concat(call.Token, v)
			}
			c = Call{Kind: GraphQL, Document: document, Arguments: map[string]value.Value{}, Open: call.Arguments["variables"] != nil, Headers: call.Headers, Token: call.Token, Start: call.Start, End: call.End, File: call.File}
			for name, v := range call.Arguments {
				if variable, ok := strings.CutPrefix(name, "variables."); ok {
					c.Arguments[variable] = v
				}
			}
		}
		p.result.Calls = append(p.result.Calls, c)
	}
	return true
}
