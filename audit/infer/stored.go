package infer

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// foreignStored notes that a program which nobody knows may use the stored
// credentials. One whose name or the words behind it speak of it is taken to,
// unless another use is seen to write with them; any other but what builds and
// tests is taken to use a secret where nothing in the job shows why it was
// stored. So is a command that git itself has not: an alias or a program. Words
// are those of the call behind what launches it.
func (in *inferrer) foreignStored(site *trace.Site, words []string) {
	if words[0] == "gh" {
		return
	}
	if _, known := site.Command.Program(); known {
		return
	}
	if _, known := rules.ReadsAnyVariable(words); known {
		return
	}
	// "version" by itself prints it more often than it sets one.
	name, d := strings.Join(callWords(words), " "), unlessExplained
	switch {
	case sends(name), value.HasPlaceholder(words[0]) && len(words) == 1:
		// A command that is all of it only known when it runs may send as well.
		d = unlessWritten
	case value.HasPlaceholder(words[0]):
	case builds(name) || looks(name) || len(words) == 2 && words[1] == "version" || cmdlet.MatchString(words[0]):
		return
	}
	in.storedUse(site, commandWords(site.Command), folder(site.Command.Dir), in.unknownProgramReason(site), d)
}

// cmdlet matches the names of PowerShell's cmdlets and functions: few of them
// start a program, and their names then say what for.
var cmdlet = regexp.MustCompile(`^[A-Z][A-Za-z]*-[A-Z][A-Za-z]*$`)

// actionStored notes that an action which is not known may use the credentials
// that are stored for the workspace. Those of a checkout into a folder of its
// own count where the action is told of that folder, or lies in it, or where
// the workspace holds nothing else that it could work in. An action that lies
// in the checkout of another repository came from there, and works elsewhere.
func (in *inferrer) actionStored(site *trace.Site, u Unknown, d doubt) {
	in.storedIn(site, site.Action.Name, ".", u, d, func(folder string) reached {
		inside := strings.HasPrefix(site.Action.Name, "./"+folder+"/")
		switch {
		case toldOf(site, folder), strings.HasPrefix(folder, "?"), inside && in.foreignTree(folder) == "", !inside && len(in.session.trees["."].stored()) == 0:
			return likely
		case inside:
			return perhaps
		}
		return never
	})
}

// within is the name of an action without the folder that a checkout made, where
// it lies in one: that folder's name says nothing of what the action does.
func (s *session) within(name string) string {
	at, local := strings.CutPrefix(name, "./")
	if !local {
		return name
	}
	longest := 0
	for dir := range s.trees {
		if strings.HasPrefix(at, dir+"/") {
			longest = max(longest, len(dir)+1)
		}
	}
	return at[longest:]
}

// givenStored tells whether an action is given a secret that is stored for
// git too: whoever wrote the job wants it to do one thing by both.
func (in *inferrer) givenStored(site *trace.Site) bool {
	stored := in.session.trees["."].stored()
	for _, v := range site.Action.Inputs {
		for _, c := range v.Credentials() {
			if c.Kind == value.Secret && slices.ContainsFunc(stored.Credentials(), func(s *value.Credential) bool { return sameCredential(s, c) }) {
				return true
			}
		}
	}
	return false
}

// stored is the credential that a checkout stored for a tree, if there is one.
func (t *tree) stored() value.Value {
	if t == nil {
		return nil
	}
	return t.header.All()
}

// held are all credentials that a tree has for git: the stored one, and those
// that the addresses of its remotes sign in with. A secret that is an address,
// all of it, most often holds none.
func (t *tree) held() value.Value {
	out := t.stored()
	add := func(address value.Value) {
		if len(address) > 1 {
			out = value.Concat(out, signIn(address))
		}
	}
	add(t.origin)
	for _, name := range slices.Sorted(maps.Keys(t.remotes)) {
		add(t.remotes[name].All())
	}
	return out
}

// toldOf tells whether an action is given the name of a folder.
func toldOf(site *trace.Site, folder string) bool {
	for name, v := range site.Action.Inputs {
		if _, literal := v.Literal(); namesFolder(v, folder) || !literal && folderInput(name) {
			return true
		}
	}
	for name, v := range site.Env.All() {
		if near(site, name) && namesFolder(v, folder) {
			return true
		}
	}
	return false
}

// folderInput tells whether an input is one for a folder, by its name.
func folderInput(name string) bool {
	return slices.ContainsFunc([]string{"path", "dir", "cwd", "folder", "workspace"}, func(part string) bool { return strings.Contains(name, part) })
}

// namesFolder tells whether a text names a folder, or a file below it.
func namesFolder(v value.Value, folder string) bool {
	for word := range strings.FieldsFuncSeq(v.String(), func(r rune) bool { return strings.ContainsRune(" \t\r\n,;:='\"", r) }) {
		clean := path.Clean(word)
		if clean == folder || strings.HasPrefix(clean, folder+"/") || strings.HasSuffix(clean, "/"+folder) || strings.Contains(clean, "/"+folder+"/") {
			return true
		}
	}
	return false
}

// namedFor tells whether a script has the name of a folder in its own.
func namedFor(script, folder string) bool {
	if !scriptName.MatchString(script) {
		return false
	}
	name, words := nameWords(path.Base(folder)), nameWords(path.Base(script))
	return len(strings.Join(name, "")) > 3 && strings.Contains(" "+strings.Join(words, " ")+" ", " "+strings.Join(name, " ")+" ")
}

// scriptName matches the name of a script in the folder at hand. setup.py is none
// whose name says what it does: its operand does.
var scriptName = regexp.MustCompile(`\.(?:sh|bash|py|rb|pl|php|ps1|[cm]?[jt]s)$`)

