package rules

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/patrol-actions/patrol/audit/value"
)

// GhVariables are the variables from which GitHub CLI takes a token for
// github.com, in this order.
// Source: https://cli.github.com/manual/gh_help_environment
var GhVariables = []string{"GH_TOKEN", "GITHUB_TOKEN"}

// GhPlaces are the variables that tell GitHub CLI which repository, and which server,
// to work on.
// Source: https://cli.github.com/manual/gh_help_environment
var GhPlaces = []string{"GH_REPO", "GH_HOST"}

// GhRemotes are the remotes that GitHub CLI takes before origin, in its order.
// Source: https://github.com/cli/cli/blob/trunk/context/remote.go
var GhRemotes = []string{"upstream", "github"}

// GhCall is a call of gh, taken apart. Texts may hold placeholders.
type GhCall struct {
	// Command are the command words in their full form: "pr create". Of an
	// extension, or a command that is not known, it is the words up to the
	// one that is not known.
	Command string
	// Flags are the flags by long name, a boolean one with "true", "false" or,
	// where it is not known which of these it is, what was written after "=".
	Flags map[string][]string
	// Operands are the words that are neither command words nor flags.
	Operands []string
	// Repo is what --repo says or the repository of a pull request's or
	// issue's address: "owner/name", or text with placeholders; "" where the
	// repository is the one of the directory or of GH_REPO.
	Repo string
	// Hostname is the host that --hostname, --repo or an address names.
	Hostname string
	// Hidden tells that some word may stand for further flags: an operand
	// too many that is nothing but a placeholder ("${args[@]}"), or a flag
	// that is not in the table.
	Hidden bool
	// Unlisted are the flags, "--long" or "-s", that the command does not have in
	// any version that the table knows, in order.
	Unlisted []string
}

// ghCommand is one row of table/gh-flags.tsv.
type ghCommand struct {
	name    string
	aliases []string
	// operands is how many it takes, anyNumber for any; group and raw are
	// its other two meanings.
	operands   int
	group, raw bool
	flags      []GhFlag
}

const anyNumber = 1 << 16

var ghCommands = rows("gh-flags", []string{"command", "aliases", "operands", "flags"}, parseGhCommand)

// ghWords is ghCommands by command words, those of aliases included.
var ghWords = sync.OnceValue(func() map[string]ghCommand {
	words := map[string]ghCommand{}
	for _, c := range ghCommands().rows {
		words[c.name] = c
		parent := c.name[:strings.LastIndex(c.name, " ")+1]
		for _, alias := range c.aliases {
			words[parent+alias] = c
		}
	}
	// The one alias that gh sets up by itself.
	words["co"] = words["pr checkout"]
	return words
})

func parseGhCommand(r row) (ghCommand, error) {
	c := ghCommand{name: r.cell("command"), aliases: r.list("aliases")}
	var err error
	switch operands := r.cell("operands"); operands {
	case "group":
		c.group = true
	case "raw":
		c.raw = true
	case "*":
		c.operands = anyNumber
	default:
		if c.operands, err = strconv.Atoi(operands); err != nil {
			return ghCommand{}, err
		}
	}
	c.flags, err = parseFlags(r.cell("flags"))
	for i := range c.flags {
		c.flags[i].reading = pflag
	}
	return c, err
}

func isGhGroup(command string) bool {
	c, ok := ghWords()[command]
	return ok && c.group
}

// GhFlags returns the flags of a command, given by its words.
func GhFlags(command string) []GhFlag { return slices.Clone(ghWords()[command].flags) }

// ParseGh takes apart the words after "gh". It is not ok where a placeholder
// stands in the place of a command word, so that nothing can be said.
func ParseGh(args []string) (GhCall, bool) {
	command, name, rest, ok := findGhCommand(args)
	call := GhCall{Command: name, Flags: map[string][]string{}}
	if !ok {
		return call, false
	}
	switch {
	case name == "":
		call.Command = "help"
		if slices.Contains(rest, "--version") {
			call.Command = "version"
		}
	case command.name == "" || command.raw:
		call.Operands = rest
	default:
		call.Command = command.name
		given := parseWords(command.flags, rest)
		call.Flags, call.Operands = given.flags, given.operands
		call.Unlisted = slices.DeleteFunc(given.strange, value.HasPlaceholder)
		call.Hidden = given.unknown || hidesFlags(command, given.operands)
	}
	call.locate()
	return call, true
}

