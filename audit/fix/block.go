package fix

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/patrol-actions/patrol/audit/workflow"
)

// addKeys adds keys to a job's block, or raises those that are there.
func (p *planner) addKeys(d *document, g *grant, keys scopes) ([]Edit, string) {
	_, job, fault := d.job(g.job.ID)
	if fault != "" {
		return nil, fault
	}
	_, block := get(job, "permissions")
	if block == nil || block.Kind != yaml.MappingNode || block.Anchor != "" {
		return nil, "the block of permissions stands behind an anchor or an alias, and whatever shares it would change too"
	}
	var edits []Edit
	missing := scopes{}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		_, value := get(block, key)
		if value == nil {
			missing[key] = keys[key]
			continue
		}
		start, end, ok := d.scalar(value)
		if !ok {
			return nil, "the value of " + key + " is not a plain word"
		}
		edits = append(edits, p.edit(g.workflow, start, end, keys[key], whyGrant(g), ""))
	}
	if len(missing) == 0 {
		return edits, ""
	}
	if block.Style&yaml.FlowStyle != 0 {
		return p.addFlow(d, g, block, missing, edits)
	}
	for _, key := range slices.Sorted(maps.Keys(missing)) {
		at, before := d.slot(block, key)
		line := d.indent(block.Content[0]) + key + ": " + missing[key]
		eol := d.lineEnd(at)
		text := eol + line
		if before {
			text = line + eol
		}
		edits = append(edits, p.edit(g.workflow, at, at, text, whyGrant(g), ""))
	}
	return joinInsertions(edits), ""
}

// joinInsertions puts insertions at the same place together, in their order.
func joinInsertions(edits []Edit) []Edit {
	var out []Edit
	for _, e := range edits {
		i := slices.IndexFunc(out, func(x Edit) bool { return x.Start == e.Start && x.End == e.End && e.Start == e.End })
		if i < 0 {
			out = append(out, e)
		} else {
			out[i].New += e.New
		}
	}
	return out
}

// addFlow adds keys to a block that is written in braces.
func (p *planner) addFlow(d *document, g *grant, block *yaml.Node, missing scopes, edits []Edit) ([]Edit, string) {
	text := list(missing)
	if len(block.Content) == 0 {
		start := d.offset(block)
		n := bytes.IndexByte(d.source[start:], '}')
		if d.source[start] != '{' || n < 0 || strings.TrimSpace(string(d.source[start+1:start+n])) != "" {
			return nil, "the braces are not understood"
		}
		return append(edits, p.edit(g.workflow, start, start+n+1, "{ "+text+" }", whyGrant(g), "")), ""
	}
	last := block.Content[len(block.Content)-1]
	_, end, ok := d.scalar(last)
	if !ok {
		return nil, "the last value is not a plain word"
	}
	if last.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		end++
	}
	return append(edits, p.edit(g.workflow, end, end, ", "+text, whyGrant(g), "")), ""
}

// slot returns where a key is to stand in a block: in its order where the
// block is in order, else at the end. Before says that this is the beginning of
// a line; else it is the end of the file, whose last line has no line break.
func (d *document) slot(block *yaml.Node, key string) (at int, before bool) {
	var names []string
	for i := 0; i < len(block.Content); i += 2 {
		names = append(names, block.Content[i].Value)
	}
	i := len(names)
	if slices.IsSorted(names) {
		i, _ = slices.BinarySearch(names, key)
	}
	if i == 0 {
		return lineAt(d.source, d.offset(block.Content[0])).start, true
	}
	r := lineAt(d.source, d.offset(block.Content[2*i-1]))
	return r.end, bytes.HasSuffix(d.source[r.start:r.end], []byte("\n"))
}

// indent returns the blanks before a key that begins its line.
func (d *document) indent(key *yaml.Node) string { return strings.Repeat(" ", max(key.Column-1, 0)) }

// lineEnd returns the line break that the lines around a place end with.
func (d *document) lineEnd(at int) string {
	r := lineAt(d.source, at)
	if !bytes.HasSuffix(d.source[r.start:r.end], []byte("\n")) {
		r = previous(d.source, r)
	}
	if bytes.HasSuffix(d.source[r.start:r.end], []byte("\r\n")) {
		return "\r\n"
	}
	return "\n"
}

