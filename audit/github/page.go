package github

import (
	"context"
	"encoding/json"
	"iter"
	"maps"
	"net/http"
	"net/url"
)

// pageSize is the most that GitHub gives on a page.
const pageSize = "100"

// maxPages bounds a list: a million rows.
const maxPages = 10_000

// Page is one page of a list.
type Page struct {
	// Body is the page as JSON.
	Body json.RawMessage
	// Response is what the headers say.
	Response *Response
	client   *Client
	path     string
}

// Decode reads the page into what into points at.
func (p *Page) Decode(into any) error { return p.client.decode(p.Body, into, p.path) }

// Pages asks for a list page by page, each when the loop comes to it, by 100
// rows unless the query says otherwise (per_page). It follows the Link header
// as long as that stays at the API's host. An error ends the list: the last
// pair then has the error and a page of which only the Response may be there.
func (c *Client) Pages(ctx context.Context, path string, query url.Values) iter.Seq2[*Page, error] {
	return func(yield func(*Page, error) bool) {
		values := url.Values{"per_page": {pageSize}}
		maps.Copy(values, query)
		address, err := c.address(path, values)
		if err != nil {
			yield(&Page{client: c, path: path}, err)
			return
		}
		seen := map[string]bool{}
		for address != "" {
			if seen[address] || len(seen) == maxPages {
				yield(&Page{client: c, path: path}, &FormatError{Host: c.host.Name(), Path: c.say(path), Status: http.StatusOK, Reason: "a list without end"})
				return
			}
			seen[address] = true
			data, response, err := c.fetch(ctx, http.MethodGet, address, mediaType, nil)
			if !yield(&Page{Body: data, Response: response, client: c, path: path}, err) || err != nil {
				return
			}
			if address, err = c.nextPage(response.Next); err != nil {
				yield(&Page{Response: response, client: c, path: path}, err)
				return
			}
		}
	}
}

// nextPage checks the address of a next page.
func (c *Client) nextPage(next string) (string, error) {
	if next == "" {
		return "", nil
	}
	u, err := url.Parse(next)
	switch {
	case err != nil:
		return "", &RedirectError{Host: c.host.Name(), Reason: "the address of the next page is malformed"}
	case u.User != nil || !c.host.owns(u):
		return "", &RedirectError{Host: c.say(u.Host), Reason: "the next page of a list lies at the host of the API"}
	}
	return u.String(), nil
}

// List gives the rows of a list one by one, holding one page of them. Some
// lists are a member of an object, such as "repositories" beside total_count:
// member names it, and is "" for a plain list. An error ends the list; it comes
// with the zero row.
func List[T any](ctx context.Context, c *Client, path string, query url.Values, member string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		for page, err := range c.Pages(ctx, path, query) {
			if err != nil {
				yield(none, err)
				return
			}
			rows, err := rowsOf[T](page, member)
			if err != nil {
				yield(none, err)
				return
			}
			for _, row := range rows {
				if !yield(row, nil) {
					return
				}
			}
		}
	}
}

// rowsOf decodes the rows of a page.
func rowsOf[T any](page *Page, member string) (rows []T, err error) {
	if member == "" {
		return rows, page.Decode(&rows)
	}
	var object map[string]json.RawMessage
	if err := page.Decode(&object); err != nil {
		return nil, err
	}
	list, ok := object[member]
	if !ok {
		return nil, &FormatError{Host: page.client.host.Name(), Path: page.client.say(page.path), Status: http.StatusOK,
			ContentType: "application/json", Reason: "JSON of another form than the API's (no " + member + ")"}
	}
	inner := &Page{Body: list, client: page.client, path: page.path}
	return rows, inner.Decode(&rows)
}
