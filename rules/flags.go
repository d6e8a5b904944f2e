package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// GhFlag is a flag of a command: of gh, or of another program that spells
// its flags the same way.
type GhFlag struct {
	// Long is the name without dashes, Short the letter, or "".
	Long, Short string
	// Value tells whether it takes a value.
	Value bool
	// reading is how one that takes none reads what is joined to it all the same.
	reading reading
}

// parseFlags reads "-s/--long=", "-s/--long?" and the like, separated by spaces.
func parseFlags(text string) ([]GhFlag, error) {
	var flags []GhFlag
	for field := range strings.FieldsSeq(text) {
		f, err := parseFlag(field)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(flags, func(g GhFlag) bool { return g.Long == f.Long || g.Short != "" && g.Short == f.Short }) {
			return nil, fmt.Errorf("flag %q stands twice", field)
		}
		flags = append(flags, f)
	}
	return flags, nil
}

// parseFlag reads "-s/--long=", "--long", "--long?".
func parseFlag(text string) (GhFlag, error) {
	f := GhFlag{reading: plainly}
	short, long, both := strings.Cut(text, "/")
	if !both {
		short, long = "", text
	}
	long, f.Value = strings.CutSuffix(long, "=")
	if text, ok := strings.CutSuffix(long, "?"); ok && !f.Value {
		long, f.reading = text, yargs
	}
	f.Short = strings.TrimPrefix(short, "-")
	f.Long = strings.TrimPrefix(long, "--")
	if len(f.Short) > 1 || len(f.Long) < 2 || len(f.Long) != len(long)-2 {
		return GhFlag{}, fmt.Errorf("flag %q: want --long, --long=, --long?, and -s/ before it for a short one", text)
	}
	return f, nil
}

// parseWords tells flags and operands apart as the pflag library does: a
// flag may stand anywhere before "--", a value after "=", joined to a short
// flag, or in the next word, and boolean short flags may be joined.
func parseWords(flags []GhFlag, args []string) words {
	w := words{known: flags, flags: map[string][]string{}}
	for i := 0; i < len(args); i++ {
		word := args[i]
		following := func() string {
			if i+1 == len(args) {
				return ""
			}
			return args[i+1]
		}
		next := func() string {
			text := following()
			i = min(i+1, len(args)-1)
			return text
		}
		switch {
		case word == "--":
			w.operands = append(w.operands, args[i+1:]...)
			return w
		case strings.HasPrefix(word, "--"):
			w.long(word[2:], following, next)
		case w.isSingle(word):
			w.long(word[1:], following, next)
		case len(word) > 1 && word[0] == '-':
			w.shorts(word[1:], following, next)
		default:
			w.operands = append(w.operands, word)
		}
	}
	return w
}

// long reads a flag after its "--". One that is not known (of a later
// version, or an error) takes no word along: the next one becomes an operand
// too many, where otherwise an operand could be lost.
func (w *words) long(text string, following, next func() string) {
	name, given, assigned := strings.Cut(text, "=")
	f, known := w.find(name)
	if negated, no := strings.CutPrefix(name, "no-"); !known && no {
		if f, ok := w.find(negated); ok && f.reading == yargs {
			w.flags[negated] = []string{"false"}
			return
		}
	}
	if !known {
		w.strange = append(w.strange, "--"+name)
	}
	w.unknown = w.unknown || !known && (!assigned || value.HasPlaceholder(name))
	switch {
	case known && !f.Value:
		w.toggle(f, given, assigned, following, next)
		return
	case assigned:
	case known:
		given = next()
	default:
		given = "true"
	}
	w.flags[name] = append(w.flags[name], given)
}

// isSingle tells whether a word is a long flag behind one dash, as programs that use
// Go's own flags, or Java's, take them: none of their short ones begins it.
func (w *words) isSingle(word string) bool {
	name, _, _ := strings.Cut(strings.TrimPrefix(word, "-"), "=")
	return len(name) > 1 && word[0] == '-' && slices.ContainsFunc(w.known, func(f GhFlag) bool { return f.Long == name }) &&
		!slices.ContainsFunc(w.known, func(f GhFlag) bool { return f.Short != "" && strings.HasPrefix(name, f.Short) })
}

// find returns a flag by its long name: --help is one of every program.
func (w *words) find(name string) (GhFlag, bool) {
	i := slices.IndexFunc(w.known, func(f GhFlag) bool { return f.Long == name })
	if i < 0 {
		return GhFlag{Long: name}, name == "help"
	}
	return w.known[i], true
}

// unlisted tells whether a long flag is given with a value, or what may be
// one, that is none of those known.
func unlisted(flags []GhFlag, args []string) bool {
	for i, word := range args {
		if word == "--" {
			return false
		}
		text, long := strings.CutPrefix(word, "--")
		name, _, valued := strings.Cut(text, "=")
		valued = valued || i+1 < len(args) && !strings.HasPrefix(args[i+1], "-")
		if long && valued && !slices.ContainsFunc(flags, func(f GhFlag) bool { return f.Long == name }) {
			return true
		}
	}
	return false
}

// shorts reads letters joined after one "-": booleans, and at last one with
// a value, which may be joined too.
func (w *words) shorts(letters string, following, next func() string) {
	for letters != "" {
		i := slices.IndexFunc(w.known, func(f GhFlag) bool { return f.Short != "" && strings.HasPrefix(letters, f.Short) })
		switch {
		case i < 0 && letters == "h":
			w.flags["help"] = append(w.flags["help"], "true")
			return
		case i < 0:
			w.unknown = true
			w.strange = append(w.strange, "-"+string([]rune(letters)[:1]))
			return
		}
		f := w.known[i]
		letters = letters[len(f.Short):]
		given, assigned := strings.CutPrefix(letters, "=")
		switch {
		case !f.Value && letters != "" && !assigned:
			w.flags[f.Long] = []string{"true"}
			continue
		case !f.Value:
			w.toggle(f, given, assigned, following, next)
			return
		case letters == "":
			given = next()
		}
		w.flags[f.Long] = append(w.flags[f.Long], given)
		return
	}
}

// lonePlaceholder tells whether a word is nothing but placeholders, so that
// it may stand for any number of words.
func lonePlaceholder(word string) bool {
	return value.HasPlaceholder(word) && !strings.ContainsFunc(word, func(r rune) bool {
		return r != '_' && !value.HasPlaceholder(string(r))
	})
}
