package script

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// worded reads shlex.split(text) and text.split(): the words of every text that
// it may be. is is false where tokens are none, or where a text does not begin
// with a known word, which is data rather than what starts a program.
func (p *python) worded(base, inside []pyToken) (v pyValue, ok, is bool) {
	quotes := pyIs(base, "shlex") && len(base) == 1
	if quotes {
		if key := p.home(base[0]); p.boundKey(key) || p.loose[key] {
			return pyValue{}, false, false
		}
		base, inside = inside, nil
	}
	if len(inside) > 0 || len(base) == 0 || len(pySplit(base, ',')) != 1 {
		return pyValue{}, false, false
	}
	of, ok := p.expression(base)
	if !ok || !of.plain() {
		return pyValue{}, false, false
	}
	for _, one := range of.text.Alternatives() {
		parts, length := measure(one)
		p.steps += parts + length
		w := pyWords{quotes: quotes}
		if p.steps > maxPythonSteps || !w.read(one) || !w.named() || len(w.list) > maxPythonList || len(v.lists) == maxPythonWords {
			return pyValue{}, false, false
		}
		v.lists, v.spread = append(v.lists, w.list), v.spread || w.spread
	}
	return v, true, len(v.lists) > 0
}

// plainWord matches words that a shell takes for what they are.
var plainWord = regexp.MustCompile(`^[\w@%+=:,./-]+$`)

// joinedWords reads " ".join(words) and shlex.join(words).
func (p *python) joinedWords(base, inside []pyToken) (v pyValue, ok, is bool) {
	of, ok := p.expression(inside)
	if !ok || of.lists == nil || len(of.text) > 0 {
		return pyValue{}, false, false
	}
	separator, quotes := value.Text(" "), pyIs(base, "shlex") && len(base) == 1
	if !quotes {
		by, ok := p.expression(base)
		if separator = by.text; !ok || !by.plain() {
			return pyValue{}, false, false
		}
	}
	var texts []value.Value
	for _, list := range of.lists {
		var whole value.Value
		for i, word := range list {
			if text, known := word.Literal(); quotes && !(known && plainWord.MatchString(text)) && !word.Equal(moreWords) {
				if known && strings.Contains(text, "'") {
					return pyValue{}, false, false
				}
				word = value.Concat(value.Text("'"), word, value.Text("'"))
			}
			if i > 0 {
				whole = value.Concat(whole, separator)
			}
			whole = value.Concat(whole, word)
		}
		texts = append(texts, bounded(whole))
	}
	return pyValue{text: value.Choice(texts...)}, true, true
}

// altersOperands matches code that gives the operands of a script other values.
var altersOperands = regexp.MustCompile(`argv\s*(?:\.\s*(?:pop|insert|append|extend|remove|clear|reverse|sort|shift|unshift|splice|push)\b|(?:\[[^\]]*\]\s*)?[+*]?=[^=])|\bdel\s+(?:sys\s*\.\s*)?argv`)

// operands reads sys.argv, sys.argv[1] and sys.argv[1:].
func (p *python) operands(tokens []pyToken) (v pyValue, ok bool) {
	if !pyIs(tokens, "sys", ".", "argv") || p.in.Args == nil || p.bound(tokens[0]) || altersOperands.MatchString(p.in.Source) {
		return pyValue{}, false
	}
	from, rest := 0, tokens[3:]
	if len(rest) >= 3 && rest[0].kind == '[' && rest[1].kind == '0' && pyClose(rest) == len(rest)-1 {
		at, err := strconv.Atoi(rest[1].text)
		switch {
		case err != nil || len(rest) == 3 && at >= len(p.in.Args):
			return pyValue{}, false
		case len(rest) == 3:
			return pyValue{text: p.in.Args[at]}, true
		case len(rest) != 4 || rest[2].kind != ':':
			return pyValue{}, false
		}
		from, rest = min(at, len(p.in.Args)), nil
	}
	return pyValue{lists: [][]value.Value{slices.Clone(p.in.Args[from:])}}, len(rest) == 0
}

// maxPythonList bounds the words of one call that stand in a text.
const maxPythonList = 500

// pyWords cuts a text into words.
type pyWords struct {
	// quotes tells that quotes and backslashes mean what they do to a shell.
	quotes bool
	list   []value.Value
	// word and text behind it are what is known of the word that is open.
	word value.Value
	text []byte
	open bool
	// quote is that in which the text stands, 0 for none.
	quote byte
	// spread tells that a word may be several, or none.
	spread bool
}

// named tells whether the first word begins with known text.
func (w *pyWords) named() bool {
	return len(w.list) > 0 && len(w.list[0]) > 0 && w.list[0][0].Text != ""
}

// read cuts a text without choices. It is false where a quote stays open.
func (w *pyWords) read(v value.Value) bool {
	for _, part := range v {
		if part.Text != "" {
			w.readText(part.Text)
			continue
		}
		w.spread = w.spread || w.quote == 0 && part.Credential == nil && !part.IsWord()
		w.settle(value.Value{part})
		w.open = true
	}
	w.end()
	return w.quote == 0
}

func (w *pyWords) readText(s string) {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case w.quotes && c == '\\' && w.escapes(s[i+1:]):
			i++
			c = s[i]
		case w.quotes && (c == w.quote || w.quote == 0 && (c == '\'' || c == '"')):
			w.quote ^= c
			w.open = true
			continue
		case w.quote == 0 && strings.IndexByte(" \t\r\n", c) >= 0:
			w.end()
			continue
		}
		w.text, w.open = append(w.text, c), true
	}
}

// escapes tells whether a backslash in front of a text takes its first
// character for what it is.
func (w *pyWords) escapes(next string) bool {
	return next != "" && (w.quote == 0 || w.quote == '"' && (next[0] == '"' || next[0] == '\\'))
}

// settle puts the text that was read, and more, to the word.
func (w *pyWords) settle(more value.Value) {
	w.word, w.text = value.Concat(w.word, value.Text(string(w.text)), more), nil
}

// end finishes a word.
func (w *pyWords) end() {
	w.settle(nil)
	if w.open {
		w.list = append(w.list, w.word)
	}
	w.word, w.open = nil, false
}
