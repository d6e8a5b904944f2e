package githubtest

import (
	"hash/fnv"
	"strconv"
	"strings"
	"sync"
)

// index finds the things of a world by their names, which GitHub compares
// without case.
type index struct {
	world  World
	tokens map[string]*Token
	users  map[string]*User
	orgs   map[string]*Organization
	repos  map[string]*Repository
	former map[string]string

	once      sync.Once
	generated map[string]int
	byID      map[int64]string

	mu    sync.Mutex
	reach map[string][]int
}

func newIndex(w World) *index {
	x := &index{
		world: w, tokens: map[string]*Token{}, users: map[string]*User{}, orgs: map[string]*Organization{},
		repos: map[string]*Repository{}, former: map[string]string{}, reach: map[string][]int{},
	}
	for i := range w.Tokens {
		x.tokens[w.Tokens[i].Value] = &w.Tokens[i]
	}
	for i := range w.Users {
		x.users[strings.ToLower(w.Users[i].Login)] = &w.Users[i]
	}
	for i := range w.Organizations {
		x.orgs[strings.ToLower(w.Organizations[i].Login)] = &w.Organizations[i]
	}
	for i := range w.Repositories {
		r := &w.Repositories[i]
		x.repos[strings.ToLower(r.FullName())] = r
		for _, name := range r.Former {
			x.former[strings.ToLower(name)] = r.FullName()
		}
	}
	return x
}

// idOf makes an id from a name, always the same.
func idOf(name string) int64 {
	h := fnv.New32a()
	h.Write([]byte(strings.ToLower(name)))
	return int64(h.Sum32()&0x3fffffff) + 1
}

// user returns a user; tokens and roles may name some that the world has no
// row for.
func (x *index) user(login string) User {
	if u, ok := x.users[strings.ToLower(login)]; ok {
		return *u
	}
	return User{Login: login}
}

func (x *index) userID(login string) int64 {
	if o, ok := x.orgs[strings.ToLower(login)]; ok {
		return o.id()
	}
	u := x.user(login)
	return orElse(u.ID, idOf(u.Login))
}

func (x *index) org(login string) *Organization { return x.orgs[strings.ToLower(login)] }

func (o *Organization) id() int64 { return orElse(o.ID, idOf(o.Login)) }

// FullName is OWNER/NAME.
func (r *Repository) FullName() string { return r.Owner + "/" + r.Name }

func (r *Repository) id() int64    { return orElse(r.ID, idOf(r.FullName())) }
func (r *Repository) public() bool { return r.Visibility == "" || r.Visibility == Public }

func (r *Repository) branch() string { return orElse(r.DefaultBranch, "main") }

// size is the number of all repositories, at returns one of them.
func (x *index) size() int { return len(x.world.Repositories) + x.world.Count }

func (x *index) at(i int) *Repository {
	if i < len(x.world.Repositories) {
		return &x.world.Repositories[i]
	}
	r := x.world.Generate(i - len(x.world.Repositories))
	return &r
}

// names fills the index of generated repositories, when one is first asked
// for by name.
func (x *index) names() {
	x.generated, x.byID = make(map[string]int, x.world.Count), make(map[int64]string, x.size())
	for i := range x.size() {
		r := x.at(i)
		x.byID[r.id()] = r.FullName()
		if i >= len(x.world.Repositories) {
			x.generated[strings.ToLower(r.FullName())] = i
		}
	}
}

// repo finds a repository by its full name, nil for none.
func (x *index) repo(full string) *Repository {
	full = strings.ToLower(full)
	if r, ok := x.repos[full]; ok {
		return r
	}
	if x.world.Count == 0 {
		return nil
	}
	x.once.Do(x.names)
	if i, ok := x.generated[full]; ok {
		return x.at(i)
	}
	return nil
}

// repoByID finds a repository by its id.
func (x *index) repoByID(text string) *Repository {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil
	}
	x.once.Do(x.names)
	return x.repo(x.byID[id])
}

// pick returns the numbers of the repositories that pass a test, and keeps
// them under a key.
func (x *index) pick(key string, keep func(*Repository) bool) []int {
	x.mu.Lock()
	defer x.mu.Unlock()
	if found, ok := x.reach[key]; ok {
		return found
	}
	found := []int{}
	for i := range x.size() {
		if keep(x.at(i)) {
			found = append(found, i)
		}
	}
	x.reach[key] = found
	return found
}

func (s *Server) tokenNamed(name string) *Token {
	for i := range s.world.Tokens {
		if s.world.Tokens[i].Name == name && name != "" {
			return &s.world.Tokens[i]
		}
	}
	return nil
}
