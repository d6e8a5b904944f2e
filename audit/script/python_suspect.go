package script

import (
	"slices"
	"strings"
)

// suspect finds the names that may stand for a credential, or for an object
// of a client, by the names and texts in what they are bound to, in one pass:
// of all others nothing needs to be known but their texts.
func (p *python) suspect() {
	readers := map[string][]string{}
	var queue []string
	mark := func(key string) {
		if !p.suspects[key] {
			p.suspects[key] = true
			queue = append(queue, key)
		}
	}
	for _, bound := range []map[string][][]pyToken{p.bindings, p.loops} {
		for key, list := range bound {
			for _, tokens := range list {
				if p.sources(tokens, func(of string) { readers[of] = append(readers[of], key) }) {
					mark(key)
				}
			}
		}
	}
	for len(queue) > 0 {
		key := queue[0]
		queue = queue[1:]
		for _, reader := range readers[key] {
			mark(reader)
		}
	}
}

// pyMakers are names that make objects of clients, or give everything.
var pyMakers = []string{"Github", "GhApi", "GitHub", "login", "Auth", "Token", "Session", "session", "Client", "AsyncClient", "environ",
	"globals", "locals", "vars", "eval", "exec", "__import__", "getattr"}

// pyThrough are functions whose operands are looked for in what they give.
var pyThrough = []string{"str", "dict", "json", "sorted", "list", "os", "github", "github3"}

// sources tells whether a credential or client may stand among tokens, and
// calls read for the keys of the names that do. The operands of functions do
// not count: of those of the script they have names there, and of others
// nothing is known to come back.
func (p *python) sources(tokens []pyToken, read func(key string)) (found bool) {
	if p.steps += len(tokens) / 64; p.steps > maxPythonSteps {
		return true
	}
	for i := 0; i < len(tokens); i++ {
		switch t := tokens[i]; t.kind {
		case 'n':
			found = found || t.text == "environ" && p.in.Env.HoldsCredential() || t.text != "environ" && slices.Contains(pyMakers, t.text) || p.in.Table.Value(t.text).HoldsCredential()
			if i > 0 && tokens[i-1].kind == '.' {
				continue
			}
			read(p.home(t))
			f := p.functions[t.text]
			if f != nil {
				read(pyReturned(t.text, -1))
				for part := range f.width() {
					read(pyReturned(t.text, part))
				}
			}
			if end := p.callEnd(tokens[i:]); end > 0 && !p.bound(t) && (f != nil || !slices.Contains(pyThrough, t.text)) {
				i += end
			}
		case 's':
			v, set := p.in.Env.Lookup(t.text)
			found = found || set && v.HoldsCredential() || p.in.Table.Value(t.text).HoldsCredential()
			if t.format {
				for _, inner := range pyHoles(t) {
					found = p.sources(inner, read) || found
				}
			}
		}
	}
	return found
}

// callEnd returns where the brackets of a call close that tokens begin with,
// 0 where they begin with none, or with the making of a client.
func (p *python) callEnd(tokens []pyToken) int {
	for i := 0; i < len(tokens); i += 2 {
		switch {
		case tokens[i].kind != 'n' || slices.Contains(pyMakers, tokens[i].text) || i+1 >= len(tokens):
			return 0
		case tokens[i+1].kind == '(':
			if end := pyClose(tokens[i+1:]); end > 0 {
				return end + i + 1
			}
			return 0
		case tokens[i+1].kind != '.':
			return 0
		}
	}
	return 0
}

// pyHoles are the expressions in an f-string.
func pyHoles(t pyToken) (out [][]pyToken) {
	at := 0
	for i, part := range strings.Split(t.text, "{") {
		if i > 0 {
			inner, _, _ := strings.Cut(part, "}")
			out = append(out, pyInner(inner, t.offset+at)...)
		}
		at += len(part) + 1
	}
	return out
}

// pyInner reads the expression in an f-string that stands at a place.
func pyInner(source string, offset int) [][]pyToken {
	statements := pyStatements(source)
	for _, s := range statements {
		for i := range s {
			s[i].offset += offset
		}
	}
	return statements
}
