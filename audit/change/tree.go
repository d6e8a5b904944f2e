package change

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// copyFlags are the flags of programs that copy which take a value of their own.
var copyFlags = []string{"-m", "--mode", "-o", "--owner", "-g", "--group", "-e", "--rsh", "--exclude", "--include", "-S", "--suffix"}

// Copy is what a program is told that copies files.
type Copy struct {
	From []value.Value
	To   value.Value
	// Into says that To is a folder, whatever lies there; Whole that folders are
	// copied with all that is in them.
	Into, Whole bool
}

// CopyOf reads the words of cp, mv, ln, install or rsync; ok is false where they
// copy nothing.
func CopyOf(args []value.Value) (out Copy, ok bool) {
	words := make([]string, len(args))
	for n, a := range args {
		words[n] = a.LiteralOr("")
	}
	name := path.Base(words[0])
	var folder value.Value // that of -t
	out.Whole = name == "rsync"
	for n := 1; n < len(words); n++ {
		switch w := words[n]; {
		case name == "install" && (w == "-d" || w == "--directory") || w == "--dry-run":
			return Copy{}, false
		case name != "rsync" && (w == "--target-directory" || isCluster(w) && strings.HasSuffix(w, "t")):
			if n++; n < len(words) {
				folder = args[n]
			}
		case name != "rsync" && strings.HasPrefix(w, "--target-directory="):
			folder = value.Text(strings.TrimPrefix(w, "--target-directory="))
		case slices.Contains(copyFlags, w) && name != "cp" && name != "mv" && name != "ln":
			n++
		case w == "--recursive" || w == "--archive" || isCluster(w) && strings.ContainsAny(w, "rRa"):
			out.Whole = true
		case w == "" || !strings.HasPrefix(w, "-"):
			out.From = append(out.From, args[n])
		}
	}
	if out.To = folder; len(folder) == 0 && len(out.From) > 0 {
		last := len(out.From) - 1
		out.From, out.To = out.From[:last], out.From[last]
	}
	text := out.To.Mask().Text
	out.Into = len(folder) > 0 || strings.HasSuffix(text, "/") || path.Base(text) == "." || path.Base(text) == ".." || len(out.From) > 1
	return out, len(out.From) > 0
}

// copies are the changes of a program that writes the files of the first words to the
// last one.
func (c Command) copies(name string, args []value.Value) []Change {
	told, ok := CopyOf(append([]value.Value{value.Text(name)}, args[1:]...))
	to, known := c.At(told.To)
	if !ok || !known {
		return nil
	}
	text := told.To.LiteralOr("")
	into := told.Into || to == "" || c.Folder(to)
	var out []Change
	for _, file := range told.From {
		if name == "ln" && file.IsPathLike() && !strings.HasPrefix(file.LiteralOr(""), "/") {
			// A link leads from where it lies.
			at := path.Dir(text)
			if into {
				at = text
			}
			file = value.Concat(value.Text(at+"/"), file)
		}
		from, inside := c.At(file)
		base := path.Base(file.Mask().Text)
		switch {
		case inside && c.Folder(from):
			out = append(out, c.copiedFolder(from, to, into && base != "." && !(name == "rsync" && strings.HasSuffix(file.LiteralOr(""), "/")))...)
		case strings.ContainsAny(base, "*?[") || !file.IsPathLike() && into, base == ".", told.Whole && !inside, strings.HasSuffix(file.LiteralOr(""), "/"):
			if !inside && folderPath(to) != "" || inside && folderPath(to) != "" && folderPath(path.Dir(from)) != folderPath(to) {
				out = append(out, Change{Kind: Replaced, Path: folderPath(to)})
			}
		default:
			at := to
			if into {
				at = path.Join(to, base)
			}
			kind := Copied
			if !inside {
				kind = Replaced
			}
			out = append(out, Change{Kind: kind, Path: at, From: from})
		}
		if name == "mv" && inside {
			out = append(out, Change{Kind: Removed, Path: from})
		}
	}
	return out
}

// copiedFolder are the changes where a folder of the checkout is copied to another, or
// into it.
func (c Command) copiedFolder(from, to string, into bool) []Change {
	if into {
		to = path.Join(to, path.Base(from))
	}
	if strings.Trim(from, ".") == strings.Trim(to, ".") {
		return nil
	}
	return []Change{{Kind: Copied, Path: folderPath(to), From: from}}
}

