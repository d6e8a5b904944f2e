package decide

import (
	"fmt"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/rules"
)

// askedOfCallers says what the jobs that call a reusable workflow must be given
// besides, where a job of it is to ask for permissions: GitHub does not start a
// workflow in which a called job asks for more than its caller has. What callers
// have that nobody says is taken for the repository's default, which is to read.
func askedOfCallers(uses []*ruled, keys map[string]string) string {
	var places []string
	lacking := map[string]string{}
	for _, u := range uses {
		callers := u.job.Callers
		if len(callers) == 0 {
			continue
		}
		lacks := false
		for key, access := range keys {
			has := readByDefault[key]
			if g := u.job.Granting; g != nil {
				has = g.Access(key)
			}
			if has != rules.AccessWrite && (access == rules.AccessWrite || has != access) {
				lacking[key], lacks = access, true
			}
		}
		caller := callers[len(callers)-1]
		if place := fmt.Sprintf("%s:%d", caller.File, caller.Line); lacks && !slices.Contains(places, place) {
			places = append(places, place)
		}
	}
	if len(places) == 0 {
		return ""
	}
	return fmt.Sprintf("; the job that calls it (%s) must be given %s too, for GitHub starts no workflow in which a called job asks for more than its caller has", strings.Join(places, ", "), keyList(lacking))
}
