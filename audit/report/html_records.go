package report

import (
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit"
)

const (
	// frameContext is how many lines a code frame shows above and below.
	frameContext = 2
	// frameText limits a line of a code frame.
	frameText = 400
	// detailUses, detailPlaces limit what is kept of one reference.
	detailUses   = 100
	detailPlaces = 20
)

// The records of the blocks. All their texts are bounded and visible.
type (
	recordRef struct {
		ID     string         `json:"id"`
		Column int            `json:"column"`
		Link   string         `json:"link,omitempty"`
		Tree   string         `json:"tree,omitempty"` // before the places that say so
		Frame  *recordFrame   `json:"frame,omitempty"`
		Why    []recordReason `json:"reasons,omitempty"`
		Uses   []recordUse    `json:"uses,omitempty"`
		More   int            `json:"more,omitempty"` // uses that are left out
		Needs  []recordField  `json:"needs,omitempty"`
		Events []string       `json:"events,omitempty"`
		Remedy recordRemedy   `json:"remedy"`
		Found  []recordNote   `json:"found,omitempty"`
	}
	recordFrame struct {
		First int      `json:"first"`
		Lines []string `json:"lines"`
		Line  int      `json:"line"`
		// Mark is the marked line in three parts.
		Mark [3]string `json:"mark"`
	}
	recordReason struct {
		Code     string        `json:"code"`
		Detail   string        `json:"detail"`
		Evidence []recordPlace `json:"evidence,omitempty"`
		More     int           `json:"more,omitempty"`
	}
	// recordPlace is a place and its address: whole, or treeLink where the
	// address follows from Where.
	recordPlace struct {
		Where string `json:"where"`
		Text  string `json:"text,omitempty"`
		Link  string `json:"link,omitempty"`
	}
	recordUse struct {
		What    string        `json:"what"`
		Job     string        `json:"job,omitempty"`
		Step    int           `json:"step,omitempty"`
		Verdict audit.Verdict `json:"verdict"`
		Place   recordPlace   `json:"place"`
		Via     []recordPlace `json:"via,omitempty"`
		Does    []string      `json:"does,omitempty"`
	}
	recordField struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	recordRemedy struct {
		Summary string        `json:"summary"`
		Block   []string      `json:"block,omitempty"`
		Title   string        `json:"title,omitempty"`
		Note    string        `json:"note,omitempty"`
		Else    string        `json:"else,omitempty"`
		Recipe  []recordField `json:"recipe,omitempty"`
		URL     string        `json:"url,omitempty"`
	}
	recordNote struct {
		Rule     string            `json:"rule,omitempty"`
		Severity string            `json:"severity,omitempty"`
		Message  string            `json:"message"`
		Fix      []string          `json:"fix,omitempty"`
		Link     string            `json:"link,omitempty"`
		Tree     string            `json:"tree,omitempty"`
		Related  []recordPlace     `json:"related,omitempty"`
		Accepted *recordAcceptance `json:"accepted,omitempty"`
	}
	recordAcceptance struct {
		Reason  string `json:"reason"`
		Expires string `json:"expires,omitempty"`
		Where   string `json:"where"`
	}
	recordRepo struct {
		Ref     string        `json:"ref,omitempty"`
		Root    string        `json:"root,omitempty"`
		Link    string        `json:"link,omitempty"`
		Secrets []string      `json:"secrets,omitempty"`
		Since   string        `json:"since,omitempty"`
		Gone    []recordPlace `json:"gone,omitempty"`
		// Accepted are the accepted findings that are about no reference.
		Accepted []recordNote `json:"accepted,omitempty"`
	}
)

// treeLink says that a place's address is its Where behind the address of the
// commit's files. Nearly all are: so a page is a tenth as long.
const treeLink = "~"

// repository adds a repository and all that stands in it.
func (p *page) repository(repository *audit.Repository) {
	p.counter.Add(repository)
	p.links = p.options.linker(repository)
	n := p.addRepo(repository)
	first := int32(len(p.index.Refs.Repo))
	found, accepted := findingsByReference(repository.Findings), findingsByReference(repository.Accepted)
	source := newSources(p.options)
	byID := map[string]int32{}
	for i, r := range repository.References {
		byID[r.ID] = first + int32(i)
		p.addRef(n, r, len(found[r.ID]), len(accepted[r.ID]))
		record := p.record(repository, r, source)
		for _, f := range append(found[r.ID], accepted[r.ID]...) {
			if f.Acceptance != nil || !saysVerdict(f) {
				record.Found = append(record.Found, p.note(f))
			}
		}
		p.blocks.add(kindRef, record)
	}
	for _, f := range repository.Findings {
		if !saysVerdict(f) {
			p.finding(n, f, byID)
		}
	}
	for _, problem := range repository.Errors {
		p.problem(n, problem)
	}
}

