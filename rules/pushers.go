package rules

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Pusher is an action or a command that pushes images or charts to a registry
// by the login that the job has.
type Pusher struct {
	// Kind is "action" or "command", Name the action's name or the first words
	// of the command.
	Kind, Name string
	// Images says where the images stand that are pushed: "first" and "last"
	// for that word of a command which names one, "tags" for those of -t and
	// --tag, "env:NAME" for a variable that the command reads, "files" for the
	// definitions of [NamedFilesOf], or the input of an action.
	Images string
	// If is what must be given for a push: a flag of a command, or an input of
	// an action, which must not be "false". "" where each call pushes. After an
	// exclamation mark stand the flags of a command with each of which nothing is
	// pushed.
	If string
	// Source is the address of its documentation.
	Source string
}

var pusherRows = rows("pushers", []string{"kind", "name", "images", "if", "source"}, parsePusher)

// pushers is the table by kind and name.
var pushers = sync.OnceValue(func() map[[2]string]Pusher {
	out := map[[2]string]Pusher{}
	for _, p := range pusherRows().rows {
		out[[2]string{p.Kind, p.Name}] = p
	}
	return out
})

func parsePusher(r row) (Pusher, error) {
	p := Pusher{Kind: r.cell("kind"), Name: r.cell("name"), Images: r.cell("images"), If: r.cell("if"), Source: r.cell("source")}
	if p.Kind != "action" && (p.Kind != "command" || !slices.Contains([]string{"first", "last", "tags", "files"}, p.Images) && !strings.HasPrefix(p.Images, "env:")) {
		return p, fmt.Errorf("%s %s %q", p.Kind, p.Name, p.Images)
	}
	return p, nil
}

// Pushes tells whether a call by its words has what a push takes.
func (p Pusher) Pushes(words []string) bool {
	if flags, ok := strings.CutPrefix(p.If, "!"); ok {
		return !slices.ContainsFunc(strings.Split(flags, "|"), func(flag string) bool { return slices.Contains(words, flag) })
	}
	return p.If == "" || slices.ContainsFunc(words, func(word string) bool {
		flag, given, _ := strings.Cut(word, "=")
		return flag == p.If && pflag.of(given) != "false"
	})
}

// ActionPusher returns what an action pushes, by its name in lower case.
func ActionPusher(name string) (p Pusher, ok bool) {
	p, ok = pushers()[[2]string{"action", SameAs(name)}]
	return p, ok
}

// CommandPusher returns what a command pushes, by its words: the longest
// beginning of them that stands in the table counts.
func CommandPusher(words []string) (p Pusher, ok bool) {
	for n := min(len(words), 4); n > 0; n-- {
		if p, ok = pushers()[[2]string{"command", strings.Join(words[:n], " ")}]; ok {
			return p, true
		}
	}
	return Pusher{}, false
}
