package decide

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// expiryDays is the life of a recommended token.
const expiryDays = 90

// remedy says what to do about a reference.
func (d *decider) remedy(r *audit.Reference, uses []*ruled, n *need) audit.Remedy {
	out := audit.Remedy{UnknownSteps: []string{}}
	switch r.Verdict {
	case audit.VerdictReplaceable, audit.VerdictConditional:
		out.Kind = audit.RemedyGitHubToken
		out.JobPermissions, out.UnknownSteps = d.jobPermissions(uses, n)
		out.Summary = "use ${{ secrets.GITHUB_TOKEN }} with " + keyList(out.JobPermissions)
		if len(n.workflow()) == 0 {
			out.Summary = "use ${{ secrets.GITHUB_TOKEN }}, which needs no permission for it"
			if len(out.JobPermissions) > 0 {
				out.Summary += "; the rest of the job takes " + keyList(out.JobPermissions)
			}
		}
		out.Summary += besides(uses, out.JobPermissions) + askedOfCallers(uses, out.JobPermissions)
		if n.own.Writes() {
			out.Summary += "; github-actions[bot] is then the author"
		}
		if r.Verdict == audit.VerdictConditional {
			out.Summary = "if that holds, " + out.Summary
			if recipe, ok := d.recipe(r, uses, n); ok {
				out.FineGrained = recipe
			}
		}
		return out
	case audit.VerdictUnknown:
		out.Kind = audit.RemedyNone
		out.Summary = "settle what is not known first"
		return out
	}
	out.Kind = d.kind(r, uses, n)
	recipe, _ := d.recipe(r, uses, n)
	out.FineGrained = recipe
	open := slices.ContainsFunc(r.Reasons, func(x audit.Reason) bool { return slices.Contains(openCodes, x.Code) })
	switch out.Kind {
	case audit.RemedyApp:
		out.Summary = "use a GitHub App's token, made in the job by actions/create-github-app-token" + appInputs(recipe)
		if open {
			out.Summary += "; what could not be read may take more"
		}
	case audit.RemedyFineGrained:
		out.Summary = "use a fine-grained token with the permissions below, and no more"
		if open {
			out.Summary = "use a fine-grained token with the permissions below; what could not be read may take more"
		}
	case audit.RemedyClassic:
		out.Summary = "only a classic token does this: give it " + strings.Join(recipe.ClassicScopes, ", ") + " and an expiry"
		return out
	}
	out.Summary += besides(uses, recipeKeys(recipe))
	return out
}

// recipeKeys are the permissions of a recipe by the keys that workflows have for
// them.
func recipeKeys(r *audit.Recipe) map[string]string {
	out := map[string]string{}
	if r != nil {
		for name, access := range r.Permissions {
			out[strings.ReplaceAll(name, "_", "-")] = access
		}
	}
	return out
}

// openCodes are the reasons by which it is not known all that a token does.
var openCodes = []string{"unread", "unknown-action", "unknown-target"}

// kind is the least privileged token that does it.
func (d *decider) kind(r *audit.Reference, uses []*ruled, n *need) audit.RemedyKind {
	has := func(code string) bool {
		return slices.ContainsFunc(r.Reasons, func(x audit.Reason) bool { return x.Code == code })
	}
	account := len(r.Permissions.FineGrained.Account) > 0
	switch {
	case n.classicOnly, has("package-access"), has("other-owner") && forked(uses):
		return audit.RemedyClassic
	case has("projects") && r.Permissions.FineGrained.Organization["organization_projects"] == "":
		// A user's project, for which only classic tokens have a scope.
		return audit.RemedyClassic
	case has("account-api") && !account, has("user-only") && len(n.all) == 0:
		return audit.RemedyClassic
	case has("account-api"), has("user-only"):
		return audit.RemedyFineGrained
	}
	return audit.RemedyApp
}

// forked tells whether a use goes by a fork of the token's user: only a
// classic token reaches both the fork and an upstream that its user is no
// member of.
func forked(uses []*ruled) bool {
	for _, u := range uses {
		for _, op := range u.Operations {
			if slices.Contains(op.Scopes, "public_repo") && op.Answer == rules.AnswerNo {
				return true
			}
			if forks(op) && slices.ContainsFunc(op.Targets, func(t infer.Target) bool { return t.OtherOwner }) {
				return true
			}
		}
	}
	return false
}

// noAppInput are permissions of Apps for which create-github-app-token has no
// input (as of its version 3): the token then gets all that the App has.
var noAppInput = []string{"actions_variables", "codespaces_lifecycle_admin", "codespaces_metadata", "codespaces_secrets", "organization_actions_variables", "organization_codespaces", "issue_types", "issue_fields"}

