package rules

import (
	"slices"
	"testing"
)

func TestPackageManagerOf(t *testing.T) {
	for program, want := range map[string]string{"npm": "npm", "npx": "npm", "bunx": "bun", "yarn": "yarn", "pip": ""} {
		if m, ok := PackageManagerOf(program); m.Name != want || ok != (want != "") {
			t.Errorf("PackageManagerOf(%q) = %q, %t, want %q", program, m.Name, ok, want)
		}
	}
}

func TestPackageManagerPlaces(t *testing.T) {
	npm, _ := PackageManagerOf("npx")
	for word, want := range map[string]bool{"-w": true, "--workspace=web": true, "--prefix": true, "-ws": true, "--package": false, "web": false} {
		if got := npm.Places(word); got != want {
			t.Errorf("Places(%q) = %t, want %t", word, got, want)
		}
	}
	if npm.Selects("--prefix") || !npm.Selects("--ws") {
		t.Error("a prefix selects no package, and --ws does")
	}
}

func TestLaunchedByPackageManager(t *testing.T) {
	for _, call := range [][]string{{"npx", "--prefix", "web", "tool"}, {"npx", "--cache", "c", "tool"}, {"pnpm", "-C", "web", "exec", "tool"}, {"yarn", "--cwd", "web", "tool"}, {"npm", "exec", "-w", "web", "--", "tool"}, {"yarn", "dlx", "-p", "pack", "tool"}} {
		inner, _, ok := Launched(call)
		if !ok || !slices.Equal(inner[len(inner)-1:], []string{"tool"}) || len(inner) > 2 {
			t.Errorf("Launched(%q) = %q, %t", call, inner, ok)
		}
	}
}
