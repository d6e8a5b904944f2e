package github

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
)

// Cache keeps answers between requests, and between runs if it is on a disk.
// A client asks GitHub whether they still hold, which costs nothing of the
// rate limit. Keys are hexadecimal digits or the word "salt"; data is opaque
// and never holds a token. A cache may lose what it likes, and must be safe for
// use by several goroutines.
type Cache interface {
	// Get gives what was put under a key. The caller does not change it.
	Get(key string) ([]byte, bool)
	// Put keeps data under a key, if it can.
	Put(key string, data []byte)
}

// maxCached bounds, in bytes, an answer that is put into a cache.
const maxCached = 4 << 20

// saltKey is where a cache keeps the salt of its keys.
const saltKey = "salt"

// entry is an answer in a cache: this as JSON on one line, then the body.
type entry struct {
	ETag   string            `json:"etag"`
	Header map[string]string `json:"header"`
}

// keptHeaders are the headers that are kept with an answer. All others are of
// the moment: those of the 304 are used.
var keptHeaders = []string{"Content-Type", "Link", "X-GitHub-Media-Type"}

// cached asks with If-None-Match where the cache has an answer, and gives that
// one if GitHub says that it still holds.
func (c *Client) cached(request *http.Request) (*http.Response, error) {
	if !c.mayCache(request) {
		return c.limited(request)
	}
	key := c.cacheKey(request)
	known, body, found := c.fromCache(key)
	if found {
		request.Header.Set("If-None-Match", known.ETag)
	}
	answer, err := c.limited(request)
	if err != nil {
		return nil, err
	}
	if found && answer.StatusCode == http.StatusNotModified {
		for name, value := range known.Header {
			answer.Header.Set(name, value)
		}
		answer.Header.Set("ETag", known.ETag)
		answer.Header.Set(cachedHeader, cachedBody)
		answer.Status, answer.StatusCode = "200 OK", http.StatusOK
		answer.Body, answer.ContentLength = newMemory(body), int64(len(body))
		c.count(func(u *Usage) { u.Cached++ })
		return answer, nil
	}
	c.toCache(key, answer)
	return answer, nil
}

// mayCache tells whether a request's answer may come from the cache or go
// there: only what GitHub's own API is asked, and what is held in memory.
func (c *Client) mayCache(request *http.Request) bool {
	return c.cache != nil && request.Method == http.MethodGet && callOf(request.Context()).stream == 0 &&
		c.host.owns(request.URL) && request.Header.Get("If-None-Match") == "" && request.Header.Get("Range") == ""
}

// cacheKey names an answer by what GitHub's Vary names (the token and the
// Accept header) and by the address. Nothing can be told from it.
func (c *Client) cacheKey(request *http.Request) string {
	sum := sha256.New()
	for _, part := range []string{"1", c.host.REST(), c.token.identity(c.salt()), request.URL.String(),
		request.Header.Get("Accept"), request.Header.Get("X-GitHub-Api-Version")} {
		sum.Write([]byte(part + "\x00"))
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// salt is the salt of the cache's keys, made when it has none.
func (c *Client) salt() []byte {
	c.saltOnce.Do(func() {
		if salt, ok := c.cache.Get(saltKey); ok && len(salt) == sha256.Size {
			c.saltBytes = bytes.Clone(salt)
			return
		}
		c.saltBytes = make([]byte, sha256.Size)
		_, _ = rand.Read(c.saltBytes) // never fails, as its documentation says
		c.cache.Put(saltKey, c.saltBytes)
	})
	return c.saltBytes
}

// fromCache reads an answer; a broken one is none.
func (c *Client) fromCache(key string) (e entry, body []byte, ok bool) {
	data, ok := c.cache.Get(key)
	if !ok {
		return entry{}, nil, false
	}
	head, body, ok := bytes.Cut(data, []byte("\n"))
	if !ok || json.Unmarshal(head, &e) != nil || e.ETag == "" || strings.ContainsAny(e.ETag, "\r\n\x00") {
		return entry{}, nil, false
	}
	for name := range e.Header {
		if !isKept(name) {
			return entry{}, nil, false
		}
	}
	return e, body, true
}

// toCache keeps an answer that GitHub will recognise again. One in which the
// token stands is not kept.
func (c *Client) toCache(key string, answer *http.Response) {
	body, tag := bodyOf(answer), answer.Header.Get("ETag")
	if answer.StatusCode != http.StatusOK || tag == "" || len(body) > maxCached ||
		strings.Contains(answer.Header.Get("Cache-Control"), "no-store") {
		return
	}
	e := entry{ETag: tag, Header: map[string]string{}}
	for _, name := range keptHeaders {
		if values := answer.Header.Values(name); len(values) > 0 {
			e.Header[name] = strings.Join(values, ", ")
		}
	}
	head, err := json.Marshal(e)
	if err != nil {
		return
	}
	data := append(append(head, '\n'), body...)
	if text := string(data); c.redact(text) == text {
		c.cache.Put(key, data)
	}
}

// isKept tells whether a header is among those that are kept.
func isKept(name string) bool {
	for _, kept := range keptHeaders {
		if kept == name {
			return true
		}
	}
	return false
}

// MemoryCache is a [Cache] for one run.
type MemoryCache struct {
	lock  sync.Mutex
	limit int64
	size  int64
	data  map[string][]byte
	order []string
}

// NewMemoryCache makes a cache of at most limit bytes of data. When it is
// full, what was put first goes first.
func NewMemoryCache(limit int64) *MemoryCache {
	return &MemoryCache{limit: limit, data: map[string][]byte{}}
}

// Get gives what was put under a key.
func (m *MemoryCache) Get(key string) ([]byte, bool) {
	m.lock.Lock()
	defer m.lock.Unlock()
	data, ok := m.data[key]
	return data, ok
}

// Put keeps data under a key.
func (m *MemoryCache) Put(key string, data []byte) {
	m.lock.Lock()
	defer m.lock.Unlock()
	if int64(len(data)) > m.limit {
		return
	}
	old, known := m.data[key]
	m.size += int64(len(data)) - int64(len(old))
	m.data[key] = bytes.Clone(data)
	if !known {
		m.order = append(m.order, key)
	}
	for i := 0; m.size > m.limit && i < len(m.order); {
		if m.order[i] == key || m.order[i] == saltKey {
			i++
			continue
		}
		m.size -= int64(len(m.data[m.order[i]]))
		delete(m.data, m.order[i])
		m.order = append(m.order[:i], m.order[i+1:]...)
	}
}
