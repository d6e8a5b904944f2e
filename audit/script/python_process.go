package script

import (
	"cmp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// maxPythonWords bounds the ways in which one program is started at a place.
const maxPythonWords = 40

// listed reads a list of texts. is is false where tokens are none, or not
// all in it is known.
func (p *python) listed(tokens []pyToken) (v pyValue, ok, is bool) {
	end := len(tokens) - 1
	if tokens[0].kind != '[' && tokens[0].kind != '(' || pyClose(tokens) != end || len(pySplitWord(tokens[1:end], "for")) > 1 {
		return pyValue{}, false, false
	}
	parts := pySplit(tokens[1:end], ',')
	if tokens[0].kind == '(' && len(parts) < 2 || len(parts) == 0 {
		return pyValue{}, false, false
	}
	lists := [][]value.Value{{}}
	spread := false
	for _, part := range parts {
		if len(part) == 0 {
			return pyValue{}, false, false
		}
		star := part[0].kind == '*'
		if star {
			part = part[1:]
		}
		of, ok := p.expression(part)
		if !ok || star && (of.lists == nil || len(of.text) > 0) || !star && !of.plain() || len(lists)*max(1, len(of.lists)) > maxPythonWords {
			return pyValue{}, false, false
		}
		if !star {
			of.lists = [][]value.Value{{of.text}}
		}
		lists, spread = pyAppend(lists, of.lists), spread || of.spread
	}
	return pyValue{lists: lists, spread: spread}, true, true
}

// pyAppend puts every one of the lists more behind every one of lists.
func pyAppend(lists, more [][]value.Value) [][]value.Value {
	var out [][]value.Value
	for _, list := range lists {
		for _, tail := range more {
			out = append(out, slices.Concat(list, tail))
		}
	}
	return out
}

// added reads lists that are put together by +.
func (p *python) added(parts [][]pyToken) (pyValue, bool) {
	lists := [][]value.Value{{}}
	spread := false
	for _, part := range parts {
		v, ok := p.expression(part)
		if !ok || v.lists == nil || len(v.text) > 0 || len(lists)*len(v.lists) > maxPythonWords {
			return pyValue{}, false
		}
		lists, spread = pyAppend(lists, v.lists), spread || v.spread
	}
	return pyValue{lists: lists, spread: spread}, true
}

// pyEnviron tells whether tokens are the environment or a copy of it.
func pyEnviron(rest []pyToken) bool {
	if pyIs(rest, "dict", "(") && pyClose(rest[1:]) == len(rest)-2 {
		rest = rest[2 : len(rest)-1]
	}
	return pyIs(rest, "os", ".", "environ") && (len(rest) == 3 || len(rest) == 7 && pyIs(rest[3:], ".", "copy", "(", ")"))
}

// indented tells whether what begins at an offset does not begin a line: it may
// stand in a function, or under a condition.
func (p *python) indented(offset int) bool {
	return offset > 0 && offset <= len(p.in.Source) && p.in.Source[offset-1] != '\n'
}

// process reads the start of a program, whose name must be known.
func (p *python) process(tokens []pyToken, shell bool, offset int) bool {
	list, named := pyArguments(tokens)
	if words, ok := named["args"]; ok && len(list) == 0 {
		list = [][]pyToken{words}
		delete(named, "args")
	}
	if len(list) != 1 || len(list[0]) == 0 {
		return false
	}
	call := Call{Kind: Exec, Env: p.in.Env, Start: offset, End: offset, File: p.in.Path}
	for name, tokens := range named {
		switch {
		case name == "shell":
			shell = pyIs(tokens, "True")
		case name == "executable" || name == "stdin" && !pyIs(tokens, "subprocess", "."):
			return false
		case name == "env" || name == "cwd" || name == "input":
			if !p.around(&call, name, tokens) {
				return false
			}
		case p.mentions(tokens):
			return false
		}
	}
	call.ShellString = shell
	v, ok := p.expression(list[0])
	lists := v.lists
	if shell && ok && v.plain() {
		lists, v.text = [][]value.Value{{v.text}}, nil
	}
	if !ok || len(lists) == 0 || v.members != nil || v.object != nil || v.environ != nil || len(v.text) > 0 {
		return false
	}
	call.Loose = v.spread
	return p.start(call, lists)
}

// around reads what a program is started with, besides its words.
func (p *python) around(call *Call, name string, tokens []pyToken) bool {
	v, ok := p.expression(tokens)
	switch {
	case !ok || v.object != nil || v.lists != nil:
		return false
	case pyNothing(tokens):
	case name == "cwd":
		call.Dir = v.text
	case name == "input":
		call.Stdin = v.text
		return v.plain()
	case v.open:
		return false
	case (v.environ != nil || v.members != nil) && len(v.text) == 0:
		vars := map[string]value.Value{}
		for key, member := range v.members {
			if before, _ := v.environ.Lookup(key); v.perhaps[key] {
				member = value.Choice(member, before)
			}
			vars[key] = member
		}
		call.Env = cmp.Or(v.environ, new(value.Env)).With(vars)
	default:
		return false
	}
	return true
}

// start notes a call for each way in which a program may be started.
func (p *python) start(call Call, lists [][]value.Value) bool {
	var ways [][]value.Value
	for _, list := range lists {
		of := [][]value.Value{{}}
		for _, word := range list {
			var more [][]value.Value
			for _, one := range word.Alternatives() {
				more = append(more, []value.Value{one})
			}
			if len(of)*len(more) > maxPythonWords {
				return false
			}
			of = pyAppend(of, more)
		}
		ways = append(ways, of...)
	}
	for _, words := range ways {
		if len(words) == 0 || len(words[0]) == 0 || words[0][0].Text == "" {
			return false
		}
	}
	spread := call.Loose
	for _, words := range ways {
		call.Command = words
		// Of several lists, one may have the word that is not known.
		call.Loose = spread && slices.ContainsFunc(words, func(v value.Value) bool { _, known := v.Literal(); return !known })
		p.result.Calls = append(p.result.Calls, call)
	}
	return true
}

// comprehended reads "[x for x in …]" of objects: the objects that stand in
// it, or plain data where none do.
func (p *python) comprehended(tokens []pyToken) (v pyValue, length int, ok bool) {
	p.steps += len(tokens) / 64
	end := pyClose(tokens)
	if end < 4 || p.steps > maxPythonSteps {
		return pyValue{}, 0, false
	}
	parts := pySplitWord(tokens[1:end], "for")
	if len(parts) != 2 || len(parts[0]) == 0 {
		return pyValue{}, 0, false
	}
	if p.mentions(p.kept(p.calls(slices.Clone(tokens[1+len(parts[0]) : end])))) {
		return pyValue{}, 0, false
	}
	if v, n, ok := p.chain(parts[0]); ok && n == len(parts[0]) {
		if v.object == nil {
			return pyValue{text: value.Unknown("list")}, end + 1, true
		}
		if v.object.sites != nil {
			return pyValue{}, 0, false
		}
		list := *v.object
		list.list = true
		return pyValue{object: &list}, end + 1, true
	}
	return pyValue{}, 0, false
}

// pyListers are functions that give the elements of a list.
var pyListers = []string{"sorted", "list", "reversed", "tuple", "set"}

// relisted reads sorted(list, key=lambda x: x.name) and the like.
func (p *python) relisted(arguments []pyToken) (v pyValue, ok bool) {
	list, named := pyArguments(arguments)
	if len(list) != 1 {
		return pyValue{}, false
	}
	for _, part := range named {
		plain := len(part) == 1 && !p.mentions(part)
		if pyIs(part, "lambda") && len(part) > 4 {
			plain = part[2].kind == ':' && part[3].text == part[1].text
			for i := 4; i < len(part); i++ {
				plain = plain && (part[i].kind == '.') == (i%2 == 0) && (part[i].kind == '.' || part[i].kind == 'n')
			}
		}
		if !plain {
			return pyValue{}, false
		}
	}
	v, n, ok := p.chain(list[0])
	if !ok || n != len(list[0]) || v.object == nil || v.object.sites != nil || !v.object.list {
		return pyValue{}, false
	}
	return v, true
}

// pyGraphQL tells whether an address is that of GitHub's GraphQL API.
func pyGraphQL(address value.Value) bool {
	text := address.String()
	return strings.HasSuffix(strings.TrimSuffix(text, "/"), "/graphql") || address.IsContext("github.graphql_url")
}
