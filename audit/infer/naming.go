package infer

import (
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/rules"
)

// tells tells whether a name speaks of work with git's credentials.
func tells(name string) bool { return len(telling(name)) > 0 }

// telling are the words of a name that speak of work with git's credentials, in
// the singular; commit-lint and pre-commit only look at commits, what is
// about the number or the title of a pull request opens none, and what builds
// or writes down things that are called so ("docs:releases") makes none.
func telling(name string) (out []string) {
	words := nameWords(name)
	for i, w := range words {
		if i+1 < len(words) && (words[i+1] == "lint" || w == "pr" && rules.WordPull.Has(words[i+1])) || i > 0 && w == "commit" && words[i-1] == "pre" {
			continue
		}
		for _, one := range []string{w, strings.TrimSuffix(w, "s"), strings.TrimSuffix(w, "es")} {
			if !rules.WordGit.Has(one) {
				continue
			}
			if one == w || !rules.WordMany.Has(one) || !slices.ContainsFunc(words, rules.WordBuild.Has) {
				out = append(out, one)
			}
			break
		}
	}
	return out
}

// nameWords are the words of a name, in lower case.
func nameWords(name string) []string {
	return strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r < 'a' || r > 'z' })
}

// builds tells whether a name speaks of building or testing, as the default
// task does, which has none.
func builds(name string) bool {
	words := slices.DeleteFunc(nameWords(name), rules.WordRunner.Has)
	return len(words) == 0 || slices.ContainsFunc(words, rules.WordBuild.Has)
}

// automates tells whether nothing but "build" names a program of the project:
// so are called those that hold all of a project's automation, up to the
// release (Cake, FAKE, NUKE, Bullseye).
func automates(name string) bool {
	words := nameWords(name)
	return slices.Contains(words, "build") && !tells(name) && !slices.ContainsFunc(words, func(w string) bool { return w != "build" && rules.WordBuild.Has(w) })
}

// actionTells tells whether the name of an action speaks of work with git's
// credentials: "push" is no such word beside one of what goes to a registry or
// to another service.
func actionTells(name string) bool {
	if !tells(name) {
		return false
	}
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	rest := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == "push" })
	pushes := len(rest) < len(words)
	elsewhere := slices.ContainsFunc(words, rules.WordElsewhere.Has)
	return !pushes || !elsewhere || tells(strings.Join(rest, " "))
}

// deliversElsewhere tells whether all that a name tells of work with git's
// credentials is that something is pushed or published, beside a word of what goes to
// a registry: "npm-publish". It is wrong where tags are pushed along.
func deliversElsewhere(name string) bool {
	words := nameWords(name)
	return slices.ContainsFunc(words, rules.WordElsewhere.Has) &&
		!slices.ContainsFunc(telling(name), func(w string) bool { return w != "push" && w != "publish" })
}

// records tells whether a word in the call of a program is one for recording
// something with git's credentials, or for sending something off.
func records(word string) bool { return rules.WordRecord.Has(word) || rules.WordDeliver.Has(word) }

// sends tells whether a name has such a word.
func sends(name string) bool {
	return slices.ContainsFunc(nameWords(name), func(w string) bool {
		return records(w) || records(strings.TrimSuffix(w, "s"))
	})
}

// looks tells whether the words of a call say that it only tells something.
func looks(name string) bool {
	return slices.ContainsFunc(nameWords(name), rules.WordLook.Has)
}

// callWords are the words that name what a call does: the program's, and two
// behind it that are no flags, files or texts.
func callWords(words []string) []string {
	out := []string{path.Base(strings.ReplaceAll(words[0], "\\", "/"))}
	for _, w := range words[1:] {
		if w == "" || strings.HasPrefix(w, "-") || strings.ContainsAny(w, "/=.\n ") {
			continue
		}
		if out = append(out, w); len(out) == 3 {
			break
		}
	}
	return out
}
