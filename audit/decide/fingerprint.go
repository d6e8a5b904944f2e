package decide

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/workflow"
)

// fingerprints makes ids that stay when lines move, steps are renamed or the
// file is laid out anew: of the file, the job, the key that the secret is
// given to, the secret, and its place among equals.
type fingerprints struct {
	workflows map[string]*workflow.Workflow
	seen      map[string]int
}

func newFingerprints(r *workflow.Repository) *fingerprints {
	f := &fingerprints{workflows: map[string]*workflow.Workflow{}, seen: map[string]int{}}
	for _, w := range r.Workflows {
		f.workflows[w.Path] = w
	}
	return f
}

var bindingKey = regexp.MustCompile(`^\s*(?:- )?\s*["']?([\w.-]+)["']?\s*:`)

func (f *fingerprints) reference(ref trace.Reference) string {
	job, key := "", ""
	if w := f.workflows[ref.Span.File]; w != nil {
		for _, j := range w.Jobs {
			if ref.Span.Line >= j.Line && ref.Span.Line <= j.EndLine {
				job = j.ID
			}
		}
		if m := bindingKey.FindSubmatch(line(w.Source, ref.Span.Line)); m != nil {
			key = string(m[1])
		}
	}
	return f.id("reference", ref.Span.File, job, key, strings.ToUpper(ref.Secret))
}

// id returns the fingerprint of some parts; the same parts again give another.
func (f *fingerprints) id(parts ...string) string {
	text := strings.Join(parts, "\x00")
	n := f.seen[text]
	f.seen[text]++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", text, n))
	return hex.EncodeToString(sum[:10])
}

// line returns a line of a source, 1-based.
func line(source []byte, number int) []byte {
	for i := 1; i < number; i++ {
		at := bytes.IndexByte(source, '\n')
		if at < 0 {
			return nil
		}
		source = source[at+1:]
	}
	if at := bytes.IndexByte(source, '\n'); at >= 0 {
		return source[:at]
	}
	return source
}
