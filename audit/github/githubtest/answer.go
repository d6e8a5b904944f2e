package githubtest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/patrol-actions/patrol/rules"
)

// answer is what a request gets.
type answer struct {
	status int
	header http.Header
	// value becomes JSON; body is sent as it is.
	value any
	body  []byte
}

func ok(value any) answer      { return answer{status: http.StatusOK, value: value} }
func created(value any) answer { return answer{status: http.StatusCreated, value: value} }
func noContent() answer        { return answer{status: http.StatusNoContent} }
func notFound() answer         { return failure(http.StatusNotFound, "Not Found") }

// failure is GitHub's JSON for an error.
func failure(status int, message string) answer {
	return answer{status: status, value: Object{
		"message": message, "documentation_url": "https://docs.github.com/rest", "status": strconv.Itoa(status),
	}}
}

// invalid is the answer to a body that GitHub does not take.
func invalid(resource, field, code string) answer {
	a := failure(http.StatusUnprocessableEntity, "Validation Failed")
	a.value.(Object)["errors"] = []Object{{"resource": resource, "field": field, "code": code}}
	return a
}

// redirect sends the client elsewhere.
func redirect(status int, location string) answer {
	a := answer{status: status, body: []byte{}}
	a.head().Set("Location", location)
	return a
}

// secondary is the answer of the secondary rate limit.
func secondary(after time.Duration) answer {
	a := failure(http.StatusForbidden, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.").encoded()
	a.head().Set("Retry-After", strconv.Itoa(max(1, int(after.Round(time.Second)/time.Second))))
	return a
}

// exhausted is the answer of the primary rate limit.
func (s *Server) exhausted(c *call) answer {
	who := "user ID " + strconv.FormatInt(idOf("anonymous"), 10)
	if c.token != nil && c.token.Kind == Installation {
		who = "installation ID " + strconv.FormatInt(idOf(c.token.Value), 10)
	} else if c.token != nil {
		who = "user ID " + strconv.FormatInt(s.index.userID(c.token.User), 10)
	}
	message := "API rate limit exceeded for " + who + "."
	if c.token == nil {
		message = "API rate limit exceeded for 127.0.0.1. (But here's the good news: Authenticated requests get a higher rate limit. Check out the documentation for more details.)"
	}
	return failure(orElse(s.limiter.limits.Status, http.StatusForbidden), message).encoded()
}

func (a *answer) head() http.Header {
	if a.header == nil {
		a.header = http.Header{}
	}
	return a.header
}

// encoded returns the answer with its body and its ETag.
func (a answer) encoded() answer {
	if a.body == nil && a.value != nil {
		body, err := json.Marshal(a.value)
		if err != nil {
			return failure(http.StatusInternalServerError, err.Error()).encoded()
		}
		a.body = body
		a.head().Set("Content-Type", "application/json; charset=utf-8")
	}
	if a.status == http.StatusOK {
		sum := sha256.Sum256(a.body)
		a.head().Set("ETag", `W/"`+hex.EncodeToString(sum[:])+`"`)
		a.head().Set("Cache-Control", "private, max-age=60, s-maxage=60")
		a.head().Set("Vary", "Accept, Authorization, Cookie, X-GitHub-OTP")
	}
	return a
}

// fresh tells whether the client has this answer already.
func (a answer) fresh(r *http.Request) bool {
	tag := strings.TrimPrefix(a.header.Get("ETag"), "W/")
	if a.status != http.StatusOK || r.Method != http.MethodGet || tag == "" {
		return false
	}
	for given := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		if given = strings.TrimSpace(given); given == "*" || strings.TrimPrefix(given, "W/") == tag {
			return true
		}
	}
	return false
}

func (a answer) write(w http.ResponseWriter) {
	a = a.encoded()
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.status)
	w.Write(a.body)
}

// headers are those that every answer carries.
func (a *answer) headers(h http.Header, c *call) {
	h.Set("X-GitHub-Request-Id", fmt.Sprintf("%04X:%08X", idOf(c.path)&0xffff, idOf(c.r.RemoteAddr)))
	h.Set("X-GitHub-Media-Type", mediaType(c.r.Header.Get("Accept")))
	h.Set("X-GitHub-Api-Version-Selected", orElse(c.r.Header.Get("X-GitHub-Api-Version"), "2022-11-28"))
	h.Set("Server", "github.com")
	if c.s.world.Enterprise != "" {
		h.Set("X-GitHub-Enterprise-Version", c.s.world.Enterprise)
	}
	t := c.token
	if t == nil || a.status == http.StatusUnauthorized {
		return
	}
	if !t.Expires.IsZero() && t.User != "" {
		h.Set("GitHub-Authentication-Token-Expiration", t.Expires.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	if t.scoped() {
		h.Set("X-OAuth-Scopes", strings.Join(t.Scopes, ", "))
		h.Set("X-Accepted-OAuth-Scopes", strings.Join(acceptedScopes(c), ", "))
		if t.Kind == OAuth {
			h.Set("X-OAuth-Client-Id", "178c6fc778ccc68e1d6a")
		}
	} else if c.endpoint != nil && len(c.endpoint.Needs) > 0 {
		h.Set("X-Accepted-GitHub-Permissions", acceptedPermissions(c.endpoint.Needs))
	}
	if len(c.hidden) > 0 {
		ids := make([]string, len(c.hidden))
		for i, id := range c.hidden {
			ids[i] = strconv.FormatInt(id, 10)
		}
		h.Set("X-GitHub-SSO", "partial-results; organizations="+strings.Join(ids, ","))
	}
}

func mediaType(accept string) string {
	if strings.HasPrefix(accept, "application/vnd.github.") {
		kind, format, _ := strings.Cut(strings.TrimPrefix(accept, "application/vnd.github."), "+")
		return "github." + kind + "; format=" + orElse(format, "json")
	}
	return "github.v3; format=json"
}

// acceptedScopes are the scopes that an operation takes, with those that
// hold them.
func acceptedScopes(c *call) []string {
	if c.endpoint == nil {
		return []string{"repo"}
	}
	var out []string
	for _, scope := range c.endpoint.ClassicScopes(c.repo != nil && c.repo.public()) {
		for _, held := range rules.Scopes() {
			if rules.ScopeCovers(held.Name, scope) {
				out = append(out, held.Name)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// acceptedPermissions writes needs as GitHub's header does: alternatives
// stand between semicolons, what is needed together between commas.
func acceptedPermissions(needs rules.Needs) string {
	sets := []string{""}
	for _, group := range needs {
		var next []string
		for _, set := range sets {
			for _, p := range group {
				next = append(next, strings.TrimPrefix(set+","+p.Name+"="+p.Access, ","))
			}
		}
		sets = next
	}
	return strings.Join(sets, "; ")
}