func appInputs(r *audit.Recipe) string {
	if r == nil || len(r.Permissions) == 0 {
		return ""
	}
	var inputs, rest []string
	for _, name := range slices.Sorted(maps.Keys(r.Permissions)) {
		if slices.Contains(noAppInput, name) {
			rest = append(rest, name+": "+r.Permissions[name])
			continue
		}
		inputs = append(inputs, "permission-"+strings.ReplaceAll(name, "_", "-")+": "+r.Permissions[name])
	}
	text := ""
	if len(inputs) > 0 {
		text = " with " + strings.Join(inputs, ", ")
	}
	if len(rest) > 0 {
		text += "; give the App itself " + strings.Join(rest, ", ")
	}
	return text
}

func blockText(keys map[string]string) string {
	if len(keys) == 0 {
		return "permissions: {}"
	}
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		parts = append(parts, key+": "+keys[key])
	}
	return "permissions: { " + strings.Join(parts, ", ") + " }"
}

// jobPermissions returns the complete permissions block of the jobs that use
// a reference: what it takes itself, what the other steps need from
// GITHUB_TOKEN, and what the job has been given that is not known to be idle.
// Steps whose need is not known are named.
func (d *decider) jobPermissions(uses []*ruled, n *need) (map[string]string, []string) {
	whole := newNeed()
	whole.join(n)
	given := map[string]string{}
	unknown := []string{}
	seen := map[*jobView]bool{}
	for _, u := range uses {
		j := u.job
		if seen[j] {
			continue
		}
		seen[j] = true
		total, open := jobNeed(j)
		whole.join(total)
		for _, step := range open {
			unknown = appendNew(unknown, step)
		}
		known := len(open) == 0 && j.Job.Job.Job.Call == nil &&
			!slices.ContainsFunc(j.Sites, func(s *trace.Site) bool { return Opaque(d.options.Knowledge, s) })
		given = plus(given, j.Permissions.Kept(known))
	}
	return plus(whole.workflow(), given), unknown
}

// jobNeed adds up what the steps of a job need from GITHUB_TOKEN as it is
// now, and names the steps of which that is not known. A job that says what
// GITHUB_TOKEN may do runs with that today: what a step would take beyond it, it
// does not do there, or does without.
func jobNeed(j *jobView) (total *need, open []string) {
	total = newNeed()
	for _, u := range j.uses {
		if u.Credential.Kind != value.JobToken {
			continue
		}
		total.use(u)
		if len(u.Unknowns) > 0 {
			open = appendNew(open, stepLabel(u))
		}
	}
	if j.Permissions != nil {
		total = total.within(j.Permissions)
	}
	return total, open
}

func stepLabel(u *ruled) string {
	name := u.Site.StepName()
	if name == "" {
		name = u.What
	}
	if u.Site.Step == 0 {
		return name
	}
	return fmt.Sprintf("%d (%s)", u.Site.Step, name)
}

// recipe writes down the least token for the uses. ok is false where nothing
// is known to ask for.
func (d *decider) recipe(r *audit.Reference, uses []*ruled, n *need) (*audit.Recipe, bool) {
	out := &audit.Recipe{
		Name: recipeName(r.Secret), Repositories: []string{}, Permissions: map[string]string{},
		ClassicScopes: r.Permissions.ClassicScopes, ExpiresInDays: expiryDays,
	}
	for _, p := range n.fineGrained() {
		if p.FineGrained() {
			out.Permissions[p.Name] = p.Access
		}
	}
	owner, _, _ := strings.Cut(d.options.Name, "/")
	for _, u := range uses {
		for _, op := range u.Operations {
			for _, t := range op.Targets {
				switch {
				case t.Kind == infer.Self && d.options.Name != "":
					out.Repositories = appendNew(out.Repositories, d.options.Name)
				case t.Kind == infer.Self:
					out.Repositories = appendNew(out.Repositories, "this repository")
				case t.Kind == infer.Repository:
					out.Repositories = appendNew(out.Repositories, t.Text)
					if t.Owner != "" || !t.SameOwner {
						owner = t.Owner
					}
				case t.Kind == infer.Owner && t.Owner != "":
					owner = t.Owner
				}
			}
		}
	}
	out.ResourceOwner = owner
	out.Justification = justification(r)
	out.URL = RecipeURL(d.options.Web, out, d.kind(r, uses, n))
	return out, len(out.Permissions) > 0 || len(out.ClassicScopes) > 0
}

func recipeName(secret string) string {
	return strings.ToLower(strings.ReplaceAll(secret, "_", "-"))
}

