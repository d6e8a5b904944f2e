package script

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// ReadPython reads Python for the few plain things that scripts of workflows
// do with a token: requests of requests, httpx and urllib, alone and in
// sessions, calls of PyGithub, github3.py and ghapi, and programs that are
// started. It follows variables that are assigned texts, dictionaries and
// lists of texts, and objects of such clients, wherever in their function that
// is done, through loops, the operands of functions and what these give back.
// Classes of the script are read as lowerPython says. What else a name is bound
// to counts as unknown; a name of a function shadows an outer one.
//
// A statement in which a credential stands and that is not one of these is
// Unread; so is a program whose name is not known, and an import of code that
// is not known to leave the environment alone. Input.Path, Env, Table and
// Source are used.
func ReadPython(in Input) Result {
	text := lowerPython(in)
	if text == nil {
		return readPython(in)
	}
	whole := in
	whole.Source = text.source
	result := readPython(whole)
	for i := range result.Calls {
		c := &result.Calls[i]
		c.File, c.Start = text.origin(c.Start)
		c.End = c.Start
	}
	for i := range result.Unread {
		u := &result.Unread[i]
		u.File, u.Offset = text.origin(u.Offset)
	}
	return result
}

// newPython is a reader that has read nothing yet.
func newPython(in Input) *python {
	return &python{
		in: in, bindings: map[string][][]pyToken{}, loops: map[string][][]pyToken{}, parted: map[string][][]pyToken{}, loose: map[string]bool{},
		shared: map[string]bool{}, soft: map[string]pyToken{}, known: map[string]pyValue{}, suspects: map[string]bool{},
		functions: map[string]*pyFunction{}, resolving: map[pyBinding]int{}, asked: map[int][]string{},
		open: map[int]*pySession{}, fields: map[int]bool{}, settled: map[int]bool{}, later: map[int]*pyRequest{},
	}
}

// readPython reads one source.
func readPython(in Input) Result {
	p := newPython(in)
	if len(in.Source) > maxSource {
		p.unread(0, "the script is too long to be read")
		return p.result
	}
	statements := p.learn()
	p.suspect()
	p.sets()
	p.sessions(statements)
	p.additions(statements)
	for _, s := range statements {
		if p.steps > maxPythonSteps {
			p.unreadOnce(s[0].offset, "leads too far to be followed")
			break
		}
		p.statement(s)
	}
	p.conditions(statements)
	slices.Sort(p.result.EnvReads)
	p.result.EnvReads = slices.Compact(p.result.EnvReads)
	if moves.MatchString(in.Source) {
		wander(p.result.Calls)
	}
	return p.result
}

// learn finds what the names of the script are bound to, and what becomes of that. It
// returns the statements.
func (p *python) learn() [][]pyToken {
	statements := pyStatements(p.in.Source)
	p.enclose(statements)
	p.define(statements)
	for _, s := range statements {
		p.bind(s)
	}
	p.escape(statements)
	p.pass(statements)
	p.widen()
	p.results()
	p.changes(statements)
	return statements
}

// python is the reader of one script.
type python struct {
	in Input
	// scopes are the bodies of functions in order, shared the names that are
	// declared global, and soft those of comprehensions.
	scopes []*pyScope
	shared map[string]bool
	soft   map[string]pyToken
	// bindings are the expressions assigned to a name, by its key.
	bindings map[string][][]pyToken
	// loops are the expressions whose elements a name stands for.
	loops map[string][][]pyToken
	// parted are the expressions of whose elements a name stands for a part.
	parted map[string][][]pyToken
	// functions are those of the script; nil for one that is not followed.
	functions map[string]*pyFunction
	// suspects are the keys of names that may stand for a credential or for an
	// object of a client, as far as the names of what they are bound to tell.
	suspects map[string]bool
	// known are the names that were resolved. resolving are the bindings that
	// are being resolved, by their order, and lowest is the first of them that
	// was met again.
	known     map[string]pyValue
	resolving map[pyBinding]int
	lowest    int
	// asked are the calls of clients that were noted, by their place.
	asked map[int][]string
	// open are the sessions by the places where they are made, and settled the
	// statements that give them something.
	open    map[int]*pySession
	settled map[int]bool
	// later are what requests of urllib are given after they were made, by the
	// places where that is done.
	later map[int]*pyRequest
	// fields are the statements that stand in a class: what they name is read
	// as an attribute.
	fields map[int]bool
	// loose are the keys of names that are bound in other ways as well.
	loose map[string]bool
	// changed is what becomes of things after they were made.
	changed pyChanges
	depth   int
	steps   int
	result  Result
}

// maxPythonSteps bounds the expressions that are looked at.
const maxPythonSteps = 100_000

