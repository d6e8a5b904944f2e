package script

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// pyChanges are what becomes of the lists and dictionaries of a name after they were
// made, and of the environment.
type pyChanges struct {
	// sure are the entries, by their first token, that are put in wherever what the
	// name stands for is made, and before it is used; removed those that are taken out.
	sure, removed map[*pyToken]bool
	// grown are what is added to the end of a list, by its name.
	grown map[string][]pyGrowth
	// lost are the names of which not all that is done with them is understood.
	lost map[string]bool
	// aliases are the names by which others go as well.
	aliases map[string][]string
	// environ are the variables that are set.
	environ []pyWrite
}

// pyGrowth is a list that is added to another one.
type pyGrowth struct {
	added []pyToken
	sure  bool
}

// pyWrite is a variable of the environment that is set; to nothing where it is
// taken away.
type pyWrite struct {
	name string
	to   []pyToken
	sure bool
}

// pyReaders are the methods of lists and dictionaries that change nothing.
var pyReaders = strings.Fields("get copy items keys values count index join")

// changes finds what is done to lists, dictionaries and the environment, when all
// names are bound. What a name goes through is looked for by how it is written, so
// that code is missed which reaches it by another way: through an attribute, or a
// list that it is in.
func (p *python) changes(statements [][]pyToken) {
	c := &p.changed
	*c = pyChanges{sure: map[*pyToken]bool{}, removed: map[*pyToken]bool{}, grown: map[string][]pyGrowth{}, lost: map[string]bool{}, aliases: map[string][]string{}}
	mentions := map[string][]int{}
	for n, s := range statements {
		for _, t := range s {
			if t.kind == 'n' && p.bound(t) {
				key := p.home(t)
				mentions[key] = append(mentions[key], n)
			}
		}
	}
	for key, bound := range p.bindings {
		for _, tokens := range bound {
			p.alias(key, tokens)
		}
	}
	starts, order := p.starting(statements), &pyStraight{p: p, statements: statements, mentions: mentions, below: p.below(statements), loops: p.loopsOf(statements), names: map[string]*pyGoing{}}
	for n, s := range statements {
		p.setsEnviron(s, n <= starts && p.column(s[0].offset) == 0)
		altered := p.alters(order, n, s)
		for _, part := range pyHoled(p.in.Source, s) {
			var in *pyShape
			for i, t := range part {
				if t.kind != 'n' || i > 0 && part[i-1].kind == '.' || altered == t.offset {
					continue
				}
				bound := p.bound(t)
				if in == nil && (bound || p.functions[t.text] != nil) {
					in = shapeOf(part)
				}
				if p.functions[t.text] != nil && !bound && in.resultAltered(i) {
					c.lost[pyReturned(t.text, -1)] = true
				}
				if bound && p.meddles(in, i) {
					c.lost[p.home(t)] = true
				}
			}
		}
	}
}

// alias notes that a name stands for what another one does.
func (p *python) alias(key string, tokens []pyToken) {
	if len(tokens) == 0 || tokens[0].kind != 'n' {
		return
	}
	of := ""
	switch {
	case len(tokens) == 1 && p.bound(tokens[0]):
		of = p.home(tokens[0])
	case p.functions[tokens[0].text] != nil && len(tokens) > 2 && tokens[1].kind == '(' && pyClose(tokens[1:]) == len(tokens)-2:
		of = pyReturned(tokens[0].text, -1)
	default:
		return
	}
	if of != key {
		p.changed.aliases[of] = append(p.changed.aliases[of], key)
	}
}

// unsettled tells whether what a name stands for may be changed in ways that are
// not followed: by what is not understood, or under another name.
func (p *python) unsettled(key string) bool {
	seen := map[string]bool{key: true}
	queue := []string{key}
	for len(queue) > 0 {
		one := queue[0]
		queue = queue[1:]
		entered := slices.ContainsFunc(p.bindings[one], func(tokens []pyToken) bool {
			_, is := p.changed.sure[&tokens[0]]
			return is
		})
		if p.changed.lost[one] || one != key && (entered || len(p.changed.grown[one]) > 0) {
			return true
		}
		for _, other := range p.changed.aliases[one] {
			if !seen[other] {
				seen[other] = true
				queue = append(queue, other)
			}
		}
	}
	return false
}

// alters notes an entry of a dictionary, what is taken out of one, and what is added
// to a list, where a statement is nothing else. It returns the place of the name, -1
// for other statements.
func (p *python) alters(order *pyStraight, n int, s []pyToken) int {
	name, added, entry := pyAltered(s)
	inline := pyInline(s)
	if inline != nil {
		name, added, entry = pyAltered(inline)
	}
	if name.text == "" || !p.bound(name) || inline != nil && added == nil {
		return -1
	}
	key := p.home(name)
	sure := inline == nil && order.straight(n, key)
	if added != nil {
		if whole, each := order.looped(n, added); !sure && inline == nil && whole != nil {
			added = whole
		} else if !sure && inline == nil && each != nil {
			for _, one := range each[:len(each)-1] {
				p.changed.grown[key] = append(p.changed.grown[key], pyGrowth{one, false})
			}
			added = each[len(each)-1]
		}
		p.changed.grown[key] = append(p.changed.grown[key], pyGrowth{added, sure})
		return name.offset
	}
	p.bindings[key] = append(p.bindings[key], entry)
	p.changed.sure[&entry[0]] = sure
	if pyIs(s, "del") || pyIs(s[1:], ".", "pop") {
		p.changed.removed[&entry[0]] = true
	}
	return name.offset
}