// unpacks are the changes of a program that unpacks an archive.
func (c Command) unpacks(name string, words []string) []Change {
	flag := "-d"
	switch {
	case len(words) < 2:
		return nil
	case name == "unzip":
		if slices.ContainsFunc(words, func(w string) bool { return isCluster(w) && strings.ContainsAny(w, "lptv") }) {
			return nil
		}
	case name == "7z":
		return nil
	default:
		flag = "-C"
		extracts := slices.Contains(words, "--extract") || strings.Contains(strings.TrimLeft(words[1], "-"), "x") && !strings.HasPrefix(words[1], "--") ||
			slices.ContainsFunc(words, func(w string) bool { return isCluster(w) && strings.Contains(w, "x") })
		if !extracts {
			return nil
		}
	}
	to := value.Text(".")
	for n, w := range words {
		if (w == flag || w == "--directory" || flag == "-C" && isCluster(w) && strings.HasSuffix(w, "C")) && n+1 < len(words) {
			to = c.Args[n+1]
		} else if folder, ok := strings.CutPrefix(w, "--directory="); ok {
			to = value.Text(folder)
		}
	}
	at, ok := c.At(to)
	switch {
	case !ok:
		return nil
	case folderPath(at) != "":
		return []Change{{Kind: Replaced, Path: folderPath(at)}}
	}
	var out []Change
	for _, text := range append(words[1:len(words):len(words)], c.Stdin.String()) {
		for _, m := range archive.FindAllStringSubmatch(text, 10) {
			if c.Folder(m[1]) {
				out = append(out, Change{Kind: Replaced, Path: folderPath(m[1])})
			}
		}
	}
	return out
}

// archive matches the name of an archive without a version.
var archive = regexp.MustCompile(`([A-Za-z][\w-]*?)(?:[-_.]v?\d[\w.-]*)?\.(?:t[gbx]z|tar(?:\.\w+)?|zip)\b`)

// patched matches the lines of a patch that name the files.
var patched = regexp.MustCompile(`^(?:\+\+\+|---) (?:[ab]/)?([^\t\n]+)`)

// patch are the changes of patch: those of the file that it is told, or of the patch.
func (c Command) patch(words []string) []Change {
	if slices.Contains(words, "--dry-run") {
		return nil
	}
	var out []Change
	for n := 1; n < len(words); n++ {
		switch w := words[n]; {
		case w == "-i" || w == "--input":
			if n++; n < len(words) {
				out = append(out, c.byPatch(c.Args[n])...)
			}
		case strings.HasPrefix(w, "--input="):
			out = append(out, c.byPatch(value.Text(strings.TrimPrefix(w, "--input=")))...)
		case w != "" && !strings.HasPrefix(w, "-"):
			return c.one(c.Args[n], Edited, unknownEdit)
		}
	}
	if m := fromFile.FindStringSubmatch(c.Stdin.String()); m != nil {
		out = append(out, c.byPatch(value.Text(m[1]))...)
	}
	return out
}

// fromFile matches what a command reads that is the text of a file.
var fromFile = regexp.MustCompile(`^\$\((?:<|cat) *["']?([\w./-]+)["']?\)$`)

// byPatch are the changes that a patch of the checkout makes. Which files another one
// changes is not known, and nothing is said of them.
func (c Command) byPatch(file value.Value) []Change {
	name, ok := c.At(file)
	if !ok {
		return nil
	}
	text, ok := c.Read(name)
	if !ok {
		return nil
	}
	touched := map[string]*strings.Builder{}
	var names []string
	var in []*strings.Builder // of the file by its names before and after
	header := false
	for line := range strings.Lines(text) {
		switch m := patched.FindStringSubmatch(line); {
		case m != nil:
			if !header {
				in = nil
			}
			if header = true; touched[m[1]] == nil {
				touched[m[1]] = &strings.Builder{}
				names = append(names, m[1])
			}
			in = append(in, touched[m[1]])
			continue
		case line[0] == '+' || line[0] == '-':
			for _, lines := range in {
				lines.WriteString(line[1:])
			}
		}
		header = false
	}
	var out []Change
	for _, target := range names {
		lines := touched[target].String()
		edit := func(name, text string) (string, bool) { return text, !says(name, lines) }
		out = append(out, c.one(value.Text(target), Edited, edit)...)
	}
	return out
}

