package report

import (
	"cmp"
	"encoding/csv"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/patrol-actions/patrol/audit"
)

// cellBytes limits a cell: spreadsheets hold 32,767 characters.
const cellBytes = 32_000

// referenceColumns are the columns of csv. New ones go to the end, for people
// count on their places.
var referenceColumns = []string{
	"repository", "ref", "visibility", "archived", "fork", "teams",
	"file", "line", "column", "secret", "credential", "verdict", "reasons", "targets", "events", "jobs", "uses",
	"workflow_permissions", "repository_permissions", "organization_permissions", "account_permissions", "classic_scopes",
	"remedy", "what_to_do", "job_permissions", "make_token", "findings", "accepted", "id", "link",
}

// writeCSV writes a row for each reference.
func writeCSV(w io.Writer, s Stream, o Options) error {
	t := newSheet(w, referenceColumns)
	for repository, err := range s.Repositories {
		if err != nil {
			return err
		}
		found, accepted := rulesByReference(repository.Findings), rulesByReference(repository.Accepted)
		links := o.linker(repository)
		for _, r := range repository.References {
			t.row(append(repositoryCells(repository), referenceCells(r, found[r.ID], accepted[r.ID], links.line(r.File, r.Line))...))
		}
		if t.err != nil {
			return t.err
		}
	}
	return t.close()
}

// repositoryCells leaves empty what GitHub was not asked for.
func repositoryCells(repository *audit.Repository) []string {
	archived, fork := "", ""
	if repository.Visibility != "" {
		archived, fork = strconv.FormatBool(repository.Archived), strconv.FormatBool(repository.Fork)
	}
	return []string{label(repository), deref(repository.Ref), repository.Visibility, archived, fork, list(repository.Teams)}
}

func referenceCells(r *audit.Reference, found, accepted []string, link string) []string {
	var reasons, uses []string
	for _, reason := range r.Reasons {
		reasons = append(reasons, reason.Code)
	}
	for _, u := range r.Uses {
		uses = append(uses, u.What)
	}
	needed := r.Permissions
	return []string{
		r.File, strconv.Itoa(r.Line), strconv.Itoa(r.Column), r.Secret, string(r.Credential), string(r.Verdict),
		list(reasons), list(r.Target), list(r.Events), list(jobs(r)), list(uses),
		listPermissions(needed.Workflow), listPermissions(needed.FineGrained.Repository),
		listPermissions(needed.FineGrained.Organization), listPermissions(needed.FineGrained.Account), list(needed.ClassicScopes),
		remedyKind(r.Remedy), r.Remedy.Summary, listPermissions(r.Remedy.JobPermissions), makeToken(r.Remedy),
		list(found), list(accepted), r.ID, link,
	}
}

// rulesByReference names the rules that found something, by reference.
func rulesByReference(findings []*audit.Finding) map[string][]string {
	rules := map[string][]string{}
	for _, f := range findings {
		if f.Reference != "" {
			rules[f.Reference] = append(rules[f.Reference], f.Rule)
		}
	}
	return rules
}

// secretColumns are the columns of csv-secrets. New ones go to the end.
var secretColumns = []string{
	"secret", "owner", "scope", "environment", "store", "state", "created_at", "updated_at", "visibility", "visible_to",
	"credential", "verdict", "references", "replaceable", "conditional", "not_replaceable", "unknown",
	"used_by", "users", "workflow_permissions", "repository_permissions", "organization_permissions", "account_permissions", "classic_scopes",
	"targets", "grants", "matched_by", "excess", "work_repositories", "work_files", "work_references", "work_replaceable",
	"reach", "reach_after", "remedy", "what_to_do", "make_token",
}

// writeSecretsCSV writes a row for each secret: those of the organisation, or
// without one the secrets that each repository names, by name.
func writeSecretsCSV(w io.Writer, s Stream, _ Options) error {
	t := newSheet(w, secretColumns)
	if s.Head.Organization != nil {
		for _, secret := range s.Head.Organization.Secrets {
			t.row(secretCells(secret))
		}
		return t.close()
	}
	for repository, err := range s.Repositories {
		if err != nil {
			return err
		}
		for _, secret := range namedSecrets(repository) {
			t.row(secretCells(secret))
		}
	}
	return t.close()
}