// pyAltered is the name whose list or dictionary a statement changes, with the list
// that is added or the dictionary of what is put in or taken out.
func pyAltered(s []pyToken) (name pyToken, added, entry []pyToken) {
	none := pyToken{}
	list := func(tokens []pyToken) []pyToken {
		at := tokens[0].offset
		return slices.Concat([]pyToken{{kind: '[', text: "[", offset: at}}, tokens, []pyToken{{kind: ']', text: "]"}})
	}
	pair := func(key pyToken, v []pyToken) []pyToken {
		return slices.Concat([]pyToken{{kind: '{', text: "{", offset: key.offset}, key, {kind: ':', text: ":"}}, v, []pyToken{{kind: '}', text: "}"}})
	}
	constant := func(t pyToken) bool { return t.kind == 's' && !t.format && !t.escape }
	if pyIs(s, "del") && len(s) == 5 && s[1].kind == 'n' && s[2].kind == '[' && constant(s[3]) && s[4].kind == ']' {
		return s[1], nil, pair(s[3], []pyToken{{kind: 'n', text: "None"}})
	}
	if len(s) < 4 || s[0].kind != 'n' {
		return none, nil, nil
	}
	if s[2].kind == '=' && len(s) > 3 {
		switch rest := s[3:]; {
		case s[1].kind == '+' && rest[0].kind == '[' && pyClose(rest) == len(rest)-1:
			return s[0], rest, nil
		case s[1].kind == '+' && pyListLike(rest):
			return s[0], list(pyStarred(rest)), nil
		case s[1].kind == '|' && rest[0].kind == '{' && pyClose(rest) == len(rest)-1:
			return s[0], nil, slices.Clone(rest)
		}
		return none, nil, nil
	}
	if rest := s[2:]; s[1].kind == '=' && len(s) > 5 && rest[0].kind == 'n' && rest[0].text == s[0].text && rest[1].kind == '+' && pyListLike(rest[2:]) {
		return s[0], list(pyStarred(rest[2:])), nil // a = a + […]
	}
	if len(s) > 5 && s[1].kind == '[' && s[2].kind == 's' && s[3].kind == ']' && s[4].kind == '=' && s[5].kind != '=' && constant(s[2]) {
		return s[0], nil, pair(s[2], s[5:])
	}
	if s[1].kind != '.' || len(s) < 6 || s[3].kind != '(' || pyClose(s[3:]) != len(s)-4 {
		return none, nil, nil
	}
	inside := s[4 : len(s)-1]
	operands, named := pyArguments(inside)
	switch method := s[2].text; {
	case method == "append" && len(operands) == 1 && len(named) == 0:
		return s[0], list(inside), nil
	case method == "extend" && len(operands) == 1 && len(named) == 0:
		return s[0], list(pyStarred(inside)), nil
	case method == "update" && len(operands) == 0 && len(named) > 0:
		return s[0], nil, pyNamed(named, s[0].offset)
	case method == "update" && len(operands) == 1 && len(named) == 0 && inside[0].kind == '{' && pyClose(inside) == len(inside)-1:
		return s[0], nil, slices.Clone(inside)
	case method == "setdefault" && len(operands) == 2 && len(operands[0]) == 1 && constant(operands[0][0]):
		// It is set already, or else to this.
		return s[0], nil, pair(operands[0][0], operands[1])
	case method == "pop" && len(operands) > 0 && len(operands[0]) == 1 && constant(operands[0][0]):
		return s[0], nil, pair(operands[0][0], []pyToken{{kind: 'n', text: "None"}})
	}
	return none, nil, nil
}

// pyStarred is what puts the elements of a list into another one.
func pyStarred(tokens []pyToken) []pyToken {
	at := tokens[0].offset
	return slices.Concat([]pyToken{{kind: '*', text: "*", offset: at}, {kind: '(', text: "(", offset: at}}, tokens, []pyToken{{kind: ')', text: ")"}})
}

// pyListLike tells whether what is added to a name may be a list: it is no text and no
// number.
func pyListLike(tokens []pyToken) bool {
	return tokens[0].kind == 'n' || tokens[0].kind == '[' || tokens[0].kind == '('
}

// pyGrows tells whether a statement changes a list or a dictionary in place by "+=" or
// "|=".
func pyGrows(s []pyToken) bool {
	name, _, _ := pyAltered(s)
	return name.text != "" && len(s) > 2 && (s[2].kind == '=' || s[1].kind == '=')
}

