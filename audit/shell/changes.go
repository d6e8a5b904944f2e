package shell

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/change"
	"github.com/patrol-actions/patrol/audit/value"
)

// changesFiles notes what a command does to the files of the checkout.
func (i *interp) changesFiles(c *call) {
	var stdin value.Value
	if i.in != nil {
		stdin = i.in.value
	}
	git := len(c.args) > 0 && c.args[0].LiteralOr("") == "git"
	for _, made := range change.Of(change.Command{
		Args: c.args, At: i.inCheckout, Stdin: stdin,
		Folder: func(name string) bool {
			if i.top == nil {
				return false
			}
			_, ok := i.top(name)
			return ok
		},
		Read: func(name string) (string, bool) {
			if i.read == nil {
				return "", false
			}
			return i.read(value.Text(name), nil)
		},
	}) {
		if _, settings := GitFileOf(made.Path); settings && git {
			continue // What git sets itself is seen by its words.
		}
		made.By = i.source(c.start, c.end)
		made.Perhaps = made.Perhaps || i.guard > 0
		i.note(made)
	}
}

// changesOthers notes what a command does to the files elsewhere of which it is known
// what they hold. Those who copy say themselves what is copied.
func (i *interp) changesOthers(c *call) {
	if len(i.res.Files)+len(i.known) == 0 || len(c.args) == 0 || slices.Contains(copiers, path.Base(c.args[0].LiteralOr(""))) {
		return
	}
	for _, made := range change.Of(change.Command{
		Args: c.args, At: i.outside, Folder: func(string) bool { return false }, Read: func(string) (string, bool) { return "", false },
	}) {
		switch folder, whole := strings.CutSuffix(made.Path, "/"); {
		case made.Kind != change.Replaced && made.Kind != change.Edited:
		case whole:
			i.lost(folder + "/*")
			for _, files := range []map[string]value.Value{i.known, i.res.Files} {
				for key := range files {
					if strings.HasPrefix(key, made.Path) {
						i.lost(key)
					}
				}
			}
		default:
			i.lost(made.Path)
		}
	}
}

// outside returns the name by which a file is kept that does not lie in the checkout.
func (i *interp) outside(word value.Value) (string, bool) {
	if _, inside := i.inCheckout(word); inside || len(word) == 0 {
		return "", false
	}
	return i.key(word), true
}

// lost notes that more may be in a file than is known, if anything is.
func (i *interp) lost(key string) {
	if content, ok := i.filed(key); ok {
		i.res.Files[key], i.res.Parts[key] = content, true
	} else if content, _, ok := i.copyOf(key); ok {
		i.res.Files[key], i.res.Parts[key] = content, true
	}
}

// note notes a change of a file of the checkout.
func (i *interp) note(c change.Change) {
	i.changed = i.changed.With(c)
	i.res.Changes = append(i.res.Changes, Change{c, len(i.res.Commands)})
}

// inCheckout returns the path of a word from the workspace. It is false for one that is
// only known when it runs, or that lies elsewhere and is no file of git's settings.
func (i *interp) inCheckout(word value.Value) (string, bool) {
	name, ok := Join(i.st.dir, word).Literal()
	if _, settings := GitFileOf(name); settings {
		return name, ok
	}
	return name, ok && len(word) > 0 && InWorkspace(name)
}

// GitFile is a file that git reads its settings from.
type GitFile struct {
	// Global says that they are for all repositories. Folder is that of the working
	// tree which they are for, where it is not.
	Global bool
	Folder string
}

// globalSettings matches the files of git's settings for all repositories of a user, or
// of a machine.
// Source: https://git-scm.com/docs/git-config#FILES
var globalSettings = regexp.MustCompile(`^(?:~|/root|/home/[^/]+)/(?:\.gitconfig|\.config/git/config)$|^/(?:usr/local/)?etc/gitconfig$`)

// GitFileOf returns what file of git's settings a path is that [Join] returns.
func GitFileOf(name string) (file GitFile, ok bool) {
	if globalSettings.MatchString(name) {
		return GitFile{Global: true}, true
	}
	top, of := strings.CutSuffix("/"+name, "/.git/config")
	return GitFile{Folder: strings.TrimPrefix(top, "/")}, of && InWorkspace(name)
}

// InWorkspace tells whether a path that [Join] returns is one of the workspace.
func InWorkspace(name string) bool {
	return !strings.HasPrefix(name, "/") && !strings.HasPrefix(name, "~") && name != ".." && !strings.HasPrefix(name, "../") && !strings.Contains(name, ":")
}

// readNow reads a file of the checkout that the script names, as the script has left it.
func (i *interp) readNow(file value.Value) (string, bool) { return i.readFrom(file, i.st.dir) }

// readFrom is readNow from a folder.
func (i *interp) readFrom(file, dir value.Value) (string, bool) {
	if i.read == nil {
		return "", false
	}
	name, known := Join(dir, file).Literal()
	if !known || !i.changed.Has(name) {
		text, ok := i.read(file, dir)
		if known && ok {
			i.res.Reads = append(i.res.Reads, Read{name, text, len(i.res.Commands)})
		}
		return text, ok
	}
	now := i.files.Now(i.changed, name, func(c change.Change) bool { return !c.Perhaps })
	if now.There {
		i.res.Reads = append(i.res.Reads, Read{name, now.Text, len(i.res.Commands)})
	}
	return now.Text, now.There
}
