package decide

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// ofToken matches a comment on a token.
var ofToken = regexp.MustCompile(`(?i)\b(?:PATs?|(?:access |[A-Z_]+_)?tokens?|secrets?)\b`)

// preamble returns the paragraphs of the comment at the top of a workflow that are
// on the secret of a reference: they name it, or speak of a token where the
// workflow has no other secret.
func (d *decider) preamble(w *workflow.Workflow, ref trace.Reference) []block {
	var out []block
	paragraph := block{what: "the comment at the top of the workflow"}
	var alone *bool
	end := func() {
		named := strings.Contains(paragraph.text, ref.Secret)
		if !named && ofToken.MatchString(paragraph.text) {
			if alone == nil {
				only := d.onlySecret(w.Path, ref.Secret)
				alone = &only
			}
			named = *alone
		}
		if named {
			out = append(out, paragraph)
		}
		paragraph.text = ""
	}
	for n, line := range d.linesOf(w) {
		line = bytes.TrimSpace(line)
		comment, ok := bytes.CutPrefix(line, []byte("#"))
		if !ok && len(line) > 0 && !bytes.Equal(line, []byte("---")) {
			break
		}
		text := strings.TrimSpace(strings.TrimLeft(string(comment), "#"))
		if !ok || text == "" {
			end()
			continue
		}
		if paragraph.text == "" {
			paragraph.place = audit.Place{Line: n + 1, Text: string(line)}
		} else {
			paragraph.text += " "
		}
		paragraph.text += text
	}
	end()
	return out
}

// onlySecret tells whether a workflow reads no secret but one that can be a
// credential for GitHub.
func (d *decider) onlySecret(file, name string) bool {
	return !slices.ContainsFunc(d.written, func(r trace.Reference) bool {
		kind, _ := rules.SecretKind(r.Secret)
		return r.Span.File == file && !strings.EqualFold(r.Secret, name) && !strings.EqualFold(r.Secret, "GITHUB_TOKEN") && kind != rules.NameOther
	})
}
