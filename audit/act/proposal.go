package act

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/fix"
	"github.com/patrol-actions/patrol/audit/report"
)

const (
	// maxMarked bounds the references that a body's first line names.
	maxMarked = 1000
	// maxRows bounds the rows of a table and the items of a list.
	maxRows = 50
	// maxCell bounds a cell, in characters.
	maxCell = 120
)

// proposal is what a pull request proposes.
type proposal struct {
	files   []fix.File
	changes []*fix.Change
	left    []fix.Note
	// digest is that of the files as they become.
	digest string
	// references are short ids of what is replaced, sorted.
	references []string
	title      string
	page       func(string) string
}

// propose turns a plan into a proposal; one without files proposes nothing.
func propose(plan *fix.Result, page func(string) string) proposal {
	if plan == nil || len(plan.Files) == 0 {
		return proposal{}
	}
	p := proposal{files: plan.Files, changes: plan.Changes, left: plan.Left, page: page}
	sum := sha256.New()
	for _, f := range p.files {
		fmt.Fprintf(sum, "%d %s %s\n", len(f.Path), f.Path, blobID(f.After))
	}
	p.digest = hex.EncodeToString(sum.Sum(nil))
	secrets := map[string]bool{}
	for _, r := range p.replaced() {
		id := sha256.Sum256([]byte(r.ID))
		p.references = append(p.references, hex.EncodeToString(id[:6]))
		secrets[strings.ToUpper(r.Secret)] = true
	}
	slices.Sort(p.references)
	p.references = slices.Compact(p.references)
	// Titles and commit messages name nothing of the repository: GitHub would
	// act on mentions and references in them.
	p.title = "Use GITHUB_TOKEN in place of another token"
	if n := len(secrets); n > 1 {
		p.title = fmt.Sprintf("Use GITHUB_TOKEN in place of %d other tokens", n)
	}
	return p
}

// replaced are the references that are replaced.
func (p proposal) replaced() []*audit.Reference {
	var out []*audit.Reference
	for _, c := range p.changes {
		out = append(out, c.References...)
	}
	return out
}

// declined tells whether people have closed a pull request, or several, with
// every reference.
func (p proposal) declined(ids map[string]bool) bool {
	return len(p.references) > 0 && !slices.ContainsFunc(p.references, func(id string) bool { return !ids[id] })
}

// message is that of the commit.
func (p proposal) message() string {
	return p.title + "\n\nIt does what they are used for, with the permissions that the jobs are\ngiven here.\n\nPatrol-Edits: " + p.digest
}

// body says what changes, why, and how to check it. All that comes from the
// repository is escaped: nobody is mentioned, and nothing linked.
func (p proposal) body() string {
	ids := p.references[:min(len(p.references), maxMarked)]
	first := strings.TrimRight("<!-- patrol:pull-request open "+strings.Join(ids, " "), " ") + " -->\n"
	var b strings.Builder
	b.WriteString("`GITHUB_TOKEN` does what these tokens are used for. It ends with the job and reaches this repository only.\n")
	p.table(&b)
	p.permissions(&b)
	p.notes(&b)
	b.WriteString(`
### How to check

- Only the lines in the diff change, and the jobs are given what they need and did not have.
- Run the workflows from this branch, or watch their first run after the merge: «Resource not accessible by integration» says that a permission lacks.
- Keep a secret until nothing reads it any more; then delete it, and revoke its token.

`)
	fmt.Fprintf(&b, "Why: %s. Closing this pull request is a no to these references; to keep one for good, write `# patrol: ignore[replaceable-pat] reason` beside it.\n", p.rule("replaceable-pat"))
	return first + cutBody(b.String(), maxBody-len(first), "_Cut here: a pull request holds 65,536 characters._")
}

// rule names a rule, with its page where there is one.
func (p proposal) rule(id string) string {
	if p.page != nil {
		if address := p.page(id); strings.HasPrefix(address, "https://") && !strings.ContainsAny(address, " ()<>\n") {
			return "[" + id + "](" + address + ")"
		}
	}
	return "`patrol explain " + id + "`"
}

// table lists what is replaced, and for what it is used.
func (p proposal) table(b *strings.Builder) {
	all := p.replaced()
	b.WriteString("\n| Secret | Where | Used for |\n| --- | --- | --- |\n")
	for _, r := range all[:min(len(all), maxRows)] {
		var uses []string
		for _, u := range r.Uses {
			if text := code(u.What); text != "" && !slices.Contains(uses, text) && len(uses) < 5 {
				uses = append(uses, text)
			}
		}
		fmt.Fprintf(b, "| %s | %s | %s |\n", code(r.Secret), code(fmt.Sprintf("%s:%d", r.File, r.Line)), cmp.Or(strings.Join(uses, ", "), "nothing reads it"))
	}
	if n := len(all) - maxRows; n > 0 {
		fmt.Fprintf(b, "\nAnd %d more.\n", n)
	}
}

// permissions lists what the jobs need when all is replaced.
func (p proposal) permissions(b *strings.Builder) {
	type job struct{ file, name string }
	needs := map[job]map[string]string{}
	for _, r := range p.replaced() {
		for _, u := range r.Uses {
			k := job{u.File, u.Job}
			for key, access := range r.Remedy.JobPermissions {
				if needs[k] == nil {
					needs[k] = map[string]string{}
				}
				if needs[k][key] != "write" {
					needs[k][key] = access
				}
			}
		}
	}
	if len(needs) == 0 {
		return
	}
	jobs := slices.SortedFunc(maps.Keys(needs), func(a, b job) int { return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.name, b.name)) })
	b.WriteString("\n### Permissions that the jobs need\n\n| Job | Permissions |\n| --- | --- |\n")
	for _, k := range jobs[:min(len(jobs), maxRows)] {
		var list []string
		for _, key := range slices.Sorted(maps.Keys(needs[k])) {
			list = append(list, code(key+": "+needs[k][key]))
		}
		fmt.Fprintf(b, "| %s in %s | %s |\n", code(k.name), code(k.file), strings.Join(list, ", "))
	}
}

// notes say what is to be known of the changes, and what was left alone.
func (p proposal) notes(b *strings.Builder) {
	var known []fix.Note
	for _, c := range p.changes {
		known = append(known, c.Notes...)
	}
	for _, part := range []struct {
		title string
		notes []fix.Note
	}{{"What to know", known}, {"Left as it is", p.left}} {
		if len(part.notes) == 0 {
			continue
		}
		fmt.Fprintf(b, "\n### %s\n\n", part.title)
		for _, n := range part.notes[:min(len(part.notes), maxRows)] {
			fmt.Fprintf(b, "- %s: %s\n", code(fmt.Sprintf("%s:%d", n.File, n.Line)), report.MarkdownText(shorten(n.Text, 4*maxCell)))
		}
		if n := len(part.notes) - maxRows; n > 0 {
			fmt.Fprintf(b, "- and %d more\n", n)
		}
	}
}

// code writes what a repository has written, in a monospaced font.
func code(text string) string { return report.MarkdownCode(shorten(text, maxCell)) }
