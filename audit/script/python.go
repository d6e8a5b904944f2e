package script

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// ReadPython reads Python for the few plain things that scripts of workflows
// do with a token: requests of requests, httpx and urllib, calls of PyGithub,
// github3.py and ghapi, and programs that are started. It follows variables that are
// assigned texts, dictionaries of texts, and objects of such clients, wherever
// in the file that is done, through loops and the operands of functions. It
// knows no classes of the script.
//
// A statement in which a credential stands and that is not one of these is
// Unread; so is a program whose name is not known, and an import of code that
// is not known to leave the environment alone. Input.Path, Env, Table and
// Source are used.
func ReadPython(in Input) Result {
	p := &python{
		in: in, bindings: map[string][][]pyToken{}, loops: map[string][][]pyToken{}, loose: map[string]bool{},
		functions: map[string]*pyFunction{}, resolving: map[int]bool{}, asked: map[int][]string{},
	}
	if len(in.Source) > maxSource {
		p.unread(0, "the script is too long to be read")
		return p.result
	}
	statements := pyStatements(in.Source)
	p.define(statements)
	for _, s := range statements {
		p.bind(s)
	}
	p.pass(statements)
	for _, s := range statements {
		p.statement(s)
	}
	slices.Sort(p.result.EnvReads)
	p.result.EnvReads = slices.Compact(p.result.EnvReads)
	return p.result
}

// python is the reader of one script.
type python struct {
	in Input
	// bindings are the expressions assigned to a name.
	bindings map[string][][]pyToken
	// loops are the expressions whose elements a name stands for.
	loops map[string][][]pyToken
	// functions are those of the script; nil for one that is not followed.
	functions map[string]*pyFunction
	// resolving are the expressions that names are being resolved to, by
	// their place.
	resolving map[int]bool
	// asked are the calls of clients that were noted, by their place.
	asked map[int][]string
	// loose are names that are bound in other ways as well: parameters, loop
	// variables, several at once.
	loose  map[string]bool
	depth  int
	steps  int
	result Result
}

// maxPythonSteps bounds the expressions that are looked at.
const maxPythonSteps = 20000

// maxPythonDepth bounds how far names lead to names.
const maxPythonDepth = 12

func (p *python) unread(offset int, message string) {
	p.result.Unread = append(p.result.Unread, Problem{File: p.in.Path, Offset: offset, Message: message})
}

// pyPlain takes the type out of an assignment: "a: T = b" is "a = b".
func pyPlain(s []pyToken) []pyToken {
	if len(s) < 4 || s[0].kind != 'n' || s[1].kind != ':' || slices.Contains([]string{"else", "try", "finally"}, s[0].text) {
		return s
	}
	for i := range s {
		if s[i].kind == '=' && len(pySplit(s[2:i+1], '=')) == 1 && i+1 < len(s) {
			return slices.Concat(s[:1], s[i:])
		}
	}
	return s
}

// bind notes the names that a statement binds.
func (p *python) bind(s []pyToken) {
	s = pyPlain(s)
	if len(s) > 2 && s[0].kind == 'n' && s[1].kind == '=' && s[2].kind != '=' {
		p.bindings[s[0].text] = append(p.bindings[s[0].text], s[2:])
		s = s[2:]
	}
	binding := pyIs(s, "def") || pyIs(s, "async", "def") || pyIs(s, "class")
	depth := 0
	for i, t := range s {
		switch t.kind {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		}
		if t.kind != 'n' {
			continue
		}
		next, after := byte(0), byte(0)
		if i+1 < len(s) {
			next = s[i+1].kind
		}
		if i+2 < len(s) {
			after = s[i+2].kind
		}
		before := i > 0 && (pyIs(s[i-1:], "as") || pyIs(s[i-1:], "lambda"))
		assigned := depth == 0 && next == '=' && after != '=' || next == ':' && (i == 0 || after == '=') || strings.IndexByte("+-*/|&%", next) >= 0 && after == '='
		switch {
		case t.text == "for" && after == 'n' && i+3 < len(s) && pyIs(s[i+2:], "in"):
			p.loops[s[i+1].text] = append(p.loops[s[i+1].text], pyIterated(s[i+3:]))
		case t.text == "for":
			binding = true
		case t.text == "in":
			binding = false
		case binding, before, assigned, next == ',' && i == 0, i > 0 && s[0].kind == 'n' && len(s) > 1 && s[1].kind == ',':
			p.loose[t.text] = true
		}
	}
}

// pyIterated returns the expression behind "in": up to the colon, the
// condition or the bracket that ends it.
func pyIterated(tokens []pyToken) []pyToken {
	depth := 0
	for i, t := range tokens {
		switch t.kind {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		}
		if depth < 0 || depth == 0 && (t.kind == ':' || t.kind == 'n' && (t.text == "if" || t.text == "for")) {
			return tokens[:i]
		}
	}
	return tokens
}