// findGhCommand looks for the command words the way gh does: a flag before
// them takes the next word along unless it is known to take none. It returns
// the command, its words as far as they were read, and all other words. The
// command is the zero one where its words are not known.
func findGhCommand(args []string) (command ghCommand, name string, rest []string, ok bool) {
	for i := 0; i < len(args); i++ {
		word := args[i]
		switch {
		case word == "--":
			return command, name, append(rest, args[i:]...), true
		case len(word) > 1 && word[0] == '-':
			rest = append(rest, word)
			if takesNext(word) && i+1 < len(args) {
				i++
				rest = append(rest, args[i])
			}
			continue
		case value.HasPlaceholder(word):
			return command, strings.TrimSpace(name + " " + word), rest, false
		}
		name = strings.TrimSpace(command.name + " " + word)
		command, ok = ghWords()[name]
		if !ok || !command.group {
			return command, name, append(rest, args[i+1:]...), true
		}
	}
	return command, name, rest, true
}

// takesNext tells whether a flag before the command words takes the next
// word along.
func takesNext(word string) bool {
	return !strings.Contains(word, "=") && word != "--help" && word != "--version" && word != "-h" &&
		(strings.HasPrefix(word, "--") || len(word) == 2)
}

// hidesFlags tells whether an operand is so much of a placeholder, and so
// much too many, that it may stand for flags. One that could be an operand
// is taken for one, though "gh pr merge $FLAGS" does exist.
func hidesFlags(command ghCommand, operands []string) bool {
	switch {
	case command.operands == anyNumber:
		return len(operands) > 1 && slices.ContainsFunc(operands[1:], lonePlaceholder)
	case len(operands) > command.operands:
		return slices.ContainsFunc(operands, lonePlaceholder)
	}
	return false
}

// ghFilters are the groups where --repo is a filter and selects nothing.
var ghFilters = []string{"search", "codespace"}

// locate fills in Repo and Hostname.
func (c *GhCall) locate() {
	c.Hostname = last(c.Flags["hostname"])
	group, _, _ := strings.Cut(c.Command, " ")
	if slices.Contains(ghFilters, group) {
		return
	}
	if len(c.Operands) > 0 && (group == "pr" || group == "issue") {
		if host, repo, ok := readAddress(c.Operands[0]); ok {
			c.setRepo(host, repo)
			return
		}
	}
	repo := last(c.Flags["repo"])
	host, path, hosted := withHost(repo)
	switch {
	case isURL(repo):
		host, path, _ := strings.Cut(repo[strings.Index(repo, "://")+3:], "/")
		c.setRepo(host, strings.TrimSuffix(strings.Trim(path, "/"), ".git"))
	case hosted:
		c.setRepo(host, path)
	default:
		c.setRepo("", repo)
	}
}

// withHost takes HOST/OWNER/NAME apart. What has other characters, or a host without
// a dot, is rather a list that was not taken apart than a server, which would get
// another token: ok is false, and which repository it is stays open.
func withHost(repo string) (host, path string, ok bool) {
	if strings.Count(repo, "/") != 2 || strings.ContainsFunc(repo, func(r rune) bool { return !isRepoRune(r) && r != '/' && r != ':' }) {
		return "", "", false
	}
	host, path, _ = strings.Cut(repo, "/")
	return host, path, strings.Contains(host, ".") || strings.HasPrefix(host, "localhost") || value.HasPlaceholder(host)
}

// isRepoRune tells whether a character, or what a placeholder stands for, can be in
// the name of a repository, its owner or a host.
func isRepoRune(r rune) bool {
	return r == '-' || r == '_' || r == '.' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || value.HasPlaceholder(string(r))
}

func (c *GhCall) setRepo(host, repo string) {
	c.Repo = repo
	if c.Hostname == "" {
		c.Hostname = host
	}
}

func last(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[len(values)-1]
}

func isURL(text string) bool {
	return strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "http://")
}

// readAddress reads the address of a pull request or an issue. Its server
// and its OWNER/REPO may each be one placeholder.
func readAddress(text string) (host, repo string, ok bool) {
	before, _, found := strings.Cut(text, "/pull/")
	if !found {
		before, _, found = strings.Cut(text, "/issues/")
	}
	if !found {
		return "", "", false
	}
	if isURL(before) {
		before = before[strings.Index(before, "://")+3:]
	}
	return strings.Cut(before, "/")
}
