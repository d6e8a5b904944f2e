package github

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// Host says where a GitHub lives. The zero Host is github.com. A Host is made
// by [ParseHost] or [HostNamed] alone, so that its addresses were checked.
// Hosts can be compared with ==.
type Host struct {
	web, rest, graphql string
	server             bool
}

// ParseHost reads the address of a GitHub's REST API, as `--api-url` and
// GITHUB_API_URL give it:
//
//   - https://api.github.com
//   - https://api.TENANT.ghe.com, GitHub Enterprise Cloud with data residency
//   - https://HOST/api/v3 or https://HOST, GitHub Enterprise Server
//   - http://127.0.0.1:8080 and other loopback addresses, for tests: without
//     a path they are laid out as api.github.com is, with /api/v3 as a GitHub
//     Enterprise Server
//
// The address of the web pages (https://github.com, https://TENANT.ghe.com)
// does as well. Anything else is refused; the message says what to type, and
// quotes no part of the address that may hold a secret.
func ParseHost(apiURL string) (Host, error) {
	u, err := url.Parse(apiURL)
	switch {
	case apiURL == "":
		return Host{}, errors.New("the address of the API is empty: type https://api.github.com, or https://HOST/api/v3 for GitHub Enterprise Server")
	case err != nil || u.Opaque != "" || u.Host == "":
		return Host{}, errors.New("that is no address of an API: type it in full, such as https://api.github.com or https://HOST/api/v3")
	}
	name, err := hostName(u)
	if err != nil {
		return Host{}, err
	}
	switch {
	case u.User != nil:
		return Host{}, fmt.Errorf("the address of the API holds a user name: type https://%s without it, and give the token in GH_TOKEN", name)
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return Host{}, fmt.Errorf("the address of the API has a ? or a #: type https://%s without it", name)
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return Host{}, fmt.Errorf("http:// would show the token to everybody on the way: type https://%s", name)
	case u.Scheme != "https" && u.Scheme != "http":
		return Host{}, fmt.Errorf("the address of an API begins with https://: type https://%s", name)
	}
	return hostAt(u.Scheme, name, strings.TrimSuffix(u.Path, "/"))
}

// HostNamed is the GitHub of a name as GH_HOST gives it: github.com,
// TENANT.ghe.com, or the name of a GitHub Enterprise Server, with a port if it
// has one.
func HostNamed(name string) (Host, error) {
	if name == "" || strings.ContainsAny(name, "/@?#\\") {
		return Host{}, errors.New("that is no name of a host: type it alone, such as github.com or ghe.example.com, without https://")
	}
	return ParseHost("https://" + name)
}

// hostAt builds the addresses of the host of a name, which may end in a port.
func hostAt(scheme, name, path string) (Host, error) {
	bare := name
	if host, _, err := net.SplitHostPort(name); err == nil {
		bare = host
	}
	switch {
	case bare == "github.com" || strings.HasSuffix(bare, ".github.com"):
		if name != "github.com" && name != "api.github.com" && name != "www.github.com" || path != "" {
			return Host{}, errors.New("the API of github.com has another address: type https://api.github.com")
		}
		return Host{}, nil
	case bare == "ghe.com" || strings.HasSuffix(bare, ".ghe.com"):
		return tenantAt(name, path)
	case isLoopback(bare) && path == "":
		base := scheme + "://" + name
		return Host{web: base, rest: base + "/", graphql: base + "/graphql"}, nil
	case path != "" && path != "/api/v3":
		return Host{}, fmt.Errorf("the API of a GitHub Enterprise Server has another path: type %s://%s/api/v3", scheme, name)
	}
	base := scheme + "://" + name
	return Host{web: base, rest: base + "/api/v3/", graphql: base + "/api/graphql", server: true}, nil
}

// tenantAt builds the addresses of a tenant of ghe.com.
func tenantAt(name, path string) (Host, error) {
	tenant := strings.TrimSuffix(strings.TrimPrefix(name, "api."), ".ghe.com")
	if tenant == "" || path != "" || tenant == "ghe.com" || tenant == "api" || strings.ContainsAny(tenant, ".:") {
		return Host{}, errors.New("a tenant of ghe.com has another address: type https://api.TENANT.ghe.com")
	}
	domain := tenant + ".ghe.com"
	return Host{
		web:     "https://" + domain,
		rest:    "https://api." + domain + "/",
		graphql: "https://api." + domain + "/graphql",
	}, nil
}

// hostName is the host of an address in lower case, with its port where it is
// not the usual one. Names beyond ASCII are refused: letters that look alike
// must not choose who gets a token.
func hostName(u *url.URL) (string, error) {
	name, port := strings.TrimSuffix(strings.ToLower(u.Hostname()), "."), u.Port()
	if _, err := netip.ParseAddr(name); err != nil {
		for _, r := range name {
			if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '.' && r != '_' {
				return "", errors.New("the name of the host has a character that no such name has: type it in plain letters, such as https://ghe.example.com")
			}
		}
		if name == "" || strings.HasPrefix(name, ".") || strings.Contains(name, "..") {
			return "", errors.New("the name of the host has an empty part: type it in full, such as https://ghe.example.com")
		}
	} else if strings.Contains(name, "%") {
		return "", errors.New("an address with a zone is no host of a GitHub: type its name, such as https://ghe.example.com")
	}
	if port == "" || port == usualPort(u.Scheme) {
		if strings.Contains(name, ":") {
			return "[" + name + "]", nil
		}
		return name, nil
	}
	return net.JoinHostPort(name, port), nil
}

// usualPort is the port of a scheme that needs not be written.
func usualPort(scheme string) string {
	switch scheme {
	case "https":
		return "443"
	case "http":
		return "80"
	}
	return ""
}

// isLoopback tells whether a name is this very machine.
func isLoopback(name string) bool {
	name = strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
	address, err := netip.ParseAddr(name)
	return name == "localhost" || err == nil && address.IsLoopback()
}

// Web is the address of the web pages, without a slash at its end, such as
// https://github.com.
func (h Host) Web() string {
	if h.web == "" {
		return "https://github.com"
	}
	return h.web
}

// REST is the address of the REST API, with a slash at its end, such as
// https://api.github.com/.
func (h Host) REST() string {
	if h.rest == "" {
		return "https://api.github.com/"
	}
	return h.rest
}

// GraphQL is the address of the GraphQL API, such as
// https://api.github.com/graphql.
func (h Host) GraphQL() string {
	if h.graphql == "" {
		return "https://api.github.com/graphql"
	}
	return h.graphql
}

// EnterpriseServer tells whether the host is a GitHub Enterprise Server, which
// has other routes and limits than github.com and ghe.com.
func (h Host) EnterpriseServer() bool { return h.server }

// Name is the name of the host as people write it: github.com,
// tenant.ghe.com, ghe.example.com.
func (h Host) Name() string {
	_, name, _ := strings.Cut(h.Web(), "://")
	return name
}

// String is [Host.Name].
func (h Host) String() string { return h.Name() }

// owns tells whether an address is of this host's API: of the same scheme,
// name and port. A token goes nowhere else.
func (h Host) owns(u *url.URL) bool {
	rest, err := url.Parse(h.REST())
	return err == nil && origin(rest) == origin(u)
}

// origin is the scheme, name and port of an address.
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = usualPort(u.Scheme)
	}
	return u.Scheme + "://" + net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}
