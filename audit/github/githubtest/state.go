package githubtest

import "strings"

// state is what was written to a repository. It is made at the first write.
type state struct {
	refs refs
}

// refs are the repository's refs as writes have left them.
func (c *call) refs() refs { return c.s.written(c.repo) }

func (s *Server) written(r *Repository) refs {
	if w := s.state[strings.ToLower(r.FullName())]; w != nil {
		return w.refs
	}
	return refsOf(r)
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
		c.s.state[key] = &state{refs: refsOf(c.repo)}
	}
	return c.s.state[key]
}
