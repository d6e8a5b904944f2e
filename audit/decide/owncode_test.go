package decide

import "testing"

func TestLineReads(t *testing.T) {
	for _, c := range []struct {
		line, file string
		want       bool
	}{
		{`token = os.environ["GH_TOKEN"]`, "a.py", true},
		{`os.environ["GH_TOKEN"] = "x"`, "a.py", false},
		{`if os.environ["GH_TOKEN"] == "x":`, "a.py", true},
		{`monkeypatch.setenv("GH_TOKEN", os.environ["HOME"])`, "a.py", false},
		{`# os.environ["GH_TOKEN"]`, "a.py", false},
		{`os.environ["MY_GH_TOKEN"]`, "a.py", false},
		{`t := os.Getenv("GH_TOKEN")`, "a.go", true},
		{`t.Setenv("GH_TOKEN", "")`, "a.go", false},
		{`const { GH_TOKEN } = process.env`, "a.ts", true},
		{`process.env.GH_TOKEN = 'x'`, "a.ts", false},
		{"const url = `${GH_TOKEN}`", "a.ts", false},
		{`let t = env!("GH_TOKEN");`, "a.rs", true},
		{`echo "$GH_TOKEN"`, "a.sh", true},
		{`GH_TOKEN=x ./run`, "a.sh", false},
		{`<Token>$(GH_TOKEN)</Token>`, "a.csproj", true},
		{`<token>${env.GH_TOKEN}</token>`, "pom.xml", true},
		{`secret = ["id=gh,env=GH_TOKEN"]`, "docker-bake.hcl", true},
		{`It reads GH_TOKEN.`, "a.py", false},
	} {
		if got := lineReads(c.line, c.file, "GH_TOKEN"); got != c.want {
			t.Errorf("lineReads(%q, %s) = %v, want %v", c.line, c.file, got, c.want)
		}
	}
}
