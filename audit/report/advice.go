package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
)

// advice is a remedy in pieces that every format puts together its own way.
// All of it is cleaned.
type advice struct {
	// summary says in a sentence what to do.
	summary string
	// jobs are those that the block is for.
	jobs []string
	// block is the YAML to paste, line by line; nil where there is none.
	block []string
	// unknownSteps may need more than the block gives.
	unknownSteps []string
	// recipeTitle says when to make a token, where the summary says to do
	// something else first; else it is "".
	recipeTitle string
	// recipe lists what to fill in where a token is made.
	recipe []field
	// url is the page where the token is made.
	url string
}

// field is a line of a form.
type field struct{ name, value string }

// advise reads the remedy of a reference.
func advise(r *audit.Reference) advice {
	a := advice{summary: clean(r.Remedy.Summary)}
	if r.Remedy.JobPermissions != nil {
		a.jobs = cleanAll(jobs(r))
		a.block = permissionsBlock(r.Remedy.JobPermissions)
		a.unknownSteps = cleanAll(r.Remedy.UnknownSteps)
	}
	if recipe := r.Remedy.FineGrained; recipe != nil {
		a.recipeTitle = recipeTitles[r.Remedy.Kind]
		a.recipe = recipeFields(recipe)
		a.url = clean(recipe.URL)
	}
	return a
}

// recipeTitles lead to a recipe from remedies that do without it.
var recipeTitles = map[audit.RemedyKind]string{
	audit.RemedyGitHubToken: "If it does not hold, make this token:",
	audit.RemedyApp:         "Without an App, make this token:",
}

// permissionsBlock writes permissions as YAML, to stand in a job.
func permissionsBlock(permissions map[string]string) []string {
	if len(permissions) == 0 {
		return []string{"permissions: {}"}
	}
	lines := []string{"permissions:"}
	for _, name := range slices.Sorted(maps.Keys(permissions)) {
		lines = append(lines, clean("  "+name+": "+permissions[name]))
	}
	return lines
}

// recipeFields lists what a recipe says, in the order of GitHub's form. The
// justification is left out: it is long, and the address holds it.
func recipeFields(r *audit.Recipe) []field {
	var expiry string
	if r.ExpiresInDays > 0 {
		expiry = "in " + plural(r.ExpiresInDays, "day")
	}
	all := []field{
		{"name", r.Name},
		{"owner", r.ResourceOwner},
		{"expires", expiry},
		{"repositories", strings.Join(r.Repositories, ", ")},
		{"permissions", listPermissions(r.Permissions)},
		{"scopes", strings.Join(r.ClassicScopes, ", ")},
	}
	var given []field
	for _, f := range all {
		if f.value != "" {
			given = append(given, field{f.name, clean(f.value)})
		}
	}
	return given
}

// listPermissions writes permissions on one line, sorted.
func listPermissions(permissions map[string]string) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(permissions)) {
		parts = append(parts, name+": "+permissions[name])
	}
	return strings.Join(parts, ", ")
}

// blockTitle says where a block belongs.
func (a advice) blockTitle() string {
	switch len(a.jobs) {
	case 0:
		return "In the job:"
	case 1:
		return fmt.Sprintf("In job %s:", a.jobs[0])
	}
	return fmt.Sprintf("In each of the jobs %s:", strings.Join(a.jobs, ", "))
}

// unknownNote says what the block may lack; "" where it lacks nothing.
func (a advice) unknownNote() string {
	if len(a.unknownSteps) == 0 {
		return ""
	}
	return "May lack what these steps need, for they could not be read: " + strings.Join(a.unknownSteps, ", ") + "."
}

// lines writes the advice as plain text.
func (a advice) lines() []string {
	var lines []string
	if a.summary != "" {
		lines = append(lines, a.summary)
	}
	if a.block != nil {
		lines = append(lines, a.blockTitle())
		lines = append(lines, a.block...)
	}
	if note := a.unknownNote(); note != "" {
		lines = append(lines, note)
	}
	if a.recipeTitle != "" {
		lines = append(lines, a.recipeTitle)
	}
	for _, f := range a.recipe {
		lines = append(lines, f.name+": "+f.value)
	}
	if a.url != "" {
		lines = append(lines, a.url)
	}
	return lines
}

// says tells whether the advice holds every line of a finding's own fix, which
// then need not be shown beside it.
func (a advice) says(fix []string) bool {
	known := map[string]bool{"": true}
	for _, line := range a.lines() {
		known[strings.TrimSpace(line)] = true
	}
	for _, line := range fix {
		if !known[strings.TrimSpace(line)] {
			return false
		}
	}
	return true
}

// fixLines says what to do about a finding, in plain lines.
func fixLines(f *audit.Finding, reference *audit.Reference) []string {
	var lines []string
	var remedy advice
	if reference != nil && saysVerdict(f) {
		remedy = advise(reference)
		lines = remedy.lines()
	}
	if fix := cleanLines(f.Fix); f.Fix != "" && !remedy.says(fix) {
		lines = append(lines, fix...)
	}
	return lines
}

// reasonLines says why, for a finding that says a verdict.
func reasonLines(f *audit.Finding, reference *audit.Reference) []string {
	if reference == nil || !saysVerdict(f) {
		return nil
	}
	var lines []string
	for _, r := range reference.Reasons {
		lines = append(lines, clean(r.Code+": "+r.Detail))
	}
	return lines
}

// cleanAll cleans each of a list.
func cleanAll(list []string) []string {
	cleaned := make([]string, len(list))
	for i, s := range list {
		cleaned[i] = clean(s)
	}
	return cleaned
}
