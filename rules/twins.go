package rules

import (
	"fmt"
	"strings"
)

// twin is an action under another name.
type twin struct{ action, of string }

var twinRows = rows("twins", []string{"action", "of", "source", "note"}, func(r row) (twin, error) {
	t := twin{r.cell("action"), r.cell("of")}
	switch {
	case t.action == "" || t.of == "" || t.action == t.of:
		return twin{}, fmt.Errorf("want an action, and another one that it does the same as")
	case strings.HasSuffix(t.action, "/*") != strings.HasSuffix(t.of, "/*"):
		return twin{}, fmt.Errorf("all that stand in a folder are those of a folder")
	case t.action != strings.ToLower(t.action) || t.of != strings.ToLower(t.of):
		return twin{}, fmt.Errorf("names are in lower case")
	}
	return t, nil
})

var twins = index(twinRows, func(t twin) string { return t.action })

// SameAs returns the name under which the tables have an action, by the name that
// "uses" gives it: that of the action which it is a copy of, or was before it was
// renamed, else its own. Versions of a copy are taken to be those of the other one.
func SameAs(name string) string {
	name = actionName(name)
	for _, t := range twins()[name] {
		return t.of
	}
	for at := strings.LastIndexByte(name, '/'); at > 0; at = strings.LastIndexByte(name[:at], '/') {
		for _, t := range twins()[name[:at]+"/*"] {
			return strings.TrimSuffix(t.of, "/*") + name[at:]
		}
	}
	return name
}
