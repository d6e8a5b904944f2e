package infer

import (
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/settings"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// terraformWrites are the commands of Terraform that change what is there,
// terraformReads those that look it up.
var (
	terraformWrites = []string{"apply", "destroy"}
	terraformReads  = []string{"plan", "refresh", "import"}
)

// terraform handles a call of Terraform whose configuration is in the
// repository: each resource of the GitHub provider does what the table says.
// ok is false where the call is none of these, or nothing could be read.
func (in *inferrer) terraform(site *trace.Site, info *rules.ProgramInfo) (ok bool) {
	words := literals(site.Command.Args[1:])
	command := ""
	if at := slices.IndexFunc(words, func(w string) bool { return !strings.HasPrefix(w, "-") }); at >= 0 {
		command = words[at]
	}
	writes := slices.Contains(terraformWrites, command)
	dir := folder(site.Command.Dir)
	if !rules.LikeTerraform.Has(info.Name) || !writes && !slices.Contains(terraformReads, command) || in.options.List == nil || strings.HasPrefix(dir, "?") {
		return false
	}
	reader := settings.ReadTerraform
	if info.Name == "terragrunt" {
		reader = settings.ReadTerragrunt
	}
	for _, w := range words {
		if w == "--all" || strings.HasPrefix(w, "--working-dir") || strings.HasPrefix(w, "--terragrunt-working-dir") {
			return false
		}
		if below, given := strings.CutPrefix(w, "-chdir="); given {
			dir = path.Join(dir, below)
		}
	}
	read := reader(dir, in.options.List, in.options.Read)
	if len(read.Blocks) == 0 || read.Keyed {
		return false
	}
	at := site.Place()
	in.use(site, terraformToken(site, words, read), info.Name+" "+command, func(u *Use) {
		u.Reads = true
		if _, set := site.Env.Lookup("GITHUB_OWNER"); !set && !read.OwnerGiven {
			// The provider asks whose the token is.
			if e, ok := rules.OperationByID("users/get-authenticated"); ok {
				in.endpoint(u, request{place: at}, e, map[string]string{}, nil, nil)
			}
		}
		for _, b := range read.Blocks {
			in.resource(u, site, read, b, writes)
		}
		for _, open := range read.Open {
			u.Unknowns = append(u.Unknowns, Unknown{Code: "unread", Detail: info.Name + ": " + open, Place: at, Settle: "read what it does with the token" + describe("programs")})
		}
	})
	for _, use := range info.Uses {
		if use.Answer == rules.AnswerOther {
			in.programUse(site, info, use, &value.Table{})
		}
	}
	in.terraformVariables(site, read.Variable)
	return true
}

// terraformVariables notes credentials that the configuration is handed as
// variables, beside the provider's token.
func (in *inferrer) terraformVariables(site *trace.Site, token string) {
	for _, name := range site.Env.Credentials() {
		variable, ok := strings.CutPrefix(name, "TF_VAR_")
		if !ok || variable == token {
			continue
		}
		v, _ := site.Env.Lookup(name)
		other, at := in.otherSecret(v, name), site.Place()
		in.use(site, v, "terraform", func(u *Use) {
			if u.Other = other; !other {
				u.Unknowns = []Unknown{{Code: "unread", Detail: "what the configuration does with the variable " + variable + " is not followed", Place: at, Settle: "read what it does with the token" + describe("programs")}}
			}
		})
	}
}

func literals(args []value.Value) []string {
	out := make([]string, len(args))
	for i, a := range args {
		out[i] = a.LiteralOr(a.String())
	}
	return out
}

// terraformToken is the token that the GitHub provider takes.
func terraformToken(site *trace.Site, words []string, read settings.Terraform) value.Value {
	if read.Variable == "" {
		v, _ := site.Env.Lookup("GITHUB_TOKEN")
		return v
	}
	for i, w := range words {
		w = strings.TrimPrefix(w, "-var=")
		if strings.HasPrefix(w, read.Variable+"=") {
			return site.Command.Args[i+1]
		}
	}
	v, _ := site.Env.Lookup("TF_VAR_" + read.Variable)
	return v
}

// resource adds what one resource does.
func (in *inferrer) resource(u *Use, site *trace.Site, read settings.Terraform, b settings.TerraformBlock, writes bool) {
	at := audit.Place{File: b.File, Line: b.Line, Text: b.Type}
	known, ok := rules.Terraform(b.Type)
	if !ok {
		u.Unknowns = append(u.Unknowns, Unknown{Code: "unread", Detail: "what the resource " + b.Type + " takes is not known", Place: at, Settle: "look it up in the provider's documentation"})
		return
	}
	owner := value.Text(read.Owner)
	if v, set := site.Env.Lookup("GITHUB_OWNER"); read.Owner == "" && set {
		owner = v
	}
	if len(owner) == 0 || read.Owner == "" && owner.LiteralOr("?") == "" {
		owner = value.Unknown("owner")
	}
	repository := value.Unknown("repository")
	if text := b.Texts[known.Attribute]; text != "" {
		repository = value.Text(text)
	}
	ids := known.Reads
	if writes {
		ids = slices.Concat(ids, known.Writes)
	}
	for _, id := range ids {
		endpoint, ok := rules.OperationByID(id)
		if !ok {
			continue
		}
		arguments := map[string]value.Value{"owner": owner, "repo": repository, "org": owner}
		if file := b.Texts["file"]; file != "" {
			arguments["path"] = value.Text(file)
		}
		in.endpoint(u, request{arguments: arguments, open: true, place: at}, endpoint, map[string]string{}, nil, nil)
	}
}