// resolve returns what a name may hold.
func (p *python) resolve(name string) pyValue {
	if p.depth > maxPythonDepth || p.steps > maxPythonSteps {
		p.unreadOnce(0, "leads too far to be followed")
		return pyValue{text: value.Unknown(name)}
	}
	p.depth++
	defer func() { p.depth-- }()
	var texts []value.Value
	out := pyValue{}
	for _, tokens := range p.loops[name] {
		if v, ok := p.assigned(tokens); ok && v.object != nil {
			element := *v.object
			element.list = false
			out.object = out.object.joined(&element)
			continue
		}
		texts = append(texts, value.Unknown(name))
	}
	for _, tokens := range p.bindings[name] {
		v, ok := p.assigned(tokens)
		if !ok {
			texts = append(texts, value.Unknown(name))
			continue
		}
		if v.object != nil {
			out.object = out.object.joined(v.object)
			continue
		}
		if v.members != nil {
			if out.members == nil {
				out.members = map[string]value.Value{}
			}
			for key, member := range v.members {
				if old, have := out.members[key]; have {
					member = value.Choice(old, member)
				}
				out.members[key] = member
			}
			continue
		}
		texts = append(texts, v.text)
	}
	if p.loose[name] || !p.bound(name) {
		texts = append(texts, value.Unknown(name))
	}
	if len(texts) > 0 {
		out.text = value.Choice(texts...)
	}
	return out
}

// assigned reads an expression that a name is bound to. Of one that leads back
// to itself (a = f(a)), nothing is known the second time: what else the name
// is bound to counts there.
func (p *python) assigned(tokens []pyToken) (v pyValue, ok bool) {
	if len(tokens) == 0 || p.resolving[tokens[0].offset] {
		return pyValue{}, false
	}
	p.resolving[tokens[0].offset] = true
	defer delete(p.resolving, tokens[0].offset)
	return p.expression(tokens)
}

// pyValue is a text, a dictionary of texts, or an object of a client.
type pyValue struct {
	text    value.Value
	members map[string]value.Value
	object  *pyObject
}

func (v pyValue) holds() bool {
	if v.text.HoldsCredential() || v.object != nil {
		return true
	}
	for _, member := range v.members {
		if member.HoldsCredential() {
			return true
		}
	}
	return false
}

// mentions tells whether a credential stands among the tokens, or all of the
// environment.
func (p *python) mentions(tokens []pyToken) bool {
	for i, t := range tokens {
		p.steps++
		switch t.kind {
		case 'o':
			if !looksOnly(tokens, i) {
				return true
			}
		case 's':
			if p.mentionsText(t) {
				return true
			}
		case 'n':
			switch {
			case slices.Contains([]string{"globals", "locals", "vars", "eval", "exec", "__import__", "getattr"}, t.text),
				t.text == "environ" && !p.plainRead(tokens[i:]):
				return p.in.Env.HoldsCredential()
			case p.bound(t.text) && (i == 0 || tokens[i-1].kind != '.') && p.resolve(t.text).holds() && !p.unhandled(tokens, i):
				return true
			case value.HasPlaceholder(t.text) && p.in.Table.Value(t.text).HoldsCredential():
				return true
			}
		}
	}
	return p.steps > maxPythonSteps
}

func (p *python) mentionsText(t pyToken) bool {
	if v, ok := p.in.Env.Lookup(t.text); ok && v.HoldsCredential() {
		return true
	}
	if p.in.Table.Value(t.text).HoldsCredential() {
		return true
	}
	if !t.format {
		return false
	}
	for _, part := range strings.Split(t.text, "{")[1:] {
		inner, _, _ := strings.Cut(part, "}")
		for _, s := range pyStatements(inner) {
			for i := range s {
				s[i].offset += t.offset
			}
			if p.mentions(append([]pyToken{{kind: 'n', text: "str"}, {kind: '('}}, append(p.calls(s), pyToken{kind: ')'})...)) {
				return true
			}
		}
	}
	return false
}

// unhandled tells whether a name among the tokens stands for an object with
// which nothing is done there, but to look at it.
func (p *python) unhandled(tokens []pyToken, i int) bool {
	v := p.resolve(tokens[i].text)
	return v.object != nil && !v.text.HoldsCredential() && looksOnly(tokens, i)
}

// lookers are functions that hand on nothing of what they are given.
var lookers = []string{"print", "len", "str", "repr", "bool", "isinstance", "type", "any", "all"}

// looksOnly tells whether a token stands where an object is printed, counted
// or asked for.
func looksOnly(tokens []pyToken, i int) bool {
	if i >= 2 && tokens[i-1].kind == '(' && slices.Contains(lookers, tokens[i-2].text) {
		return true
	}
	before := []string{"if", "elif", "while", "not", "is"}
	after := []string{"is"}
	if slices.Contains([]string{"if", "elif", "while", "assert"}, tokens[0].text) {
		// Elsewhere "a or b" is a value.
		before, after = append(before, "and", "or"), append(after, "and", "or")
	}
	if i > 0 && tokens[i-1].kind == 'n' && slices.Contains(before, tokens[i-1].text) {
		return true
	}
	return i+1 < len(tokens) && tokens[i+1].kind == 'n' && slices.Contains(after, tokens[i+1].text)
}

