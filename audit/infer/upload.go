package infer

import (
	"regexp"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// uploadContext is the address in the payload of a release to which its files
// are sent. It is a template: "…/assets{?name,label}".
const uploadContext = "github.event.release.upload_url"

// releaseSource matches the request in the source of a value whose answer
// describes a release: what a script asks of one repository, named outright or
// as its own.
var releaseSource = regexp.MustCompile(`(?:https://api\.github\.com/|\$\{?GITHUB_API_URL\}?/|\bgh api (?:[^|]*[ "'])?/?)repos/(\$GITHUB_REPOSITORY|\$\{GITHUB_REPOSITORY\}|\$\{\{ github\.repository \}\}|\{owner\}/\{repo\}|[\w.-]+/[\w.-]+)/releases\b`)

// uploadAddress resolves an address that a script takes out of the JSON of a
// release, ".upload_url": it is one of the repository whose release was asked
// for. ok is false for any other address. It is wrong where a script gives
// GITHUB_REPOSITORY a value of its own.
func uploadAddress(url value.Value) (resolved value.Value, ok bool) {
	if len(url) == 0 {
		return nil, false
	}
	repository, rest := value.Context("github.repository"), url[1:]
	// What the address was made with is kept beside what is not known of it.
	for len(rest) > 0 && rest[0].Credential != nil {
		rest = rest[1:]
	}
	if url[0].Context != uploadContext {
		source := url[0].Unknown
		found := releaseSource.FindAllStringSubmatch(source, -1)
		if !strings.HasPrefix(source, "$(") || !strings.Contains(source, ".upload_url") || strings.Contains(source, "--hostname") || strings.Count(source, "repos/") != 1 || len(found) != 1 {
			return nil, false
		}
		if name := found[0][1]; !strings.ContainsAny(name, "${") {
			repository = value.Text(name)
		}
	}
	return value.Concat(value.Text("https://uploads.github.com/repos/"), repository, value.Text("/releases/1/assets"), rest), true
}
