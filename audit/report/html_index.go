package report

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit"
)

const (
	// indexText limits a text of the index, detailText one of a block, both
	// in characters.
	indexText  = 300
	detailText = 2_000
	// shownList limits the lists of a block.
	shownList = 200
)

// page writes the data of the page.
type page struct {
	out     io.Writer
	options Options
	head    *audit.Report
	counter Counter
	since   sinceSum
	strings numbering
	// sets numbers lists of texts by their joined numbers; setList has them.
	sets    numbering
	setList [][]int32
	blocks  *blocks
	index   pageIndex
	// links makes the addresses of the repository that is written.
	links linker
}

// numbering numbers distinct texts in the order in which they come.
type numbering struct {
	numbers map[string]int32
	list    []string
}

// number returns a text's number, and whether the text is new. The copy that
// is kept lets go of what the text was cut from.
func (t *numbering) number(text string) (n int32, isNew bool) {
	if n, ok := t.numbers[text]; ok {
		return n, false
	}
	if t.numbers == nil {
		t.numbers = map[string]int32{}
	}
	text, n = strings.Clone(text), int32(len(t.list))
	t.numbers[text] = n
	t.list = append(t.list, text)
	return n, true
}

// pageIndex is what the tables of the page are drawn from. Columns of one
// table have one length; texts are numbers in Strings, lists of texts numbers
// in Sets.
type pageIndex struct {
	Meta    pageMeta         `json:"meta"`
	Summary audit.Summary    `json:"summary"`
	Strings []string         `json:"strings"`
	Sets    [][]int32        `json:"sets"`
	Repos   repoColumns      `json:"repositories"`
	Refs    refColumns       `json:"references"`
	Notes   noteColumns      `json:"notes"`
	Secrets secretsColumns   `json:"secrets"`
	Grants  []pageGrant      `json:"grants"`
	Tokens  []pageToken      `json:"tokens"`
	Org     *pageOrg         `json:"organization"`
	Blocks  map[kind][]int32 `json:"blocks"`
}

// repoColumns are the repositories.
type repoColumns struct {
	Name       []int32 `json:"name"`
	Flags      []int32 `json:"flags"` // 1 archived, 2 fork, 4 held against a baseline
	Visibility []int32 `json:"visibility"`
	Teams      []int32 `json:"teams"`
	Files      []int32 `json:"files"`
}

// refColumns are the references.
type refColumns struct {
	Repo    []int32 `json:"repository"`
	Secret  []int32 `json:"secret"`
	File    []int32 `json:"file"`
	Line    []int32 `json:"line"`
	Verdict []int32 `json:"verdict"` // in the order of verdictRanks, then other
	Reasons []int32 `json:"reasons"`
	Targets []int32 `json:"targets"`
	Uses    []int32 `json:"uses"`
	Remedy  []int32 `json:"remedy"`
	Flags   []int32 `json:"flags"` // 1 something is found, 2 something is accepted
}

// noteColumns are the findings that say more than a verdict, and what could
// not be read.
type noteColumns struct {
	Severity []int32 `json:"severity"` // in the order of severities, then a problem
	Rule     []int32 `json:"rule"`
	Repo     []int32 `json:"repository"` // -1 for none
	File     []int32 `json:"file"`
	Line     []int32 `json:"line"`
	Ref      []int32 `json:"reference"` // -1 for none
}

// noteProblem is the severity of what could not be read.
const noteProblem = 3

// newPage begins the data of a page.
func newPage(w io.Writer, head *audit.Report, o Options) *page {
	p := &page{out: w, options: o, head: head}
	p.blocks = newBlocks(w)
	p.text("")
	p.set(nil)
	return p
}

// write writes blocks as the repositories come, and the index in the end.
func (p *page) write(s Stream) error {
	for repository, err := range s.Repositories {
		if err != nil {
			return err
		}
		p.repository(repository)
		if p.blocks.err != nil {
			return p.blocks.err
		}
	}
	p.counter.AddHead(p.head)
	p.headNotes()
	p.secrets()
	p.index.Grants = pageGrants(p.head.Organization)
	p.index.Tokens = pageTokens(p.head.Tokens)
	p.index.Org = newPageOrg(p.head.Organization)
	if err := p.blocks.close(); err != nil {
		return err
	}
	p.index.Meta = p.meta()
	p.index.Summary = p.counter.Summary()
	p.index.Strings, p.index.Sets, p.index.Blocks = p.strings.list, p.setList, p.blocks.starts
	return writeData(p.out, "index", p.index)
}

// text returns the number of a text.
func (p *page) text(s string) int32 {
	n, _ := p.strings.number(bounded(s, indexText))
	return n
}

// set returns the number of a list of texts.
func (p *page) set(items []string) int32 {
	items = items[:min(len(items), shownList)]
	numbers := make([]int32, 0, len(items))
	var key strings.Builder
	for _, item := range items {
		n := p.text(item)
		if !slices.Contains(numbers, n) {
			numbers = append(numbers, n)
			key.WriteString(strconv.Itoa(int(n)) + " ")
		}
	}
	n, isNew := p.sets.number(key.String())
	if isNew {
		p.setList = append(p.setList, numbers)
	}
	return n
}

// bounded makes a text visible and cuts it.
func bounded(s string, limit int) string {
	if len(s) > 4*limit {
		s = cutBytes(s, 4*limit)
	}
	return shorten(clean(s), limit)
}

// boundedAll is bounded for each of a list that may be long; the last says how
// many are left out.
func boundedAll(items []string, limit int) []string {
	var out []string
	for i, item := range items {
		if i == shownList {
			return append(out, fmt.Sprintf("… and %d more", len(items)-i))
		}
		out = append(out, bounded(item, limit))
	}
	return out
}
