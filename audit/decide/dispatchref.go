package decide

import (
	"regexp"
	"slices"
	"strings"
)

// asksRef matches a test of a shell script by which a run that is not for the
// branch it is meant for, or is for one that it is not, comes to an end.
var asksRef = regexp.MustCompile(`\bif \[\[? +(! +)?["']?(?:\$\{\{ *github\.ref(?:_name)? *\}\}|\$\{?GITHUB_REF(?:_NAME)?\}?)["']? +(!=|==?|=~) +["']?([^\s"';]+)["']? +\]\]?;?\s*then\b([^\n]*\n)*?\s*(exit [1-9]|fi\b|else\b|elif\b)`)

// dispatchedRefs are the branches of a run by hand that conditions of the job, or
// a test in its scripts, demand; nil where they demand none. Tests in files, and
// in jobs before it, are not looked at.
func (d *decider) dispatchedRefs(j *jobView) []ref {
	for _, context := range []string{"github.ref_name", "github.ref"} {
		if out := branchesOf(j.conditioned([]string{context})); out != nil {
			return out
		}
	}
	for _, s := range j.Job.Job.Job.Steps {
		if s.Run.IsZero() || !s.If.IsZero() {
			continue
		}
		for _, m := range asksRef.FindAllStringSubmatch(s.Run.Value, -1) {
			if !strings.HasPrefix(m[5], "exit") {
				continue
			}
			demanded := branchesOf([]ref{patternRef(m[3], m[2] == "=~")})
			switch other := (m[1] == "") == (m[2] == "!="); {
			case len(demanded) == 0:
			case other:
				return demanded
			case demanded[0].known() && demanded[0].pieces[0] == d.defaultBranch:
				return []ref{{topic: true}}
			}
		}
	}
	return nil
}

// patternRef is a name as a pattern of the shell, or a regular expression, has
// it: of one that is no whole name, the beginning.
func patternRef(pattern string, regular bool) ref {
	special := "*?[$`"
	if regular {
		pattern, special = strings.TrimSuffix(strings.TrimPrefix(pattern, "^"), "$"), special+`.+(\|{`
	}
	if i := strings.IndexAny(pattern, special); i >= 0 {
		return ref{pieces: []string{pattern[:i], ""}}
	}
	return ref{pieces: []string{pattern}}
}

// branchesOf are refs by the short names of branches; nil where one of them may
// be none, or nothing is known of it.
func branchesOf(refs []ref) []ref {
	var out []ref
	for _, r := range refs {
		name := strings.TrimPrefix(r.pieces[0], "refs/heads/")
		if name == "" || strings.HasPrefix(name, "refs/") {
			return nil
		}
		r.pieces = append([]string{name}, r.pieces[1:]...)
		out = append(out, r)
	}
	return slices.Clip(out)
}
