package githubtest

import (
	_ "embed"
	"encoding/json"
	"maps"
	"strconv"
	"strings"
	"sync"
	"time"
)

//go:embed shapes.json
var shapesJSON []byte

// listRow is an operation that answers with a list.
type listRow struct {
	Wrap   string `json:"wrap"`
	Item   string `json:"item"`
	Turn   string `json:"turn"`
	Others Object `json:"others"`
}

var shapes = sync.OnceValue(func() (out struct {
	Shapes map[string]Object  `json:"shapes"`
	Lists  map[string]listRow `json:"lists"`
}) {
	if err := json.Unmarshal(shapesJSON, &out); err != nil {
		out.Shapes, out.Lists = nil, nil
	}
	return out
})

// placeholder stands in shapes for every address.
const placeholder = "https://api.github.com/"

// shape returns a copy of a shape with properties set over it. Addresses that
// the properties leave out lie below the object's own.
func shape(name string, properties ...Object) Object {
	out := maps.Clone(shapes().Shapes[name])
	if out == nil {
		out = Object{}
	}
	for _, p := range properties {
		maps.Copy(out, p)
	}
	own, _ := out["url"].(string)
	for key, value := range out {
		if value == placeholder && own != "" && strings.HasSuffix(key, "_url") {
			out[key] = own + "/" + strings.ReplaceAll(strings.TrimSuffix(key, "_url"), "_", "/")
		}
	}
	return out
}

// stamp is a time as GitHub writes it. The zero time becomes the day on which
// all things without a date were made.
func stamp(t time.Time) string {
	if t.IsZero() {
		t = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	}
	return t.UTC().Format(time.RFC3339)
}

// stampOrNull is null for the zero time.
func stampOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return stamp(t)
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// nodeID makes a global id of the GraphQL API.
func nodeID(kind string, id int64) string { return kind + "_" + strconv.FormatInt(id, 36) }

func textOrNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