// justification is what an organisation that approves tokens is told.
func justification(r *audit.Reference) string {
	var codes []string
	for _, reason := range r.Reasons {
		codes = append(codes, reason.Code)
	}
	text := "Used by " + r.File
	if len(r.Uses) > 0 {
		text += ", job " + r.Uses[0].Job
	}
	if len(codes) > 0 {
		text += "; GITHUB_TOKEN is not enough: " + strings.Join(codes, ", ")
	}
	return text
}

// RecipeURL is the pre-filled page for a new token. GitHub has withdrawn the
// documentation of its fields and has been seen to ignore some: the recipe
// itself is what counts.
func RecipeURL(web string, r *audit.Recipe, kind audit.RemedyKind) string {
	web = cmp.Or(web, "https://github.com")
	q := url.Values{}
	if kind == audit.RemedyClassic {
		q.Set("description", r.Name)
		q.Set("scopes", strings.Join(r.ClassicScopes, ","))
		return web + "/settings/tokens/new?" + q.Encode()
	}
	q.Set("name", r.Name)
	q.Set("description", r.Justification)
	q.Set("expires_in", fmt.Sprint(r.ExpiresInDays))
	if r.ResourceOwner != "" {
		q.Set("target_name", r.ResourceOwner)
	}
	for name, access := range r.Permissions {
		q.Set(name, access)
	}
	return web + "/settings/personal-access-tokens/new?" + q.Encode()
}

// shared tells whether a secret that is a GitHub token elsewhere in the
// repository is handed to code that was not read, and taken for something else
// by the name of its place only.
func (d *decider) shared(ref trace.Reference, uses []*ruled) bool {
	return d.tokens[strings.ToUpper(ref.Secret)] && slices.ContainsFunc(uses, guessedOther)
}

// guessedOther tells whether a use is one of a container image, whose
// credential only its place's name calls another's.
func guessedOther(u *ruled) bool {
	return u.Other && u.Site != nil && u.Site.Unread != nil && u.Site.Action != nil && strings.HasPrefix(u.Site.Action.Name, "docker://")
}

// credential tells what kind of secret a reference is: by where its value
// goes, and only where that shows nothing by its name.
func (d *decider) credential(ref trace.Reference, uses []*ruled) audit.Credential {
	if d.options.Knowledge != nil {
		// The project itself says so.
		if kind, ok := d.options.Knowledge.SecretKind(ref.Secret); ok {
			return audit.Credential(kind)
		}
	}
	handed := d.handed(ref)
	if handed.JobToken && !handed.Other {
		return audit.CredentialGitHub
	}
	other := false
	for _, u := range uses {
		switch {
		case u.Credential.Kind != value.Secret:
			continue
		case u.Other:
			other = true
		case u.Reads:
			return audit.CredentialGitHub
		}
	}
	open := slices.ContainsFunc(uses, func(u *ruled) bool { return !u.Other && len(u.Unknowns) > 0 })
	kind, _ := rules.SecretKind(ref.Secret)
	if other && !open && !(kind != string(audit.CredentialOther) && d.shared(ref, uses)) {
		return audit.CredentialOther
	}
	switch {
	case d.password(ref.Secret) && !readByName(uses):
		return audit.CredentialOther
	case kind == "github":
		return audit.CredentialGitHub
	case slices.ContainsFunc(handed.Secrets, func(name string) bool { return !strings.EqualFold(name, ref.Secret) && d.known(name) }):
		// Callers hand it over, and call it so.
		return audit.CredentialGitHub
	case kind == "other":
		return audit.CredentialOther
	case d.tokens[strings.ToUpper(ref.Secret)]:
		// The same secret is a GitHub token elsewhere in the repository.
		return audit.CredentialGitHub
	}
	if readByName(uses) {
		return audit.CredentialGitHub
	}
	if d.saidToBeGitHub(ref) || len(uses) == 0 && d.asGitHub(ref) {
		return audit.CredentialGitHub
	}
	if d.ofOtherCode(uses) || onlyLookedAt(uses) {
		return audit.CredentialOther
	}
	return audit.CredentialUnknown
}

// readByName tells whether a use has its credential from a variable from which
// GitHub's tools read a token.
func readByName(uses []*ruled) bool {
	return slices.ContainsFunc(uses, func(u *ruled) bool {
		return slices.ContainsFunc(u.Credential.Hops, func(hop audit.Hop) bool {
			words := strings.Fields(hop.What)
			return rules.EnvReadsToken(words[len(words)-1])
		})
	})
}

// known tells whether a secret is known to be a GitHub credential by its name
// alone.
func (d *decider) known(name string) bool {
	if d.options.Knowledge != nil {
		if kind, ok := d.options.Knowledge.SecretKind(name); ok {
			return kind == string(audit.CredentialGitHub)
		}
	}
	kind, _ := rules.SecretKind(name)
	return kind == string(audit.CredentialGitHub) || d.tokens[strings.ToUpper(name)]
}
