package githubtest

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// rows is a list of which only the page that is asked for gets made.
type rows struct {
	n  int
	at func(i int) any
}

// rowsOf makes rows of a slice.
func rowsOf[T any](all []T, row func(T) any) rows {
	return rows{n: len(all), at: func(i int) any { return row(all[i]) }}
}

func same(o Object) any { return o }

// window returns the bounds of the page that a request asks for, and its
// number with that of the last one.
func (c *call) window(n int) (from, to, page, last int) {
	query := c.query()
	size, err := strconv.Atoi(query.Get("per_page"))
	if err != nil || size < 1 {
		size = 30
	}
	size = min(size, 100)
	page, err = strconv.Atoi(query.Get("page"))
	if err != nil || page < 1 {
		page = 1
	}
	last = max(1, (n+size-1)/size)
	from = min(n, (page-1)*size)
	return from, min(n, from+size), page, last
}

func (c *call) query() url.Values { return c.r.URL.Query() }

// page returns the rows of the page, and the header that leads to others.
func (c *call) page(all rows) ([]any, http.Header) {
	from, to, page, last := c.window(all.n)
	out := make([]any, 0, to-from)
	for i := from; i < to; i++ {
		out = append(out, all.at(i))
	}
	header := http.Header{}
	if link := c.links(page, last); link != "" {
		header.Set("Link", link)
	}
	return out, header
}

func (c *call) links(page, last int) string {
	var out []string
	add := func(rel string, to int, when bool) {
		if !when {
			return
		}
		query := c.query()
		query.Set("page", strconv.Itoa(to))
		out = append(out, fmt.Sprintf(`<%s%s?%s>; rel="%s"`, c.base(), c.path, query.Encode(), rel))
	}
	add("prev", min(page-1, last), page > 1)
	add("next", page+1, page < last)
	add("last", last, page < last)
	add("first", 1, page > 1)
	return strings.Join(out, ", ")
}

// list answers with a page of rows.
func (c *call) list(all rows) answer {
	out, header := c.page(all)
	return answer{status: http.StatusOK, header: header, value: out}
}

// counted answers with a page of rows below a property, and their number.
func (c *call) counted(wrap string, all rows, others ...Object) answer {
	out, header := c.page(all)
	value := Object{"total_count": all.n, wrap: out}
	for _, o := range others {
		for name, v := range o {
			value[name] = v
		}
	}
	return answer{status: http.StatusOK, header: header, value: value}
}
