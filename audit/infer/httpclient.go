package infer

import (
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
)

// curlValued are the flags of curl that take a value, by what it is.
var curlValued = map[string]string{
	"-X": "method", "--request": "method", "-H": "header", "--header": "header", "-u": "user", "--user": "user", "--oauth2-bearer": "user",
	"-d": "body", "--data": "body", "--data-raw": "body", "--data-binary": "body", "--data-ascii": "body", "--json": "body", "--data-urlencode": "body",
	"-F": "form", "--form": "form", "--form-string": "form", "-T": "upload", "--upload-file": "upload", "--url": "url",
	"-o": "", "--output": "", "-w": "", "--write-out": "", "-A": "", "--user-agent": "", "-e": "", "--referer": "", "-b": "", "--cookie": "", "-c": "", "--cookie-jar": "",
	"-m": "", "--max-time": "", "--connect-timeout": "", "--retry": "", "--retry-delay": "", "--retry-max-time": "", "-x": "", "--proxy": "", "--cacert": "", "-E": "", "--cert": "", "--key": "",
	"-D": "", "--dump-header": "", "-r": "", "--range": "", "-K": "", "--config": "", "--output-dir": "", "-C": "", "--continue-at": "", "-Y": "", "-y": "", "--limit-rate": "", "--max-redirs": "", "--resolve": "", "-z": "", "--max-filesize": "", "--aws-sigv4": "", "--variable": "", "--ciphers": "", "--tls-max": "", "--unix-socket": "", "--stderr": "", "--create-file-mode": "",
}

// powerShellValued are the parameters of Invoke-RestMethod and
// Invoke-WebRequest that take a value, by what it is.
var powerShellValued = map[string]string{
	"-uri": "url", "-method": "method", "-custommethod": "method", "-headers": "header", "-header": "header", "-token": "header", "-credential": "header",
	"-body": "body", "-infile": "file", "-form": "body",
	"-contenttype": "", "-outfile": "", "-timeoutsec": "", "-authentication": "", "-useragent": "", "-maximumretrycount": "", "-retryintervalsec": "", "-erroraction": "", "-sessionvariable": "", "-websession": "",
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