// maxPythonLists bounds the lists that a name may be.
const maxPythonLists = 40

// maxPythonDepth bounds how far names lead to names.
const maxPythonDepth = 40

func (p *python) unread(offset int, message string) {
	p.result.Unread = append(p.result.Unread, Problem{File: p.in.Path, Offset: offset, Message: message})
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
			if !asksEnviron(tokens[i:]) && p.mentionsText(t) {
				return true
			}
		case 'n':
			switch {
			case slices.Contains([]string{"globals", "locals", "vars", "eval", "exec", "__import__", "getattr"}, t.text),
				t.text == "environ" && !p.plainRead(tokens[i:]) && !askedEnviron(tokens, i):
				return p.in.Env.HoldsCredential()
			case (i == 0 || tokens[i-1].kind != '.') && p.bound(t) && p.suspects[p.home(t)] && p.resolve(t).holds() && !p.unhandled(tokens, i):
				return true
			case (i == 0 || tokens[i-1].kind != '.') && p.functions[t.text] != nil && !p.bound(t) && !looksOnly(tokens, i) && p.handsOut(t.text):
				return true
			case value.HasPlaceholder(t.text) && p.in.Table.Value(t.text).HoldsCredential():
				return true
			}
		}
	}
	return p.steps > maxPythonSteps
}

// handsOut tells whether a function of the script gives back a credential or
// an object.
func (p *python) handsOut(name string) bool {
	key := pyReturned(name, -1)
	return p.suspects[key] && (p.resolveKey(key, name).holds() || p.partsHold(name))
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
	return slices.ContainsFunc(pyHoles(t), func(s []pyToken) bool {
		return p.mentions(append([]pyToken{{kind: 'n', text: "str"}, {kind: '('}}, append(p.calls(s), pyToken{kind: ')'})...))
	})
}

// unhandled tells whether a name among the tokens stands for an object with
// which nothing is done there, but to look at it.
func (p *python) unhandled(tokens []pyToken, i int) bool {
	v := p.resolve(tokens[i])
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

// asksEnviron tells whether tokens begin with a question whether a variable is set:
// "NAME" in os.environ, "NAME" not in os.environ.
func asksEnviron(tokens []pyToken) bool {
	if len(tokens) == 0 || tokens[0].kind != 's' || tokens[0].format {
		return false
	}
	rest := tokens[1:]
	if pyIs(rest, "not") {
		rest = rest[1:]
	}
	if !pyIs(rest, "in") {
		return false
	}
	if rest = rest[1:]; pyIs(rest, "os", ".") {
		rest = rest[2:]
	}
	return pyIs(rest, "environ") && (len(rest) == 1 || rest[1].kind != '.' && rest[1].kind != '[' && rest[1].kind != '(')
}

// askedEnviron tells whether what stands at i is the environment that such a
// question asks.
func askedEnviron(tokens []pyToken, i int) bool {
	for first := i - 2; first >= max(i-5, 0); first-- {
		if asksEnviron(tokens[first:min(i+2, len(tokens))]) {
			return true
		}
	}
	return false
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
	if p.settled[s[0].offset] {
		return
	}
	plain := pyPlain(s)
	rest := p.kept(p.calls(plain))
	if !p.mentions(rest) || p.checks(rest) || p.keeps(plain) {
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
	header := pyBody(s)
	for i := 1; i < len(s); i++ {
		element := i > 2 && s[i].kind == 'o' && pyIs(s[i-1:], "in") && pyIs(s[i-3:], "for")
		parameter := i < header && s[i].kind == 'n' && (s[i-1].kind == '(' || s[i-1].kind == ',') && pyDepth(s, i) == 1
		if i > 2 && s[i].kind == 'n' && pyIs(s[i-1:], "in") && pyIs(s[i-3:], "for") && (i+1 == len(s) || s[i+1].kind == ':' || pyIs(s[i+1:], "if")) && p.bound(s[i]) {
			of := p.resolve(s[i])
			element = element || of.object != nil && of.object.sites == nil && !of.text.HoldsCredential() && of.members == nil
		}
		element = element || s[i].kind == 'o' && pyIs(s, "with") && i+1 < len(s) && pyIs(s[i+1:], "as")
		if element || parameter || pyIs(s[i-1:], "for") || pyIs(s[i-1:], "lambda") || pyIs(s, "with") && pyIs(s[i-1:], "as") {
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
	if (pyIs(s, "from", "os") || pyIs(s, "from", "subprocess")) && slices.ContainsFunc(s, func(t pyToken) bool { return t.kind == 'n' && t.text == "as" }) {
		p.unread(s[0].offset, "imports code that is not read")
		return
	}
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
