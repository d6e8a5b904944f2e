package infer

import (
	"regexp"
	"slices"
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
	repository := value.Context("github.repository")
	if url[0].Context != uploadContext {
		if repository = releaseAsked(url[0].Unknown); len(repository) == 0 || !strings.Contains(url[0].Unknown, ".upload_url") {
			return nil, false
		}
	}
	return value.Concat(value.Text("https://uploads.github.com/repos/"), repository, value.Text("/releases/1/assets"), behindAddress(url)), true
}

// releaseAsked is the repository of which a script asks what a release is, by the
// source of a value that it takes out of the answer; empty for anything else.
func releaseAsked(source string) value.Value {
	found := releaseSource.FindAllStringSubmatch(source, -1)
	if !strings.HasPrefix(source, "$(") || strings.Contains(source, "--hostname") || strings.Count(source, "repos/") != 1 || len(found) != 1 {
		return nil
	}
	if name := found[0][1]; !strings.ContainsAny(name, "${") {
		return value.Text(name)
	}
	return value.Context("github.repository")
}

// behindAddress is what stands behind an address of which no more is known than
// where it comes from. What it was made with is kept beside that.
func behindAddress(url value.Value) value.Value {
	rest := url[1:]
	for len(rest) > 0 && rest[0].Credential != nil {
		rest = rest[1:]
	}
	return rest
}

// The fields of the JSON of a release that are addresses of its files: that of
// GitHub's API, and that on the web.
var (
	assetField    = regexp.MustCompile(`\bassets\b.*\.url\b`)
	downloadField = regexp.MustCompile(`\.browser_download_url\b`)
)

// assetAddress resolves the address of a file that a script takes out of the JSON
// of a release: it is one of the repository whose release was asked for. ok is
// false for any other address.
func assetAddress(url value.Value) (resolved value.Value, ok bool) {
	if len(url) == 0 {
		return nil, false
	}
	source := url[0].Unknown
	repository := releaseAsked(source)
	switch {
	case len(repository) == 0:
		return nil, false
	case downloadField.MatchString(source):
		return value.Concat(value.Text("https://github.com/"), repository, value.Text("/releases/download/1/1"), behindAddress(url)), true
	case assetField.MatchString(strings.ReplaceAll(source, "\n", " ")):
		return value.Concat(value.Text("https://api.github.com/repos/"), repository, value.Text("/releases/assets/1"), behindAddress(url)), true
	}
	return nil, false
}

// stepOutput matches what a step hands on, and takes its id; otherJob what a
// job that this one needs does; uploadRepository takes the repository of an
// address, which may be one context.
var (
	stepOutput       = regexp.MustCompile(`(?i)^\$\{\{ steps\.([\w-]+)\.outputs\.`)
	uploadRepository = regexp.MustCompile(`^https://uploads\.github\.com/repos/([^/]+(?:/[^/]+)?)/releases/[^/]+/assets`)
	otherJob         = regexp.MustCompile(`(?i)^\$\{\{ needs\.[\w-]+\.outputs\.`)
)

// uploadTargets resolves the address to which the files of a release are sent:
// it has the repository's name, or is the answer to who asked for the release.
// That of a job before this one is taken for the run's own release.
func (in *inferrer) uploadTargets(url value.Value) []Target {
	if len(url) == 0 {
		return []Target{self}
	}
	// An address that the run is told may well be that of its own release.
	unread := Target{Kind: UnknownTarget, Text: "unknown"}
	var out []Target
	for _, one := range url.Alternatives() {
		if len(one) == 0 {
			continue
		}
		if resolved, ok := uploadAddress(one); ok {
			one = resolved
		}
		if step := stepOutput.FindStringSubmatch(one[0].Unknown); step != nil {
			made := in.releasedBy(step[1])
			if made == nil {
				made = []Target{unread}
			}
			out = append(out, made...)
			continue
		}
		if otherJob.MatchString(one[0].Unknown) {
			out = append(out, self)
			continue
		}
		masked := one.Mask()
		if found := uploadRepository.FindStringSubmatch(masked.Text); found != nil {
			out = append(out, in.anyTargets(masked.Table.Value(found[1]))...)
			continue
		}
		out = append(out, unread)
	}
	return out
}

// releasedBy returns the repositories whose releases a step of the job makes or
// asks for.
func (in *inferrer) releasedBy(step string) []Target {
	var out []Target
	for _, u := range in.uses {
		if u.Site == nil || !strings.EqualFold(u.Site.StepID(), step) {
			continue
		}
		for _, op := range u.Operations {
			if slices.ContainsFunc(op.Names, func(name string) bool { return strings.Contains(name, "/repos/{owner}/{repo}/releases") }) {
				out = append(out, op.Targets...)
			}
		}
	}
	return out
}