func (p *page) addRepo(repository *audit.Repository) int32 {
	c := &p.index.Repos
	n := int32(len(c.Name))
	c.Name = append(c.Name, p.text(label(repository)))
	c.Flags = append(c.Flags, flags(repository.Archived, repository.Fork, repository.Baseline != nil))
	c.Visibility = append(c.Visibility, p.text(repository.Visibility))
	c.Teams = append(c.Teams, p.set(repository.Teams))
	c.Files = append(c.Files, int32(repository.Files))
	record := recordRepo{Ref: bounded(deref(repository.Ref), indexText), Root: bounded(deref(repository.Root), indexText)}
	if p.links.tree != "" {
		record.Link = p.links.address(*repository.Name)
	}
	for _, s := range repository.Secrets {
		record.Secrets = append(record.Secrets, bounded(secretText(s), detailText))
	}
	record.Secrets = boundedAll(record.Secrets, detailText)
	if b := repository.Baseline; b != nil {
		p.since.add(b)
		one := sinceSum{}
		one.add(b)
		record.Since = one.words(thousands)
		for _, f := range b.Gone[:min(len(b.Gone), shownList)] {
			record.Gone = append(record.Gone, recordPlace{Where: bounded(place(f.File, f.Line, 0), indexText), Text: bounded(f.Message, detailText)})
		}
	}
	for _, f := range repository.Accepted {
		if f.Reference == "" && len(record.Accepted) < shownList {
			record.Accepted = append(record.Accepted, p.note(f))
		}
	}
	p.blocks.add(kindRepo, record)
	return n
}

func (p *page) addRef(repository int32, r *audit.Reference, found, accepted int) {
	var codes, what []string
	for _, reason := range r.Reasons {
		codes = append(codes, reason.Code)
	}
	for _, u := range r.Uses {
		what = append(what, u.What)
	}
	c := &p.index.Refs
	c.Repo = append(c.Repo, repository)
	c.Secret = append(c.Secret, p.text(r.Secret))
	c.File = append(c.File, p.text(r.File))
	c.Line = append(c.Line, int32(r.Line))
	c.Verdict = append(c.Verdict, verdictNumber(r))
	c.Reasons = append(c.Reasons, p.set(codes))
	c.Targets = append(c.Targets, p.set(r.Target))
	c.Uses = append(c.Uses, p.set(what))
	c.Remedy = append(c.Remedy, p.text(remedyKind(r.Remedy)))
	c.Flags = append(c.Flags, flags(found > 0, accepted > 0))
}

// verdictNumber is a verdict's place among verdictRanks, or the one behind for
// a secret that is no credential for GitHub.
func verdictNumber(r *audit.Reference) int32 {
	if r.Credential == audit.CredentialOther {
		return int32(len(verdictRanks))
	}
	for i, v := range verdictRanks {
		if v == r.Verdict {
			return int32(i)
		}
	}
	return int32(len(verdictRanks)) - 1 // not known
}

// flags puts answers into the bits of a number, the first into the lowest.
func flags(answers ...bool) int32 {
	var n int32
	for i, yes := range answers {
		if yes {
			n |= 1 << i
		}
	}
	return n
}

func findingsByReference(findings []*audit.Finding) map[string][]*audit.Finding {
	byID := map[string][]*audit.Finding{}
	for _, f := range findings {
		if f.Reference != "" {
			byID[f.Reference] = append(byID[f.Reference], f)
		}
	}
	return byID
}

// record says all that is known of a reference.
func (p *page) record(repository *audit.Repository, r *audit.Reference, source *sources) recordRef {
	out := recordRef{
		ID: bounded(r.ID, indexText), Column: r.Column, Link: p.links.line(r.File, r.Line), Tree: p.links.tree,
		Frame: newRecordFrame(source, repository, r), Needs: needFields(r.Permissions),
		Events: boundedAll(r.Events, indexText), Remedy: newRecordRemedy(advise(r)),
	}
	for _, reason := range r.Reasons {
		out.Why = append(out.Why, recordReason{
			Code: bounded(reason.Code, indexText), Detail: bounded(reason.Detail, detailText),
			Evidence: p.places(reason.Evidence), More: max(0, len(reason.Evidence)-detailPlaces)})
	}
	for _, u := range r.Uses[:min(len(r.Uses), detailUses)] {
		out.Uses = append(out.Uses, p.use(u))
	}
	out.More = len(r.Uses) - len(out.Uses)
	return out
}

