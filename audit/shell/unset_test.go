package shell

import (
	"testing"

	"github.com/patrol-actions/patrol/audit/value"
)

// TestUnset holds what a default becomes in a closed environment: D is one that
// nothing sets.
func TestUnset(t *testing.T) {
	tests := []struct{ source, want string }{
		{`gh "${D:-x}"`, "x"},
		{`gh "${D-x}"`, "x"},
		{`gh "a${D+x}"`, "a"},
		{`gh "a${D:+x}"`, "a"},
		{`: "${D:=x}"; gh "$D"`, "x"},
		{`gh "$D"`, "$D"},
		{`gh "${D:?no}"`, "$D"},
		{`gh "${D%x}"`, "${D%x}"},
		{`gh "${S:-x}"`, "set"},
		{`gh "${HOSTNAME:-x}"`, "$HOSTNAME|x"},
		{`gh "${RUNNER_NEW_THING:-x}"`, "$RUNNER_NEW_THING|x"},
		{`D=y; gh "${D:-x}"`, "y"},
		{`read -r D; gh "${D:-x}"`, "$D|x"},
		{`(D=y); gh "${D:-x}"`, "x"},
		{`eval "$(a)"; gh "${D:-x}"`, "$D|x"},
		{`eval "E=1"; gh "${D:-x}"`, "x"},
		{`. /opt/a; gh "${D:-x}"`, "$D|x"},
		{`export $(a); gh "${D:-x}"`, "$D|x"},
		{`export E=$(a); gh "${D:-x}"`, "x"},
		{`declare "$N=1"; gh "${D:-x}"`, "$D|x"},
		{`printf -v "$N" %s a; gh "${D:-x}"`, "$D|x"},
		{`printf -v 'D[0]' %s a; gh "${D:-x}"`, "$D|x"},
		{`printf -v E %s a; gh "${D:-x}"`, "x"},
		{`read -r "$N"; gh "${D:-x}"`, "$D|x"},
		{`mapfile -t "$N"; gh "${D:-x}"`, "$D|x"},
		{`declare -n R=$N; R=1; gh "${D:-x}"`, "$D|x"},
		{`let "$N=1"; gh "${D:-x}"`, "$D|x"},
		{`coproc D { a; }; gh "${D:-x}"`, "$D|x"},
		{`exec {D}> f; gh "${D:-x}"`, "$D|x"},
		{`$SETUP; gh "${D:-x}"`, "$D|x"},
		{`builtin export "$N"; gh "${D:-x}"`, "$D|x"},
		{`D=y . ./a; gh "${D:-x}"`, "$D|x"},
		{`trap 'gh "${D:-x}"' EXIT; D=y`, "$D|x"},
		{`for i in 1 2; do gh "${D:-x}"; eval "$(a)"; done`, "$D|x"},
		{`for i in 1 2; do gh "${D:-x}"; f; done; f() { D=y; }`, "$D|x"},
		{`for i in 1 2; do gh "${D:-x}"; done`, "x"},
		{`bash -c 'gh "${D:-x}"'`, "x"},
		{`bash -lc 'gh "${D:-x}"'`, "$D|x"},
		{`su -c 'gh "${D:-x}"' a`, "$D|x"},
		{`sudo bash -c 'gh "${D:-x}"'`, "$D|x"},
		{`timeout 9 bash -c 'gh "${D:-x}"'`, "x"},
		{`env -S "D=y bash -c" 'gh "${D:-x}"'`, ""},
		{`nix develop -c bash -c 'gh "${D:-x}"'`, "$D|x"},
		{`doppler run -- bash -c 'gh "${D:-x}"'`, "$D|x"},
		{`wsl bash -c 'gh "${D:-x}"'`, "$D|x"},
		{`if [ -n "${D:-}" ]; then gh y; else gh x; fi`, "x"},
		{`if [ -z "${D+set}" ]; then gh x; else gh y; fi`, "x"},
	}
	env := (*value.Env)(nil).With(map[string]value.Value{"S": value.Text("set")}).Closed()
	for _, tt := range tests {
		got := ""
		for _, c := range Interpret(Input{Source: tt.source, Env: env}).Commands {
			if c.Args[0].LiteralOr("") == "gh" {
				got += c.Args[1].String()
			}
		}
		if got != tt.want {
			t.Errorf("%s: gh gets %s, want %s", tt.source, got, tt.want)
		}
	}
}

