package trace

import (
	"maps"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
)

// makeCall is a call of make: its folder and files, the targets, and the
// variables that it sets.
type makeCall struct {
	dir     value.Value
	files   []string
	targets []string
	given   map[string]value.Value
	// flags are the letters of those that it is given.
	flags string
}

// has tells whether a call is given one of some flags, by their letters.
func (c makeCall) has(letters string) bool { return strings.ContainsAny(c.flags, letters) }

// The ways in which a flag of make takes a word: not at all, always, or only
// where it stands in the same word. A number may follow some of the last kind.
const (
	makeTakesNone = iota
	makeTakesWord
	makeTakesRest
	makeTakesCount
)

// makeFlags are the flags of make, see
// https://www.gnu.org/software/make/manual/html_node/Options-Summary.html.
// Those without a letter change nothing here.
var makeFlags = []struct {
	letter byte
	takes  int
	long   string
}{
	{'B', makeTakesNone, "always-make"},
	{'C', makeTakesWord, "directory"},
	{'d', makeTakesNone, ""}, {0, makeTakesRest, "debug"},
	{'e', makeTakesNone, "environment-overrides"},
	{'E', makeTakesWord, "eval"},
	{'f', makeTakesWord, "file makefile"},
	{'h', makeTakesNone, "help"},
	{'i', makeTakesNone, "ignore-errors"},
	{'I', makeTakesWord, "include-dir"},
	{'j', makeTakesCount, "jobs"}, {0, makeTakesRest, "jobserver-auth jobserver-style"},
	{'k', makeTakesNone, "keep-going"},
	{'l', makeTakesCount, "load-average max-load"},
	{'L', makeTakesNone, "check-symlink-times"},
	{'n', makeTakesNone, "just-print dry-run recon"},
	{'o', makeTakesWord, "old-file assume-old"},
	{'O', makeTakesRest, "output-sync"},
	{'p', makeTakesNone, "print-data-base"},
	{'q', makeTakesNone, "question"},
	{'r', makeTakesNone, "no-builtin-rules"},
	{'R', makeTakesNone, "no-builtin-variables"},
	{'s', makeTakesNone, "silent quiet"}, {0, makeTakesNone, "no-silent"},
	{'S', makeTakesNone, "no-keep-going stop"},
	{'t', makeTakesNone, "touch"}, {0, makeTakesNone, "trace"}, {0, makeTakesRest, "shuffle"},
	{'v', makeTakesNone, "version"},
	{'w', makeTakesNone, "print-directory"}, {0, makeTakesNone, "no-print-directory"},
	{'W', makeTakesWord, "what-if new-file assume-new"}, {0, makeTakesNone, "warn-undefined-variables"},
}

// makeFlag takes the flags in a word apart: their letters, and what stands in it
// behind the last one, which takes a word in that way.
func makeFlag(word string) (letters string, takes int, rest string) {
	if name, long := strings.CutPrefix(word, "--"); long {
		name, rest, _ := strings.Cut(name, "=")
		for _, f := range makeFlags {
			for full := range strings.FieldsSeq(f.long) {
				// getopt takes what is left out at the end of a name.
				if full == name || len(name) > 1 && strings.HasPrefix(full, name) {
					return strings.Trim(string(rune(f.letter)), "\x00"), f.takes, rest
				}
			}
		}
		return "", makeTakesNone, ""
	}
	for i := 1; i < len(word); i++ {
		for _, f := range makeFlags {
			if f.letter != word[i] || f.letter == 0 {
				continue
			}
			letters += word[i : i+1]
			if f.takes != makeTakesNone {
				return letters, f.takes, word[i+1:]
			}
		}
	}
	return letters, makeTakesNone, ""
}

// makeWords takes the words of a call of make apart.
func makeWords(c *Command) makeCall {
	call := makeCall{dir: c.Dir, given: map[string]value.Value{}}
	if v, ok := c.Env.Lookup("MAKEFLAGS"); ok {
		call.inherit(v)
	}
	words := true
	for i := 1; i < len(c.Args); i++ {
		w := c.Args[i].String()
		masked := c.Args[i].Mask()
		name, text, set := strings.Cut(masked.Text, "=")
		if words && len(w) > 1 && strings.HasPrefix(w, "-") {
			words = w != "--"
			letters, takes, rest := makeFlag(masked.Text)
			given := masked.Table.Value(rest)
			next := ""
			if i+1 < len(c.Args) {
				next = c.Args[i+1].String()
			}
			if rest == "" && next != "" && (takes == makeTakesWord || takes == makeTakesCount && makeCount.MatchString(next)) {
				i++
				given = c.Args[i]
			}
			call.flag(letters, given)
			continue
		}
		name = strings.TrimRight(name, ":?+")
		switch {
		case set && makeName.MatchString(name):
			call.given[name] = masked.Table.Value(text)
		case strings.Contains(w, "="):
		default:
			call.targets = append(call.targets, w)
		}
	}
	return call
}

// flag notes flags, and what is given to the last of them.
func (c *makeCall) flag(letters string, given value.Value) {
	if letters == "" {
		return
	}
	switch letters[len(letters)-1] {
	case 'C':
		c.dir = shell.Join(c.dir, given)
	case 'f':
		c.files = append(c.files, given.String())
	case 'j':
		if given.String() == "1" {
			letters = letters[:len(letters)-1]
		}
	}
	c.flags += letters
	if strings.Contains(letters, "S") {
		c.flags = strings.ReplaceAll(c.flags, "k", "")
	}
}

// inherit notes the flags in the variable MAKEFLAGS, whose first word may be
// letters alone, and the variables that it sets.
func (c *makeCall) inherit(flags value.Value) {
	m := flags.Mask()
	if c.given == nil {
		c.given = map[string]value.Value{}
	}
	only := false
	for i, word := range strings.Fields(strings.ReplaceAll(m.Text, `\ `, makeBlank)) {
		word = strings.ReplaceAll(word, makeBlank, " ")
		name, text, set := strings.Cut(word, "=")
		switch {
		case word == "--":
			only = true
			continue
		case strings.HasPrefix(word, "-") && !only:
		case set && makeName.MatchString(strings.TrimRight(name, ":")):
			c.given[strings.TrimRight(name, ":")] = m.Table.Value(text)
			continue
		case i == 0 && !set && !only:
			word = "-" + word
		default:
			continue
		}
		letters, _, rest := makeFlag(word)
		c.flag(letters, value.Text(rest))
	}
}

// makeBlank stands for a blank within a word of MAKEFLAGS.
const makeBlank = "\ue002"

// handedOn are the flags that a make started by this one has as well, and the
// variables of the call.
func (c makeCall) handedOn() value.Value {
	letters := strings.Map(func(letter rune) rune {
		if strings.ContainsRune("eijknqt", letter) {
			return letter
		}
		return -1
	}, c.flags)
	var out value.Value
	if letters != "" || len(c.given) > 0 {
		out = value.Text(letters)
	}
	for n, name := range slices.Sorted(maps.Keys(c.given)) {
		if n == 0 {
			out = append(out, value.Text(" --")...)
		}
		m := c.given[name].Mask()
		out = value.Concat(out, value.Text(" "+name+"="), m.Table.Value(strings.ReplaceAll(m.Text, " ", `\ `)))
	}
	return out
}
