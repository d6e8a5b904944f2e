package change

import (
	"encoding/json"
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// Command is a program that may change files.
type Command struct {
	Args []value.Value
	// At returns the path of a word from the workspace, false for one that is not
	// known or lies elsewhere. Folder tells whether there is a folder of the checkout
	// by such a path, Read reads a file of the checkout.
	At     func(word value.Value) (string, bool)
	Folder func(name string) bool
	Read   func(name string) (string, bool)
	// Stdin is what it reads.
	Stdin value.Value
}

// Of returns the changes that a command makes. Of programs that are not known it
// knows none, but for the file behind a flag that, by custom, names the output; of
// what is unpacked or copied into the root of the checkout nothing is said, as
// builds do that everywhere, but for a folder of the archive's name.
func Of(c Command) []Change {
	if len(c.Args) == 0 {
		return nil
	}
	words := make([]string, len(c.Args))
	for n, a := range c.Args {
		words[n] = a.LiteralOr("")
	}
	switch name := path.Base(words[0]); name {
	case "git":
		return c.git(words[1:])
	case "npm", "pnpm", "yarn":
		return c.packageKeys(words)
	case "patch":
		return c.patch(words)
	case "tar", "bsdtar", "unzip", "7z":
		return c.unpacks(name, words)
	case "curl", "wget":
		return append(c.fetched(name, words), c.output(words)...)
	case "mv", "cp", "gcp", "ln", "install", "rsync":
		return c.copies(name, c.Args)
	case "rm", "unlink":
		return c.removes(words)
	}
	if rules.NamedFileUse(words) == rules.FilesEdited {
		return c.edits(path.Base(words[0]))
	}
	return c.output(words)
}

// one returns a change of the file that a word names.
func (c Command) one(word value.Value, kind Kind, edit Edit) []Change {
	var out []Change
	all := word.Alternatives()
	for _, v := range all {
		if name, ok := c.At(v); ok && name != "" {
			out = append(out, Change{Kind: kind, Path: name, Edit: edit, Perhaps: len(all) > 1 && kind != Edited})
		}
	}
	return out
}

// edits are the changes of a program that changes files in place.
func (c Command) edits(name string) []Change {
	args := c.Args[1:]
	var edit Edit
	files := operands(args)
	switch name {
	case "sed", "gsed", "ssed":
		edit = sedOf(args, false)
		_, files, _, _ = sedCall(args)
	case "perl", "ruby":
		scripts, rest := perlCall(args)
		edit, files = unknownEdit, rest
		if name == "perl" && len(scripts) > 0 {
			edit = editOf(scripts, syntax{perl: true})
		}
	case "yq":
		if len(files) < 2 {
			return nil
		}
		if word := files[0].LiteralOr(""); word == "e" || word == "eval" || word == "w" || word == "write" {
			files = files[1:]
		}
		if len(files) < 2 {
			return nil
		}
		edit, files = keyed(files[0].String()), files[1:]
	case "sd":
		if len(files) < 3 {
			return nil
		}
		masked := value.Concat(value.Text("s\x01"), files[0], value.Text("\x01"), files[1], value.Text("\x01g"))
		edit, files = editOf([]value.Value{masked}, syntax{perl: true}), files[2:]
	case "tee", "touch", "set-content", "add-content", "out-file", "dos2unix":
		return nil // what is written is seen as such
	default:
		edit = unknownEdit
	}
	var out []Change
	for _, file := range files {
		if within, ok := searched(file); ok {
			for _, folder := range within {
				// A name may be that of a file as well.
				if at, ok := c.At(value.Text(folder)); ok && !strings.ContainsAny(folder, "*?$") {
					out = append(out, Change{Kind: Edited, Path: folderPath(at), Edit: edit, Perhaps: true})
					if at != "" {
						out = append(out, Change{Kind: Edited, Path: at, Edit: edit, Perhaps: true})
					}
				}
			}
			continue
		}
		out = append(out, c.one(file, Edited, edit)...)
	}
	return out
}

// searched returns the folders in which a program looks for files, where a word
// stands for those that it finds: find, grep -l, git grep, ls, fd, rg.
func searched(word value.Value) (folders []string, ok bool) {
	if len(word) != 1 || word[0].Unknown == "" {
		return nil, false
	}
	words := strings.Fields(strings.TrimSuffix(strings.TrimPrefix(word[0].Unknown, "$("), ")"))
	if len(words) > 1 && words[0] == "git" {
		words = words[1:]
	}
	if len(words) == 0 || !slices.Contains([]string{"find", "grep", "rg", "fd", "ls", "ls-files", "xargs"}, words[0]) {
		return nil, false
	}
	pattern := words[0] == "grep" || words[0] == "rg"
	for _, w := range words[1:] {
		w = strings.Trim(w, `"'`)
		switch {
		case strings.HasPrefix(w, "-") && words[0] == "find":
			return atRoot(folders), true
		case strings.HasPrefix(w, "-"):
		case w == "|":
			return atRoot(folders), true
		case pattern:
			pattern = false
		case words[0] != "xargs":
			folders = append(folders, w)
		}
	}
	return atRoot(folders), true
}

// atRoot are the folders, or the one in which the program runs where there are none.
func atRoot(folders []string) []string {
	if len(folders) == 0 {
		return []string{"."}
	}
	return folders
}

// folderPath is the path of a folder as [Change] has it.
func folderPath(at string) string {
	if at == "" || at == "." {
		return ""
	}
	return strings.TrimSuffix(at, "/") + "/"
}

// perlCall takes the words of a call of perl apart.
func perlCall(args []value.Value) (scripts, files []value.Value) {
	for n := 0; n < len(args); n++ {
		word := args[n].LiteralOr("")
		switch {
		case isCluster(word) && strings.HasSuffix(word, "e"):
			if n++; n < len(args) {
				scripts = append(scripts, args[n])
			}
		case !strings.HasPrefix(word, "-"):
			files = append(files, args[n])
		}
	}
	return scripts, files
}

// operands are the words that are no flags.
func operands(args []value.Value) []value.Value {
	var out []value.Value
	for n, a := range args {
		word := a.LiteralOr("")
		if word == "--" {
			return append(out, args[n+1:]...)
		}
		if !strings.HasPrefix(word, "-") || word == "-" {
			out = append(out, a)
		}
	}
	return out
}

// output is the file behind a flag that names what the program writes.
func (c Command) output(words []string) []Change {
	for n, word := range words[1:] {
		if !strings.HasPrefix(word, "-") {
			continue
		}
		flag, file, joined := strings.Cut(word, "=")
		to := value.Text(file)
		switch {
		case !joined && n+2 < len(words):
			to = c.Args[n+2]
		case !joined:
			continue
		}
		if rules.WrittenBehind(flag) {
			return c.one(to, Replaced, nil)
		}
	}
	return nil
}

// fetched is the file that a client names after the address.
func (c Command) fetched(name string, words []string) []Change {
	named := name == "wget" && !slices.ContainsFunc(words, func(w string) bool {
		return isCluster(w) && strings.Contains(w, "O") || strings.HasPrefix(w, "--output-document") || w == "--spider"
	}) || name == "curl" && slices.ContainsFunc(words, func(w string) bool {
		return w == "--remote-name" || isCluster(w) && strings.Contains(w, "O")
	})
	var out []Change
	for _, a := range c.Args[1:] {
		text := a.Mask().Text
		if named && strings.Contains(text, "://") {
			base, _, _ := strings.Cut(path.Base(text), "?")
			out = append(out, c.one(value.Text(base), Replaced, nil)...)
		}
	}
	for n, word := range words {
		// Several letters in one word: -fsSLo FILE, -qO FILE.
		if isCluster(word) && len(word) > 2 && strings.HasSuffix(word, map[string]string{"curl": "o", "wget": "O"}[name]) && n+1 < len(words) {
			out = append(out, c.one(c.Args[n+1], Replaced, nil)...)
		}
	}
	return out
}

// removes are the changes of rm.
func (c Command) removes(words []string) []Change {
	recursive := slices.ContainsFunc(words[1:], func(w string) bool {
		return w == "--recursive" || isCluster(w) && strings.ContainsAny(w, "rR")
	})
	var out []Change
	for _, file := range operands(c.Args[1:]) {
		for _, change := range c.one(file, Removed, nil) {
			out = append(out, change)
			if folder := folderPath(change.Path); recursive && folder != "" {
				change.Path = folder
				out = append(out, change)
			}
		}
	}
	return out
}

// packageKeys are the changes of npm pkg.
func (c Command) packageKeys(words []string) []Change {
	at := slices.Index(words, "pkg")
	if at < 1 || at+2 > len(words)-1 || !slices.Contains([]string{"set", "delete", "fix"}, words[at+1]) {
		return nil
	}
	var said []string
	var set []assigned
	known := !slices.Contains(words, "--json")
	for _, a := range operands(c.Args[at+2:]) {
		key, text, given := strings.Cut(a.Mask().Text, "=")
		said = append(said, a.String())
		known = known && !value.HasPlaceholder(key+text) && !strings.ContainsAny(key, "[]") && given == (words[at+1] == "set")
		quoted := ""
		if given {
			literal, _ := json.Marshal(text) // a text has no fault
			quoted = string(literal)
		}
		set = append(set, assigned{strings.Split(key, "."), quoted})
	}
	return c.one(value.Text("package.json"), Edited, setsKeys(set, known, strings.Join(said, " ")))
}