// secretCells writes a secret. What is not known is left empty, not 0.
func secretCells(s *audit.StoredSecret) []string {
	needed := s.Permissions
	return []string{
		s.Name, s.Owner, s.Scope, s.Environment, s.Store, string(s.State), s.CreatedAt, s.UpdatedAt, s.Visibility, known(s.Visible),
		string(s.Credential), string(s.Verdict), strconv.Itoa(s.References),
		strconv.Itoa(s.Verdicts[audit.VerdictReplaceable]), strconv.Itoa(s.Verdicts[audit.VerdictConditional]),
		strconv.Itoa(s.Verdicts[audit.VerdictNotReplaceable]), strconv.Itoa(s.Verdicts[audit.VerdictUnknown]),
		strconv.Itoa(len(s.Users)), list(s.Users),
		listPermissions(needed.Workflow), listPermissions(needed.FineGrained.Repository),
		listPermissions(needed.FineGrained.Organization), listPermissions(needed.FineGrained.Account), list(needed.ClassicScopes),
		list(s.Targets), list(s.Grants), s.MatchedBy, list(s.Excess),
		strconv.Itoa(s.Work.Repositories), strconv.Itoa(s.Work.Files), strconv.Itoa(s.Work.References), strconv.Itoa(s.Work.Replaceable),
		strconv.Itoa(s.Reach), strconv.Itoa(s.ReachAfter), remedyKind(s.Remedy), s.Remedy.Summary, makeToken(s.Remedy),
	}
}

// remedyKind is the kind of a remedy; one that says nothing is none.
func remedyKind(r audit.Remedy) string { return string(cmp.Or(r.Kind, audit.RemedyNone)) }

// makeToken is the address of the page where a token is made.
func makeToken(r audit.Remedy) string {
	if r.FineGrained == nil || !strings.HasPrefix(r.FineGrained.URL, "https://") {
		return ""
	}
	return r.FineGrained.URL
}

// namedSecrets are the secrets that a repository's workflows name, sorted, as
// far as its references tell: nobody was asked who holds them.
func namedSecrets(repository *audit.Repository) []*audit.StoredSecret {
	byName := map[string]*audit.StoredSecret{}
	for _, r := range repository.References {
		name := strings.ToUpper(r.Secret)
		s := byName[name]
		if s == nil {
			s = &audit.StoredSecret{Name: r.Secret, Owner: label(repository), Store: "actions", State: audit.SecretUnasked,
				Credential: r.Credential, Verdicts: map[audit.Verdict]int{}, Users: []string{label(repository)}, Reach: 1, ReachAfter: 1}
			byName[name] = s
		}
		s.References++
		if r.Verdict != audit.VerdictNone {
			s.Verdicts[r.Verdict]++
		}
		if worse := s.Verdict.Worse(r.Verdict); worse != s.Verdict || s.Remedy.Kind == "" {
			s.Verdict, s.Remedy = worse, r.Remedy
		}
		if r.Credential == audit.CredentialGitHub {
			s.Credential = r.Credential
		}
		if r.Verdict == audit.VerdictReplaceable {
			s.Work.Replaceable++
		}
	}
	var all []*audit.StoredSecret
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		s := byName[name]
		if s.Work.Replaceable == s.References {
			s.ReachAfter = 0
		}
		all = append(all, s)
	}
	return all
}

// sheet writes cells that do nothing in the programs that open such files.
type sheet struct {
	csv *csv.Writer
	err error
}

func newSheet(w io.Writer, columns []string) *sheet {
	t := &sheet{csv: csv.NewWriter(w)}
	t.row(slices.Clone(columns))
	return t
}

func (t *sheet) row(cells []string) {
	for i, cell := range cells {
		cells[i] = inert(cell)
	}
	if t.err == nil {
		t.err = t.csv.Write(cells)
	}
}

func (t *sheet) close() error {
	t.csv.Flush()
	if t.err != nil {
		return t.err
	}
	return t.csv.Error()
}

// inert makes a text one that a spreadsheet shows and does not compute: it gets
// an apostrophe before what would begin a formula, in the wide forms of East
// Asian fonts as well. Control characters become visible, so that every row is
// one line.
func inert(cell string) string {
	formula := len(cell) > 0 && strings.ContainsRune("\t\r\n", rune(cell[0]))
	cell = cutBytes(clean(cutBytes(cell, cellBytes)), cellBytes)
	if first, _ := utf8.DecodeRuneInString(strings.TrimLeft(cell, " ")); formula || strings.ContainsRune("=+-@＝＋－＠", first) {
		return "'" + cell
	}
	return cell
}

// cutBytes cuts a text to about a number of bytes, at a character's end.
func cutBytes(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit] + "…"
}

// list writes a list in a cell.
func list(items []string) string { return strings.Join(slices.Compact(slices.Clone(items)), "; ") }

// known writes a number whose 0 means that it is not known.
func known(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
