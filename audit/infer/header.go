package infer

import (
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/settings"
	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
)

// The header that a checkout stores for git wins over what an address holds,
// so that a secret in the address does nothing. That takes the header to be
// there still: where code of the job may have taken it away, both may be what
// git signs in with.

// checkoutHeader is the setting in which actions/checkout stores a token.
const checkoutHeader = "http.https://github.com/.extraheader"

// set notes what -c sets for one call of git. A header that is empty takes
// away those stored for the same address; one for all addresses does not.
func (c *gitCall) set(setting value.Value) {
	key, v, given := strings.Cut(strings.ToLower(setting.String()), "=")
	switch {
	case strings.Contains(key, "insteadof"):
		c.header = setting
		masked := setting.Mask()
		if i := strings.Index(strings.ToLower(masked.Text), "insteadof="); i >= 0 {
			i += len("insteadof")
			if r, ok := rewriteOf(masked.Table.Value(masked.Text[:i]), masked.Table.Value(masked.Text[i+1:])); ok {
				c.rewrites = append(c.rewrites, r)
			}
		}
	case key == "remote.pushdefault":
		c.pushTo = behindEqual(setting)
	case key == "push.default":
		c.pushDefault = behindEqual(setting)
	case key == "push.followtags":
		c.followTags = behindEqual(setting)
	case strings.HasPrefix(key, "remote.") || strings.HasPrefix(key, "include"):
		name, _, _ := strings.Cut(setting.String(), "=")
		c.given = append(c.given, [2]value.Value{value.Text(name), behindEqual(setting)})
	case !strings.Contains(key, "extraheader"):
	case given && v == "" && key == checkoutHeader:
		c.cleared = true
	case setting.HoldsCredential():
		c.header = setting
	default:
		c.doubted = true
	}
}

// behindEqual is the value of a setting that -c gives.
func behindEqual(setting value.Value) value.Value {
	masked := setting.Mask()
	_, v, _ := strings.Cut(masked.Text, "=")
	return masked.Table.Value(v)
}

// configured tells whether variables point git to another repository than that
// of its folder, or may set a header for it.
func configured(env *value.Env) bool {
	if _, set := env.Lookup("GIT_DIR"); set {
		return true
	}
	given := settings.GivenToGit(env)
	if parameters, set := env.Lookup("GIT_CONFIG_PARAMETERS"); set {
		given = append(given, [2]value.Value{parameters})
	}
	return slices.ContainsFunc(given, func(s [2]value.Value) bool {
		text, known := s[0].Literal()
		return !known || strings.Contains(strings.ToLower(text), "extraheader")
	})
}

// doubt notes that a command may take away what was stored for git until then:
// one that works on the folder in which git keeps its settings, or on all that
// a folder hides.
func (s *session) doubt(c *trace.Command) {
	if !touchesGit(c) {
		return
	}
	for _, t := range s.trees {
		t.doubted = true
	}
}

// touchesGit tells whether a command changes something in a .git folder, or
// takes it away, by its words: of one that is only known when it runs it is
// not told.
func touchesGit(c *trace.Command) bool {
	if slices.ContainsFunc(c.Output, func(out shell.Redirect) bool { return inGit(out.Path.String()) }) {
		return true
	}
	program, _ := c.Args[0].Literal()
	found := slices.ContainsFunc(c.Args[1:], func(v value.Value) bool { return inGit(v.String()) })
	switch strings.ToLower(path.Base(program)) {
	case "rm", "rmdir", "mv", "unlink", "shred", "trash", "remove-item", "ri", "del", "move-item":
		return found || slices.ContainsFunc(c.Args[1:], func(v value.Value) bool { return hidesAll(v.String()) })
	case "sed", "gsed", "perl", "tee", "truncate", "cp", "ln":
		return found
	case "find":
		return found && slices.ContainsFunc(c.Args[1:], func(v value.Value) bool {
			return slices.Contains([]string{"-delete", "-exec", "-execdir", "-ok"}, v.String())
		})
	}
	return false
}

// inGit tells whether a path is that of a .git folder, or of something in it.
func inGit(file string) bool {
	return slices.Contains(strings.FieldsFunc(file, func(r rune) bool { return strings.ContainsRune(`/\\"' `, r) }), ".git")
}

// hidesAll tells whether a word stands for all files that begin with a dot.
func hidesAll(word string) bool {
	base := path.Base(word)
	return len(base) > 1 && base[0] == '.' && strings.ContainsRune("*?[", rune(base[1]))
}