// git are the changes of git.
func (c Command) git(words []string) []Change {
	args := c.Args[1:]
	for len(words) > 1 && (words[0] == "-c" || words[0] == "-C") {
		if words[0] == "-C" {
			return nil
		}
		words, args = words[2:], args[2:]
	}
	if len(words) == 0 {
		return nil
	}
	sub := words[0]
	words, args = words[1:], args[1:]
	has := func(flags ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(flags, w) })
	}
	switch sub {
	case "apply":
		if has("--check", "--stat", "--numstat", "--summary") {
			return nil
		}
		var out []Change
		for _, file := range operands(args) {
			out = append(out, c.byPatch(file)...)
		}
		if m := fromFile.FindStringSubmatch(c.Stdin.String()); m != nil {
			out = append(out, c.byPatch(value.Text(m[1]))...)
		}
		return out
	case "mv", "rm":
		inner := c
		inner.Args = append([]value.Value{value.Text(sub)}, args...)
		if has("--cached") {
			return nil
		}
		if sub == "mv" {
			return inner.copies("mv", inner.Args)
		}
		return inner.removes(append([]string{"rm"}, words...))
	case "checkout":
		return c.checkedOut(words, args)
	case "restore":
		return c.restored(words, args)
	case "stash", "reset":
		if sub == "reset" && has("--hard") && (len(words) == 1 || has("HEAD")) || sub == "stash" && (len(words) == 0 || has("push", "save", "-u")) {
			return []Change{{Kind: Restored}}
		}
	case "config":
		return c.gitSetting(words, args)
	}
	return nil
}

// gitSetting are the changes of git config where it is told the file.
func (c Command) gitSetting(words []string, args []value.Value) []Change {
	var file value.Value
	var said []string
	for n := 0; n < len(words); n++ {
		name, joined := strings.CutPrefix(words[n], "--file=")
		switch {
		case joined:
			file = value.Text(name)
		case (words[n] == "-f" || words[n] == "--file") && n+1 < len(words):
			n++
			file = args[n]
		case strings.HasPrefix(words[n], "--get") || words[n] == "-l" || words[n] == "--list" || words[n] == "get" || words[n] == "list":
			return nil
		default:
			if !strings.HasPrefix(words[n], "-") {
				said = append(said, args[n].Mask().Text)
			}
		}
	}
	if len(file) == 0 || len(said) < 2 {
		return nil
	}
	return c.one(file, Edited, gitSet(said[0], strings.Join(said[1:], " ")))
}

// checkedOut are the changes of git checkout with paths: REF -- PATHS, REF PATHS.
func (c Command) checkedOut(words []string, args []value.Value) []Change {
	at := slices.Index(words, "--")
	if at < 0 {
		if slices.ContainsFunc(words, func(w string) bool { return slices.Contains([]string{"-b", "-B", "--orphan", "-t", "--track"}, w) }) {
			return nil
		}
		list := operands(args)
		if len(list) < 2 {
			if len(list) == 1 && list[0].LiteralOr("") == "." {
				return []Change{{Kind: Restored}}
			}
			return nil
		}
		return c.fromRef(list[0].LiteralOr("?"), list[1:])
	}
	ref := ""
	for n, w := range words[:at] {
		if !strings.HasPrefix(w, "-") {
			ref = args[n].LiteralOr("?")
		}
	}
	return c.fromRef(ref, args[at+1:])
}

// restored are the changes of git restore.
func (c Command) restored(words []string, args []value.Value) []Change {
	ref, paths := "", []value.Value{}
	staged := false
	for n := 0; n < len(words); n++ {
		source, joined := strings.CutPrefix(words[n], "--source=")
		switch {
		case joined:
			ref = source
		case words[n] == "-s" || words[n] == "--source":
			if n++; n < len(words) {
				ref = args[n].LiteralOr("?")
			}
		case words[n] == "--staged" || words[n] == "-S":
			staged = true
		case words[n] == "--worktree" || words[n] == "-W":
			staged = false
		case strings.HasPrefix(args[n].Mask().Text, "--source="):
			ref = "?"
		case words[n] == "" || !strings.HasPrefix(words[n], "-"):
			paths = append(paths, args[n])
		}
	}
	if staged {
		return nil
	}
	return c.fromRef(ref, paths)
}

// fromRef are the changes where git takes files of a commit: that of the checkout, or
// another one.
func (c Command) fromRef(ref string, paths []value.Value) []Change {
	kind := Replaced
	if ref == "" || ref == "HEAD" || ref == "@" {
		kind = Restored
	}
	var out []Change
	for _, p := range paths {
		at, ok := c.At(p)
		switch {
		case !ok:
		case folderPath(at) == "" && kind == Replaced:
		case folderPath(at) == "" || c.Folder(at):
			out = append(out, Change{Kind: kind, Path: folderPath(at)})
		default:
			out = append(out, Change{Kind: kind, Path: at})
		}
	}
	return out
}
