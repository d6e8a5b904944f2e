package infer

import (
	"path"
	"slices"
	"strings"
)

// pushers are words in the names of scripts that work with git's credentials.
var pushers = []string{"release", "publish", "deploy", "push", "commit", "tag", "version", "sync", "bump", "update", "upgrade", "backport", "cherry", "merge", "pr", "branch", "promote", "changelog", "tagging", "revert"}

// made are those of the pushers that name what there may be many of.
var made = []string{"release", "tag", "version", "changelog", "branch"}

// editors are those of the pushers that name a change of files as often: where
// the job itself writes with the credentials, that is how the change gets out.
var editors = []string{"version", "update", "upgrade", "changelog"}

// tells tells whether a name speaks of work with git's credentials.
func tells(name string) bool { return len(telling(name)) > 0 }

// telling are the words of a name that speak of work with git's credentials, in
// the singular; commit-lint and pre-commit only look at commits, what is
// about the number or the title of a pull request opens none, and what builds
// or writes down things that are called so ("docs:releases") makes none.
func telling(name string) (out []string) {
	words := nameWords(name)
	for i, w := range words {
		if i+1 < len(words) && (words[i+1] == "lint" || w == "pr" && slices.Contains(partsOfPull, words[i+1])) || i > 0 && w == "commit" && words[i-1] == "pre" {
			continue
		}
		for _, one := range []string{w, strings.TrimSuffix(w, "s"), strings.TrimSuffix(w, "es")} {
			if !slices.Contains(pushers, one) {
				continue
			}
			if one == w || !slices.Contains(made, one) || !slices.ContainsFunc(words, func(w string) bool { return slices.Contains(building, w) }) {
				out = append(out, one)
			}
			break
		}
	}
	return out
}

// partsOfPull are words for what a pull request has.
var partsOfPull = []string{"number", "numbers", "title", "titles", "body", "label", "labels", "author", "size", "template", "description"}

// nameWords are the words of a name, in lower case.
func nameWords(name string) []string {
	return strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r < 'a' || r > 'z' })
}

// building are words in the names of code that needs no credentials of git.
var building = []string{
	"build", "compile", "test", "tests", "unit", "integration", "lint", "linter", "check", "checker", "checks", "format", "formatter", "fmt", "vet", "verify", "validate", "clean", "init", "install",
	"deps", "dependencies", "setup", "bootstrap", "generate", "gen", "codegen", "docs", "coverage", "bench", "cache", "tools", "vendor", "start", "serve", "image", "images", "docker",
}

// runnerWords are the words of a call that name no task.
var runnerWords = []string{"make", "gmake", "npm", "yarn", "pnpm", "bun", "run", "script", "just", "task", "mise"}

// builds tells whether a name speaks of building or testing, as the default
// task does, which has none.
func builds(name string) bool {
	words := slices.DeleteFunc(nameWords(name), func(w string) bool { return slices.Contains(runnerWords, w) })
	return len(words) == 0 || slices.ContainsFunc(words, func(w string) bool { return slices.Contains(building, w) })
}

// automates tells whether nothing but "build" names a program of the project:
// so are called those that hold all of a project's automation, up to the
// release (Cake, FAKE, NUKE, Bullseye).
func automates(name string) bool {
	words := nameWords(name)
	return slices.Contains(words, "build") && !tells(name) && !slices.ContainsFunc(words, func(w string) bool { return w != "build" && slices.Contains(building, w) })
}

// pushedElsewhere are words in the names of code that pushes something, and not
// with git.
var pushedElsewhere = []string{
	"acr", "apk", "artifact", "artifacts", "buildah", "chart", "charts", "container", "containers", "deb", "docker", "ecr", "gar", "gcr", "gem", "helm", "image", "images",
	"kaniko", "logs", "metric", "metrics", "notification", "notifications", "npm", "nuget", "oci", "package", "packages", "podman", "pypi", "registry", "rpm", "s3",
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
	elsewhere := slices.ContainsFunc(words, func(w string) bool { return slices.Contains(pushedElsewhere, w) })
	return !pushes || !elsewhere || tells(strings.Join(rest, " "))
}

// deliversElsewhere tells whether all that a name tells of work with git's
// credentials is that something is pushed or published, beside a word of what goes to
// a registry: "npm-publish". It is wrong where tags are pushed along.
func deliversElsewhere(name string) bool {
	words := nameWords(name)
	return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(pushedElsewhere, w) }) &&
		!slices.ContainsFunc(telling(name), func(w string) bool { return w != "push" && w != "publish" })
}

// deliverers are words for sending something off: with git's credentials, or to
// another service.
var deliverers = []string{"push", "publish", "deploy", "sync", "ship", "submit", "ghpages"}

// senders are words in the calls of programs that record something with git's
// credentials, or send something off.
var senders = append([]string{"release", "commit", "tag", "bump", "backport", "cherry", "changelog", "revert"}, deliverers...)

// sends tells whether a name has one of these words.
func sends(name string) bool {
	return slices.ContainsFunc(nameWords(name), func(w string) bool {
		return slices.Contains(senders, w) || slices.Contains(senders, strings.TrimSuffix(w, "s"))
	})
}

// lookers are words for what only tells something.
var lookers = []string{"show", "list", "info", "status", "view", "print", "help", "get", "describe", "diff", "search"}

// looks tells whether the words of a call say that it only tells something.
func looks(name string) bool {
	return slices.ContainsFunc(nameWords(name), func(w string) bool { return slices.Contains(lookers, w) })
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