// pyInline is the statement that stands on the line of a condition or loop, nil for none.
func pyInline(s []pyToken) []pyToken {
	if len(s) == 0 || pyBody(s) > 0 {
		return nil
	}
	if end := pyHeader(s); end > 0 && end < len(s) {
		return s[end:]
	}
	return nil
}

// pyMutators are the methods that change a list or a dictionary.
var pyMutators = strings.Fields("append extend insert remove pop clear update setdefault sort reverse popitem")

// pyAssigns tells whether tokens go on with "=" or with the like of "+=".
func pyAssigns(rest []pyToken) bool {
	if len(rest) > 1 && strings.IndexByte("+-*/|&%", rest[0].kind) >= 0 {
		rest = rest[1:]
	}
	return len(rest) > 1 && rest[0].kind == '=' && rest[1].kind != '='
}

// setsEnviron notes a variable of the environment that a statement sets or takes away;
// early says that it surely does so before any program is started.
func (p *python) setsEnviron(s []pyToken, early bool) {
	w, ok := p.environWrite(s)
	assign := pyLastAssign(s)
	for i := range s {
		named := len(s) > i+3 && pyEnvironName(s[i:]) && s[i+2].kind == 's' && !s[i+2].format && s[i+3].kind == ']'
		if (i > 2 || !ok) && named && (pyAssigns(s[i+4:]) || i < assign) {
			p.changed.environ = append(p.changed.environ, pyWrite{name: s[i+2].text, to: []pyToken{{kind: '?'}}})
		}
	}
	if !ok {
		return
	}
	w.sure = early
	p.changed.environ = append(p.changed.environ, w)
}

// environWrite reads a statement that sets a variable of the environment, or takes one
// away.
func (p *python) environWrite(s []pyToken) (w pyWrite, ok bool) {
	gone := pyIs(s, "del")
	rest := s
	if gone {
		rest = s[1:]
	}
	if pyIs(rest, "os", ".") {
		rest = rest[2:]
	}
	switch {
	case pyEnvironName(rest) && len(rest) > 3 && rest[2].kind == 's' && !rest[2].format && rest[3].kind == ']' && (gone || pyAssigns(rest[4:])):
		w.name = rest[2].text
		if !gone {
			w.to = rest[5:]
		}
		if !gone && (rest[4].kind != '=' || pyLastAssign(rest) > 4) {
			w.to = []pyToken{{kind: '?'}}
		}
	case pyIs(rest, "putenv", "(") || pyIs(rest, "unsetenv", "("):
		list, _ := pyArguments(rest[2:max(2, len(rest)-1)])
		if len(list) == 0 || len(list[0]) != 1 || list[0][0].kind != 's' {
			return w, false
		}
		if w.name = list[0][0].text; len(list) > 1 {
			w.to = list[1]
		}
	case len(rest) > 5 && rest[0].kind == 'n' && rest[1].kind == '[' && rest[2].kind == 's' && p.isEnviron(rest[0]) && pyAssigns(rest[4:]):
		w.name, w.to = rest[2].text, rest[5:]
	default:
		return w, false
	}
	return w, true
}

// pyEnvironName tells whether tokens begin with a variable of the environment.
func pyEnvironName(s []pyToken) bool { return pyIs(s, "environ", "[") || pyIs(s, "environb", "[") }

// isEnviron tells whether a name may be the environment itself.
func (p *python) isEnviron(t pyToken) bool {
	return slices.ContainsFunc(p.bindings[p.home(t)], func(tokens []pyToken) bool { return len(tokens) == 3 && pyIs(tokens, "os", ".", "environ") })
}

// starting is the index of the first statement that may start a program, behind all
// where there is none.
func (p *python) starting(statements [][]pyToken) int {
	for n, s := range statements {
		if p.column(s[0].offset) > 0 || pyIs(s, "import") || pyIs(s, "from") {
			continue
		}
		for i, t := range s {
			if t.kind == 'n' && (slices.Contains(pyStarting, t.text) || p.functions[t.text] != nil && !(i > 0 && pyIs(s[i-1:], "def"))) {
				return n
			}
		}
	}
	return len(statements)
}

// pyStarting are names by which programs are started and requests made.
var pyStarting = strings.Fields(`subprocess run call check_call check_output Popen system popen requests httpx environ if for while with try
	spawnl spawnle spawnlp spawnlpe spawnv spawnve spawnvp spawnvpe execl execle execlp execlpe execv execve execvp execvpe posix_spawn posix_spawnp startfile`)

// sets lays what the script sets over its environment. It is set for all of the
// script, as it is not followed which part comes first.
func (p *python) sets() {
	for _, w := range p.changed.environ {
		var v value.Value
		if w.to != nil {
			of, ok := p.expression(w.to)
			if v = of.text; !ok || !of.plain() {
				v = value.Unknown("os.environ")
			}
		}
		if before, _ := p.in.Env.Lookup(w.name); !w.sure {
			v = value.Choice(before, v)
		}
		p.in.Env = p.in.Env.Set(w.name, v)
	}
	if len(p.changed.environ) > 0 {
		clear(p.known)
	}
}
