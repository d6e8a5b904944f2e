package trace

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// script returns a line of a recipe as the shell gets it. Variables with a
// plain text are left to its environment, what is not known becomes a
// placeholder.
func (x *makeText) script(text string, depth int) string {
	if depth > maxMakeDepth || x.room < 0 {
		x.unknown("is put together in ways that are not followed")
		return ""
	}
	var state quotes
	at := 0
	return x.walk(text, func(b *strings.Builder, body, written, rest string) {
		so := b.String()
		state = state.after(so[at:])
		command := !state.single && commandNext(so)
		function, arguments, ok := makeFunction(body)
		switch {
		case ok && function == "shell":
			inner := x.script(arguments, depth+1)
			if state.single {
				b.WriteString(`'"$(` + inner + `)"'`)
			} else {
				b.WriteString("$(" + inner + ")")
			}
		case ok && function == "call":
			out := x.call(makeArguments(arguments, 50), written, depth, x.script)
			b.WriteString(x.shown(out, written, command))
		case ok && function == "if":
			b.WriteString(x.either(makeArguments(arguments, 3), depth))
		case ok && function == "foreach":
			if args := makeArguments(arguments, 3); len(args) == 3 {
				b.WriteString(x.shown(x.loop(args, depth, x.script), written, command))
			}
		case ok:
			b.WriteString(x.shown(x.function(function, arguments, written, depth), written, command))
		default:
			b.WriteString(x.word(body, written, command, rest, depth))
		}
		at = b.Len()
	})
}

// either is an $(if) in a recipe.
func (x *makeText) either(args []string, depth int) string {
	condition := strings.TrimSpace(x.names(args[0], depth))
	then, otherwise := "", ""
	if len(args) > 1 {
		then = x.script(args[1], depth+1)
	}
	if len(args) > 2 {
		otherwise = x.script(args[2], depth+1)
	}
	if isMakeHole(condition) {
		x.choices = max(x.choices, 2)
		if x.choice == 0 {
			return then
		}
		return otherwise
	}
	if condition == "" {
		return otherwise
	}
	return then
}

// word returns what stands for a variable in a recipe. Command says that a
// command begins with it.
func (x *makeText) word(body, written string, command bool, rest string, depth int) string {
	name := body
	if _, local := x.locals[name]; local || !makeName.MatchString(name) || name == "MAKE" {
		return x.shown(x.reference(body, written, true, depth), written, command)
	}
	set := x.m.variables[name]
	v, given := x.env.Lookup(name)
	if given && (len(set) == 0 || set[0].weak) {
		if text, ok := v.Literal(); ok && command && strings.ContainsAny(text, " \t") {
			return text
		}
		return "${" + name + "}"
	}
	if len(set) == 0 {
		// make has nothing for it.
		if command && !strings.HasPrefix(rest, "/") {
			return ""
		}
		return "${" + name + "}"
	}
	if !command && (len(set) > 1 || !strings.ContainsAny(set[0].text, makeSyntax)) {
		for _, s := range set[:min(len(set), maxMakeChoices)] {
			x.names(s.text, depth+1) // what it runs
		}
		return "${" + name + "}"
	}
	text := x.chosen(set)
	if len(set) == 1 && strings.Contains(text, "$") && !strings.ContainsAny(text, makeSyntax) {
		v := x.m.expand(text, x.env, []string{name})
		if !slices.ContainsFunc(v, func(p value.Part) bool { return p.Unknown != "" }) && !strings.ContainsAny(v.String(), " \t") {
			return "${" + name + "}"
		}
	}
	if x.room -= len(text) + 1; x.room < 0 {
		x.unknown("is put together in ways that are not followed")
		return ""
	}
	if !strings.Contains(text, "\n") {
		text, _, _ = strings.Cut(text, " #")
	}
	return strings.TrimRight(x.script(text, depth+1), " \t")
}

// makeSyntax are signs that mean something to a shell where make puts them
// into a line, and nothing in a variable of its own.
const makeSyntax = ";&|<>\n'\"`"

// shown puts placeholders into a text where it has holes.
func (x *makeText) shown(text, written string, command bool) string {
	if !isMakeHole(text) {
		return text
	}
	if command && (strings.HasPrefix(text, string(makeHole)) || strings.HasPrefix(text, string(makeFiles))) && !strings.HasPrefix(strings.TrimLeft(text, string(makeHole)+string(makeFiles)), "/") {
		x.unknown("runs " + oneLine(written) + ", which is not understood")
	}
	if x.table == nil {
		return strings.NewReplacer(string(makeHole), "", string(makeFiles), "").Replace(text)
	}
	mark := x.table.Placeholder(value.Unknown(oneLine(written)), 0)
	return strings.NewReplacer(string(makeHole), mark, string(makeFiles), mark).Replace(text)
}

func (x *makeText) unknown(why string) {
	if x.lose != nil {
		x.lose(why)
	}
}

// quotes tells where a script stands inside of quotes.
type quotes struct{ single, double bool }

// after is the state behind some more of the script.
func (q quotes) after(script string) quotes {
	for i := 0; i < len(script); i++ {
		switch c := script[i]; {
		case c == '\\' && !q.single:
			i++
		case c == '"' && !q.single:
			q.double = !q.double
		case c == '\'' && !q.double:
			q.single = !q.single
		}
	}
	return q
}

// commandNext tells whether a command begins behind a script.
func commandNext(script string) bool {
	before := strings.TrimRight(script, " \t")
	if strings.HasSuffix(before, "\n") && !strings.HasSuffix(before, "\\\n") {
		return true
	}
	script = strings.TrimRight(script, " \t\n\\")
	if strings.TrimLeft(script[strings.LastIndexByte(script, '\n')+1:], "@-+ \t") == "" {
		return true
	}
	if strings.ContainsRune(";&|(`!{", rune(script[len(script)-1])) {
		return true
	}
	last := script[strings.LastIndexAny(script, " \t\n;&|(")+1:]
	switch last {
	case "then", "do", "else", "if", "while", "time", "exec", "sudo":
		return true
	}
	return false
}
