package shell

import (
	"regexp"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// isUnset tells whether nothing sets a variable that the script has not set so far:
// the environment that it began with is closed, and nothing in it may have set what
// is not seen. It goes by the order in which the script runs; where that is not seen,
// nothing in all of its text may set the name.
func (i *interp) isUnset(name string) bool {
	if i.anySet || i.open > 0 || !i.st.env.IsClosed() || !syntax.ValidName(name) || rules.RunnerSets(name) {
		return false
	}
	if _, set := i.st.named(name); set {
		return false
	}
	if _, set := i.st.env.LookupFold(name); set {
		return false // Windows tells no case apart
	}
	if _, set := i.st.env.Lookup("BASH_ENV"); set {
		return false
	}
	return !i.outOfOrder() || !i.sources && !i.setSomewhere(name)
}

// isGiven tells whether a variable that the script has not set so far has the value
// that the environment which it began with gives it: see [interp.isUnset].
func (i *interp) isGiven(name string) bool {
	if _, given := i.st.env.Given(name); !given || i.anySet || i.open > 0 || rules.RunnerSets(name) {
		return false
	}
	if _, set := i.st.env.Lookup("BASH_ENV"); set {
		return false
	}
	return !i.outOfOrder() || !i.sources && !i.setSomewhere(name)
}

// defaults tells whether an expansion says what holds without the variable.
func defaults(p *syntax.ParamExp) bool {
	return p.Exp != nil && isDefault(p.Exp.Op) && p.Exp.Op != syntax.ErrorUnset && p.Exp.Op != syntax.ErrorUnsetOrNull
}

// outOfOrder tells whether code may have run before that stands behind, or elsewhere.
func (i *interp) outOfOrder() bool { return i.rounds > 0 || i.round != nil || i.dynamic }

// setsAny matches what may set a variable of any name.
var setsAny = regexp.MustCompile(`\b(?:eval|source|let)\b|(?:^|[;&|({\s])\.\s|\b(?:export|declare|typeset|local|readonly|read|mapfile|readarray|printf)\b[^\n;]*[\s"']["']?\$`)

// asked matches where a text asks for a variable, anyName what may be the name of one.
var (
	asked   = regexp.MustCompile(`\$[A-Za-z_]\w*|\$\{[A-Za-z_]\w*(?:\}|:?[-+?]|[%#/,^@])`)
	anyName = regexp.MustCompile(`[A-Za-z_]\w*`)
)

// settable are the words of a text that may be names of variables which it sets.
type settable struct {
	any   bool
	words map[string]bool
}

// setSomewhere tells whether the texts at hand may set a variable: where its name
// stands that is not asked for, or what may set any.
func (i *interp) setSomewhere(name string) bool {
	return slices.ContainsFunc(append([]string{i.given, i.text.source}, i.inners...), func(text string) bool {
		s, known := i.settable[text]
		if !known {
			s = settable{setsAny.MatchString(text), map[string]bool{}}
			for _, w := range anyName.FindAllString(asked.ReplaceAllString(text, " "), -1) {
				s.words[w] = true
			}
			i.settable[text] = s
		}
		return s.any || s.words[name]
	})
}

// opens notes that variables may be set from here on of which no name is seen.
func (i *interp) opens() { i.anySet = true }

// opensUnless is opens where a word is not known that names what is set.
func (i *interp) opensUnless(words ...value.Value) {
	for _, v := range words {
		if _, known := v.Literal(); !known {
			i.opens()
		}
	}
}

// names is opensUnless for words that are the names of what is set: elements of arrays
// are not read.
func (i *interp) names(words ...value.Value) {
	i.opensUnless(words...)
	if slices.ContainsFunc(words, func(v value.Value) bool { return strings.Contains(v.LiteralOr(""), "[") }) {
		i.opens()
	}
}

// inside makes inner, which reads a file as a part of the script, as open as the
// script is; what it returns takes over what the file has opened.
func (i *interp) inside(inner *interp) (leave func()) {
	inner.anySet = inner.anySet || i.anySet || i.open > 0 || i.outOfOrder()
	return func() {
		i.anySet = i.anySet || inner.anySet || inner.full
		i.res.Opens = i.res.Opens || inner.res.Opens
	}
}

// environment is what the program of c sees.
func (i *interp) environment(c *call) *value.Env {
	if c.bare {
		return (*value.Env)(nil).With(c.env)
	}
	env := i.st.env.With(c.env)
	if i.anySet || c.opens || c.runner != nil {
		return env.Opened()
	}
	return env
}

// declares are the builtins that set what their words name.
var declares = []string{"export", "declare", "typeset", "local", "readonly", "let"}

// opensShell tells whether a shell reads files of its own before its script.
func opensShell(words []value.Value) bool {
	if name := words[0].LiteralOr(""); starts(words[0]) || name == "zsh" || strings.HasSuffix(name, "/zsh") {
		return true // zsh reads ~/.zshenv for any script
	}
	for n := 1; n < len(words); n++ {
		switch s := words[n].LiteralOr(""); {
		case s == "--login" || s == "--rcfile" || s == "--init-file" || isFlags(s) && strings.ContainsAny(s, "li"):
			return true
		case strings.HasPrefix(s, "-") && strings.HasSuffix(s, "c"):
			return false
		case (isFlags(s) || strings.HasPrefix(s, "+")) && strings.ContainsAny(s, "oO"):
			n++
		case !strings.HasPrefix(s, "-") && !strings.HasPrefix(s, "+"):
			return s == ""
		}
	}
	return false
}

// settingLine matches a line of PowerShell or of cmd that writes a variable of a name
// that stands there to the file of those of later steps.
var settingLine = regexp.MustCompile(`(?i)^[\s@(]*(?:(?:echo|write-output|write-host)[\s(]*)?["'(]*[a-z_]\w*=|\b(?:add-content|out-file|set-content|ac)\b.*\s["'(]*[a-z_]\w*=`)

// writesOther tells whether a script that is not for bash may write other lines to the
// file of the variables of later steps than such as are read.
func writesOther(in Input) bool {
	for line := range strings.Lines(in.Source) {
		if strings.Contains(strings.ToUpper(line), "GITHUB_ENV") && !settingLine.MatchString(line) {
			return true
		}
	}
	return isEnvFile(in.Table.Value(in.Source))
}

var (
	// readFile matches where such a script reads a file that it spells, namesPlace where
	// it names a variable that tells gh where to go, and does not ask for it.
	readFile   = regexp.MustCompile(`(?i)(?:\b(?:get-content|gc|cat|type|copy-item|cp|copy)\s+(?:-(?:raw|path|literalpath)\s+)*|\breadall(?:lines|text)\(\s*)["']?([\w./\\-]*[./\\][\w./\\-]+)`)
	namesPlace = regexp.MustCompile(`(?i)(?:^|[^:\w$%])(` + strings.Join(rules.GhPlaces, "|") + `)\b`)
)

// otherLines notes the variables that such lines may set of those which tell gh where
// to go: where the script names one, or reads a file that has one, or that nobody here
// can read.
func (i *interp) otherLines(in Input) {
	if !writesOther(in) {
		return
	}
	i.res.Opens = true
	told := func(name string, v value.Value) {
		if _, told := i.res.Env[name]; !told {
			i.store("env", value.Text(name), v, true)
		}
	}
	_, set := i.st.env.Lookup(rules.GhPlaces[0])
	for _, m := range readFile.FindAllStringSubmatch(in.Source, maxWords) {
		file := value.Text(strings.ReplaceAll(m[1], `\`, "/"))
		text, there := i.readNow(file)
		if !there && i.read != nil && !set && plainFile.MatchString(file.String()) && !strings.HasPrefix(file.String(), "../") {
			told(rules.GhPlaces[0], value.Unknown(openedBy+file.String()))
		}
		found, _ := Settings(text)
		for _, one := range found {
			if slices.Contains(rules.GhPlaces, one.Name) {
				told(one.Name, one.Value)
			}
		}
	}
	for _, m := range namesPlace.FindAllStringSubmatch(in.Source, -1) {
		told(strings.ToUpper(m[1]), value.Unknown("$env:"+m[1]))
	}
}

// OpensShell tells whether a shell reads files of its own before the script that the
// words behind its name give it.
func OpensShell(words []string) bool {
	all := make([]value.Value, len(words))
	for n, w := range words {
		all[n] = value.Text(w)
	}
	return len(all) > 0 && opensShell(all)
}
