package shell

import "testing"

func TestListsVariables(t *testing.T) {
	for source, want := range map[string][2]bool{
		"set":                          {true, true},
		"set -euo pipefail":            {false, true},
		"set -x; echo a":               {false, true},
		"if a; then\n  set | sort\nfi": {true, true},
		"export -p > x":                {true, true},
		"export":                       {true, true},
		"export A=1 B":                 {false, true},
		"declare -x":                   {true, true},
		"declare -a list":              {false, true},
		"f() { local a; }":             {false, true},
		"readonly":                     {true, true},
		"builtin set":                  {true, true},
		"compgen -v":                   {true, true},
		"compgen -W 'a b'":             {false, true},
		"echo ${!name}":                {true, true},
		"echo \"$(set)\"":              {true, true},
		"eval \"$x\"":                  {true, true},
		"# set\necho set":              {false, true},
		"cat <<'E'\nset\nE":            {false, true},
		"if (":                         {false, false},
	} {
		if lists, parsed := ListsVariables(source); lists != want[0] || parsed != want[1] {
			t.Errorf("%q: %v, parsed %v; want %v, %v", source, lists, parsed, want[0], want[1])
		}
	}
}
