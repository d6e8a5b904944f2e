package rules

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"sync"
)

// The kinds that a name can hint at.
const (
	// NameGitHub is for names of GitHub tokens.
	NameGitHub = "github"
	// NameOther is for names of everything else.
	NameOther = "other"
)

// nameRow is one row of table/secret-names.tsv.
type nameRow struct {
	// of is "secret" for names of secrets, "env" for names of variables
	// that programs read.
	of, pattern, kind, service string
}

var nameRows = rows("secret-names", []string{"of", "pattern", "kind", "service"}, parseNameRow)

// namesOf are the rows for secrets and for variables, in the table's order.
var namesOf = index(nameRows, func(r nameRow) string { return r.of })

func parseNameRow(r row) (nameRow, error) {
	out := nameRow{of: r.cell("of"), pattern: r.cell("pattern"), kind: r.cell("kind"), service: r.cell("service")}
	_, err := path.Match(out.pattern, "")
	if out.of != "secret" && out.of != "env" {
		err = errors.Join(err, fmt.Errorf("of %q", out.of))
	}
	if out.kind != NameGitHub && out.kind != NameOther {
		err = errors.Join(err, fmt.Errorf("kind %q", out.kind))
	}
	return out, err
}

// SecretKind says what the name of a secret hints at: NameGitHub, NameOther
// or "" for nothing, and why. It is a hint for where nothing else is known:
// what counts is where the value goes. Teams name tokens as they like, and a
// BOT_TOKEN is Slack's as well as GitHub's.
func SecretKind(name string) (kind string, why string) {
	r, ok := findName("secret", name)
	if !ok {
		return "", ""
	}
	return r.kind, "the name looks like " + r.service
}

// EnvReadsToken tells whether GitHub's tools read a GitHub token from a
// variable of that name.
func EnvReadsToken(name string) bool {
	r, ok := findName("env", name)
	return ok && r.kind == NameGitHub
}

// EnvService returns the service whose programs read a credential of their
// own from a variable of that name, "" where there is none that is known.
func EnvService(name string) string {
	if r, ok := findName("env", name); ok && r.kind == NameOther {
		return r.service
	}
	return ""
}

// findName returns the first row that the name fits. Patterns are those of
// path.Match, without case; "_" in front of and behind the name lets
// "*_PAT_*" fit whole words only.
func findName(of, name string) (nameRow, bool) {
	key := of + ":" + name
	if found, ok := foundNames.Load(key); ok {
		r := found.(nameRow)
		return r, r.of != ""
	}
	r, ok := searchName(of, name)
	foundNames.Store(key, r)
	return r, ok
}

// foundNames remembers what findName found, by kind and name; a nameRow that
// is zero for nothing. An audit asks for the same few names again and again.
var foundNames sync.Map

func searchName(of, name string) (nameRow, bool) {
	name = strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
	for _, r := range namesOf()[of] {
		text := name
		if of == "secret" {
			text = "_" + name + "_"
		}
		if ok, err := path.Match(r.pattern, text); ok && err == nil {
			return r, true
		}
	}
	return nameRow{}, false
}
