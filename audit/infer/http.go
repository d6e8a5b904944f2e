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
		u.Unknowns = append(u.Unknowns, Unknown{Code: "unread", Detail: "the address that " + u.What + " calls is not seen", Place: place(site), Settle: "write the address out"})
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
	at := place(site)
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
		Code: "unread", Detail: "it is handed to " + host + ", which asks GitHub with it, perhaps when GITHUB_TOKEN is dead", Place: place(site),
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

// curlValued are the flags of curl that take a value, by what it is.
var curlValued = map[string]string{
	"-X": "method", "--request": "method", "-H": "header", "--header": "header", "-u": "user", "--user": "user", "--oauth2-bearer": "user",
	"-d": "body", "--data": "body", "--data-raw": "body", "--data-binary": "body", "--data-ascii": "body", "--json": "body", "--data-urlencode": "body",
	"-F": "form", "--form": "form", "--form-string": "form", "-T": "upload", "--upload-file": "upload", "--url": "url",
	"-o": "", "--output": "", "-w": "", "--write-out": "", "-A": "", "--user-agent": "", "-e": "", "--referer": "", "-b": "", "--cookie": "", "-c": "", "--cookie-jar": "",
	"-m": "", "--max-time": "", "--connect-timeout": "", "--retry": "", "--retry-delay": "", "--retry-max-time": "", "-x": "", "--proxy": "", "--cacert": "", "-E": "", "--cert": "", "--key": "",
	"-D": "", "--dump-header": "", "-r": "", "--range": "", "-K": "", "--config": "", "--output-dir": "", "-C": "", "--continue-at": "", "-Y": "", "-y": "", "--limit-rate": "", "--max-redirs": "", "--resolve": "", "-z": "", "--max-filesize": "", "--aws-sigv4": "", "--variable": "", "--ciphers": "", "--tls-max": "", "--unix-socket": "", "--stderr": "", "--create-file-mode": "",
}

func parseCurl(cmd *trace.Command) httpCall {
	c := httpCall{}
	get := false
	for i := 1; i < len(cmd.Args); i++ {
		a := cmd.Args[i]
		word := a.String()
		flag, inline, hasInline := word, value.Value(nil), false
		if strings.HasPrefix(word, "--") {
			if masked := a.Mask(); strings.Contains(masked.Text, "=") {
				name, rest, _ := strings.Cut(masked.Text, "=")
				flag, inline, hasInline = name, masked.Table.Value(rest), true
			}
		}
		kind, valued := curlValued[flag]
		if !valued && strings.HasPrefix(word, "-") && !strings.HasPrefix(word, "--") && len(word) > 2 {
			flag, inline, hasInline, kind, valued = joinedFlag(a)
			letters, _ := a.Literal()
			if valued {
				letters, _, _ = strings.Cut(word, flag[1:])
			}
			get, c.fails = get || strings.Contains(letters, "G"), c.fails || strings.Contains(letters, "f")
		}
		switch {
		case valued:
			v := inline
			if !hasInline {
				if i+1 >= len(cmd.Args) {
					continue
				}
				i++
				v = cmd.Args[i]
			}
			c.set(kind, v, cmd)
		case word == "-n" || word == "--netrc":
			c.netrc = true
		case word == "-I" || word == "--head":
			c.method = "HEAD"
		case word == "-G" || word == "--get":
			get = true
		case word == "-f" || word == "--fail" || word == "--fail-with-body":
			c.fails = true
		case strings.HasPrefix(word, "-"):
		default:
			c.urls = append(c.urls, a)
		}
	}
	if c.method == "" {
		c.method = "GET"
		if c.hasBody && !get {
			c.method = "POST"
		}
	}
	return c
}

// joinedFlag splits "-sXPOST" and "-fsSLH": short flags that stand together,
// of which the last may take a value.
func joinedFlag(a value.Value) (flag string, inline value.Value, hasInline bool, kind string, valued bool) {
	masked := a.Mask()
	for i := 1; i < len(masked.Text); i++ {
		f := "-" + masked.Text[i:i+1]
		if kind, ok := curlValued[f]; ok {
			rest := masked.Text[i+1:]
			return f, masked.Table.Value(rest), rest != "", kind, true
		}
	}
	return masked.Text[:2], nil, false, "", false
}

// headersOf returns what a header of curl is: itself, or what the file holds that it
// names behind "@", as far as the job is seen to write that.
func headersOf(v value.Value, cmd *trace.Command) value.Value {
	word := v.String()
	if !strings.HasPrefix(word, "@") {
		return v
	}
	if word == "@-" {
		return cmd.Stdin
	}
	for n, file := range cmd.Written {
		if strings.HasSuffix(cmd.Args[n].String(), word) {
			return file.Content
		}
	}
	return v
}

