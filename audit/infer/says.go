package infer

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
)

// saysFile notes what the comments of an operation say that take their text from
// a file. One whose text is not known is a report, which begins with no command:
// wrong where a program writes a command for a bot into a file.
func (in *inferrer) saysFile(op *Operation, c *trace.Command, file value.Value) {
	text := opened(in.textOf(c, file))
	for n := range op.Events {
		e := &op.Events[n]
		if e.Attributes == nil {
			e.Attributes = map[string]value.Value{}
		}
		switch {
		case e.Name != "issue_comment" && e.Name != "pull_request_review":
		case len(text) > 0:
			e.Attributes["body"] = text
		default:
			delete(e.Attributes, "body")
			e.Attributes[CommandIn] = value.Text("none")
		}
	}
}

// opened returns those of the texts that a value may be of which the beginning is
// known.
func opened(v value.Value) value.Value {
	known := slices.DeleteFunc(slices.Clone(v.Alternatives()), func(w value.Value) bool { return len(w) == 0 || w[0].Text == "" })
	if len(known) == 0 {
		return nil
	}
	return value.Choice(known...)
}

// textOf returns the text of a file that a command is given: what the job wrote
// there, as far as that is known, else what lies in the checkout.
func (in *inferrer) textOf(c *trace.Command, file value.Value) value.Value {
	if file.LiteralOr("") == "-" {
		if c.HasStdin {
			return in.passedOn(folder(c.Dir), c.Stdin)
		}
		return value.Unknown("-")
	}
	for n, written := range c.Written {
		if c.Args[n].Equal(file) || strings.HasSuffix(c.Args[n].String(), "@"+file.String()) {
			return in.passedOn(folder(c.Dir), written.Content)
		}
	}
	if name, known := file.Literal(); known {
		if text, ok := in.checkedOut(folder(c.Dir), name); ok {
			return text
		}
	}
	return value.Unknown("the file " + file.String())
}

// checkedOut returns the text of a file of the checkout, by its name where a
// command runs.
func (in *inferrer) checkedOut(dir, name string) (value.Value, bool) {
	if in.options.Read == nil {
		return nil, false
	}
	data, err := in.options.Read(path.Clean(joinFolder(dir, name)))
	return value.Text(string(data)), err == nil
}

// catFile matches the text of one file as a shell puts it in: $(cat FILE), $(<FILE).
var catFile = regexp.MustCompile(`^\$\((?:cat\s+|<\s*)(?:"([\w./-]+)"|'([\w./-]+)'|([\w./-]+))\s*\)$`)

// filledIn returns a text with those of files of the checkout that a shell puts in
// as they are, unless an earlier command may have changed them.
func (in *inferrer) filledIn(c *trace.Command, v value.Value) value.Value {
	var out []value.Value
	for _, p := range v {
		piece := value.Value{p}
		if m := catFile.FindStringSubmatch(p.Unknown); m != nil {
			name := cmp.Or(m[1], m[2], m[3])
			if text, ok := in.checkedOut(folder(c.Dir), name); ok && !in.touched(name) {
				piece = text
			}
		}
		out = append(out, piece)
	}
	return value.Concat(out...)
}

// touched tells whether an earlier command of the job names a file that it may
// write.
func (in *inferrer) touched(name string) bool {
	same := func(v value.Value) bool { return strings.HasSuffix(v.String(), path.Base(name)) }
	return in.earlier(&in.touchers, name, func(c *trace.Command) bool {
		return slices.ContainsFunc(c.Output, func(o shell.Redirect) bool { return same(o.Path) }) || in.givenTo(c, name)
	})
}

// passes matches the beginning of what stands for the text that a program passes
// on, of a file among its words, namedFile such words.
var (
	passes    = regexp.MustCompile(`^\$\((?:<|(?:cat|g?sed|envsubst|head|tail|tac|grep|g?awk|tr|sort|uniq)\b)`)
	namedFile = regexp.MustCompile(`[\w./-]+`)
)

// passedOn returns a text with those of files of the checkout that were passed on
// into it, or with the commands that code of the repository may have begun it with.
// What a filter has changed in them is not seen.
func (in *inferrer) passedOn(dir string, v value.Value) value.Value {
	var out []value.Value
	for _, text := range v.Alternatives() {
		if len(text) == 0 || text[0].Unknown == "" {
			out = append(out, text)
			continue
		}
		out = append(out, in.begun(dir, text)...)
	}
	return value.Choice(out...)
}

// begun returns what a text may be of whose beginning the source is known.
func (in *inferrer) begun(dir string, text value.Value) []value.Value {
	source := text[0].Unknown
	names := namedFile.FindAllString(source, -1)
	if passes.MatchString(source) {
		for _, name := range names {
			if read, ok := in.checkedOut(dir, name); ok {
				return []value.Value{value.Concat(read, text[1:])}
			}
		}
	}
	code := append(in.printedBy(source), in.scriptAmong(dir, names))
	var out []value.Value
	for _, m := range spoken.FindAllStringSubmatch(strings.Join(code, "\n"), maxSaid) {
		out = append(out, value.Concat(value.Text(m[1]), value.Unknown(source), text[1:]))
	}
	if len(out) == 0 {
		out = append(out, text)
	}
	return out
}

// scriptAmong returns the first of some files that is a script of the repository: the
// one that a command runs, and not what it is given.
func (in *inferrer) scriptAmong(dir string, names []string) string {
	for _, name := range names {
		if in.unchanged == nil || strings.HasPrefix(dir, "?") {
			break
		}
		// What its changes do to the token is told elsewhere.
		text, ok := in.unchanged(path.Clean(joinFolder(dir, name)))
		if ok && len(text) <= maxSpoken && (scriptName.MatchString(name) || strings.HasPrefix(text, "#!")) {
			return text
		}
	}
	return ""
}

// spoken matches a text in code that begins as a command for a bot does, and ends where
// a path would go on.
var spoken = regexp.MustCompile("(?m)(?:^|[\\s\"'`>=(])(/[a-z][\\w-]*(?:[ \\t][^\"'`\\\\\\n]*)?)(?:[\"'`\\\\)]|$)")

// maxSpoken bounds the code that is looked through for them.
const maxSpoken = 64 << 10

// printedBy returns what the code is seen to print that was started by the command
// whose output has a source.
func (in *inferrer) printedBy(source string) (lines []string) {
	var by *trace.Site
	for _, s := range in.job.Sites[:in.index] {
		switch c := s.Command; {
		case c == nil:
		case s.Followed && "$("+c.Text()+")" == source:
			by = s
		case by != nil && s.PartOf(by) && len(c.Args) > 1 && prints.MatchString(c.Args[0].LiteralOr("")):
			line, _ := value.MaskWords(c.Args[1:])
			lines = append(lines, strings.Join(line, " "))
		}
	}
	return lines
}

// prints matches the programs that print their words.
var prints = regexp.MustCompile(`^(?:echo|printf|say)$`)
