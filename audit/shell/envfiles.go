package shell

import (
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// envFlags are the flags by which programs take files of variables: dotenv-cli,
// dotenvx, Node.js and those like it, uv.
var envFlags = []string{"-e", "-f", "--env", "--env-file", "--env-file-if-exists", "--file"}

// givenFiles returns c with the variables of the files behind --env-file.
func (i *interp) givenFiles(base string, c *call) *call {
	given := func(v value.Value) bool { return strings.HasPrefix(v.LiteralOr(""), "--env-file") }
	if !rules.ReadsEnvFile.Has(base) || !slices.ContainsFunc(c.args, given) {
		return c
	}
	var words []value.Value
	for n, w := range c.args {
		if given(w) {
			words = append(words, c.args[n:min(n+2, len(c.args))]...)
		}
	}
	return i.loaded(c.with(c.args), words, "")
}

// loaded lays the variables of the files that words name over the environment of a
// command, or those of a file that is read where none is named. What is set already
// stays, unless a flag says otherwise.
func (i *interp) loaded(c *call, words []value.Value, unnamed string) *call {
	var files []value.Value
	over := false
	for n, w := range words {
		masked := w.Mask()
		flag, rest, joined := strings.Cut(masked.Text, "=")
		switch {
		case flag == "-o" || flag == "--override" || flag == "--overload":
			over = true
		case !slices.Contains(envFlags, flag):
		case joined:
			files = append(files, masked.Table.Value(rest))
		case n+1 < len(words):
			files = append(files, words[n+1])
		}
	}
	if len(files) == 0 && unnamed != "" {
		files = []value.Value{value.Text(unnamed)}
	}
	for _, file := range files {
		for _, set := range i.settingsOf(file) {
			if old, there := i.environment(c).Lookup(set.Name); over || !there || len(old) == 0 {
				c.lay(set.Name, set.Value)
			}
		}
	}
	return c
}

// settingsOf are the variables that a file sets which the script has written or
// that is in the checkout.
func (i *interp) settingsOf(file value.Value) []Setting {
	if v, ok := i.file(file); ok {
		var out []Setting
		for _, line := range lines(v) {
			if name, v, ok := splitAssignment(line); ok {
				out = append(out, Setting{name, v})
			}
		}
		return out
	}
	if i.read == nil {
		return nil
	}
	text, _ := i.readNow(file)
	out, _ := Settings(text)
	return out
}

// readSetting returns the n-th of the variables that read sets from a line of a
// file of the checkout that holds nothing but variables: the line, or its name and
// its value.
func (i *interp) readSetting(from value.Value, sep string, n, of int) (value.Value, bool) {
	if len(from) != 1 || from[0].Unknown == "" || of > 2 {
		return nil, false
	}
	found, _, whole := i.passedFrom(from)
	if len(found) == 0 || whole && of == 2 && sep != "=" {
		return nil, false
	}
	var choices []value.Value
	if len(found) > maxChoices || !whole {
		// All that counts is where gh goes.
		found = slices.DeleteFunc(found, func(set Setting) bool { return !slices.Contains(rules.GhPlaces, set.Name) })
		choices = []value.Value{from}
	}
	for _, set := range found {
		switch {
		case of == 1:
			choices = append(choices, value.Concat(value.Text(set.Name+"="), set.Value))
		case n == 0:
			choices = append(choices, value.Text(set.Name))
		default:
			choices = append(choices, set.Value)
		}
	}
	return value.Choice(choices...), true
}

// plainFile matches the name of a file that a script spells.
var plainFile = regexp.MustCompile(`^(?:\./)?[\w-]*[\w./-]*[./][\w./-]+$`)

// opened notes that lines which nobody here can read were written to the file of
// variables: those of a file that is not in the checkout, or what a script prints
// that is not. They may tell gh another repository, where nothing else tells it one.
func (i *interp) opened(line value.Value) {
	if _, told := i.st.env.Lookup("GH_REPO"); told || i.read == nil || i.guard > 0 || len(line) == 0 {
		return
	}
	if _, told := i.res.Env["GH_REPO"]; told {
		return
	}
	inner, ok := strings.CutPrefix(line[0].Unknown, "$(")
	words := strings.Fields(strings.NewReplacer(`"`, "", "'", "").Replace(strings.TrimSuffix(inner, ")")))
	if !ok || len(words) == 0 {
		return
	}
	file := words[0]
	_, interpreted := rules.InterpreterOf(file)
	switch {
	case file == "<" || rules.PrintsText.Has(file):
		file = words[len(words)-1]
	case interpreted:
		n := slices.IndexFunc(words[1:], func(w string) bool { return !strings.HasPrefix(w, "-") })
		if n < 0 || strings.HasPrefix(words[1], "-c") || strings.HasPrefix(words[1], "-e") || words[1] == "-m" {
			return
		}
		file = words[n+1]
	case !strings.Contains(file, "/"):
		return
	}
	if !plainFile.MatchString(file) || strings.HasPrefix(file, "../") {
		return
	}
	if _, there := i.readNow(value.Text(file)); !there {
		i.store("env", value.Text("GH_REPO"), value.Unknown(openedBy+file), false)
	}
}

// openedBy begins the source of a variable that lines may set which nobody can read.
const openedBy = "GH_REPO of "

// OpenedBy returns the file or the script that may set a variable and that is not in
// the checkout, where it has no other value.
func OpenedBy(v value.Value) (file string, ok bool) {
	if len(v) == 0 {
		return "", false
	}
	return strings.CutPrefix(v[0].Unknown, openedBy)
}

// definedPosh takes over the variables that a file of the checkout sets where a
// PowerShell script reads it into its own scope, and its functions. What the file runs
// is for who reads the repository.
func (i *interp) definedPosh(c *call, words []word) {
	i.readPosh(c, words, func(_ *interp, walk func()) { walk() })
}

// ranPosh takes over what a script of the checkout sets for the whole process where
// another one calls it.
func (i *interp) ranPosh(c *call, words []word) {
	i.readPosh(c, words, func(inner *interp, walk func()) {
		inner.st.args = c.args
		inner.inCall(true, walk)
	})
}

// readPosh walks a script of the checkout for what it sets where a command calls it
// with words.
func (i *interp) readPosh(c *call, words []word, around func(inner *interp, walk func())) {
	file := c.args[0]
	if i.read == nil || i.sourced >= maxSourced {
		return
	}
	source, ok := i.readNow(slashes(file))
	if !ok {
		return
	}
	inner := i.reader(source)
	inner.poshFuncs, inner.poshDepth, inner.poshBase, inner.objects = i.poshFuncs, i.poshDepth, i.poshBase, i.objects
	inner.lies(i.st.dir, file)
	i.through(inner, c.start, func() {
		around(inner, func() {
			p := &posh{i: inner, s: source}
			p.bindScript(words)
			p.statements(0)
		})
	})
	for n := len(i.poshFuncs); n < len(inner.poshFuncs); n++ {
		if f := inner.poshFuncs[n]; f.owner == nil {
			f.owner = inner
		}
	}
	i.poshFuncs, i.objects = inner.poshFuncs, inner.objects
	inner.st.dead, inner.st.args = i.st.dead, i.st.args
	i.st.adopt(inner.st)
}
