package github

import (
	"net/url"
	"strings"
	"testing"
)

func TestParseHost(t *testing.T) {
	type addresses struct {
		name, web, rest, graphql string
		server                   bool
	}
	github := addresses{"github.com", "https://github.com", "https://api.github.com/", "https://api.github.com/graphql", false}
	tenant := addresses{"octo.ghe.com", "https://octo.ghe.com", "https://api.octo.ghe.com/", "https://api.octo.ghe.com/graphql", false}
	server := addresses{"ghe.example.com", "https://ghe.example.com", "https://ghe.example.com/api/v3/", "https://ghe.example.com/api/graphql", true}
	for in, want := range map[string]addresses{
		"https://api.github.com":          github,
		"https://api.github.com/":         github,
		"https://API.GitHub.com:443":      github,
		"https://github.com":              github,
		"https://api.octo.ghe.com":        tenant,
		"https://octo.ghe.com/":           tenant,
		"https://ghe.example.com/api/v3":  server,
		"https://ghe.example.com/api/v3/": server,
		"https://ghe.example.com":         server,
		"https://GHE.example.com.":        server,
		"https://ghe.example.com:8443":    {"ghe.example.com:8443", "https://ghe.example.com:8443", "https://ghe.example.com:8443/api/v3/", "https://ghe.example.com:8443/api/graphql", true},
		"https://10.0.0.7/api/v3":         {"10.0.0.7", "https://10.0.0.7", "https://10.0.0.7/api/v3/", "https://10.0.0.7/api/graphql", true},
		"https://[2001:db8::1]/api/v3":    {"[2001:db8::1]", "https://[2001:db8::1]", "https://[2001:db8::1]/api/v3/", "https://[2001:db8::1]/api/graphql", true},
		"http://127.0.0.1:8080":           {"127.0.0.1:8080", "http://127.0.0.1:8080", "http://127.0.0.1:8080/", "http://127.0.0.1:8080/graphql", false},
		"http://localhost:8080/api/v3":    {"localhost:8080", "http://localhost:8080", "http://localhost:8080/api/v3/", "http://localhost:8080/api/graphql", true},
		"http://[::1]:8080":               {"[::1]:8080", "http://[::1]:8080", "http://[::1]:8080/", "http://[::1]:8080/graphql", false},
		"https://github.com.example.com":  {"github.com.example.com", "https://github.com.example.com", "https://github.com.example.com/api/v3/", "https://github.com.example.com/api/graphql", true},
		"https://notghe.com":              {"notghe.com", "https://notghe.com", "https://notghe.com/api/v3/", "https://notghe.com/api/graphql", true},
	} {
		host, err := ParseHost(in)
		if err != nil {
			t.Errorf("ParseHost(%q): %v", in, err)
			continue
		}
		got := addresses{host.Name(), host.Web(), host.REST(), host.GraphQL(), host.EnterpriseServer()}
		if got != want {
			t.Errorf("ParseHost(%q)\n got %v\nwant %v", in, got, want)
		}
	}
}

func TestParseHostRefuses(t *testing.T) {
	for in, typed := range map[string]string{
		"":                                       "type https://api.github.com",
		"api.github.com":                         "type it in full",
		"ghe.example.com/api/v3":                 "type it in full",
		"http://ghe.example.com/api/v3":          "type https://ghe.example.com",
		"http://127.0.0.1.example.com":           "type https://127.0.0.1.example.com",
		"ftp://ghe.example.com":                  "type https://ghe.example.com",
		"https://me:s3cr3t@ghe.example.com":      "type https://ghe.example.com without",
		"https://ghe.example.com?s3cr3t":         "type https://ghe.example.com without",
		"https://ghe.example.com#s3cr3t":         "type https://ghe.example.com without",
		"https://ghe.example.com/api/graphql":    "type https://ghe.example.com/api/v3",
		"https://api.github.com/graphql":         "type https://api.github.com",
		"https://api.github.com:8443":            "type https://api.github.com",
		"https://uploads.github.com":             "type https://api.github.com",
		"https://ghe.com":                        "type https://api.TENANT.ghe.com",
		"https://api.ghe.com":                    "type https://api.TENANT.ghe.com",
		"https://codeload.octo.ghe.com":          "type https://api.TENANT.ghe.com",
		"https://api.octo.ghe.com/graphql":       "type https://api.TENANT.ghe.com",
		"https://api.github\u0441om":             "plain letters",
		"https://ghe..example.com":               "empty part",
		"https://%67he.example.com\x00":          "type it in full",
		"https://[fe80::1%25eth0]/api/v3":        "type its name",
		"javascript:alert(1)":                    "type it in full",
		"https://s3cr3t:broken:port@x:notaport/": "type it in full",
	} {
		host, err := ParseHost(in)
		if err == nil {
			t.Errorf("ParseHost(%q) = %v, want an error", in, host)
			continue
		}
		if !strings.Contains(err.Error(), typed) || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("ParseHost(%q): %v; want it to say %q, and no secret", in, err, typed)
		}
	}
}

func TestHostNamed(t *testing.T) {
	for in, rest := range map[string]string{
		"github.com":           "https://api.github.com/",
		"api.github.com":       "https://api.github.com/",
		"octo.ghe.com":         "https://api.octo.ghe.com/",
		"ghe.example.com":      "https://ghe.example.com/api/v3/",
		"ghe.example.com:8443": "https://ghe.example.com:8443/api/v3/",
	} {
		if host, err := HostNamed(in); err != nil || host.REST() != rest {
			t.Errorf("HostNamed(%q) = %s, %v; want %s", in, host.REST(), err, rest)
		}
	}
	for _, in := range []string{"", "https://github.com", "ghe.example.com/api/v3", "me@ghe.example.com", "x?y", "x#y", `x\y`} {
		if host, err := HostNamed(in); err == nil {
			t.Errorf("HostNamed(%q) = %v, want an error", in, host)
		}
	}
	if named, _ := HostNamed("github.com"); named != (Host{}) {
		t.Errorf("github.com is %#v and not the zero Host", named)
	}
}

func TestHostOwns(t *testing.T) {
	host, err := ParseHost("https://ghe.example.com/api/v3")
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]bool{
		"https://ghe.example.com/x":      true,
		"https://GHE.example.com:443/":   true,
		"http://ghe.example.com/x":       false,
		"https://ghe.example.com:444/x":  false,
		"https://ghe.example.com.evil/x": false,
		"https://x.ghe.example.com/x":    false,
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if host.owns(u) != want {
			t.Errorf("owns(%s) = %v", address, !want)
		}
	}
}

func FuzzParseHost(f *testing.F) {
	for _, seed := range []string{"https://api.github.com", "https://ghe.example.com/api/v3", "http://127.0.0.1:1", "https://api.x.ghe.com", "https://a:b@c?d#e", "http://[::1]"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		host, err := ParseHost(in)
		if err != nil {
			return
		}
		for _, address := range []string{host.Web(), host.REST(), host.GraphQL()} {
			u, err := url.Parse(address)
			if err != nil || u.User != nil || u.RawQuery != "" || u.Scheme != "https" && !isLoopback(u.Hostname()) {
				t.Errorf("ParseHost(%q) gives %q", in, address)
			}
		}
		again, err := ParseHost(strings.TrimSuffix(host.REST(), "/"))
		if err != nil || again != host {
			t.Errorf("ParseHost(%q) = %#v, its REST address gives %#v, %v", in, host, again, err)
		}
	})
}
