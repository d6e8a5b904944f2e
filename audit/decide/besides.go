package decide

import (
	"github.com/patrol-actions/patrol/rules"
)

// besides says which further permissions uses may take that a block for the job
// does not hold.
func besides(uses []*ruled, keys map[string]string) string {
	text := ""
	for _, said := range mayNeed(uses, keys) {
		text += "; " + said
	}
	return text
}

// mayNeed says when uses take further permissions, each once, but for those
// that keys hold.
func mayNeed(uses []*ruled, keys map[string]string) []string {
	var out []string
	for _, u := range uses {
		for _, op := range u.Operations {
			for _, may := range op.MayNeed {
				if lacks := lacking(may.Needs, keys); len(lacks) > 0 {
					out = appendNew(out, may.Note+", which takes "+keyList(lacks))
				}
			}
		}
	}
	return out
}

// lacking are the permissions of a workflow that needs without a choice take
// beyond those of keys.
func lacking(needs rules.Needs, keys map[string]string) map[string]string {
	out := map[string]string{}
	for _, group := range needs {
		key, access, ok := rules.WorkflowKey(group[0])
		if has := keys[key]; ok && has != access && has != rules.AccessWrite {
			out[key] = access
		}
	}
	return out
}

// MayNeed says what the uses take besides where something holds that no workflow
// shows.
func (s *Sum) MayNeed() []string { return mayNeed(s.uses, s.need.workflow()) }
