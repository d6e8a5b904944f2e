package infer

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
)

// keptInFiles matches the names of files that hold keys, certificates, profiles
// and accounts, and no token of GitHub.
var keptInFiles = regexp.MustCompile(`(?i)\.(?:jks|keystore|ks|p12|pfx|p8|pem|key|crt|cer|der|mobileprovision|provisionprofile|plist|snk|kdbx|bks|gpg|asc|json)$`)

// signInFiles are those among them in which programs keep tokens of GitHub.
var signInFiles = []string{"auth.json", "config.json", ".dockerconfigjson", "hosts.json", "credentials.json", "secrets.json", "env.json", ".env.json", "settings.json"}

// decodedFiles notes what a command decodes into a file for keys or accounts: a
// token of GitHub is text, which nobody encodes. It is wrong for a file of
// settings by another name that holds such a token.
func (in *inferrer) decodedFiles(site *trace.Site) {
	words, _ := site.Command.Words()
	if !site.Command.Stdin.HoldsCredential() || !decodes(words) || len(site.Command.Output) == 0 {
		return
	}
	for _, out := range site.Command.Output {
		name := path.Base(out.Path.String())
		if !keptInFiles.MatchString(name) || slices.Contains(signInFiles, strings.ToLower(name)) {
			return
		}
	}
	in.use(site, site.Command.Stdin, commandWords(site.Command), func(u *Use) { u.Other = true })
}

// decodes tells whether a command turns base64 into what it stands for.
func decodes(words []string) bool {
	flags := []string{"-d", "-D", "--decode", "-di", "-id"}
	switch path.Base(words[0]) {
	case "base64":
	case "openssl":
		if len(words) < 2 || words[1] != "base64" && !slices.Contains(words, "-base64") {
			return false
		}
	default:
		return false
	}
	return slices.ContainsFunc(words[1:], func(w string) bool { return slices.Contains(flags, w) })
}
