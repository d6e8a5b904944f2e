package githubtest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// connection is a page of a list with cursors.
func connection(kind, name string, args map[string]any, n int, node func(int) *gqlObject) (any, *gqlError) {
	from, to, refused := bounds(name, args, n)
	if refused != nil {
		return nil, refused
	}
	info := &gqlObject{kind: "PageInfo", fields: map[string]any{
		"hasNextPage": to < n, "hasPreviousPage": from > 0, "startCursor": nil, "endCursor": nil,
	}}
	if to > from {
		info.fields["startCursor"], info.fields["endCursor"] = cursor(from), cursor(to-1)
	}
	each := func(make func(int) *gqlObject) resolver {
		return func(map[string]any) (any, *gqlError) {
			out := []*gqlObject{}
			for i := from; i < to; i++ {
				out = append(out, make(i))
			}
			return out, nil
		}
	}
	return &gqlObject{kind: kind, fields: map[string]any{
		"totalCount": n, "pageInfo": info, "nodes": each(node),
		"edges": each(func(i int) *gqlObject {
			return &gqlObject{kind: strings.TrimSuffix(kind, "Connection") + "Edge", fields: map[string]any{"cursor": cursor(i), "node": node(i)}}
		}),
	}}, nil
}

// pageLimit is GitHub's bound on a page of a connection.
const pageLimit = 100

// bounds are the rows that the arguments ask for.
func bounds(name string, args map[string]any, n int) (from, to int, refused *gqlError) {
	first, forward := integer(args["first"])
	last, backward := integer(args["last"])
	switch {
	case !forward && !backward:
		return 0, 0, &gqlError{Type: "MISSING_PAGINATION_BOUNDARIES", Message: "You must provide a `first` or `last` value to properly paginate the `" + name + "` connection."}
	case first < 0 || last < 0:
		return 0, 0, &gqlError{Type: "INVALID_PAGINATION_BOUNDARIES", Message: "`first` and `last` on the `" + name + "` connection cannot be less than zero."}
	case max(first, last) > pageLimit:
		return 0, 0, &gqlError{Type: "EXCESSIVE_PAGINATION", Message: fmt.Sprintf("Requesting %d records on the `%s` connection exceeds the `first` limit of %d records.", max(first, last), name, pageLimit)}
	}
	from, to = 0, n
	for _, end := range []string{"after", "before"} {
		value := text(args[end])
		if value == "" {
			continue
		}
		i, ok := position(value)
		if !ok {
			return 0, 0, &gqlError{Type: "INVALID_CURSOR_ARGUMENTS", Message: "`" + value + "` does not appear to be a valid cursor."}
		}
		if end == "after" {
			from = min(n, i+1)
		} else {
			to = max(from, min(n, i))
		}
	}
	if forward {
		return from, min(to, from+first), nil
	}
	return max(from, to-last), to, nil
}

// cursor names a row, position reads it again.
func cursor(i int) string {
	return base64.StdEncoding.EncodeToString([]byte("cursor:v2:" + strconv.Itoa(i)))
}

func position(cursor string) (int, bool) {
	data, err := base64.StdEncoding.DecodeString(cursor)
	if err != nil {
		return 0, false
	}
	number, ok := strings.CutPrefix(string(data), "cursor:v2:")
	i, err := strconv.Atoi(number)
	return i, ok && err == nil && i >= 0
}

// signature names arguments but for those that turn the page.
func signature(args map[string]any) string {
	kept := map[string]any{}
	for name, value := range args {
		if name != "first" && name != "last" && name != "after" && name != "before" {
			kept[name] = value
		}
	}
	data, _ := json.Marshal(kept)
	return string(data)
}
