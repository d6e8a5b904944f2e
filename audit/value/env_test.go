package value

import (
	"fmt"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEnv(t *testing.T) {
	var none *Env
	if _, ok := none.Lookup("A"); ok || len(none.All()) != 0 {
		t.Error("the nil Env holds something")
	}
	outer := none.With(map[string]Value{"A": Text("1"), "B": Text("1")})
	inner := outer.With(map[string]Value{"B": Text("2")}).Set("C", nil)
	if outer.With(nil) != outer {
		t.Error("nothing laid over is something else")
	}
	got := map[string]string{}
	for name, v := range inner.All() {
		got[name] = v.String()
	}
	if diff := cmp.Diff(map[string]string{"A": "1", "B": "2", "C": ""}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if v, ok := inner.Lookup("C"); !ok || len(v) != 0 {
		t.Error("an empty variable is set all the same")
	}
	if v, _ := outer.Lookup("B"); v.String() != "1" {
		t.Errorf("the outer one has changed: %s", v)
	}
	inner.All()["A"] = Text("9")
	if v, _ := inner.Lookup("A"); v.String() != "1" {
		t.Errorf("the caller's map is the Env's own: %s", v)
	}
}

func TestEnvFold(t *testing.T) {
	var none *Env
	e := none.With(map[string]Value{"Token": Text("mixed"), "TOKEN": Text("upper")}).Set("path", Text("lower"))
	for name, want := range map[string]string{"Token": "mixed", "TOKEN": "upper", "token": "upper", "PATH": "lower", "path": "lower"} {
		if v, _ := e.LookupFold(name); v.String() != want {
			t.Errorf("%s: got %s, want %s", name, v, want)
		}
	}
	if _, ok := e.LookupFold("TOKE"); ok {
		t.Error("TOKE is not set")
	}
	if _, ok := e.Lookup("token"); ok {
		t.Error("Lookup minds letter case")
	}
}

func TestEnvCredentials(t *testing.T) {
	var none *Env
	if got := none.Credentials(); got != nil {
		t.Errorf("got %v", got)
	}
	pat := Of(secret("PAT", 1))
	e := none.With(map[string]Value{"B": pat, "A": Concat(Text("x"), Choice(Text("y"), pat)), "C": pat, "D": Text("d")})
	e = e.Set("C", Text("covered")).Set("D", pat).Set("B", pat)
	if diff := cmp.Diff([]string{"A", "B", "D"}, e.Credentials()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEnvClosed(t *testing.T) {
	var none *Env
	outer := none.Set("A", Text("1")).Closed()
	inner := outer.Set("B", Of(secret("PAT", 1)))
	opened := inner.Opened()
	if none.IsClosed() || none.Set("A", nil).IsClosed() || !outer.IsClosed() || !inner.IsClosed() || opened.IsClosed() || opened.Set("C", nil).IsClosed() {
		t.Error("an environment is closed from where that is said until it is opened")
	}
	if opened.Opened() != opened || outer.Closed() != outer {
		t.Error("what is open is laid anew where it is opened")
	}
	if v, ok := opened.Lookup("A"); !ok || v.String() != "1" || !opened.HoldsCredential() {
		t.Error("an environment loses its variables where it is opened")
	}
	if !inner.Set("C", nil).IsClosed() || inner.Equal(opened) {
		t.Error("whether it is closed is lost, or not compared")
	}
}

func TestManyVariables(t *testing.T) {
	env, want := (*Env)(nil), map[string]Value{}
	for n := range 3000 {
		name, v := fmt.Sprint("V", n%1700), Text(fmt.Sprint(n))
		env, want[name] = env.Set(name, v), v
	}
	layers := 0
	for l := env.vars; l != nil; l = l.outer {
		layers++
	}
	if layers > 16 {
		t.Errorf("%d layers of 1,700 variables", layers)
	}
	if !maps.EqualFunc(env.All(), want, Value.Equal) {
		t.Error("an environment of many layers does not hold what was set last")
	}
	for name, v := range want {
		if got, ok := env.Lookup(name); !ok || !got.Equal(v) {
			t.Fatalf("%s is %v, want %v", name, got, v)
		}
	}
}

func TestEnvGiven(t *testing.T) {
	var none *Env
	outer := none.Set("A", Text("1")).Closed()
	opened := outer.Opened().Set("B", Text("2"))
	for _, e := range []*Env{opened, outer.Opened().Set("A", Text("1")).Opened().Set("B", Text("2")), outer.Opened().Opened().Set("B", Text("2"))} {
		if v, ok := e.Given("B"); !ok || v.String() != "2" {
			t.Error("what is laid over an environment that was opened is not given")
		}
		if _, ok := e.Given("A"); ok {
			t.Error("what was there before an environment was opened is given")
		}
		if v, ok := e.Lookup("A"); !ok || v.String() != "1" {
			t.Error("what was there is lost")
		}
	}
	if _, ok := outer.Given("A"); !ok || opened.Equal(opened.Opened()) || none.Set("A", nil).Opened().Equal(none.Set("A", nil)) {
		t.Error("what is given is lost, or not compared")
	}
}

func TestEnvOpenedOften(t *testing.T) {
	env := (*Env)(nil).Set("A", Text("a")).Closed()
	for n := range 3000 {
		env = env.Set(fmt.Sprint("V", n%90), Of(secret("PAT", 1))).Opened()
	}
	layers := 0
	for l := env.vars; l != nil; l = l.outer {
		layers++
	}
	if layers > 12 || len(env.Credentials()) != 90 || len(env.All()) != 91 || env.IsClosed() {
		t.Errorf("%d layers, %d credentials, %d variables", layers, len(env.Credentials()), len(env.All()))
	}
	if _, ok := env.Given("V1"); ok {
		t.Error("what was there before an environment was opened is given")
	}
}

// A script opens the environment of each of its commands, once one of them may have
// set what is not seen.
func BenchmarkOpened(b *testing.B) {
	env := (*Env)(nil)
	for n := range 200 {
		env = env.Set(fmt.Sprint("V", n), Of(secret("PAT", 1)))
	}
	for b.Loop() {
		for range 1000 {
			env.Opened().Opened()
		}
	}
}
