package trace

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/script"
	"github.com/patrol-actions/patrol/audit/value"
)

// mageModule matches the module of Mage behind go run.
var mageModule = regexp.MustCompile(`^github\.com/magefile/mage(?:@|$)`)

// mageTag matches the build tag of a file of targets.
var mageTag = regexp.MustCompile(`(?m)^//(?:go:build| ?\+build) mage\s*$`)

// mageValues are the flags of Mage that take the next word along.
var mageValues = []string{"-d", "-w", "-t", "-goos", "-goarch", "-gocmd", "-ldflags"}

// mageQuiet are those with which it runs no target.
var mageQuiet = []string{"-l", "-h", "-init", "-clean", "-version", "-compile"}

// runsMage tells whether a program only runs Mage on the targets beside it.
// Source: https://magefile.org/zeroinstall/
func runsMage(in script.GoInput) bool {
	if len(in.Files) != 1 {
		return false
	}
	source, _ := in.Read(path.Join(in.Folder, in.Files[0]))
	return strings.Contains(source, `"github.com/magefile/mage/mage"`) && strings.Contains(source, "mage.Main()")
}

// mage handles Mage with its words: the targets of the folder magefiles, or of the
// files with the build tag mage. Source: https://magefile.org/magefiles/
func (r *run) mage(c *Command, dir value.Value, args []value.Value) (start, bool) {
	var in script.GoInput
	for len(args) > 0 && strings.HasPrefix(args[0].String(), "-") {
		flag, given, joined := strings.Cut(strings.Replace(args[0].String(), "--", "-", 1), "=")
		switch {
		case slices.Contains(mageQuiet, flag):
			return start{what: "mage", run: func(*run, *Site, position) {}}, true
		case !joined && slices.Contains(mageValues, flag) && len(args) > 1:
			given, args = args[1].String(), args[1:]
		}
		if args = args[1:]; flag == "-d" {
			dir = value.Concat(dir, value.Text("/"), value.Text(given))
		}
	}
	folder, known := repositoryPath(dir).Literal()
	if inner, other := r.inside(folder); known && other == "" && !strings.HasPrefix(inner, "..") {
		folder = path.Clean(inner)
	} else {
		known = false
	}
	for _, v := range args {
		word, literal := v.Literal()
		known = known && literal
		in.Targets = append(in.Targets, word)
	}
	if !known {
		return tasks(c), true
	}
	in.Mage = true
	if r.goReads(&in, path.Join(folder, "magefiles")); !slices.ContainsFunc(in.List(in.Folder), func(name string) bool { return path.Ext(name) == ".go" }) {
		in.Folder = folder
		for _, name := range in.List(folder) {
			source, _ := in.Read(path.Join(folder, name))
			if path.Ext(name) == ".go" && mageTag.MatchString(source) {
				in.Files = append(in.Files, name)
			}
		}
		if len(in.Files) == 0 {
			return tasks(c), true
		}
	}
	return r.goStart(in, "mage "+strings.Join(in.Targets, " "), nil), true
}
