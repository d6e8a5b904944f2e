package infer

import (
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// beginning are the first n words of a call.
func beginning(words []string, n int) string { return strings.Join(words[:min(len(words), n)], " ") }

// built notes the credentials that a command hands to the build of an image:
// as the value of an argument, or as a variable that an argument or a secret
// of the build names. What is done with them there is not read.
func (in *inferrer) built(site *trace.Site, info *rules.ProgramInfo) {
	words, _ := site.Command.Words()
	if !rules.BuildsImage.Has(beginning(words, 2)) && !rules.BuildsImage.Has(beginning(words, 3)) {
		return
	}
	v, carrier := handed(site.Command), ""
	for _, name := range handedVariables(site.Command) {
		if w, ok := site.Env.Lookup(name); ok && w.HoldsCredential() {
			v, carrier = value.Concat(v, w), name
		}
	}
	in.use(site, v, info.Name, func(u *Use) {
		u.Reads = in.meant(u.Credential, carrier)
		if u.Other = !u.Reads && in.otherSecret(value.Of(u.Credential), carrier); !u.Other {
			u.Unknowns = []Unknown{{
				Code: "unread", Detail: info.Name + " hands it to the build of an image, and what is done with it there is not read",
				Place: site.Place(), Settle: "read what the Dockerfile does with it",
			}}
		}
	})
}

// handedVariables are the variables that a build of an image is handed by
// their names: --build-arg NAME, --secret id=x,env=NAME, --secret id=NAME.
func handedVariables(c *trace.Command) (out []string) {
	for n, a := range c.Args {
		flag, text, joined := strings.Cut(a.String(), "=")
		if !joined && n+1 < len(c.Args) {
			text = c.Args[n+1].String()
		}
		switch flag {
		case "--build-arg":
			if !strings.Contains(text, "=") {
				out = append(out, text)
			}
		case "--secret":
			out = append(out, secretVariable(text))
		}
	}
	return out
}

// secretVariable is the variable that a secret of a build is taken from: the
// one that it is called after where nothing else names one.
func secretVariable(text string) (name string) {
	for part := range strings.SplitSeq(text, ",") {
		switch key, v, _ := strings.Cut(part, "="); key {
		case "env":
			return v
		case "src", "source":
			return ""
		case "id":
			name = v
		}
	}
	return name
}