// respell puts a block in place of a word that stands for all keys.
func (p *planner) respell(d *document, g *grant, block scopes) ([]Edit, string) {
	idKey, job, fault := d.job(g.job.ID)
	if fault != "" {
		return nil, fault
	}
	key, word := get(job, "permissions")
	start, end, ok := d.scalar(word)
	if !ok || word.Style != 0 || word.Line != key.Line {
		return nil, "the word is not understood"
	}
	line := lineAt(d.source, start)
	head := line.start + len(bytes.TrimRight(d.source[line.start:start], " \t"))
	tail := line.start + len(bytes.TrimRight(d.source[line.start:line.end], "\r\n"))
	eol := d.lineEnd(start)
	lines := eol + strings.Join(blockLines(block, d.indent(key)+d.step(idKey, key)), eol)
	if end == tail {
		return []Edit{p.edit(g.workflow, head, end, lines, whyGrant(g), "")}, ""
	}
	return []Edit{p.edit(g.workflow, head, end, "", whyGrant(g), ""), p.edit(g.workflow, tail, tail, lines, whyGrant(g), "")}, ""
}

// step is what the file indents a job's keys by.
func (d *document) step(job, key *yaml.Node) string {
	return strings.Repeat(" ", max(key.Column-job.Column, 1))
}

func blockLines(block scopes, indent string) []string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(block)) {
		out = append(out, indent+key+": "+block[key])
	}
	return out
}

// newBlock gives a job a block: where other jobs of the file have theirs, else
// behind runs-on, or before the first key that begins a body.
func (p *planner) newBlock(d *document, g *grant, block scopes) ([]Edit, string) {
	idKey, job, fault := d.job(g.job.ID)
	if fault != "" {
		return nil, fault
	}
	if len(block) == 0 {
		return nil, "nothing is needed" // and nothing is written about
	}
	i := d.place(job, g.workflow)
	if i < 0 {
		return nil, "no place for the block is found"
	}
	key := job.Content[i]
	at := lineAt(d.source, d.offset(key)).start
	if strings.TrimSpace(string(d.source[at:d.offset(key)])) != "" {
		return nil, "its keys do not begin their lines"
	}
	if i > 0 {
		at = d.above(at, key, job.Content[i-2])
	}
	eol := d.lineEnd(at)
	indent := d.indent(key)
	lines := append([]string{indent + "permissions:"}, blockLines(block, indent+d.step(idKey, key))...)
	return []Edit{p.edit(g.workflow, at, at, strings.Join(lines, eol)+eol, whyGrant(g), "")}, ""
}

// above returns where the comments and blank lines begin that stand above a
// key, and so belong to it. Comments that are indented more belong to what is
// before.
func (d *document) above(at int, key, before *yaml.Node) int {
	stop := lineAt(d.source, d.offset(before)).start
	for {
		r := previous(d.source, lineRange{start: at})
		line := d.source[r.start:r.end]
		text := bytes.TrimSpace(line)
		comment := len(text) > 0 && text[0] == '#' && len(line)-len(bytes.TrimLeft(line, " ")) < key.Column
		if r.start <= stop || len(text) > 0 && !comment {
			return at
		}
		at = r.start
	}
}

// bodies are the keys before which a block may stand where no other place is
// found.
var bodies = []string{"uses", "strategy", "steps", "env"}

// place returns the index of the key before which a job's block is to stand,
// or -1. A key that follows text of several lines is none, for the comments
// above it may be part of that.
func (d *document) place(job *yaml.Node, w *workflow.Workflow) int {
	after := "runs-on"
	_, jobs := get(d.root, "jobs")
	for i := 1; i < len(jobs.Content); i += 2 {
		if other := jobs.Content[i]; other.Kind == yaml.MappingNode {
			if n := indexOf(other, "permissions"); n >= 2 {
				after = other.Content[n-2].Value
				break
			}
		}
	}
	fits := func(i int) bool {
		if i < 0 || i >= len(job.Content) {
			return false
		}
		return i == 0 || job.Content[i-1].Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0
	}
	for _, name := range []string{after, "runs-on"} {
		if i := indexOf(job, name); i >= 0 && fits(i+2) {
			return i + 2
		}
	}
	for _, name := range bodies {
		if i := indexOf(job, name); fits(i) {
			return i
		}
	}
	return -1
}

// indexOf returns the index of a key among the nodes of a mapping, or -1.
func indexOf(mapping *yaml.Node, name string) int {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == name {
			return i
		}
	}
	return -1
}
