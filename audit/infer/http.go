package infer

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// httpCall is what an HTTP client is told to do.
type httpCall struct {
	method  string
	urls    []value.Value
	headers []value.Value
	user    value.Value
	// name is what stands before the colon, where that is no credential.
	name    value.Value
	body    value.Value
	hasBody bool
	netrc   bool
	// fails says that the program fails where the server refuses.
	fails bool
	// fields are those of a body that code puts together, open that it may have
	// others.
	fields map[string]value.Value
	open   bool
}

// gitHubMedia begins the media types of GitHub's API, by which a request shows
// whose it is where its address does not.
const gitHubMedia = "application/vnd.github"

// asksGitHub tells whether a request names a media type of GitHub's API.
func (c httpCall) asksGitHub() bool {
	return slices.ContainsFunc(c.headers, func(h value.Value) bool { return strings.Contains(strings.ToLower(h.Mask().Text), gitHubMedia) })
}

// http handles curl, wget, httpie and PowerShell's clients.
func (in *inferrer) http(site *trace.Site, program string) {
	var c httpCall
	switch program {
	case "curl":
		c = parseCurl(site.Command)
	case "wget":
		c = parseWget(site.Command)
		c.fails = true
	case "http", "https", "xh":
		c = parseHTTPie(site.Command)
		c.fails = program == "xh" || slices.ContainsFunc(site.Command.Args, func(v value.Value) bool { return v.LiteralOr("") == "--check-status" })
	default:
		c = parsePowerShell(site.Command)
		c.fails = true
	}
	credential := c.user
	for _, h := range c.headers {
		credential = value.Concat(credential, h)
	}
	credential = value.Concat(credential, c.body)
	for _, url := range c.urls {
		address, _ := addressHalves(url)
		credential = value.Concat(credential, address)
	}
	in.userName(site, c.name)
	if !credential.HoldsCredential() && c.netrc {
		credential = in.session.netrc.All()
	}
	if !credential.HoldsCredential() {
		in.downloadsOpen(site, c)
		credential = in.options.Assumed
	}
	in.use(site, credential, program, func(u *Use) { in.httpUse(u, site, c) })
}

func (in *inferrer) httpUse(u *Use, site *trace.Site, c httpCall) {
	other := 0
	for _, url := range c.urls {
		if !in.httpURL(u, site, c, url) {
			other++
		}
	}
	switch {
	case len(c.urls) == 0:
		u.Unknowns = append(u.Unknowns, Unknown{Code: "unread", Detail: "the address that " + u.What + " calls is not seen", Place: site.Place(), Settle: "write the address out"})
	case other == len(c.urls):
		u.Other = true
	}
}

// httpURL adds what a request of one address does. It is false where the
// address is not GitHub's.
func (in *inferrer) httpURL(u *Use, site *trace.Site, c httpCall, url value.Value) bool {
	github := false
	for _, alternative := range url.Alternatives() {
		github = in.httpAddress(u, site, c, alternative) || github
	}
	return github
}

func (in *inferrer) httpAddress(u *Use, site *trace.Site, c httpCall, url value.Value) bool {
	at := site.Place()
	if resolved, ok := uploadAddress(url); ok {
		url = resolved
	}
	url = in.answeredAddress(url)
	masked := url.Mask()
	host, path, kind := splitURL(masked)
	switch kind {
	case hostOther:
		return in.calledBack(u, site, c, host)
	case hostUnknown:
		// Nothing shows where this goes. The names are a hint.
		if c.asksGitHub() {
			u.Reads = true
		} else if !in.named(u.Credential) || in.ofService(u.Credential, url) {
			return false
		}
		u.Unknowns = append(u.Unknowns, Unknown{Code: "unread", Detail: "the address " + url.String() + " is not known here", Place: at, Settle: "write the address out"})
		return true
	case hostWeb:
		u.Reads = true
		in.webDownload(u, masked.Table.Value(path), at)
		return true
	}
	u.Reads = true
	path = strings.TrimPrefix(strings.TrimPrefix(path, "/"), "api/v3/")
	body := in.requestBody(site.Command, c.body)
	if strings.TrimSuffix(path, "/") == "graphql" {
		in.graphQL(u, queryOf(body), variablesOf(body), at)
		return true
	}
	arguments := maps.Clone(c.fields)
	if arguments == nil {
		arguments = map[string]value.Value{}
	}
	whole := !c.open
	if c.fields == nil {
		whole = jsonBody(body, arguments)
	}
	in.rest(u, request{method: c.method, path: masked.Table.Value(path), arguments: arguments, open: c.hasBody && !whole, place: at})
	return true
}

