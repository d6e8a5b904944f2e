package shell

import (
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// Given are the words that a PowerShell script hands to another one, in which lists,
// tables and the names of parameters are told apart from text.
type Given struct {
	words []word
	// objects counts the objects among them.
	objects int
}

// given keeps the words of a call of a script for who reads that.
func (p *posh) given(words []word) *Given {
	out := slices.Clone(words)
	for n, w := range out {
		if w.thing.block != nil {
			// Its code is this script's.
			out[n].thing = plain(value.Unknown("{ … }"))
		}
	}
	if p.i.in != nil {
		out = append(out, word{loose: true})
	}
	return &Given{out, p.i.objects}
}

// scriptWords are the words that the script is called with, nil where that is not known.
func (i *interp) scriptWords(in Input) []word {
	if in.Given != nil {
		i.objects = in.Given.objects
		return in.Given.words
	}
	if len(in.Args) == 0 {
		return nil
	}
	out, loose := []word{}, false
	for _, v := range in.Args[1:] {
		w := startWord(v)
		w.loose = w.loose || in.Loose && isOpaque(v)
		loose = loose || w.loose
		out = append(out, w)
	}
	if in.Loose && !loose {
		out = append(out, word{loose: true})
	}
	return out
}

// startWord is a word with which PowerShell was started: what begins with a dash
// names a parameter. Source:
// https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_pwsh
func startWord(v value.Value) word {
	named := func(v value.Value) bool {
		return len(v) > 0 && len(v[0].Text) > 1 && v[0].Text[0] == '-' && !isOperand(v[0].Text[1])
	}
	if text, ok := v.Literal(); ok {
		for _, truth := range []string{"true", "false"} {
			if before, cut := strings.CutSuffix(strings.ToLower(text), "$"+truth); cut && (before == "" || strings.HasPrefix(before, "-") && strings.HasSuffix(before, ":")) {
				v = value.Text(before + truth)
			}
		}
	}
	return word{value: v, dashed: named(v), loose: len(v) > 0 && len(v[0].OneOf) > 0 && slices.ContainsFunc(v.Alternatives(), named)}
}

// bindScript gives the parameters that stand at the top of a script the words of its
// call.
func (p *posh) bindScript(words []word) {
	f := &poshFunction{text: p.i.text}
	q := &posh{i: p.i, s: p.s}
	for q.blank(true); strings.EqualFold(q.peekWord(q.pos), "using"); q.blank(true) {
		q.skipTo("\n", false)
	}
	q.types()
	if strings.EqualFold(q.bareword(), "param") {
		if q.blank(true); q.peek() == '(' {
			f.params = q.parameters()
		}
	}
	p.bind(f, words)
}

// lies notes where the script that is read lies: a file, from a folder.
func (i *interp) lies(dir, file value.Value) {
	name, ok := Join(dir, slashes(file)).Literal()
	if ok && !strings.HasPrefix(name, "~") && !strings.HasPrefix(name, "..") {
		i.home = absolute(path.Dir(name))
	}
}
