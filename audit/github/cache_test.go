package github

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// tagged is a server whose answers have the ETag "1", and counts its statuses.
type tagged struct {
	lock     sync.Mutex
	statuses []int
	tag      string
	header   http.Header
	body     string
}

func (s *tagged) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.lock.Lock()
	defer s.lock.Unlock()
	w.Header().Set("X-RateLimit-Limit", "60")
	w.Header().Set("X-RateLimit-Remaining", fmt.Sprint(50-len(s.statuses)))
	w.Header().Set("X-OAuth-Scopes", fmt.Sprint("scope", len(s.statuses)))
	w.Header().Set("ETag", s.tag)
	for name, values := range s.header {
		w.Header()[name] = values
	}
	status := 200
	if s.tag != "" && r.Header.Get("If-None-Match") == s.tag {
		status = 304
	} else {
		w.Header().Set("Link", `<`+"http://"+r.Host+`/x?page=2>; rel="next"`)
	}
	s.statuses = append(s.statuses, status)
	if status == 304 {
		w.WriteHeader(304)
		return
	}
	say(w, 200, s.body)
}

func newTagged() *tagged { return &tagged{tag: `W/"1"`, body: `{"login":"octo"}`} }

func TestConditionalRequests(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "a", "cache")
	disk, err := OpenDiskCache(folder, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	defer disk.Close()
	for name, cache := range map[string]Cache{"memory": NewMemoryCache(1 << 20), "disk": disk} {
		t.Run(name, func(t *testing.T) {
			server := newTagged()
			client, _ := serve(t, server.ServeHTTP, func(o *Options) { o.Cache = cache })
			for i := range 3 {
				var user struct{ Login string }
				response, err := client.Get(t.Context(), "/x", nil, &user)
				if err != nil || user.Login != "octo" || response.Cached != (i > 0) || response.Status != 200 {
					t.Fatalf("%d: %+v %+v %v", i, user, response, err)
				}
				// The header of the moment and the kept ones.
				if response.Scopes[0] != fmt.Sprint("scope", i) || response.Rate.Remaining != 50-i || !strings.HasSuffix(response.Next, "/x?page=2") {
					t.Errorf("%d: %+v", i, response)
				}
			}
			if got, _, err := client.REST().Users.Get(t.Context(), "octo"); err != nil || got.GetLogin() != "octo" {
				t.Errorf("%v %v", got, err)
			}
			// Another token, another form, another query: other answers.
			if _, err := client.Get(t.Context(), "/x", map[string][]string{"a": {"b"}}, nil); err != nil {
				t.Error(err)
			}
			if _, _, err := client.Raw(t.Context(), "/x", nil); err != nil {
				t.Error(err)
			}
			other, _ := clientFor(t, client.Host().Web(), func(o *Options) { o.Cache, o.Token = cache, mustToken(t, canary+"x") })
			anonymous, _ := clientFor(t, client.Host().Web(), func(o *Options) { o.Cache, o.Token = cache, Token{} })
			same, _ := clientFor(t, client.Host().Web(), func(o *Options) { o.Cache = cache })
			for _, c := range []*Client{other, anonymous, same} {
				if _, err := c.Get(t.Context(), "/x", nil, nil); err != nil {
					t.Error(err)
				}
			}
			if diff := cmp.Diff([]int{200, 304, 304, 200, 200, 200, 200, 200, 304}, server.statuses); diff != "" {
				t.Error(diff)
			}
			if usage := client.Usage(); usage.Cached != 2 || usage.Sent != 6 {
				t.Errorf("%+v", usage)
			}
			server.tag = `W/"2"`
			if response, err := client.Get(t.Context(), "/x", nil, nil); err != nil || response.Cached {
				t.Errorf("a new answer: %+v %v", response, err)
			}
			if response, err := client.Get(t.Context(), "/x", nil, nil); err != nil || !response.Cached {
				t.Errorf("the new answer again: %+v %v", response, err)
			}
		})
	}
	files, _ := filepath.Glob(filepath.Join(folder, "*"))
	if len(files) < 5 {
		t.Errorf("%d files only", len(files))
	}
	for _, name := range append(files, folder) {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %s", name, info.Mode())
		}
	}
}

