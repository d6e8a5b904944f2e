package rules

import (
	"errors"
	"fmt"
	"path"
	"slices"
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
	// that programs read, "place" for names of inputs and variables that
	// take GitHub tokens only, "own" for names of services that
	// give out tokens of bots or persons themselves.
	of, pattern, kind, service string
}

var nameRows = rows("secret-names", []string{"of", "pattern", "kind", "service"}, parseNameRow)

// nameTable has the rows for one kind of name ready for a search.
type nameTable struct {
	rows []nameRow
	// words has the place in rows of every pattern of the form "*_WORDS_*",
	// which most have, by what stands between the stars.
	words map[string]int
	// longest is the length of the longest words, in bytes.
	longest int
	// others are the places of all others.
	others []int
}

var nameTables = sync.OnceValue(func() map[string]*nameTable {
	out := map[string]*nameTable{"secret": {words: map[string]int{}}, "env": {words: map[string]int{}}, "place": {words: map[string]int{}}, "own": {words: map[string]int{}}}
	for _, r := range nameRows().rows {
		t := out[r.of]
		words := strings.TrimSuffix(strings.TrimPrefix(r.pattern, "*_"), "_*")
		if _, twice := t.words[words]; r.pattern != "*_"+words+"_*" || strings.ContainsAny(words, `*?[\`) || twice {
			t.others = append(t.others, len(t.rows))
		} else {
			t.words[words], t.longest = len(t.rows), max(t.longest, len(words))
		}
		t.rows = append(t.rows, r)
	}
	return out
})

func parseNameRow(r row) (nameRow, error) {
	out := nameRow{of: r.cell("of"), pattern: r.cell("pattern"), kind: r.cell("kind"), service: r.cell("service")}
	_, err := path.Match(out.pattern, "")
	if !slices.Contains([]string{"secret", "env", "place", "own"}, out.of) {
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
// BOT_TOKEN is Slack's as well as GitHub's. Whoever works for a service calls
// the bot after it that works for them on GitHub: such a name hints at nothing.
func SecretKind(name string) (kind string, why string) {
	r, ok := findName("secret", name)
	if !ok || r.kind == NameOther && ofSomebody(name) {
		return "", ""
	}
	return r.kind, "the name looks like " + r.service
}

// somebodys are the ends of names of tokens of a bot or a person.
var somebodys = []string{"_BOT_TOKEN", "_BOT_PAT", "_BOT_ACCESS_TOKEN", "_PAT"}

// ofSomebody tells whether a name ends like that of a token of a bot or a
// person, and it is none that another service gives out under such a name.
func ofSomebody(name string) bool {
	upper := strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
	if !slices.ContainsFunc(somebodys, func(end string) bool { return strings.HasSuffix(upper, end) }) {
		return false
	}
	_, own := findName("own", name)
	return !own
}

// EnvReadsToken tells whether GitHub's tools read a GitHub token from a
// variable of that name.
func EnvReadsToken(name string) bool {
	r, ok := findName("env", name)
	return ok && r.kind == NameGitHub
}

// TakesGitHubToken tells whether an input or a variable of that name takes a
// GitHub token and nothing else. What a secret is called that is given to it
// counts for less: organizations name the token of their bot after themselves.
// But the repository's token of another service, such as COVERALLS_REPO_TOKEN,
// is given to a repo-token of an action of that service.
func TakesGitHubToken(place, secret string) bool {
	r, ok := findName("place", place)
	if !ok || r.kind != NameGitHub {
		return false
	}
	kind, _ := SecretKind(secret)
	return r.pattern != repoToken || kind != NameOther || !strings.HasSuffix(strings.ToUpper(strings.ReplaceAll(secret, "-", "_")), "_"+repoToken)
}

// repoToken is a name that services give to a token of their own as well.
const repoToken = "REPO_TOKEN"

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
	if of == "secret" || of == "own" {
		name = "_" + name + "_"
	}
	t := nameTables()[of]
	found := t.firstWords(name)
	for _, i := range t.others {
		if i > found {
			break
		}
		if ok, err := path.Match(t.rows[i].pattern, name); ok && err == nil {
			found = i
		}
	}
	if found == len(t.rows) {
		return nameRow{}, false
	}
	return t.rows[found], true
}

// firstWords returns the place of the first row whose words stand in a name
// between two "_"; the number of rows where none does.
func (t *nameTable) firstWords(name string) int {
	found := len(t.rows)
	for from := range len(name) {
		if name[from] != '_' {
			continue
		}
		for to := from + 1; to < len(name) && to-from-1 <= t.longest; to++ {
			if name[to] != '_' {
				continue
			}
			if i, ok := t.words[name[from+1:to]]; ok {
				found = min(found, i)
			}
		}
	}
	return found
}
