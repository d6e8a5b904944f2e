package shell

import (
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// SubmodulePath stands, as the last part of a folder, for that of each
// submodule: git gives it to what it runs there under this name.
const SubmodulePath = "$sm_path"

// eachSubmodule walks what `git submodule foreach` runs in the folder of each
// submodule: a script, or a program with its words. The call itself is a
// command all the same.
func (i *interp) eachSubmodule(c *call) {
	dir, rest := i.st.dir, c.args[1:]
	for len(rest) > 0 {
		word := rest[0].LiteralOr("")
		switch {
		case word == "-C" && len(rest) > 1:
			dir, rest = Join(dir, rest[1]), rest[1:]
		case word == "-c" && len(rest) > 1:
			rest = rest[1:]
		case !strings.HasPrefix(word, "-"):
			i.inSubmodules(dir, rest, c)
			return
		}
		rest = rest[1:]
	}
}

// inSubmodules is eachSubmodule, with the words behind git's own.
func (i *interp) inSubmodules(dir value.Value, words []value.Value, c *call) {
	words = slices.Clone(words)
	if len(words) < 3 || words[0].LiteralOr("") != "submodule" {
		return
	}
	plain := func(from int) int {
		for from < len(words) && slices.Contains([]string{"--quiet", "-q", "--recursive"}, words[from].LiteralOr("")) {
			from++
		}
		return from
	}
	at := plain(1)
	if at >= len(words) || words[at].LiteralOr("") != "foreach" {
		return
	}
	if words = words[plain(at+1):]; len(words) == 0 {
		return
	}
	i.guarded(func() {
		i.unsettled(func() {
			i.branch(func() {
				to := value.Unknown(SubmodulePath)
				if len(dir) > 0 {
					to = value.Concat(dir, value.Text("/"), to)
				}
				i.st.dir = to
				if len(words) == 1 {
					i.inner(words[0], c)
				} else {
					i.deeper(func() { i.invoke(c.with(words)) })
				}
			})
		})
	})
}
