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
	if tokens[0].kind != '[' && tokens[0].kind != '(' || pyClose(tokens) != end {
		return pyValue{}, false, false
	}
	if of := pySplitWord(tokens[1:end], "for"); len(of) > 1 {
		return p.copied(of)
	}
	parts := pySplit(tokens[1:end], ',')
	if tokens[0].kind == '(' && len(parts) < 2 || len(parts) > maxPythonList {
		return pyValue{}, false, false
	}
	out := pyValue{lists: [][]value.Value{{}}}
	for _, part := range parts {
		if len(part) == 0 {
			return pyValue{}, false, false
		}
		star := part[0].kind == '*'
		if star {
			part = part[1:]
		}
		of, ok := p.expression(part)
		switch {
		case !ok || !star && !of.plain():
			return pyValue{}, false, false
		case star:
			of, ok = p.words(of, part)
		default:
			// What was in sys.argv is a word of whoever starts the script.
			if len(of.text) > 0 && !hasText(of.text) && !of.holds() && !p.operandsOnly(part, map[string]bool{"argv": true}) {
				of.text = value.Unknown(hiddenFlags)
			}
			of.lists = [][]value.Value{{of.text}}
		}
		if !ok || !out.append(of) {
			return pyValue{}, false, false
		}
	}
	return out, true, true
}

// copied reads [str(a) for a in words], cut at its "for".
func (p *python) copied(of [][]pyToken) (v pyValue, ok, is bool) {
	if len(of) != 2 || len(of[1]) < 3 || !pyIs(of[1][1:], "in") || len(pySplitWord(of[1], "if")) > 1 {
		return pyValue{}, false, false
	}
	element, name := of[0], of[1][0].text
	if len(element) != 1 && pyIs(element, "str", "(") {
		element = element[2 : len(element)-1]
	}
	if len(element) != 1 || element[0].text != name {
		return pyValue{}, false, false
	}
	v, ok = p.expression(of[1][2:])
	return v, ok, ok && v.lists != nil
}

// words are the lists that an expression may be. What is known to be no text of the
// script stands for any number of operands.
func (p *python) words(v pyValue, tokens []pyToken) (pyValue, bool) {
	for len(tokens) > 2 && tokens[0].kind == '(' && pyClose(tokens) == len(tokens)-1 {
		tokens = tokens[1 : len(tokens)-1]
	}
	switch {
	case v.lists != nil:
		return v, len(v.text) == 0
	case len(tokens) == 1 && tokens[0].kind == 'n' && !p.bound(tokens[0]) && !p.loose[p.home(tokens[0])]:
		return pyValue{}, false // taken in from elsewhere
	case !v.plain() || v.holds() || hasText(v.text) || !p.operandsOnly(tokens, map[string]bool{}):
		return pyValue{}, false
	}
	return pyValue{lists: [][]value.Value{{moreWords}}, spread: true}, true
}

// append puts every one of the lists of another value behind every one of those of v. It
// is false where these are too many, or too long.
func (v *pyValue) append(w pyValue) bool {
	out, ok := pyAppend(v.lists, w.lists)
	v.lists, v.spread = out, v.spread || w.spread
	return ok
}

// pyAppend puts every one of the lists more behind every one of lists. It is false where
// these are too many, or too long.
func pyAppend(lists, more [][]value.Value) (out [][]value.Value, ok bool) {
	if len(lists)*len(more) > maxPythonWords {
		return nil, false
	}
	for _, list := range lists {
		for _, tail := range more {
			if len(list)+len(tail) > maxPythonList {
				return nil, false
			}
			out = append(out, slices.Concat(list, tail))
		}
	}
	return out, true
}

