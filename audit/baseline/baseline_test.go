package baseline

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit"
)

func repository(name, root string, findings ...*audit.Finding) *audit.Repository {
	r := &audit.Repository{Findings: findings}
	if name != "" {
		r.Name = &name
	}
	if root != "" {
		r.Root = &root
	}
	return r
}

func finding(id string) *audit.Finding {
	return &audit.Finding{ID: id, File: ".github/workflows/a.yml", Severity: audit.SeverityWarning}
}

func found(list []*audit.Finding) (out []string) {
	for _, f := range list {
		out = append(out, f.ID)
	}
	return out
}

// became is what Apply makes of a repository.
type became struct {
	New, Gone []string
	Still     int
}

func TestApply(t *testing.T) {
	f := finding
	elsewhere := finding("z")
	elsewhere.File = ".github/workflows/b.yml"
	slight := finding("n")
	slight.Severity = audit.SeverityNotice
	accepted := repository("o/r", ".", f("a"))
	accepted.Accepted = []*audit.Finding{f("b")}
	broken, lost := repository("o/r", "."), repository("o/r", ".")
	broken.Files, broken.Errors = 2, []audit.Problem{{File: ".github/workflows/a.yml"}}
	lost.Errors = []audit.Problem{{File: "."}}
	for _, test := range []struct {
		name         string
		now, earlier []*audit.Repository
		want         []became
		missing      []string
	}{
		{name: "by name", now: []*audit.Repository{repository("o/r", "x", f("a"), f("b"))}, earlier: []*audit.Repository{repository("O/R", "y", f("b"), f("c"))},
			want: []became{{[]string{"a"}, []string{"c"}, 1}}},
		{name: "by root", now: []*audit.Repository{repository("", "./x", f("a"))}, earlier: []*audit.Repository{repository("", "y", f("a")), repository("", "x", f("b"))},
			want: []became{{[]string{"a"}, []string{"b"}, 0}}},
		{name: "named by now", now: []*audit.Repository{repository("o/r", "x", f("a"))}, earlier: []*audit.Repository{repository("", "x", f("a"))},
			want: []became{{nil, nil, 1}}},
		{name: "the only one", now: []*audit.Repository{repository("", "x", f("a"))}, earlier: []*audit.Repository{repository("", "/y", f("a"))},
			want: []became{{nil, nil, 1}}},
		{name: "another", now: []*audit.Repository{repository("o/r", "x", f("a"))}, earlier: []*audit.Repository{repository("o/s", "x", f("a"))},
			want: []became{{[]string{"a"}, nil, 0}}, missing: []string{"o/r"}},
		{name: "one file of it", now: []*audit.Repository{repository("o/r", ".github/workflows/a.yml", f("a"))}, earlier: []*audit.Repository{repository("o/r", ".", f("b"), elsewhere)},
			want: []became{{[]string{"a"}, []string{"b"}, 0}}},
		{name: "two files of it", now: []*audit.Repository{repository("o/r", ".github/workflows/a.yml", f("a")), repository("o/r", ".github/workflows/b.yml")},
			earlier: []*audit.Repository{repository("o/r", ".", f("a"), elsewhere)},
			want:    []became{{nil, nil, 1}, {nil, []string{"z"}, 0}}},
		{name: "accepted by now", now: []*audit.Repository{accepted}, earlier: []*audit.Repository{repository("o/r", ".", f("a"), f("b"))},
			want: []became{{nil, nil, 1}}},
		{name: "a file that cannot be read", now: []*audit.Repository{broken}, earlier: []*audit.Repository{repository("o/r", ".", f("a"), elsewhere)},
			want: []became{{nil, []string{"z"}, 0}}},
		{name: "nothing can be read", now: []*audit.Repository{lost}, earlier: []*audit.Repository{repository("o/r", ".", f("a"), elsewhere)},
			want: []became{{nil, nil, 0}}},
		{name: "not shown", now: []*audit.Repository{repository("o/r", ".", slight)}, earlier: []*audit.Repository{repository("o/r", ".", slight)},
			want: []became{{nil, nil, 0}}},
	} {
		now := &audit.Report{Repositories: test.now}
		missing := Apply(now, &audit.Report{Repositories: test.earlier}, func(f *audit.Finding) bool { return f.Severity != audit.SeverityNotice })
		var got []became
		for _, r := range now.Repositories {
			got = append(got, became{found(r.Findings), found(r.Baseline.Gone), r.Baseline.Still})
			if r.Baseline.New != len(r.Findings) {
				t.Errorf("%s: %d are counted as new, and there are %d", test.name, r.Baseline.New, len(r.Findings))
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
		if diff := cmp.Diff(test.missing, missing); diff != "" {
			t.Errorf("%s: missing (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestTokens(t *testing.T) {
	token := func(name, host string, ids ...string) *audit.Token {
		out := &audit.Token{Name: name, Host: host}
		for _, id := range ids {
			out.Findings = append(out.Findings, finding(id))
		}
		return out
	}
	now := &audit.Report{Tokens: []*audit.Token{token("A", "github.com", "classic-token:A", "broad-token:A"), token("B", "ghe", "classic-token:B")}}
	earlier := &audit.Report{Tokens: []*audit.Token{token("A", "github.com", "classic-token:A", "expiring-token:A"), token("B", "github.com", "classic-token:B")}}
	Apply(now, earlier, func(*audit.Finding) bool { return true })
	var got []became
	for _, x := range now.Tokens {
		got = append(got, became{found(x.Findings), found(x.Baseline.Gone), x.Baseline.Still})
	}
	want := []became{{[]string{"broad-token:A"}, []string{"expiring-token:A"}, 1}, {[]string{"classic-token:B"}, nil, 0}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCheck(t *testing.T) {
	patrol := audit.Tool{Name: "patrol"}
	whole := &audit.Report{Tool: patrol, Repositories: []*audit.Repository{{}}}
	for name, r := range map[string]*audit.Report{
		"other tool": {Tool: audit.Tool{Name: "x"}, Repositories: []*audit.Repository{}},
		"answers":    {Tool: patrol},
		"partial":    {Tool: patrol, Repositories: []*audit.Repository{{Baseline: &audit.Baseline{}}}},
		"tokens":     {Tool: patrol, Repositories: []*audit.Repository{}, Tokens: []*audit.Token{{Baseline: &audit.Baseline{}}}},
	} {
		if Check(r) == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if err := Check(whole); err != nil {
		t.Error(err)
	}
}
