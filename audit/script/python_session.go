package script

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// pySessions are what makes sessions of HTTP, which send the same headers with
// every request.
var pySessions = []string{"requests.Session", "requests.session", "requests.sessions.Session", "httpx.Client", "httpx.AsyncClient"}

// pySession is what a session sends.
type pySession struct {
	headers map[string]value.Value
	token   value.Value
	base    value.Value
	// lost tells that something of it is not understood.
	lost bool
}

func (s *pySession) holds() bool {
	held := s.lost || s.token.HoldsCredential()
	for _, v := range s.headers {
		held = held || v.HoldsCredential()
	}
	return held
}

// holds tells whether an object may hand out a credential.
func (o *pyObject) holds() bool {
	return o.sites == nil || slices.ContainsFunc(o.sites, (*pySession).holds)
}

// address is that of a request in a session.
func (s *pySession) address(url value.Value) value.Value {
	if len(s.base) == 0 || len(url) == 0 || url[0].Text == "" || strings.Contains(url[0].Text, "://") {
		return url
	}
	base, path := s.base.Mask(), url.Mask()
	return value.Concat(base.Table.Value(strings.TrimSuffix(base.Text, "/")), value.Text("/"), path.Table.Value(strings.TrimPrefix(path.Text, "/")))
}

// add puts headers to those that a session sends.
func (s *pySession) add(members map[string]value.Value) {
	for name, v := range members {
		name = strings.ToLower(name)
		if before, ok := s.headers[name]; ok && !before.Equal(v) {
			v = value.Choice(before, v)
		}
		s.headers[name] = v
	}
}

// opened is a session that is made.
func (p *python) opened(arguments []pyToken, offset int) *pyObject {
	s, made := p.open[offset]
	if !made {
		s = &pySession{headers: map[string]value.Value{}}
		p.open[offset] = s
		list, named := pyArguments(arguments)
		s.lost = len(list) > 0
		for name, tokens := range named {
			p.given(s, name, tokens)
		}
	}
	return &pyObject{client: "session", classes: []string{"Session"}, sites: []*pySession{s}}
}

// given notes one thing that a session is given.
func (p *python) given(s *pySession, name string, tokens []pyToken) {
	v, ok := p.expression(tokens)
	switch {
	case !ok:
		if name != "auth" || !p.authorized(s, tokens) {
			s.lost = s.lost || p.mentions(tokens)
		}
	case name == "headers":
		s.add(v.members)
		s.token = value.Concat(s.token, v.text)
	case name == "auth":
		s.lost = s.lost || v.object != nil || v.members != nil
		s.token = value.Concat(s.token, v.text)
		for _, list := range v.lists {
			s.token = value.Concat(s.token, value.Concat(list...))
		}
	case name == "base_url":
		s.base = v.text
	default:
		s.lost = s.lost || v.holds()
	}
}

// authorized reads HTTPBasicAuth(user, token).
func (p *python) authorized(s *pySession, tokens []pyToken) bool {
	open := slices.IndexFunc(tokens, func(t pyToken) bool { return t.kind == '(' })
	if open < 1 || tokens[open-1].text != "HTTPBasicAuth" && tokens[open-1].text != "BasicAuth" || pyClose(tokens[open:]) != len(tokens)-open-1 {
		return false
	}
	for _, part := range pySplit(tokens[open+1:len(tokens)-1], ',') {
		v, ok := p.expression(part)
		if !ok || !v.plain() {
			return false
		}
		s.token = value.Concat(s.token, v.text)
	}
	return true
}

// pySessionWords are attributes of a session. All but the first two decide
// nothing about what its requests may do.
var pySessionWords = []string{"headers", "auth", "verify", "timeout", "trust_env", "stream", "max_redirects", "proxies"}

// sessions reads what is put into sessions after they were made.
func (p *python) sessions(statements [][]pyToken) {
	for _, s := range statements {
		if len(s) < 5 || s[0].kind != 'n' || s[1].kind != '.' || !slices.Contains(pySessionWords, s[2].text) || !p.bound(s[0]) || !p.suspects[p.home(s[0])] {
			continue
		}
		o := p.resolve(s[0]).object
		if o == nil || o.sites == nil {
			continue
		}
		name, tokens := s[2].text, []pyToken(nil)
		switch {
		case s[3].kind == '=':
			tokens = s[4:]
		case name == "headers" && pyIs(s[3:], ".", "update", "(") && pyClose(s[5:]) == len(s)-6 && len(s) > 7:
			tokens = s[6 : len(s)-1]
		case name == "headers" && s[3].kind == '[' && len(s) > 7 && s[4].kind == 's' && s[5].kind == ']' && s[6].kind == '=':
			tokens = slices.Concat([]pyToken{{kind: '{'}, s[4], {kind: ':'}}, s[7:], []pyToken{{kind: '}'}})
		}
		if tokens == nil {
			continue
		}
		for _, session := range o.sites {
			p.given(session, name, tokens)
		}
		p.settled[s[0].offset] = true
	}
}

// session reads the call of a method of a session, and returns how many
// tokens that takes: 0 where it is not understood.
func (p *python) session(o *pyObject, tokens []pyToken) int {
	if len(tokens) < 4 || tokens[0].kind != '.' || tokens[1].kind != 'n' || tokens[2].kind != '(' {
		return 0
	}
	end := pyClose(tokens[2:])
	if end < 0 {
		return 0
	}
	name, arguments := tokens[1].text, tokens[3:2+end]
	all := &pySession{headers: map[string]value.Value{}}
	for _, s := range o.sites {
		all.add(s.headers)
		all.token = value.Concat(all.token, s.token)
		if len(s.base) > 0 {
			all.base = s.base
		}
		all.lost = all.lost || s.lost || len(o.sites) > 1 && len(s.base) > 0
	}
	switch {
	case all.lost:
		return 0
	case name == "mount" || name == "close" || name == "aclose":
		if p.mentions(arguments) {
			return 0
		}
	case name != "request" && !slices.Contains(pyMethods, name) || !p.requested(name, arguments, all, tokens[1].offset):
		return 0
	}
	return 3 + end
}

// requested reads a function or method that sends a request: one of the names
// of HTTP, or "request".
func (p *python) requested(name string, arguments []pyToken, session *pySession, offset int) bool {
	if name != "request" {
		return p.request(strings.ToUpper(name), arguments, session, offset)
	}
	list, named := pyArguments(arguments)
	method, skip := named["method"], 0
	if len(list) > 0 {
		method, skip = list[0], len(list[0])+1
	}
	v, ok := p.expression(method)
	if !ok || !v.plain() || skip > len(arguments) {
		return false
	}
	for _, one := range v.text.Alternatives() {
		word, known := one.Literal()
		if !known || !p.request(strings.ToUpper(word), arguments[skip:], session, offset) {
			return false
		}
	}
	return true
}