func (p *page) use(u *audit.Use) recordUse {
	out := recordUse{
		What: bounded(u.What, indexText), Job: bounded(u.Job, indexText), Step: u.Step, Verdict: u.Verdict,
		Place: p.place(audit.Place{File: u.File, Line: u.Line})}
	for _, hop := range u.Via[:min(len(u.Via), detailPlaces)] {
		out.Via = append(out.Via, p.place(audit.Place{File: hop.File, Line: hop.Line, Text: hop.What}))
	}
	for i, operation := range u.Operations {
		if i == detailPlaces {
			out.Does = append(out.Does, "… and more")
			break
		}
		out.Does = append(out.Does, bounded(operation.Name, indexText)+bounded(onTarget(operation.Target), indexText))
	}
	return out
}

func (p *page) places(places []audit.Place) []recordPlace {
	var out []recordPlace
	for _, place := range places[:min(len(places), detailPlaces)] {
		out = append(out, p.place(place))
	}
	return out
}

func (p *page) place(at audit.Place) recordPlace {
	out := recordPlace{
		Where: bounded(place(at.File, at.Line, 0), indexText), Text: bounded(at.Text, detailText), Link: p.links.line(at.File, at.Line)}
	if at.Line > 0 && out.Link == p.links.tree+at.File+"#L"+strconv.Itoa(at.Line) && out.Where == place(at.File, at.Line, 0) {
		out.Link = treeLink
	}
	return out
}

// newRecordFrame shows a reference's line and its neighbours; nil where they
// cannot be had.
func newRecordFrame(source *sources, repository *audit.Repository, r *audit.Reference) *recordFrame {
	line, ok := source.line(repository, r.File, r.Line)
	if !ok {
		return nil
	}
	f := &recordFrame{First: max(r.Line-frameContext, 1), Line: r.Line, Mark: marked(line, r)}
	for n := f.First; n <= r.Line+frameContext; n++ {
		if text, ok := source.line(repository, r.File, n); ok {
			f.Lines = append(f.Lines, bounded(strings.ReplaceAll(text, "\t", "    "), frameText))
		}
	}
	return f
}

// marked parts a line into what stands before a reference, the reference, and
// what stands behind.
func marked(line string, r *audit.Reference) [3]string {
	runes := []rune(cutBytes(line, 16*frameText))
	from := min(max(r.Column-1, 0), len(runes))
	to := min(max(r.EndColumn-1, from), len(runes))
	if r.EndLine > r.Line {
		to = len(runes)
	}
	shown := func(part []rune) string {
		return bounded(strings.ReplaceAll(string(part), "\t", "    "), frameText)
	}
	return [3]string{shown(runes[:from]), shown(runes[from:to]), shown(runes[to:])}
}

// needFields lists permissions by vocabulary.
func needFields(needed audit.Permissions) []recordField {
	var out []recordField
	for _, f := range []recordField{
		{"GITHUB_TOKEN", listPermissions(needed.Workflow)},
		{"repository permissions", listPermissions(needed.FineGrained.Repository)},
		{"organisation permissions", listPermissions(needed.FineGrained.Organization)},
		{"account permissions", listPermissions(needed.FineGrained.Account)},
		{"classic scopes", strings.Join(needed.ClassicScopes, ", ")},
	} {
		if f.Value != "" {
			out = append(out, recordField{f.Name, bounded(f.Value, detailText)})
		}
	}
	return out
}

func newRecordRemedy(a advice) recordRemedy {
	out := recordRemedy{
		Summary: bounded(a.summary, detailText), Block: boundedAll(a.block, indexText),
		Note: bounded(a.unknownNote(), detailText), Else: a.recipeTitle, URL: a.url}
	if a.block != nil {
		out.Title = bounded(a.blockTitle(), detailText)
	}
	for _, f := range a.recipe {
		out.Recipe = append(out.Recipe, recordField{f.name, bounded(f.value, detailText)})
	}
	if len(out.URL) > urlLimit {
		out.URL = ""
	}
	return out
}

// urlLimit is how long an address may be: GitHub refuses longer ones.
const urlLimit = 8_000
