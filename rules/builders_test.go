package rules

import "testing"

func TestBuilderOf(t *testing.T) {
	for _, c := range []struct {
		args []string
		file string
		want string
		runs bool
	}{
		{[]string{"go", "test", "./..."}, "pkg/a/a_test.go", "go test", true},
		{[]string{"go", "test", "./..."}, "scripts/a.py", "go test", false},
		{[]string{"go", "build", "./..."}, "", "", false},
		{[]string{"npx", "vitest", "run"}, "test/a.spec.ts", "vitest", true},
		{[]string{"uv", "run", "pytest", "-q"}, "tests/test_a.py", "pytest", true},
		{[]string{"python", "-m", "pytest"}, "tests/test_a.py", "pytest", true},
		{[]string{"./gradlew", "build"}, "build.gradle", "gradlew", true},
		{[]string{"pip", "install", "-r", "x.txt"}, "", "", false},
		{[]string{"pip", "install", ".[test]"}, "setup.py", "pip install", true},
		{[]string{"git", "commit", "-am", "x"}, ".husky/pre-commit", "git commit", true},
		{[]string{"git", "commit", "-am", "x"}, "src/pre-commit", "git commit", false},
		{[]string{"cargo", "build", "--release"}, "crates/a/build.rs", "cargo build", true},
		{[]string{"cargo", "build", "--release"}, "crates/a/src/lib.rs", "cargo build", false},
		{[]string{"jq", "."}, "", "", false},
	} {
		b, ok := BuilderOf(c.args)
		if ok != (c.want != "") || b.Name != c.want || ok && b.Runs(c.file) != c.runs {
			t.Errorf("BuilderOf(%q) = %q, %v; runs %s: %v, want %q, %v", c.args, b.Name, ok, c.file, b.Runs(c.file), c.want, c.runs)
		}
		if ok && !MayBuild(c.args[0]) {
			t.Errorf("MayBuild(%q) is false", c.args[0])
		}
	}
}
