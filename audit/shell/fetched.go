package shell

import (
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// fetches is a program that prints what it gets: where that is a file of a repository
// alone, what reads it is told which one.
func fetches(i *interp, c *call) bool {
	address, ok := fetchedFile(c.args)
	if !ok || i.out == nil || c.loose {
		return false
	}
	i.prints(c, value.Concat(value.Unknown("$(fetch "+address+")"), value.Text("\n")))
	return true
}

// rawType matches the header that asks the REST API for the text of a file.
var rawType = regexp.MustCompile(`(?i)^accept: *application/vnd\.github\.(?:[\w-]+\.)?raw(?:\+json)?$`)

// fileAddress matches the addresses of files of repositories, in the REST API and
// where their texts lie.
var fileAddress = regexp.MustCompile(`^https://(?:api\.github\.com/repos/\S.*/contents/|raw\.githubusercontent\.com/|github\.com/\S.*/raw/)`)

// quietly are the flags of curl and wget that say nothing of what is got, or
// what becomes of it.
var quietly = regexp.MustCompile(`^(?:-[fsSLqk]+|-q?O-|-qO|-O|--(?:fail|silent|show-error|location|quiet|compressed|fail-with-body|retry-all-errors|tlsv1\.[23]|no-verbose))$`)

// fetchedFile returns the address of the file of a repository that a command prints
// and nothing else; false for a command with a word that is not understood.
func fetchedFile(args []value.Value) (address string, ok bool) {
	program, _ := args[0].Literal()
	rest, raw := args[1:], false
	if program == "gh" {
		if len(rest) == 0 || rest[0].LiteralOr("") != "api" {
			return "", false
		}
		rest = rest[1:]
	}
	for n := 0; n < len(rest); n++ {
		word := rest[n].LiteralOr("")
		switch {
		case (word == "-H" || word == "--header") && n+1 < len(rest):
			n++
			raw = raw || rawType.MatchString(rest[n].LiteralOr(""))
		case slices.Contains([]string{"--retry", "--retry-delay", "--max-time", "--connect-timeout", "--proto"}, word) && program == "curl":
			n++
		case program == "wget" && word == "-" && n > 0 && strings.HasSuffix(rest[n-1].LiteralOr(""), "O"):
		case program != "gh" && quietly.MatchString(word):
		case strings.HasPrefix(word, "-") || address != "" || rest[n].HoldsCredential():
			return "", false
		default:
			address = rest[n].String()
		}
	}
	if program == "wget" && !slices.ContainsFunc(rest, func(v value.Value) bool { return v.LiteralOr("") == "-" || strings.HasSuffix(v.LiteralOr(""), "O-") }) {
		return "", false // It writes a file.
	}
	if program == "gh" && !strings.Contains(address, "://") {
		address = "https://api.github.com/" + strings.TrimPrefix(address, "/")
	}
	isAPI := strings.HasPrefix(address, "https://api.github.com/")
	return address, raw == isAPI && fileAddress.MatchString(address)
}

// fetchedText matches what stands for the text of a file that was got.
var fetchedText = regexp.MustCompile(`^\$\(fetch (\S.*)\)$`)

// FetchedFrom returns the address of the file of a repository whose text a value is.
func FetchedFrom(v value.Value) (address string, ok bool) {
	if v = trimNewlines(v); len(v) != 1 {
		return "", false
	}
	m := fetchedText.FindStringSubmatch(v[0].Unknown)
	if m == nil {
		return "", false
	}
	return m[1], true
}
