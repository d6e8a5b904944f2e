package githubtest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// state is what was written to a repository, beside what the world says of
// it. It is made at the first write.
type state struct {
	refs refs
	// rows are the lists of the repository as writes have left them, by the
	// path below it.
	rows map[string][]Object
}

// refs are the repository's refs as writes have left them. Those of
// generated repositories are made each time, so that they take no memory.
func (c *call) refs() refs { return c.s.written(c.repo) }

func (s *Server) written(r *Repository) refs {
	if w := s.state[strings.ToLower(r.FullName())]; w != nil {
		return w.refs
	}
	if s.index.repos[strings.ToLower(r.FullName())] != r {
		return refsOf(r)
	}
	x, ok := s.built[r]
	if !ok {
		x = refsOf(r)
		s.built[r] = x
	}
	return x
}

// refs is written for those who do not hold the lock.
func (s *Server) refs(r *Repository) refs {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.written(r)
}

// state is what was written to the call's repository.
func (c *call) state() *state {
	key := strings.ToLower(c.repo.FullName())
	if c.s.state[key] == nil {
		rows := map[string][]Object{}
		for path, all := range c.repo.Lists {
			rows[path] = slices.Clone(all)
		}
		c.s.state[key] = &state{refs: refsOf(c.repo), rows: rows}
	}
	return c.s.state[key]
}

// rowsAt are the rows of a repository's list.
func (c *call) rowsAt(path string) []Object {
	if w := c.s.state[strings.ToLower(c.repo.FullName())]; w != nil {
		return w.rows[path]
	}
	return c.repo.Lists[path]
}

// add puts a row at the end of a list.
func (c *call) add(path string, o Object) Object {
	w := c.state()
	w.rows[path] = append(w.rows[path], o)
	return o
}

// change sets properties of the row that has a value, in a copy: the world's
// own rows stay as they are.
func (c *call) change(path, key, value string, properties Object) (Object, bool) {
	w := c.state()
	for i, o := range w.rows[path] {
		if textOf(o[key]) == value {
			w.rows[path][i] = shape("", o, properties)
			return w.rows[path][i], true
		}
	}
	return nil, false
}

// row finds the row of a list that has a value.
func (c *call) row(path, key, value string) (Object, bool) {
	for _, o := range c.rowsAt(path) {
		if textOf(o[key]) == value {
			return o, true
		}
	}
	return nil, false
}

// textOf writes a number or a text as a path does.
func textOf(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return strings.Trim(string(data), `"`)
}

// nextID makes an id for what is written.
func (c *call) nextID() int64 {
	c.s.ids++
	return 5_000_000 + c.s.ids
}

// actor is the login of who does something.
func (c *call) actor() string {
	switch {
	case c.token.Job:
		return "github-actions[bot]"
	case c.token.Kind == Installation:
		return orElse(c.token.Name, "app") + "[bot]"
	}
	return c.token.User
}

// input reads the request's body.
func (c *call) input(into any) *answer {
	if err := json.Unmarshal(c.body, into); err != nil {
		a := failure(http.StatusBadRequest, "Problems parsing JSON")
		return &a
	}
	return nil
}

// given are the properties of the body that are named.
func (c *call) given(names ...string) Object {
	var in Object
	out := Object{}
	if json.Unmarshal(c.body, &in) != nil {
		return out
	}
	for _, name := range names {
		if v, ok := in[name]; ok {
			out[name] = v
		}
	}
	return out
}