func (c *httpCall) set(kind string, v value.Value, cmd *trace.Command) {
	switch kind {
	case "method":
		c.method = strings.ToUpper(v.String())
	case "header":
		c.headers = append(c.headers, headersOf(v, cmd))
	case "user":
		c.signIn(v)
	case "body":
		c.hasBody = true
		if v.String() == "@-" {
			v = cmd.Stdin
		}
		c.body = value.Concat(c.body, v)
	case "file":
		c.body, c.hasBody = value.Concat(value.Text("@"), v), true
	case "form":
		c.hasBody = true
		c.headers = append(c.headers, v)
	case "upload":
		c.hasBody = true
		if c.method == "" {
			c.method = "PUT"
		}
	case "url":
		c.urls = append(c.urls, v)
	}
}

// signIn notes what is signed in with: NAME:SECRET, or a token.
func (c *httpCall) signIn(v value.Value) {
	secret, name := halves(v)
	c.user, c.name = value.Concat(c.user, secret), value.Concat(c.name, name)
}

func parseWget(cmd *trace.Command) httpCall {
	c := httpCall{method: "GET"}
	var login, password value.Value
	for i := 1; i < len(cmd.Args); i++ {
		a := cmd.Args[i]
		masked := a.Mask()
		name, rest, inline := strings.Cut(masked.Text, "=")
		v := masked.Table.Value(rest)
		next := func() value.Value {
			if inline || i+1 >= len(cmd.Args) {
				return v
			}
			i++
			return cmd.Args[i]
		}
		switch name {
		case "--header":
			c.headers = append(c.headers, next())
		case "--method":
			c.method = strings.ToUpper(next().String())
		case "--post-data", "--post-file", "--body-data", "--body-file":
			if c.method == "GET" {
				c.method = "POST"
			}
			c.body, c.hasBody = next(), true
			if strings.HasSuffix(name, "-file") {
				c.body = value.Concat(value.Text("@"), c.body)
			}
		case "--password", "--http-password":
			password = next()
		case "--user", "--http-user":
			login = next()
		case "-O", "-o", "-P", "--output-document", "-T", "-t", "-U", "--user-agent":
			next()
		default:
			if !strings.HasPrefix(name, "-") {
				c.urls = append(c.urls, a)
			}
		}
	}
	if len(password) > 0 {
		login = value.Concat(login, value.Text(":"), password)
	}
	c.signIn(login)
	return c
}

// parseHTTPie reads "http POST url Header:value field=value".
func parseHTTPie(cmd *trace.Command) httpCall {
	c := httpCall{}
	fields := false
	for i := 1; i < len(cmd.Args); i++ {
		a := cmd.Args[i]
		word := a.String()
		switch {
		case (word == "-a" || word == "--auth") && i+1 < len(cmd.Args):
			i++
			c.signIn(cmd.Args[i])
		case strings.HasPrefix(word, "-"):
		case len(c.urls) == 0 && c.method == "" && word == strings.ToUpper(word) && !strings.Contains(word, "/"):
			c.method = word
		case len(c.urls) == 0:
			c.urls = append(c.urls, a)
		case isHTTPieHeader(word):
			c.headers = append(c.headers, a)
		default:
			fields = true
		}
	}
	if c.method == "" {
		c.method = map[bool]string{true: "POST", false: "GET"}[fields || cmd.HasStdin]
	}
	if c.hasBody = fields || cmd.HasStdin; !fields {
		c.body = cmd.Stdin
	}
	return c
}

// isHTTPieHeader tells "Name:value" from the fields "name=value" and
// "name:=value".
func isHTTPieHeader(word string) bool {
	name, rest, ok := strings.Cut(word, ":")
	return ok && !strings.Contains(name, "=") && !strings.HasPrefix(rest, "=")
}

// powerShellValued are the parameters of Invoke-RestMethod and
// Invoke-WebRequest that take a value, by what it is.
var powerShellValued = map[string]string{
	"-uri": "url", "-method": "method", "-custommethod": "method", "-headers": "header", "-header": "header", "-token": "header", "-credential": "header",
	"-body": "body", "-infile": "file", "-form": "body",
	"-contenttype": "", "-outfile": "", "-timeoutsec": "", "-authentication": "", "-useragent": "", "-maximumretrycount": "", "-retryintervalsec": "", "-erroraction": "", "-sessionvariable": "", "-websession": "",
}

// parsePowerShell reads Invoke-RestMethod and Invoke-WebRequest.
func parsePowerShell(cmd *trace.Command) httpCall {
	c := httpCall{method: "GET"}
	for i := 1; i < len(cmd.Args); i++ {
		a := cmd.Args[i]
		if !strings.HasPrefix(a.String(), "-") {
			c.urls = append(c.urls, a)
			continue
		}
		masked := a.Mask()
		name, rest, _ := strings.Cut(masked.Text, ":")
		kind, valued := powerShellValued[strings.ToLower(name)]
		if !valued {
			continue
		}
		v := masked.Table.Value(rest)
		if rest == "" {
			if i+1 >= len(cmd.Args) {
				break
			}
			i++
			v = cmd.Args[i]
		}
		c.set(kind, v, cmd)
	}
	return c
}
