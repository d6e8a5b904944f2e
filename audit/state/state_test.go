package state

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/bulk"
)

func open(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func names(t *testing.T, s *Store) (out []string) {
	t.Helper()
	for r, err := range s.Repositories() {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, r.Name)
	}
	return out
}

func TestStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	s := open(t, path)
	if run, err := s.Run(); run != nil || err != nil {
		t.Errorf("a new file holds %v, %v", run, err)
	}
	run := &Run{Scope: "example", StartedAt: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC), Accounts: []audit.Account{{Login: "Example", Kind: "organization"}}, Next: "x"}
	if err := s.Begin(run); err != nil {
		t.Fatal(err)
	}
	var all []*bulk.Repository
	var want []string
	for i := range 3 * chunk {
		name := "Example/r" + string(rune('a'+i/26/26)) + string(rune('a'+i/26%26)) + string(rune('a'+i%26))
		all, want = append(all, &bulk.Repository{Name: name, Root: []bulk.Entry{{Name: "README.md", ID: "0"}}}), append(want, name)
	}
	if err := s.List(run, all); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, names(t, s)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	result := &Result{Key: "k", Used: map[string]string{"a": "b"}, Report: json.RawMessage(`{"x":1}`), Lines: map[string]map[int]string{"f": {3: "text"}}}
	if err := s.Save(map[string]*Result{"Example/raaa": result, "example/gone": result}); err != nil {
		t.Fatal(err)
	}
	if err := s.Keep("example/raaa", json.RawMessage(`[1]`)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s = open(t, path)
	defer s.Close()
	if got, err := s.Run(); err != nil || cmp.Diff(run, got) != "" {
		t.Errorf("%v, %s", err, cmp.Diff(run, got))
	}
	if got, err := s.Result("EXAMPLE/RAAA"); err != nil || cmp.Diff(result, got) != "" {
		t.Errorf("%v, %s", err, cmp.Diff(result, got))
	}
	if got, err := s.Kept("Example/raaa"); err != nil || string(got) != "[1]" {
		t.Errorf("kept %s, %v", got, err)
	}
	if got, err := s.Repository("example/none"); got != nil || err != nil {
		t.Errorf("a repository that is not listed: %v, %v", got, err)
	}
	if err := s.Finish(run); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.Result("example/gone"); got != nil {
		t.Error("the result of a repository that is gone stays")
	}
	if err := s.Begin(run); err != nil {
		t.Fatal(err)
	}
	if got := names(t, s); len(got) > 0 {
		t.Errorf("a new run lists %d repositories", len(got))
	}
	if got, _ := s.Result("example/raaa"); got == nil {
		t.Error("a new run has lost the results")
	}
	if got, _ := s.Kept("example/raaa"); got != nil {
		t.Error("a new run has what was kept for the last one")
	}
}

func TestOpen(t *testing.T) {
	folder := t.TempDir()
	broken := filepath.Join(folder, "broken.db")
	if err := os.WriteFile(broken, []byte(strings.Repeat("no state", 4096)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(broken); err == nil || !strings.Contains(err.Error(), "this is no state of patrol") {
		t.Errorf("what is no state: %v", err)
	}
	if _, err := Open(filepath.Join(folder, "no", "such", "x.db")); err == nil || !strings.HasPrefix(err.Error(), "state ") {
		t.Errorf("a folder that is not there: %v", err)
	}
	path := filepath.Join(folder, "used.db")
	s := open(t, path)
	if _, err := Open(path); err == nil || !strings.Contains(err.Error(), lockedMessage) {
		t.Errorf("a file in use: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v, %v", info.Mode(), err)
	}
	temporary := open(t, "")
	if err := temporary.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(temporary.path); err == nil {
		t.Error("a temporary file stays")
	}
}

// TestPacked says what the dictionary is worth: a small audit takes half.
func TestPacked(t *testing.T) {
	report, _ := json.Marshal(&audit.Repository{References: []*audit.Reference{{Secret: "A_TOKEN", Uses: []*audit.Use{{What: "gh issue list"}}}}})
	data, _ := json.Marshal(&Result{Report: report})
	packed, err := pack(data)
	if err != nil || len(packed) > len(data)/2 {
		t.Errorf("%d of %d bytes, %v", len(packed), len(data), err)
	}
	var back Result
	if err := unpack(packed, &back); err != nil || string(back.Report) != string(report) {
		t.Errorf("unpacked: %s, %v", back.Report, err)
	}
}

func FuzzUnpack(f *testing.F) {
	packed, _ := pack([]byte(`{"key":"x"}`))
	f.Add(packed)
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) < 1<<12 {
			_ = unpack(data, &Result{})
		}
	})
}
