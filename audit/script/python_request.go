package script

import (
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// pyRequest is what a request of urllib is given after it was made.
type pyRequest struct {
	session pySession
	// method is the one that is set, nil for none, and body says that data is.
	method []pyToken
	body   bool
}

// importsRequest matches the import of urllib's class for requests by its own
// name, and importsURL that of its module.
var (
	importsRequest = regexp.MustCompile(`(?m)^\s*from\s+urllib\.request\s+import\s.*\bRequest\b`)
	importsURL     = regexp.MustCompile(`(?m)^\s*from\s+urllib\s+import\s.*\brequest\b`)
)

// makesRequest tells whether a function is urllib's class for requests.
func (p *python) makesRequest(name string) bool {
	switch name {
	case "urllib.request.Request":
		return true
	case "request.Request":
		return importsURL.MatchString(p.in.Source)
	case "Request":
		return importsRequest.MatchString(p.in.Source)
	}
	return false
}

// additions reads what is put into requests of urllib after they were made:
// "req.add_header(NAME, TEXT)", "req.method = …", "req.data = …".
func (p *python) additions(statements [][]pyToken) {
	for _, s := range statements {
		if len(s) < 5 || s[0].kind != 'n' || s[1].kind != '.' || s[2].kind != 'n' {
			continue
		}
		made := p.requests(s[0])
		if len(made) == 0 {
			continue
		}
		for _, r := range made {
			if p.addition(r, s[2].text, s[3:]) {
				p.settled[s[0].offset] = true
			} else if s[3].kind == '=' || s[2].text == "headers" || strings.HasPrefix(s[2].text, "add_") {
				r.session.lost = true
			}
		}
	}
}

// requests are those that a name stands for; none where it stands for anything
// else as well.
func (p *python) requests(name pyToken) []*pyRequest {
	key := p.home(name)
	if p.loose[key] || len(p.loops[key]) > 0 {
		return nil
	}
	var made []*pyRequest
	for _, tokens := range p.bindings[key] {
		open := slices.IndexFunc(tokens, func(t pyToken) bool { return t.kind == '(' })
		if open < 1 || pyClose(tokens[open:]) != len(tokens)-open-1 || !p.makesRequest(pyName(tokens[:open])) {
			return nil
		}
		at := tokens[0].offset
		if p.later[at] == nil {
			p.later[at] = &pyRequest{session: pySession{headers: map[string]value.Value{}}}
		}
		made = append(made, p.later[at])
	}
	return made
}

// addition notes one thing that a request is given: what stands behind the name
// of a method or an attribute. It is false where that is not understood.
func (p *python) addition(r *pyRequest, name string, rest []pyToken) bool {
	switch {
	case strings.HasPrefix(name, "add_") && rest[0].kind == '(' && pyClose(rest) == len(rest)-1:
		parts := pySplit(rest[1:len(rest)-1], ',')
		return name != "add_data" && len(parts) == 2 && p.header(r, parts[0], parts[1])
	case name == "headers" && len(rest) > 4 && rest[0].kind == '[' && rest[2].kind == ']' && rest[3].kind == '=':
		return p.header(r, rest[1:2], rest[4:])
	case name == "method" && len(rest) == 2 && rest[0].kind == '=':
		r.method = rest[1:]
		return true
	case name == "get_method" && len(rest) == 4 && pyIs(rest, "=", "lambda", ":"):
		r.method = rest[3:]
		return true
	case name == "data" && rest[0].kind == '=' && len(rest) > 1:
		v, ok := p.expression(rest[1:])
		r.body = true
		return ok && !v.holds()
	}
	return false
}

// header notes a header that a request is given.
func (p *python) header(r *pyRequest, name, text []pyToken) bool {
	if len(name) != 1 || name[0].kind != 's' || name[0].format {
		return false
	}
	v, ok := p.expression(text)
	if !ok || !v.plain() {
		return false
	}
	r.session.add(map[string]value.Value{name[0].text: v.text})
	return true
}

// finished reads the making of a request of urllib, which is sent with all that
// it is given until then.
func (p *python) finished(arguments []pyToken, offset int) bool {
	r := p.later[offset]
	if r == nil {
		return p.request("", arguments, nil, offset)
	}
	if ok := p.sent(r, arguments, offset); ok || !r.session.holds() {
		return ok
	}
	p.unreadOnce(offset, "makes a request that is not understood")
	return true
}

// sent reads such a request.
func (p *python) sent(r *pyRequest, arguments []pyToken, offset int) bool {
	method := ""
	switch {
	case r.session.lost:
		return false
	case len(r.method) == 1 && r.method[0].kind == 's' && !r.method[0].format:
		method = strings.ToUpper(r.method[0].text)
	case r.method != nil:
		return false
	case r.body:
		method = "POST"
	}
	return p.request(method, arguments, &r.session, offset)
}
