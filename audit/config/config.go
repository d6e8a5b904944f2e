// Package config reads a project's patrol.yml: what its people know and the
// code does not show.
//
// Nothing in the file is passed over. A key, a rule, a permission or an event
// that is not known is an error with its place, which says what is allowed
// there; a slip that was ignored would look like an audit that found nothing.
package config

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/rules"
)

// names are the paths at which the configuration of a repository may lie.
var names = []string{".github/patrol.yml", ".github/patrol.yaml", "patrol.yml", "patrol.yaml"}

// maxSize is the size in bytes up to which a configuration is read.
const maxSize = 256 << 10

// Config is what a configuration says. The nil Config says nothing.
type Config struct {
	// Repository is "owner/name", or empty.
	Repository string
	// DefaultBranch is the default branch's name, or empty.
	DefaultBranch string

	severities map[string]string
	secrets    []secretKind
	skip       []string
	accept     []Acceptance
	actions    map[string]*rules.ActionInfo
	programs   []rules.DescribedProgram
}

// secretKind is the kind of the secrets whose names fit a pattern.
type secretKind struct {
	pattern string // in upper case
	kind    string // rules.NameGitHub or rules.NameOther
}

// off is the severity of a rule that is switched off.
const off = "off"

// Error is what is wrong with a configuration, in the order of the file.
type Error struct{ Problems []audit.Problem }

// Error lists the faults, each on a line with its place.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		place := p.File
		if p.Line > 0 {
			place = fmt.Sprintf("%s:%d:%d", place, p.Line, p.Column)
		}
		lines[i] = place + ": " + p.Message
	}
	return strings.Join(lines, "\n")
}

// In returns the error with its files below a folder.
func (e *Error) In(folder string) *Error {
	out := &Error{slices.Clone(e.Problems)}
	for i, p := range out.Problems {
		out.Problems[i].File = path.Join(folder, p.File)
	}
	return out
}

// Find reads the configuration of a repository: nil where it has none. What
// is wrong with it is an [*Error].
func Find(fsys fs.FS) (*Config, error) {
	var found string
	for _, name := range names {
		switch info, err := fs.Stat(fsys, name); {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, failure(name, err)
		case !info.Mode().IsRegular():
			// Opening a pipe would wait for a writer.
			return nil, failure(name, errors.New("it is not a regular file"))
		case found != "":
			return nil, &Error{[]audit.Problem{{File: name, Message: fmt.Sprintf("the configuration stands in %s as well: keep one of the two", found)}}}
		default:
			found = name
		}
	}
	if found == "" {
		return nil, nil
	}
	f, err := fsys.Open(found)
	if err != nil {
		return nil, failure(found, err)
	}
	defer f.Close()
	return Read(found, f)
}

// Read reads a configuration; name is how messages call it.
func Read(name string, r io.Reader) (*Config, error) {
	source, err := io.ReadAll(io.LimitReader(r, maxSize+1))
	if err != nil {
		return nil, failure(name, err)
	}
	return Parse(name, source)
}

// failure is an error about a file as a whole.
func failure(name string, err error) *Error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		err = pathError.Err // the path stands before the message
	}
	return &Error{[]audit.Problem{{File: name, Message: "could not be read: " + err.Error()}}}
}

// Apply gives findings the severities of their rules, and drops those of
// rules that are off.
func (c *Config) Apply(findings []*audit.Finding) []*audit.Finding {
	if c == nil || len(c.severities) == 0 {
		return findings
	}
	return slices.DeleteFunc(findings, func(f *audit.Finding) bool {
		severity := c.severities[f.Rule]
		f.Severity = cmp.Or(audit.Severity(severity), f.Severity)
		return severity == off
	})
}

// Skips tells whether nothing is to be reported of a file.
func (c *Config) Skips(file string) bool {
	return c != nil && slices.ContainsFunc(c.skip, func(pattern string) bool {
		ok, err := doublestar.Match(pattern, file)
		return ok && err == nil
	})
}

// SecretKind returns the kind of a secret, as [rules.SecretKind] does, where
// the configuration says it: by its name, or else by the first pattern that
// fits.
func (c *Config) SecretKind(name string) (kind string, ok bool) {
	if c == nil {
		return "", false
	}
	name = strings.ToUpper(name)
	for _, s := range c.secrets {
		if s.pattern == name {
			return s.kind, true
		}
	}
	for _, s := range c.secrets {
		if ok, err := path.Match(s.pattern, name); ok && err == nil {
			return s.kind, true
		}
	}
	return "", false
}

// Action returns what the configuration says of an action, by the name that
// "uses" gives it, without the version. Nobody may change it.
func (c *Config) Action(name string) (*rules.ActionInfo, bool) {
	if c == nil || len(c.actions) == 0 {
		return nil, false
	}
	info, ok := c.actions[actionKey(name)]
	return info, ok
}

// actionKey is the one way to write an action's name.
func actionKey(name string) string {
	name = strings.ToLower(name)
	if name == "." || strings.HasPrefix(name, "./") {
		return "./" + path.Clean(name)
	}
	return strings.TrimSuffix(name, "/")
}

// Program returns what the configuration says of what a command starts, by
// its words and the folder it runs in, relative to the repository's root. A
// script is found from that folder or from the root.
func (c *Config) Program(words []string, folder string) (*rules.ProgramInfo, bool) {
	if c == nil || len(c.programs) == 0 || len(words) == 0 {
		return nil, false
	}
	script, behind := rules.Script(words)
	script = strings.ReplaceAll(script, `\`, "/")
	for _, p := range c.programs {
		if script != "" && (path.Join(folder, script) == p.Name || path.Clean(script) == p.Name) {
			return p.Call(behind), true
		}
		if rest, ok := rules.Behind(p.Name, words); ok && !isScript(p.Name) {
			return p.Call(rest), true
		}
	}
	return nil, false
}

// isScript tells the path of a script from a program's command words.
func isScript(name string) bool {
	return strings.Contains(name, "/") && !strings.HasPrefix(name, "@")
}
