package infer

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// plainPackage matches the name of a package without a scope, with its version.
var plainPackage = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]*(?:@[\w.^~-]+)?$`)

// plainRequirement matches a package of the registry as pip is told of it, localProject
// the project in the folder, with its extras.
var (
	plainRequirement = regexp.MustCompile(`^[A-Za-z0-9][\w.-]*(?:\[[\w, -]+\])?(?:[=<>!~]=?=?[^/\s]*)?$`)
	localProject     = regexp.MustCompile(`^\.(?:\[[\w, -]+\])?$`)
)

// dependencyCall is a call of a program that fetches dependencies.
type dependencyCall struct {
	words []string
	read  func(name string) (string, bool)
	set   func(variable string) bool
}

// fetchesNothing tells whether a program that fetches dependencies is seen to
// fetch none of them with git: its lock file, or else its manifest, is at hand and
// names none that git would clone. A package that a call names by itself must stand in
// the lock file too, or be one of the public registry, where nobody can keep a package
// without a scope to himself: what that comes with, everybody may read. It is wrong
// where the lock file is not the one that the install comes to, because the manifest
// has changed and that has not.
func (in *inferrer) fetchesNothing(site *trace.Site) bool {
	words, _ := site.Command.Words()
	dir := folder(site.Command.Dir)
	if in.options.Read == nil || len(words) == 0 || strings.HasPrefix(dir, "?") || site.Elsewhere != "" || slices.ContainsFunc(words, value.HasPlaceholder) {
		return false
	}
	c := dependencyCall{
		words: slices.Clone(words),
		read: func(name string) (string, bool) {
			data, err := in.options.Read(path.Clean(joinFolder(dir, name)))
			return string(data), err == nil
		},
		set: func(variable string) bool {
			begin, all := strings.CutSuffix(variable, "*")
			for name, v := range site.Env.All() {
				if len(v) > 0 && (name == begin || all && strings.HasPrefix(name, begin)) {
					return true
				}
			}
			return false
		},
	}
	switch c.words[0] = path.Base(words[0]); {
	case len(words) > 2 && strings.HasPrefix(c.words[0], "python") && words[1] == "-m":
		c.words = c.words[2:]
	case len(words) > 2 && c.words[0] == "uv" && words[1] == "pip":
		c.words = c.words[1:]
	}
	switch c.words[0] {
	case "pip", "pip3":
		return c.pipFetchesNothing()
	case "go":
		if slices.ContainsFunc(c.words, func(w string) bool { return strings.Contains(w, "@") }) {
			return false
		}
	}
	lock, found := "", false
	for _, d := range rules.DependencyFilesOf(c.words, "lock", c.set) {
		for _, name := range d.Files {
			if lock, found = c.read(name); found {
				return !d.Fetches(lock) && c.namesPublic(lock)
			}
		}
	}
	there, clean := c.manifest(nil)
	return there && clean && c.namesPublic("")
}

// manifest tells whether the project's own files are there, or those that are given
// instead, and whether these, and those beside them, are seen to name nothing that git
// fetches.
func (c dependencyCall) manifest(files []string) (there, clean bool) {
	clean = true
	all := rules.DependencyFilesOf(c.words, "manifest", c.set)
	if len(all) == 0 {
		return false, false
	}
	for _, d := range slices.Concat(all, rules.DependencyFilesOf(c.words, "beside", c.set)) {
		names := d.Files
		if d.Kind == "manifest" && len(names) == 0 {
			names = files
		}
		for _, name := range names {
			if text, ok := c.read(name); ok {
				there = there || d.Kind == "manifest"
				clean = clean && !d.Fetches(text)
			}
		}
	}
	return there, clean
}

// namesPublic tells whether the packages that a call names by itself stand in a lock
// file, or are of the public registry.
func (c dependencyCall) namesPublic(lock string) bool {
	_, javaScript := rules.PackageManagerOf(c.words[0])
	if !javaScript {
		return true
	}
	settings, _ := c.read(".npmrc")
	ownRegistry := strings.Contains(settings, "registry")
	return !slices.ContainsFunc(c.words[min(2, len(c.words)):], func(w string) bool {
		return !strings.HasPrefix(w, "-") && !strings.Contains(lock, `"node_modules/`+w+`"`) && (!plainPackage.MatchString(w) || ownRegistry)
	})
}

// pipFetchesNothing is fetchesNothing for pip: all that it is told to install is a
// package by its name, a file that lists such, or the project itself.
func (c dependencyCall) pipFetchesNothing() bool {
	files := requirementFiles(c.words[1:])
	named := false
	for n := 2; n < len(c.words); n++ {
		switch w := c.words[n]; {
		case slices.Contains([]string{"-r", "-c", "--requirement", "--constraint"}, w):
			n++
		case strings.HasPrefix(w, "-"):
		case localProject.MatchString(w):
			if !c.projectFetchesNothing() {
				return false
			}
			named = true
		case !plainRequirement.MatchString(w):
			return false
		default:
			named = true
		}
	}
	for n := 0; n < len(files) && n < maxRequirements; n++ {
		text, ok := c.read(files[n])
		if !ok {
			return false
		}
		for line := range strings.Lines(text) {
			for _, more := range requirementFiles(strings.Fields(strings.Replace(line, "=", " ", 1))) {
				if file := path.Join(path.Dir(files[n]), more); !slices.Contains(files, file) {
					files = append(files, file)
				}
			}
		}
	}
	there, clean := c.manifest(files)
	return clean && (there || named)
}

// projectFetchesNothing tells whether the project in the folder, by the files in which
// it may list its dependencies, needs none that git fetches. A setup.py that reads
// them from elsewhere is not followed.
func (c dependencyCall) projectFetchesNothing() bool {
	project := dependencyCall{words: []string{"uv", "sync"}, read: c.read, set: c.set}
	there, clean := project.manifest(nil)
	setup, old := c.read("setup.py")
	config, _ := c.read("setup.cfg")
	for _, text := range []string{setup, config} {
		clean = clean && !otherDependencies.MatchString(text)
	}
	return clean && (there || old)
}

// otherDependencies matches where a setup.py, or its configuration, may take dependencies
// from git or from another file.
var otherDependencies = regexp.MustCompile(`git\+|@\s*(?:https?|ssh|git|file):|dependency_links|requirements|\bfile:`)
