package shell

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// scripted are the programs that take a script for a shell: behind the flag
// -c, before which that many operands may stand, or, for sops, as the last word.
// The flags of npm stand in the table of package managers.
var scripted = map[string]struct {
	valued   string
	operands int
	last     bool
}{
	"flock":   {valued: "-w -E --timeout --wait --conflict-exit-code", operands: 1},
	"runuser": {valued: "-u --user -g --group -G --supp-group -s --shell", operands: 1},
	"npx":     {}, "npm exec": {}, "npm x": {},
	"sops exec-env": {last: true}, "sops exec-file": {last: true},
}

// scriptOf returns the shell that a program starts with a script in its words.
func scriptOf(base string, c *call) (*call, bool) {
	p, ok := scripted[base]
	n := 1
	if !ok && len(c.args) > 1 && (base == "npm" || base == "sops") {
		p, ok = scripted[base+" "+c.args[1].LiteralOr("")]
		n++
	}
	if !ok || n >= len(c.args) {
		return nil, false
	}
	if p.last {
		return c.scripted(c.args[len(c.args)-1]), len(c.args) > n+1
	}
	manager, _ := rules.PackageManagerOf(base)
	valued := slices.Concat(strings.Fields(p.valued), manager.Valued())
	for operands := p.operands; n+1 < len(c.args); n++ {
		switch s := c.args[n].LiteralOr(""); {
		case manager.Selects(s):
			// It runs in another folder.
			return nil, false
		case s == "-c" || s == "--command" || s == "--call":
			return c.scripted(c.args[n+1]), true
		case slices.Contains(valued, s):
			n++
		case strings.HasPrefix(s, "-") && s != "--":
		case operands == 0 || s == "--":
			return nil, false
		default:
			operands--
		}
	}
	return nil, false
}

// shells are the programs that read a script: from -c, a file, or what they
// are given to read. su and script take -c as well.
var shells = map[string]bool{
	"bash": true, "sh": true, "dash": true, "zsh": true, "ksh": true, "ash": true, "su": true, "script": true,
}

// shell reads the script that a shell is given in its words, or to read. It
// returns false where it is in a file, or not known.
func (i *interp) shell(c *call) bool {
	text, args, stdin := shellText(c.args)
	if stdin {
		if i.in == nil || !hasText(i.in.value) {
			return false
		}
		text = i.in.value
	} else if !hasText(text) {
		return false
	}
	in := i.in
	if stdin {
		in = nil
	}
	walk := func() {
		i.apart(true, func() {
			outer := i.st
			env := i.environment(c)
			if opensShell(c.args) {
				env = env.Opened()
			}
			i.st = &scope{env: env, args: args, loose: c.loose, dir: outer.dir}
			if !starts(c.args[0]) {
				i.st.errexit, i.st.pipefail = Options(c.args[1:])
			}
			i.started(func() { i.innerBy(text, c, i.all) })
			i.st = outer
		})
	}
	i.reading(in, func() {
		if strings.HasSuffix(c.args[0].LiteralOr(""), "script") {
			i.alone(walk) // it does not say how that ended
		} else {
			walk()
		}
	})
	return true
}

// child walks the script that a command hands to another shell, which has nothing of
// this one but its environment.
func (i *interp) child(c *call, walk func()) {
	i.apart(true, func() {
		outer, depth, base := i.st, i.poshDepth, i.poshBase
		i.st = &scope{env: i.environment(c), dir: outer.dir, errexit: outer.errexit}
		i.poshDepth, i.poshBase = 0, 0
		walk()
		i.st, i.poshDepth, i.poshBase = outer, depth, base
	})
}

// Options tells which of the options that [Input] knows the words behind the
// name of a shell switch on. It reads on to the script, or its name.
func Options(words []value.Value) (errexit, pipefail bool) {
	for n := 0; n < len(words); n++ {
		s := words[n].LiteralOr("")
		on := strings.HasPrefix(s, "-")
		if len(s) < 2 || !on && !strings.HasPrefix(s, "+") {
			break
		}
		if strings.HasPrefix(s, "--") {
			continue
		}
		if strings.Contains(s, "e") {
			errexit = on
		}
		if strings.HasSuffix(s, "o") && n+1 < len(words) {
			n++
			switch words[n].LiteralOr("") {
			case "errexit":
				errexit = on
			case "pipefail":
				pipefail = on
			}
		}
		if strings.Contains(s, "c") {
			break
		}
	}
	return errexit, pipefail
}

// starts tells whether one of shells is no shell, but starts one: its flags
// are its own.
func starts(program value.Value) bool {
	name := program.LiteralOr("")
	return strings.HasSuffix(name, "su") || strings.HasSuffix(name, "script")
}

// shellText finds the script in the words of a shell; stdin: it is read.
func shellText(words []value.Value) (text value.Value, args []value.Value, stdin bool) {
	for n := 1; n < len(words); n++ {
		s := words[n].LiteralOr("")
		switch {
		case s == "-s":
			return nil, append([]value.Value{words[0]}, operands(words[n:])...), true
		case isFlags(s) && strings.HasSuffix(s, "c") && n+1 < len(words):
			args = words[n+2:]
			if len(args) == 0 {
				args = []value.Value{words[0]}
			}
			return words[n+1], args, false
		case isFlags(s) && strings.HasSuffix(s, "o"), s == "+o", s == "--rcfile", s == "--init-file":
			n++
		case !isFlags(s) && !strings.HasPrefix(s, "--") && !strings.HasPrefix(s, "+"):
			if starts(words[0]) {
				continue
			}
			return nil, nil, false
		}
	}
	if starts(words[0]) {
		return nil, nil, false
	}
	return nil, []value.Value{words[0]}, true
}