// TestUnsetOpen holds that a default is but one of two in an environment that is open.
func TestUnsetOpen(t *testing.T) {
	got := Interpret(Input{Source: `gh "${D:-x}"`}).Commands[0].Args[1].String()
	if got != "$D|x" {
		t.Errorf("gh gets %s", got)
	}
}

// TestOpens holds which scripts may set variables for later steps that are not seen.
func TestOpens(t *testing.T) {
	env := (*value.Env)(nil).With(map[string]value.Value{"GITHUB_ENV": value.Context("github.env")}).Closed()
	tests := []struct {
		dialect Dialect
		source  string
		want    bool
	}{
		{Bash, `echo "A=$X" >> $GITHUB_ENV`, false},
		{Bash, `echo A=1 | tee -a "$GITHUB_ENV"`, false},
		{Bash, "{\n  echo 'A<<END'\n  cat f\n  echo END\n} >> \"$GITHUB_ENV\"", false},
		{Bash, "cat <<E >> $GITHUB_ENV\nA=1\nB=$X\nE", false},
		{Bash, `grep A= "$GITHUB_ENV"; cat "$GITHUB_ENV"; echo "see $GITHUB_ENV"`, false},
		{Bash, `printf 'A=%s\n' "$X" >> "${GITHUB_ENV}"`, false},
		{Bash, `echo "$X=1" >> $GITHUB_ENV`, true},
		{Bash, `echo "$X" >> $GITHUB_ENV`, true},
		{Bash, `a >> $GITHUB_ENV`, true},
		{Bash, `cat f >> $GITHUB_ENV`, true},
		{Bash, `env | grep ^A_ >> $GITHUB_ENV`, true},
		{Bash, `a --to "$GITHUB_ENV"`, true},
		{Bash, `a --to="$GITHUB_ENV"`, true},
		{Bash, `TO=$GITHUB_ENV a`, true},
		{Bash, `cp f "$GITHUB_ENV"`, true},
		{Bash, `sed -i s/a/b/ "$GITHUB_ENV"`, true},
		{Bash, `awk '{ print >> ENVIRON["GITHUB_ENV"] }' f`, true},
		{Bash, `exec >> $GITHUB_ENV; a`, true},
		{Bash, `exec 3>> $GITHUB_ENV; a >&3`, true},
		{Bash, `echo A=1 >> "${GITHUB_ENV:-/dev/null}"`, true},
		{Bash, "echo 'A<<END' >> $GITHUB_ENV\na >> $GITHUB_ENV", true},
		{Bash, "echo A=1 >> $GITHUB_ENV\nif [", true},
		{Bash, `while read -r l; do echo "$l"; done < f >> $GITHUB_ENV`, true},
		{PowerShell, `"A=$x" >> $env:GITHUB_ENV`, false},
		{PowerShell, `"A=$x" | Out-File -FilePath $env:GITHUB_ENV -Append`, false},
		{PowerShell, `Add-Content -Path $env:GITHUB_ENV -Value "A=$x"`, false},
		{PowerShell, `Add-Content $env:GITHUB_ENV "A=$x"`, false},
		{PowerShell, `"$n=$x" >> $env:GITHUB_ENV`, true},
		{PowerShell, `Get-Content f | Out-File $env:GITHUB_ENV -Append`, true},
		{PowerShell, `$f = $env:GITHUB_ENV`, true},
		{PowerShell, `[IO.File]::AppendAllText($env:GITHUB_ENV, $all)`, true},
		{Cmd, `echo A=%X%>> %GITHUB_ENV%`, false},
		{Cmd, `type f >> %GITHUB_ENV%`, true},
	}
	for _, tt := range tests {
		if got := Interpret(Input{Source: tt.source, Dialect: tt.dialect, Env: env}).Opens; got != tt.want {
			t.Errorf("%s opens: %v", tt.source, got)
		}
	}
}