// buildOutput matches the folders into which Cargo and .NET put programs.
var buildOutput = regexp.MustCompile(`(?:^|[/ ])(?:target/(?:[^/ ]+/)?(?:release|debug)|bin/(?:[^/ ]+/)?(?:Release|Debug))/`)

// storedFor notes that unread code, called by what in a folder, may use the
// credentials that git and gh have stored. Code whose name speaks of releases
// and the like is taken to use them, one that delivers to a registry only where
// nothing else in the job is seen to write with them; a script of the repository only where
// nothing else in the job is seen to write with them, nor to read with them what
// takes a secret, if neither its name nor its call says anything, or, where it builds and
// tests, as other code: that is taken to use a secret where nothing in the job
// shows why it was stored, unless its name says that it builds and tests.
func (in *inferrer) storedFor(site *trace.Site, what, name, dir string, u Unknown) {
	isScript, built := strings.Contains(name, "/") || scriptName.MatchString(name) && !strings.HasSuffix(name, "setup.py"), buildOutput.MatchString(name)
	if built {
		name = "./" + path.Base(name) // "target/release/x" is no release
	}
	switch words := telling(name); {
	case !deliversElsewhere(name) && slices.ContainsFunc(words, func(w string) bool { return !rules.WordEdit.Has(w) }):
		in.storedUse(site, what, dir, u, certain)
	case isScript && len(words) == 0 && (built || builds(path.Base(name))):
		in.storedUse(site, what, dir, u, unlessExplained)
	case isScript && len(words) == 0 && in.silent(site):
		in.storedUse(site, what, dir, u, unlessPurposed)
	case len(words) > 0, isScript:
		in.storedUse(site, what, dir, u, unlessWritten)
	case !builds(name):
		in.storedUse(site, what, dir, u, unlessExplained)
	}
}

// silent tells whether neither the words of a call nor the name of its step speak
// of sending something off, or of a folder that another checkout is in.
func (in *inferrer) silent(site *trace.Site) bool {
	for dir := range in.session.trees {
		if dir != "." && !strings.HasPrefix(dir, "?") && in.commandTold(site, dir) {
			return false
		}
	}
	title, _ := site.Title()
	if site.Command == nil {
		return !sends(title)
	}
	words, _ := site.Command.Words()
	return !sends(title) && !sends(strings.Join(words, " "))
}

// reached says whether code in one folder uses the credentials of the checkout in
// another one.
type reached int

const (
	// never: it does not work there.
	never reached = iota
	// perhaps: it may, but the credential has another purpose as well, to read
	// the repository that is checked out there.
	perhaps
	// likely: it may, and nothing else says what for they are kept.
	likely
)

// storedUse notes a use of every stored credential. Code that works in one folder
// pushes from the checkout of another repository below it where it is told of
// that, or is called after delivering something.
func (in *inferrer) storedUse(site *trace.Site, what, dir string, u Unknown, d doubt) {
	delivers := slices.ContainsFunc(nameWords(what), rules.WordDeliver.Has)
	in.storedIn(site, what, dir, u, d, func(below string) reached {
		switch {
		case dir != "." && !strings.HasPrefix(below, dir+"/"):
			return never
		case delivers, in.foreignTree(below) == "", strings.HasPrefix(below, "?"), in.commandTold(site, below):
			return likely
		}
		return perhaps
	})
}

// foreignTree is the other repository that a folder surely holds a checkout of, ""
// for none.
func (in *inferrer) foreignTree(folder string) string {
	targets := in.treeTargets(in.session.trees[folder])
	if len(targets) == 0 || slices.ContainsFunc(targets, func(t Target) bool { return t.Kind != Repository }) {
		return ""
	}
	return targets[0].Text
}

// commandTold tells whether the words of a command, or a variable of its step,
// name a folder, or the name of a script does: make-winget-pr.sh that of winget.
func (in *inferrer) commandTold(site *trace.Site, folder string) bool {
	if site.Command != nil && slices.ContainsFunc(site.Command.Args, func(v value.Value) bool { return namesFolder(v, folder) || namedFor(v.String(), folder) }) {
		return true
	}
	for name, v := range site.Env.All() {
		if near(site, name) && namesFolder(v, folder) {
			return true
		}
	}
	return strings.Contains(site.Source, folder)
}

// storedIn notes a use of the credentials that are stored for a folder, for all
// of the job, and for those other folders that code reaches from there.
func (in *inferrer) storedIn(site *trace.Site, what, dir string, u Unknown, d doubt, reaches func(folder string) reached) {
	c := gitCall{site: site, tree: in.session.tree(dir)}
	stored := value.Concat(in.credential(c, c.remoteAddress(nil)), in.session.login.All(), in.session.header.All(), in.session.stored.All())
	for _, name := range slices.Sorted(maps.Keys(c.tree.remotes)) {
		stored = value.Concat(stored, signIn(c.tree.remotes[name].All()))
	}
	note := func(v value.Value, reading string, here *tree) {
		in.use(site, v, what, func(use *Use) {
			use.Unknowns, use.git, use.doubt, use.Reading = []Unknown{u}, true, d, reading
			if title, _ := site.Title(); !in.presumed(use, rules.SignStored, path.Base(strings.ReplaceAll(what, "\\", "/")), here) {
				in.presumed(use, rules.SignStepStored, title, here)
			}
		})
	}
	for _, other := range slices.Sorted(maps.Keys(in.session.trees)) {
		t := in.session.trees[other]
		if t == c.tree {
			continue
		}
		switch foreign, reached := in.foreignTree(other), reaches(other); {
		case reached == likely && foreign == "":
			stored = value.Concat(stored, t.held())
		case reached == likely:
			note(t.held(), "", t)
		case reached == perhaps:
			note(t.held(), foreign, c.tree)
		}
	}
	note(stored, "", c.tree)
}