func TestNotCached(t *testing.T) {
	for name, change := range map[string]func(*tagged){
		"no tag":         func(s *tagged) { s.tag = "" },
		"no-store":       func(s *tagged) { s.header = headers("Cache-Control: private, no-store") },
		"too large":      func(s *tagged) { s.body = `"` + strings.Repeat("x", maxCached) + `"` },
		"with the token": func(s *tagged) { s.body = `{"login":"` + canary + `"}` },
	} {
		server, cache := newTagged(), NewMemoryCache(1<<30)
		change(server)
		client, _ := serve(t, server.ServeHTTP, func(o *Options) { o.Cache = cache })
		for range 2 {
			if _, err := client.Get(t.Context(), "/x", nil, nil); err != nil {
				t.Error(err)
			}
		}
		if diff := cmp.Diff([]int{200, 200}, server.statuses); diff != "" || len(cache.data) != 1 {
			t.Errorf("%s: %d entries, %s", name, len(cache.data), diff)
		}
	}
}

// What is broken in the folder is a miss, and is written anew.
func TestDiskCacheBroken(t *testing.T) {
	for name, change := range map[string]func(string, []byte) error{
		"empty":  func(f string, _ []byte) error { return os.WriteFile(f, nil, 0o600) },
		"cut":    func(f string, d []byte) error { return os.WriteFile(f, d[:len(d)-3], 0o600) },
		"a flip": func(f string, d []byte) error { d[len(d)-3] ^= 1; return os.WriteFile(f, d, 0o600) },
		"a head": func(f string, _ []byte) error { return os.WriteFile(f, []byte(diskMagic), 0o600) },
		"gone":   func(f string, _ []byte) error { return os.Remove(f) },
		"longer": func(f string, d []byte) error {
			return os.WriteFile(f, append(d, bytes.Repeat([]byte("x"), maxDiskEntry)...), 0o600)
		},
		"a folder":  func(f string, _ []byte) error { _ = os.Remove(f); return os.Mkdir(f, 0o700) },
		"a link":    func(f string, _ []byte) error { _ = os.Remove(f); return os.Symlink("/etc/hostname", f) },
		"a link in": func(f string, d []byte) error { _ = os.Rename(f, f+".x"); return os.Symlink(filepath.Base(f)+".x", f) },
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			cache, err := OpenDiskCache(folder, 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			defer cache.Close()
			server := newTagged()
			client, _ := serve(t, server.ServeHTTP, func(o *Options) { o.Cache = cache })
			get := func() {
				t.Helper()
				var user struct{ Login string }
				if _, err := client.Get(t.Context(), "/x", nil, &user); err != nil || user.Login != "octo" {
					t.Errorf("%+v %v", user, err)
				}
			}
			get()
			files, _ := filepath.Glob(filepath.Join(folder, "*.entry"))
			for _, file := range files {
				data, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if err := change(file, data); err != nil {
					t.Fatal(err)
				}
			}
			get()
			if diff := cmp.Diff([]int{200, 200}, server.statuses); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// An entry that is whole, but not as the client writes it, is a miss.
func TestCacheStrange(t *testing.T) {
	for _, data := range []string{"", "\n", "{}\n{}", "[]\n", `{"etag":""}` + "\n{}", `{"etag":"a\r\nb"}` + "\n{}", `{"etag":"a","header":{"X-OAuth-Scopes":"repo"}}` + "\n{}", `{"etag":"a"}`} {
		cache := NewMemoryCache(1 << 20)
		client, err := New(Options{Cache: cache})
		if err != nil {
			t.Fatal(err)
		}
		cache.Put("k", []byte(data))
		if e, _, ok := client.fromCache("k"); ok {
			t.Errorf("%q gives %+v", data, e)
		}
	}
}

func TestCachesAreBounded(t *testing.T) {
	folder := t.TempDir()
	disk, err := OpenDiskCache(folder, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	defer disk.Close()
	memory := NewMemoryCache(10_000)
	for name, cache := range map[string]Cache{"disk": disk, "memory": memory} {
		cache.Put(saltKey, []byte("salt"))
		for i := range 50 {
			key := fmt.Sprint("k", i)
			cache.Put(key, bytes.Repeat([]byte{byte(i)}, 900))
			cache.Put(key, bytes.Repeat([]byte{byte(i)}, 901))
			if data, ok := cache.Get(key); !ok || len(data) != 901 {
				t.Errorf("%s: what was just put is gone", name)
			}
			if name == "disk" { // the order of files is that of their times
				_ = os.Chtimes(filepath.Join(folder, fileOf(key)), time.Time{}, time.Unix(int64(1_700_000_000+i), 0))
			}
		}
		if _, ok := cache.Get("k0"); ok {
			t.Errorf("%s: the oldest is there", name)
		}
		if _, ok := cache.Get("k48"); !ok {
			t.Errorf("%s: the last but one is gone", name)
		}
		if _, ok := cache.Get(saltKey); !ok {
			t.Errorf("%s: the salt is gone", name)
		}
		cache.Put("large", make([]byte, 10_001))
		if _, ok := cache.Get("large"); ok {
			t.Errorf("%s: more than the limit was kept", name)
		}
	}
	var size int64
	files, _ := filepath.Glob(filepath.Join(folder, "*"))
	for _, file := range files {
		if info, err := os.Stat(file); err == nil {
			size += info.Size()
		}
	}
	if size > 10_000 || size < 5_000 {
		t.Errorf("%d bytes in %d files", size, len(files))
	}
	if memory.size > 10_000 || len(memory.order) != len(memory.data) {
		t.Errorf("%d bytes in memory, %d keys, %d data", memory.size, len(memory.order), len(memory.data))
	}
}

func TestOpenDiskCache(t *testing.T) {
	folder := t.TempDir()
	open := filepath.Join(folder, "open")
	if err := os.Mkdir(open, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(open, "notes.txt"), bytes.Repeat([]byte("x"), 5000), 0o644); err != nil {
		t.Fatal(err)
	}
	cache, err := OpenDiskCache(open, 1000)
	if err != nil {
		t.Fatal(err)
	}
	defer cache.Close()
	if info, _ := os.Stat(open); runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 {
		t.Errorf("the folder has mode %s", info.Mode())
	}
	if _, err := os.Stat(filepath.Join(open, "notes.txt")); err != nil || cache.size != 0 {
		t.Errorf("another's file: %v, size %d", err, cache.size)
	}
	cache.Put("k", []byte("v"))
	second, err := OpenDiskCache(open, 1000)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if data, ok := second.Get("k"); !ok || string(data) != "v" || second.size != cache.size {
		t.Errorf("%q %v, size %d and %d", data, ok, second.size, cache.size)
	}
	link := filepath.Join(folder, "link")
	if err := os.Symlink(open, link); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{link, filepath.Join(open, "notes.txt"), filepath.Join(open, "notes.txt", "x")} {
		if _, err := OpenDiskCache(name, 1000); err == nil {
			t.Errorf("%s is taken for a folder", name)
		}
	}
}

func TestDiskCacheTogether(t *testing.T) {
	folder := t.TempDir()
	var group sync.WaitGroup
	for range 4 {
		cache, err := OpenDiskCache(folder, 20_000)
		if err != nil {
			t.Fatal(err)
		}
		defer cache.Close()
		group.Go(func() {
			for i := range 60 {
				key := fmt.Sprint(i % 7)
				cache.Put(key, bytes.Repeat([]byte(key), 1000+i))
				if data, ok := cache.Get(key); ok && strings.Trim(string(data), key) != "" {
					t.Errorf("%s gives another's data", key)
				}
			}
		})
	}
	group.Wait()
	if drafts, _ := filepath.Glob(filepath.Join(folder, "*.draft")); len(drafts) != 0 {
		t.Errorf("left: %v", drafts)
	}
}
