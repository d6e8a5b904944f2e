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

// page is the part of a list that a request asks for.
type page struct {
	from, to, size, n int
	// turn is the parameter that turns to another page, "-" for none.
	turn string
}

// bounds finds the page that a request asks for. A page that makes no sense
// is the first one.
func (c *call) bounds(n int) page {
	query := c.query()
	p := page{n: n, turn: shapes().Lists[c.endpoint.Method+" "+c.endpoint.Path].Turn}
	if p.turn == "-" {
		p.to = n
		return p
	}
	p.size, _ = strconv.Atoi(query.Get("per_page"))
	if p.size < 1 {
		p.size = 30
	}
	p.size = min(p.size, 100)
	if p.turn == "" {
		p.turn = "page"
		number, _ := strconv.Atoi(query.Get("page"))
		p.from = (min(max(1, number), n+1) - 1) * p.size
	} else if i, ok := position(query.Get(p.turn)); ok {
		p.from = i + 1
	}
	p.from = min(n, p.from)
	p.to = min(n, p.from+p.size)
	return p
}

func (c *call) query() url.Values { return c.r.URL.Query() }

// page returns the rows of the page, and the header that leads to others.
func (c *call) page(all rows) ([]any, http.Header) {
	p := c.bounds(all.n)
	out := make([]any, 0, p.to-p.from)
	for i := p.from; i < p.to; i++ {
		out = append(out, all.at(i))
	}
	header := http.Header{}
	if link := c.links(p); link != "" {
		header.Set("Link", link)
	}
	return out, header
}

// links are the addresses of other pages. Lists with cursors only lead on.
func (c *call) links(p page) string {
	var out []string
	add := func(rel, value string, when bool) {
		if !when {
			return
		}
		query := c.query()
		query.Set(p.turn, value)
		out = append(out, fmt.Sprintf(`<%s%s?%s>; rel="%s"`, c.base(), c.path, query.Encode(), rel))
	}
	switch p.turn {
	case "-":
	case "page":
		now, last := p.from/p.size+1, max(1, (p.n+p.size-1)/p.size)
		if given, _ := strconv.Atoi(c.query().Get("page")); given > now {
			now = given
		}
		add("prev", strconv.Itoa(min(now-1, last)), now > 1)
		add("next", strconv.Itoa(now+1), now < last)
		add("last", strconv.Itoa(last), now < last)
		add("first", "1", now > 1)
	default:
		add("next", cursor(p.to-1), p.to < p.n)
	}
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
