package rules

var quietActionRows = rows("quiet-actions", []string{"action", "source"}, func(r row) (string, error) { return r.cell("action"), nil })

var quietActions = index(quietActionRows, func(name string) string { return name })

// IsQuietAction tells whether an action, by its name in small letters, sets no
// variables for the later steps but those of [RunnerSets].
func IsQuietAction(name string) bool {
	name = SameAs(name)
	if len(quietActions()[name]) > 0 {
		return true
	}
	for end, c := range name {
		if c == '/' && len(quietActions()[name[:end+1]]) > 0 {
			return true
		}
	}
	return false
}