// plainRead tells environ["NAME"] and environ.get("NAME") from other uses.
func (p *python) plainRead(tokens []pyToken) bool {
	if pyIs(tokens, "environ", "[") {
		return len(tokens) > 3 && tokens[2].kind == 's' && !tokens[2].format && tokens[3].kind == ']'
	}
	return pyIs(tokens, "environ", ".", "get", "(") && len(tokens) > 4 && tokens[4].kind == 's' && !tokens[4].format
}

// harmlessModules are packages that do not look into the environment for a
// token.
var harmlessModules = strings.Fields(`os sys json re requests httpx urllib github3 subprocess datetime time pathlib base64 logging argparse typing collections
	itertools functools textwrap math random string csv io tempfile shutil hashlib yaml toml tomllib packaging dateutil bs4 jinja2 dataclasses enum
	contextlib traceback pprint glob fnmatch html xml difflib operator copy uuid zipfile tarfile gzip statistics warnings platform shlex __future__ abc signal
	concurrent threading asyncio ssl socket http errno fractions decimal github ghapi
	array ast binascii bisect bz2 calendar cmath codecs configparser curses email filecmp fileinput getopt hmac heapq imaplib ipaddress json5
	keyword linecache locale lzma mimetypes numbers optparse plistlib queue sched secrets select selectors smtplib
	stat struct symtable sysconfig tabnanny timeit tokenize types unicodedata weakref webbrowser zlib zoneinfo
	attr attrs click colorama feedparser jsonschema lxml markdown markdownify matplotlib more_itertools numpy pandas polars pydantic pytz
	rich ruamel seaborn semantic_version semver tabulate termcolor tomli tomlkit tqdm typer typing_extensions unidiff xmltodict`)

// actingModules are those of harmlessModules whose calls are read, and which
// must bear their own names for that.
var actingModules = strings.Fields("os requests httpx urllib subprocess http asyncio github ghapi")

// statement reads one statement.
func (p *python) statement(s []pyToken) {
	if pyIs(s, "import") || pyIs(s, "from") {
		p.imports(s)
		return
	}
	if pyIs(s, "global") || pyIs(s, "nonlocal") || pyIs(s, "del") {
		return
	}
	rest := p.kept(p.calls(pyPlain(s)))
	switch {
	case !p.mentions(rest):
		return
	case len(rest) > 2 && rest[0].kind == 'n' && rest[1].kind == '=' && rest[2].kind != '=':
		if _, ok := p.expression(rest[2:]); ok {
			return
		}
	case p.checks(rest):
		return
	}
	p.unread(s[0].offset, "does something with the token that is not understood")
}

// kept takes out the objects of clients that a statement leaves where they
// are looked for: under a name, as the elements of a loop, as what a function
// gives back, or nowhere.
func (p *python) kept(s []pyToken) []pyToken {
	if len(s) > 2 && s[0].kind == 'n' && s[1].kind == '=' && len(s) == 3 || len(s) == 1 {
		s[len(s)-1].kind = '?'
	}
	function := pyIs(s, "def") || pyIs(s, "async", "def")
	for i := 1; i < len(s); i++ {
		element := i > 2 && s[i].kind == 'o' && pyIs(s[i-1:], "in") && pyIs(s[i-3:], "for")
		parameter := function && s[i].kind == 'n' && (s[i-1].kind == '(' || s[i-1].kind == ',')
		if element || parameter || pyIs(s[i-1:], "for") {
			s[i].kind = '?'
		}
	}
	if pyIs(s, "return") && len(s) == 2 && s[1].kind == 'o' && p.gives(s[1].offset) {
		s[1].kind = '?'
	}
	return s
}

// imports notes modules that may use the environment by themselves.
func (p *python) imports(s []pyToken) {
	parts := pySplit(s[1:], ',')
	if pyIs(s, "from") {
		parts = parts[:min(1, len(parts))]
	}
	for _, part := range parts {
		if len(part) == 0 || part[0].kind != 'n' || !slices.Contains(harmlessModules, part[0].text) ||
			len(part) > 1 && pyIs(part[1:], "as") && slices.Contains(actingModules, part[0].text) {
			p.unread(s[0].offset, "imports code that is not read")
			return
		}
	}
}

// checks recognises a question whether something is set.
func (p *python) checks(s []pyToken) bool {
	if !(pyIs(s, "if") || pyIs(s, "elif") || pyIs(s, "assert")) {
		return false
	}
	s = s[1:]
	if n := len(s); n > 0 && s[n-1].kind == ':' {
		s = s[:n-1]
	}
	if pyIs(s, "not") {
		s = s[1:]
	}
	for _, end := range [][]string{{"is", "not", "None"}, {"is", "None"}} {
		if n := len(s) - len(end); n > 0 && pyIs(s[n:], end...) {
			s = s[:n]
		}
	}
	_, ok := p.expression(s)
	return ok
}
