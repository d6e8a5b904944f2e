package decide

import (
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/rules"
)

// takesBesides matches in the note of an operation what it takes only under a
// condition that shows when it runs.
var takesBesides = regexp.MustCompile(`which takes ([a-z_]+):(read|write)$`)

// conditionalNeeds says which further permissions the notes of what uses do name,
// where a block for the job does not hold them.
func conditionalNeeds(uses []*ruled, keys map[string]string) string {
	var said []string
	for _, u := range uses {
		for _, op := range u.Operations {
			m := takesBesides.FindStringSubmatch(op.Note)
			if m == nil {
				continue
			}
			key := strings.ReplaceAll(m[1], "_", "-")
			if has := keys[key]; has == m[2] || has == rules.AccessWrite {
				continue
			}
			text := "; " + takesBesides.ReplaceAllString(op.Note, "which takes "+key+": "+m[2])
			if !slices.Contains(said, text) {
				said = append(said, text)
			}
		}
	}
	return strings.Join(said, "")
}
