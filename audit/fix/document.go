package fix

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// document is a workflow's YAML, with the places of its nodes.
type document struct {
	source []byte
	root   *yaml.Node
	starts []int // of lines
	// aliases tells that the file has some, so that an edit may change more
	// places than one.
	aliases bool
	// fault says why the file is not to be edited.
	fault string
}

func (p *planner) document(w *workflow.Workflow) *document {
	d := p.documents[w.Path]
	if d == nil {
		d = parse(w.Source)
		p.documents[w.Path] = d
	}
	return d
}

const byteOrderMark = "\xef\xbb\xbf"

// parse reads the YAML of a workflow.
func parse(source []byte) *document {
	d := &document{source: source, starts: []int{0}}
	if bytes.HasPrefix(source, []byte(byteOrderMark)) {
		d.starts[0] = len(byteOrderMark) // YAML counts no column for it
	}
	for i, c := range source {
		if c == '\n' {
			d.starts = append(d.starts, i+1)
		}
	}
	if bytes.Count(source, []byte{'\r'}) != bytes.Count(source, []byte("\r\n")) || bytes.ContainsAny(source, "\u0085\u2028\u2029") {
		d.fault = "the file has line breaks that editors and YAML count differently"
		return d
	}
	if isGenerated(source) {
		d.fault = "the file says that it is made by a program, or copied from elsewhere: fix what it is made of"
		return d
	}
	root, err := parseYAML(source)
	if err != nil || len(root.Content) == 0 || root.Content[0].Kind != yaml.MappingNode {
		d.fault = "the file does not parse"
		return d
	}
	d.root = root.Content[0]
	d.aliases = hasAlias(d.root)
	return d
}

// generatedComment matches what heads files that are written anew from
// something else, so that a change would be lost, or be out of place.
var generatedComment = regexp.MustCompile(`(?i)\b(?:do not (?:edit|modify|change)|don't edit|(?:auto-?|automatically )generated|generated (?:automatically|by|from|using|with))\b`)

// isGenerated tells whether the comments that a source begins with say so. It
// is wrong for a comment that says so of another file.
func isGenerated(source []byte) bool {
	for line := range bytes.Lines(bytes.TrimPrefix(source, []byte(byteOrderMark))) {
		line = bytes.TrimSpace(line)
		if len(line) > 0 && line[0] != '#' {
			return false
		}
		if generatedComment.Match(line) {
			return true
		}
	}
	return false
}

func parseYAML(source []byte) (root *yaml.Node, err error) {
	defer func() {
		if p := recover(); p != nil { // none is known, but the parser has panics
			root, err = nil, fmt.Errorf("%v", p)
		}
	}()
	root = &yaml.Node{}
	return root, yaml.Unmarshal(source, root)
}

func hasAlias(n *yaml.Node) bool {
	return n.Kind == yaml.AliasNode || slices.ContainsFunc(n.Content, hasAlias)
}

// offset returns where a node begins.
func (d *document) offset(n *yaml.Node) int {
	if n.Line < 1 || n.Line > len(d.starts) {
		return len(d.source)
	}
	at := d.starts[n.Line-1]
	for column := 1; column < n.Column && at < len(d.source); column++ {
		_, width := utf8.DecodeRune(d.source[at:])
		at += width
	}
	return at
}

// get returns the key and the value of an entry of a mapping; nil where there
// is none. An alias is no mapping.
func get(n *yaml.Node, name string) (key, value *yaml.Node) {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i], n.Content[i+1]
		}
	}
	return nil, nil
}

// job returns the key and the mapping of a job that is written as a block and
// serves no alias.
func (d *document) job(id string) (key, job *yaml.Node, fault string) {
	_, jobs := get(d.root, "jobs")
	key, job = get(jobs, id)
	switch {
	case key == nil || job.Kind != yaml.MappingNode || job.Anchor != "" && d.aliases || jobs.Anchor != "" && d.aliases:
		return nil, nil, "the job stands behind an anchor or an alias, and whatever shares it would change too"
	case job.Style&yaml.FlowStyle != 0 || jobs.Style&yaml.FlowStyle != 0 || len(job.Content) == 0 || job.Content[0].Line == key.Line:
		return nil, nil, "the job is not written as a block"
	}
	return key, job, ""
}

// scalar returns the bytes between which the value of a node is written
// without its quotes. It is not ok where that is not the value itself.
func (d *document) scalar(n *yaml.Node) (start, end int, ok bool) {
	if n.Kind != yaml.ScalarNode || n.Anchor != "" {
		return 0, 0, false
	}
	start = d.offset(n)
	if start < len(d.source) && (d.source[start] == '"' || d.source[start] == '\'') {
		start++
	}
	end = start + len(n.Value)
	return start, end, end <= len(d.source) && string(d.source[start:end]) == n.Value
}

// callSecret returns the lines that declare a secret of a reusable workflow,
// with the section that they leave empty.
func (d *document) callSecret(name string) (r lineRange, ok bool) {
	_, on := get(d.root, "on")
	_, call := get(on, "workflow_call")
	section, secrets := get(call, "secrets")
	if secrets == nil || secrets.Kind != yaml.MappingNode || secrets.Style&yaml.FlowStyle != 0 {
		return lineRange{}, false
	}
	for i := 0; i+1 < len(secrets.Content); i += 2 {
		if !strings.EqualFold(secrets.Content[i].Value, name) {
			continue
		}
		r, ok = d.block(secrets.Content[i])
		if !ok || len(secrets.Content) > 2 {
			return r, ok
		}
		above := previous(d.source, r)
		if above.start != lineAt(d.source, d.offset(section)).start || !bareKey.Match(d.source[above.start:above.end]) || isComment(d.source, previous(d.source, above)) {
			return lineRange{}, false
		}
		return lineRange{above.start, r.end}, true
	}
	return lineRange{}, false
}

var bareKey = regexp.MustCompile(`^ +["']?[\w-]+["']?:[ \t]*\r?\n$`)

// block returns the lines of a key and of what is indented below it. It is not
// ok where a comment stands in them or above: that would be lost, or be about
// something else.
func (d *document) block(key *yaml.Node) (r lineRange, ok bool) {
	r = lineAt(d.source, d.offset(key))
	if strings.TrimSpace(string(d.source[r.start:d.offset(key)])) != "" || bytes.ContainsRune(d.source[r.start:r.end], '#') || isComment(d.source, previous(d.source, r)) {
		return lineRange{}, false
	}
	for end := r.end; end < len(d.source); {
		next := lineAt(d.source, end)
		text := d.source[next.start:next.end]
		indent := len(text) - len(bytes.TrimLeft(text, " "))
		if len(bytes.TrimSpace(text)) == 0 || indent < key.Column {
			break
		}
		if bytes.ContainsRune(text, '#') {
			return lineRange{}, false
		}
		end = next.end
		r.end = end
	}
	return r, true
}

// mentions counts the places at which a workflow may read a secret: by its
// name, or with all others.
func mentions(w *workflow.Workflow, secret string) int {
	count := 0
	for text := range w.Texts() {
		secrets, problems := expression.Scan(text, true)
		if len(problems) > 0 {
			count += 1000 // what does not parse may read anything
		}
		for _, s := range secrets {
			switch {
			case strings.EqualFold(s.Name, secret):
				count++
			case s.Name == expression.AllSecrets:
				count += 1000
			}
		}
	}
	for _, j := range w.Jobs {
		if j.Call != nil && j.Call.Inherit {
			count += 1000
		}
	}
	return count
}