// added reads lists that are put together by +.
func (p *python) added(parts [][]pyToken) (pyValue, bool) {
	of := make([]pyValue, len(parts))
	known := false
	for i, part := range parts {
		v, ok := p.expression(part)
		if !ok {
			return pyValue{}, false
		}
		of[i], known = v, known || v.lists != nil
	}
	out := pyValue{lists: [][]value.Value{{}}}
	for i, part := range parts {
		if !known {
			return pyValue{}, false
		}
		v, ok := p.words(of[i], part)
		if !ok || !out.append(v) {
			return pyValue{}, false
		}
	}
	return out, true
}

// operandsOnly tells whether no flag stands in the code that an expression is made of, as
// far as its names lead.
func (p *python) operandsOnly(tokens []pyToken, seen map[string]bool) bool {
	all := func(list [][]pyToken) bool {
		return !slices.ContainsFunc(list, func(of []pyToken) bool { return !p.operandsOnly(of, seen) })
	}
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		if p.steps++; p.steps > maxPythonSteps {
			return false
		}
		switch {
		case t.kind == 's':
			set, _ := p.in.Env.Lookup(t.text)
			if writesFlags.MatchString(t.text) || flaggedText(p.in.Table.Value(t.text)) || flaggedText(set) || t.format && !all(pyHoles(t)) {
				return false
			}
		case t.kind != 'n' || seen[p.home(t)]:
		case slices.Contains([]string{"argv", "parse_known_args", "REMAINDER", "yield"}, t.text):
			return false
		case i > 0 && tokens[i-1].kind == '.':
		default:
			key := p.home(t)
			seen[key] = true
			f, ours := p.functions[t.text]
			switch {
			case p.changed.lost[key] && len(p.bindings[key]) > 0 && !seen["argv"], !all(p.bindings[key]), !all(p.loops[key]), !all(p.parted[key]):
				return false
			case ours && !p.bound(t) && (f == nil || len(f.returns)+len(f.yields) == 0 || !all(f.returns) || !all(f.yields)):
				return false
			}
			for _, g := range p.changed.grown[key] {
				if !p.operandsOnly(g.added, seen) {
					return false
				}
			}
			if end := p.callEnd(tokens[i:]); end > 0 && !p.bound(t) && (f != nil || t.text == "subprocess") {
				i += end // what it is given is not in what it gives back, or has names there
			}
		}
	}
	return true
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
	call := Call{Kind: Exec, Env: p.in.Env, Start: offset, End: offset, File: p.in.Path}
	if last := len(list) - 1; last >= 0 && len(list[last]) == 3 && pyIs(list[last], "*", "*") {
		if !p.handedOn(&call, list[last][2]) {
			return false
		}
		list = list[:last]
	}
	if words, ok := named["args"]; ok && len(list) == 0 {
		list = [][]pyToken{words}
		delete(named, "args")
	}
	if len(list) != 1 || len(list[0]) == 0 {
		return false
	}
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

// pyQuietOperands are operands of subprocess that say nothing of what is started, or how.
var pyQuietOperands = strings.Fields("check capture_output text stdout stderr timeout encoding errors universal_newlines bufsize close_fds")

// handedOn reads "**rest" behind the words of a program: operands that are all known.
func (p *python) handedOn(call *Call, rest pyToken) bool {
	v := p.resolve(rest)
	for name := range v.members {
		switch {
		case name == "cwd" && v.perhaps[name]:
			call.Dir = value.Unknown("cwd")
		case name == "cwd":
			call.Dir = v.members[name]
		case !slices.Contains(pyQuietOperands, name):
			return false
		}
	}
	return v.members != nil && !v.open && len(v.text) == 0
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
		for at, word := range list {
			var more [][]value.Value
			for one := range word.EachAlternative() {
				more = append(more, []value.Value{one})
			}
			if len(lists)*len(of)*len(more) > maxPythonWords && at > 0 {
				more = [][]value.Value{{word}}
			}
			var ok bool
			if of, ok = pyAppend(of, more); !ok {
				return false
			}
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
		call.Command, call.Hidden = words, hides(words)
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
