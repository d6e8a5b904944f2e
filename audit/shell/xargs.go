package shell

import (
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// xargsOptions are the words of xargs in front of the program.
type xargsOptions struct {
	// program is the index of the program among the words.
	program int
	// replace is the text in whose place what is read stands, one item a call.
	replace string
	// delimiter parts the items; empty are blanks.
	delimiter string
	// most is how many of them a call takes, 0 for all, and less where that is not
	// known; lines says that they are lines, of which each blank parts words.
	most  int
	lines bool
	// unread says that they come from elsewhere, or are parted by what is not known.
	unread bool
}

// readXargs reads the words of xargs.
func readXargs(args []value.Value) xargsOptions {
	var o xargsOptions
	n := 1
	for ; n < len(args); n++ {
		s := args[n].LiteralOr("")
		if len(s) < 2 || s[0] != '-' {
			break
		}
		if s == "--" {
			n++
			break
		}
		if name, text, joined := strings.Cut(s, "="); strings.HasPrefix(s, "--") {
			letter, next := xargsLong[name], value.Text(text)
			if strings.IndexByte("ndaPLEsI", letter) >= 0 && !joined && letter != 0 {
				n++
				next = wordAt(args, n)
			}
			o.set(letter, next)
			continue
		}
		n += o.cluster(s[1:], args[n+1:])
	}
	o.program = min(n, len(args))
	return o
}

// xargsLong are the letters of the long options that matter.
var xargsLong = map[string]byte{
	"--null": '0', "--delimiter": 'd', "--replace": 'i', "--max-args": 'n', "--max-lines": 'l', "--arg-file": 'a', "--max-procs": 'P', "--max-chars": 's',
}

// cluster reads the letters of one word, and returns how many of the words behind
// it belong to it.
func (o *xargsOptions) cluster(letters string, rest []value.Value) int {
	for n := range len(letters) {
		letter, text := letters[n], letters[n+1:]
		switch {
		case strings.IndexByte("eil", letter) >= 0:
			o.set(letter, value.Text(text))
			return 0
		case strings.IndexByte("nPLdsEaI", letter) < 0:
			o.set(letter, nil)
		case text != "":
			o.set(letter, value.Text(text))
			return 0
		default:
			o.set(letter, wordAt(rest, 0))
			return 1
		}
	}
	return 0
}

func wordAt(args []value.Value, n int) value.Value {
	if n < len(args) {
		return args[n]
	}
	return nil
}

// set notes one option with its value.
func (o *xargsOptions) set(letter byte, v value.Value) {
	text, known := v.Literal()
	switch letter {
	case '0':
		o.delimiter = "\x00"
	case 'd':
		o.delimiter = ansiC(text)
		o.unread = o.unread || !known || o.delimiter == ""
	case 'I', 'i':
		if o.replace = text; text == "" {
			o.replace = "{}"
		}
	case 'n', 'L', 'l':
		o.lines = letter != 'n'
		if o.most, _ = strconv.Atoi(text); o.most <= 0 {
			o.most = -1
		}
		if o.lines && known && text == "" {
			o.most = 1
		}
	case 'a':
		o.unread = true
	}
}

// xargs returns the command that xargs runs, once, with what it reads as operands:
// where it is run several times, each is one of several, and calls of which these
// differ in more are its turns.
func (i *interp) xargs(c *call) (*call, bool) {
	o := readXargs(c.args)
	args := slices.Clone(c.args[o.program:])
	if len(args) == 0 {
		// It shows what it was given.
		args = []value.Value{value.Text("echo")}
	}
	items, known := i.xargsItems(o)
	if o.replace != "" {
		for k := range args {
			args[k] = substituteText(args[k], o.replace, choose("$(xargs)", items...))
		}
		return c.with(args), true
	}
	turns := choice{at: len(args), lists: [][]value.Value{items}}
	if known && o.most != 0 {
		turns.lists, known = o.turns(items)
	}
	operands := align("$(xargs)", turns.lists)
	next := c.with(append(args, operands...))
	next.loose = c.loose || !known
	if turns.length = len(operands); turns.length > 0 && turns.matters() {
		next.turns = []choice{turns}
	}
	return next, true
}

// xargsItems returns what xargs reads, item by item; known is false where that is
// one thing that may be several, or none.
func (i *interp) xargsItems(o xargsOptions) (items []value.Value, known bool) {
	if i.in == nil || o.unread {
		return []value.Value{value.Unknown("$(xargs)")}, false
	}
	v := trimNewline(i.in.value)
	switch {
	case o.delimiter != "":
		items = records(v, o.delimiter)
	case o.replace != "" || o.lines:
		items = lines(v)
	default:
		var f fields
		f.split(v)
		f.end()
		items = f.words
	}
	if len(items) > 0 && len(items) <= maxChoices && !slices.ContainsFunc(items, func(w value.Value) bool {
		s, ok := w.Literal()
		return !ok || o.delimiter == "" && strings.ContainsAny(s, "'\"\\")
	}) {
		return items, true
	}
	if !isOpaque(v) && !isWord(v) || o.delimiter != "" && !isOpaque(v) {
		v = value.Opaque("$(xargs)", v)
	}
	return []value.Value{v}, false
}

// turns returns the operands of the calls that take so many of the items each.
func (o xargsOptions) turns(items []value.Value) ([][]value.Value, bool) {
	unknown := [][]value.Value{{value.Opaque("$(xargs)", items...)}}
	if o.most < 0 {
		return unknown, false
	}
	var turns [][]value.Value
	for turn := range slices.Chunk(items, o.most) {
		if o.lines && o.delimiter == "" {
			var f fields
			for _, line := range turn {
				if s := line.LiteralOr(""); s != strings.TrimRight(s, blanks) {
					return unknown, false // it goes on in the next line
				}
				f.split(line)
				f.end()
			}
			turn = f.words
		}
		turns = append(turns, turn)
	}
	return turns, true
}

// asksForInput tells whether xargs runs its program only where it reads something.
func asksForInput(c, next *call) bool {
	for _, v := range c.args[1:] {
		s := v.LiteralOr("")
		if len(next.args) > 0 && v.Equal(next.args[0]) {
			break
		}
		if s == "--no-run-if-empty" || isFlags(s) && strings.Contains(s, "r") {
			return true
		}
	}
	return false
}

// isWord tells whether a value is one word of known parts.
func isWord(v value.Value) bool {
	var f fields
	f.split(v)
	f.end()
	return len(f.words) == 1
}
