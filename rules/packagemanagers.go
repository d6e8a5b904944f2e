package rules

import (
	"errors"
	"slices"
	"strings"
)

// PackageManager is a package manager of JavaScript with its flags that say where it
// runs what it runs.
type PackageManager struct {
	Name string
	// Runners are programs that run one of a package and take the same flags.
	Runners []string
	// Folder are the flags that name the folder to work in, Packages those that name
	// the packages to run in, Every and Own those for all packages, and for the
	// workspace's own. Values are others that take the next word along.
	Folder, Packages, Every, Own, Values []string
}

var packageManagerRows = rows("package-managers", []string{"manager", "runners", "folder", "packages", "every", "own", "values", "source"}, func(r row) (PackageManager, error) {
	m := PackageManager{
		Name: r.cell("manager"), Runners: r.list("runners"), Folder: r.list("folder"), Packages: r.list("packages"),
		Every: r.list("every"), Own: r.list("own"), Values: r.list("values"),
	}
	if m.Name == "" || len(m.Folder) == 0 {
		return PackageManager{}, errors.New("want a manager and its flags for a folder")
	}
	return m, nil
})

// PackageManagerOf returns the package manager that a program is, or whose runner it
// is; ok is false for any other program.
func PackageManagerOf(program string) (m PackageManager, ok bool) {
	for _, m := range packageManagerRows().rows {
		if m.Name == program || slices.Contains(m.Runners, program) {
			return m, true
		}
	}
	return PackageManager{}, false
}

// Valued are the flags that take the next word along.
func (m PackageManager) Valued() []string { return slices.Concat(m.Folder, m.Packages, m.Values) }

// Places tells whether a word is a flag that says where to run.
func (m PackageManager) Places(word string) bool {
	flag, _, _ := strings.Cut(word, "=")
	return slices.Contains(m.Folder, flag) || m.Selects(word)
}

// Selects tells whether a word is a flag that says in which packages to run.
func (m PackageManager) Selects(word string) bool {
	flag, _, _ := strings.Cut(word, "=")
	return slices.Contains(slices.Concat(m.Packages, m.Every, m.Own), flag)
}