// calledBack notes a credential that a request hands to another service together with
// an address of GitHub's API, which that service is to ask with it.
func (in *inferrer) calledBack(u *Use, site *trace.Site, c httpCall, host string) bool {
	body := in.requestBody(site.Command, c.body)
	if !slices.ContainsFunc(body.Credentials(), func(held *value.Credential) bool { return sameCredential(held, u.Credential) }) || !apiAddress.MatchString(body.Mask().Text) {
		return false
	}
	u.Reads = true
	u.Unknowns = append(u.Unknowns, Unknown{
		Code: "unread", Detail: "it is handed to " + host + ", which asks GitHub with it, perhaps when GITHUB_TOKEN is dead", Place: site.Place(),
		Settle: "see when that service asks, and let it ask by an App of its own",
	})
	return true
}

// apiAddress matches an address of GitHub's API.
var apiAddress = regexp.MustCompile(`https://api\.github\.com/`)

type hostKind int

const (
	hostAPI hostKind = iota
	hostWeb
	hostOther
	hostUnknown
)

// splitURL tells whose address it is.
func splitURL(m value.Masked) (host, path string, kind hostKind) {
	text := strings.Trim(strings.TrimSpace(m.Text), `"'`)
	for _, scheme := range []string{"https://", "http://"} {
		if rest, ok := strings.CutPrefix(text, scheme); ok {
			host, path, _ = strings.Cut(rest, "/")
			if at := strings.LastIndex(host, "@"); at >= 0 {
				host = host[at+1:]
			}
			break
		}
	}
	if host == "" {
		host, path, _ = strings.Cut(text, "/")
	}
	switch strings.ToLower(strings.TrimSuffix(host, ":443")) {
	case "api.github.com", "uploads.github.com", "models.github.ai":
		return host, path, hostAPI
	case "github.com", "www.github.com", "raw.githubusercontent.com", "codeload.github.com", "objects.githubusercontent.com", "gist.githubusercontent.com":
		return host, host + "/" + path, hostWeb
	}
	if value.HasPlaceholder(host) || host == "" {
		return host, path, hostUnknown
	}
	return host, path, hostOther
}

// webDownload handles github.com/owner/name/releases/download/… and
// raw.githubusercontent.com/owner/name/….
func (in *inferrer) webDownload(u *Use, path value.Value, at audit.Place) {
	masked := path.Mask()
	parts := strings.Split(masked.Text, "/")
	op := Operation{Names: []string{"GET https://" + parts[0]}, Answer: rules.AnswerYes, Needs: needs("contents:read"), Place: at, Targets: []Target{{Kind: UnknownTarget, Text: "unknown"}}}
	switch {
	case len(parts) > 2:
		op.Targets = in.parts(masked.Table.Value(parts[1]), masked.Table.Value(parts[2]))
	case len(parts) == 2 && value.HasPlaceholder(parts[1]):
		op.Targets = in.anyTargets(masked.Table.Value(parts[1]))
	}
	if len(parts) > 2 && rules.OwnRepository(firstContext(masked.Table.Value(parts[1]))) {
		op.Targets = []Target{self}
	}
	u.Operations = append(u.Operations, op)
}

func firstContext(v value.Value) string {
	if len(v) == 1 {
		return v[0].Context
	}
	return ""
}
