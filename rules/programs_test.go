package rules

import (
	"slices"
	"strings"
	"testing"

	diff "github.com/google/go-cmp/cmp"
)

func TestProgram(t *testing.T) {
	tests := []struct{ line, want string }{
		{"goreleaser release --clean", "goreleaser release"},
		{"goreleaser -f x.yml release", "goreleaser release"},
		{"/usr/local/bin/goreleaser release", "goreleaser release"},
		{"./bin/goreleaser release", "goreleaser release"},
		{unknownWord + "/bin/goreleaser release", "goreleaser release"},
		{"go run github.com/goreleaser/goreleaser/v2@latest release", "goreleaser release"},
		{"npx semantic-release@22", "semantic-release"},
		{"npx --yes -p @semantic-release/git -p semantic-release semantic-release --dry-run", "semantic-release"},
		{"./node_modules/.bin/semantic-release", "semantic-release"},
		{"yarn semantic-release", "semantic-release"},
		{"yarn run semantic-release", "semantic-release"},
		{"pnpm exec changeset publish", "changeset publish"},
		{"clang-19 -c x.c", "clang"},
		{"/usr/lib/llvm/bin/llvm-profdata-19 merge x", "llvm-profdata"},
		{"php8.3 -l x.php", "php -l"},
		{"python3.12 -m twine upload x", "twine"},
		{"npx @changesets/cli@2 publish", "changeset publish"},
		{"bunx renovate", "renovate"},
		{"uvx mkdocs gh-deploy --force", "mkdocs gh-deploy"},
		{"uv run --with mike mike deploy x", "mike deploy"},
		{"poetry run python -m twine upload dist/x", "twine"},
		{"bundle exec danger", "danger"},
		{"sudo -u bot docker login ghcr.io", "docker login"},
		{"docker --config x login", "docker login"},
		{"env A=b timeout 10 trivy image x", "trivy image"},
		{"cargo release-plz release", "cargo release-plz release"},
		{"wingetcreate.exe update X --submit", "wingetcreate update"},
		{"mvn -B clean deploy", "mvn deploy"},
		{"./gradlew build :core:publish", "gradle publish"},
		{"hub release create v1", "hub release create"},
		{"hub sync", "hub"},
		{"terraform -chdir=x apply", "terraform"},
		// Quiet ones.
		{"echo hello", "echo"},
		{"npx tsc -p .", "tsc"},
		{"python3 -m pytest -x", "pytest"},
		{"opam exec -- dune build", "dune build"},
		{"rustup run nightly cargo fmt", "cargo fmt"},
		{"fvm flutter test", "flutter test"},
		{"fvm install 3.24.0", "fvm install"},
		{"npx nx-cloud record -- npx tsc -p .", "tsc"},
		{"scan-build -o out cmake --build x", "cmake"},
		{"chamber exec acme -- terraform plan", "terraform"},
		{"go run github.com/maxbrunsfeld/counterfeiter/v6 -generate", "counterfeiter"},
		{"npx @lingui/cli extract", "lingui"},
		{"jlpm install", "yarn install"},
		{"npx hardhat test", "hardhat test"},
		{"./gradlew clean :core:test", "gradle clean"},
		{"/bin/cp a b", "cp"},
	}
	for _, test := range tests {
		if got, ok := Program(strings.Fields(test.line)); !ok || got.Name != test.want {
			t.Errorf("%q: %v %+v, want %s", test.line, ok, got, test.want)
		}
	}
}

func TestProgramNotKnown(t *testing.T) {
	for _, line := range []string{
		"", "frobnicate", unknownWord, unknownWord + " release",
		// Scripts of the project, called like quiet programs.
		"./scripts/test", "scripts/cp x", "yarn cp", "pnpm sort x", "yarn run true", "go run ./cmd/echo", "go run cmd/echo",
		"rustup run nightly frobnicate", "opam exec -- frobnicate", "fvm frobnicate", "napi prepublish", "podman container run x", "tfcmt plan -- terraform plan",
		"mvn clean frobnicate", "./gradlew build frobnicate", "npx", "sudo", "sudo -u x", "uv run tool.py", "corepack yarn frobnicate", "poetry run release",
	} {
		if got, ok := Program(strings.Fields(line)); ok {
			t.Errorf("%q: %+v", line, got)
		}
	}
}

func TestProgramEffect(t *testing.T) {
	known := func(given map[string]string) func(string) (string, bool, bool) {
		return func(name string) (string, bool, bool) { text, ok := given[name]; return text, true, ok }
	}
	nothing := func(string) (string, bool, bool) { return "", false, false }
	npm := map[string]string{"@registry": "https://npm.pkg.github.com"}
	tests := []struct {
		line string
		use  int
		get  func(string) (string, bool, bool)
		want string
	}{
		{"docker login ghcr.io -u x --password-stdin", 0, nil, "conditional package-access | packages:write | registry_package.published | registry:ghcr.io"},
		{"docker login -u x -p y ghcr.io/o", 0, nil, "conditional package-access | packages:write | registry_package.published | registry:ghcr.io"},
		{"docker login quay.io -u x", 0, nil, "other | | | registry:quay.io"},
		{"docker login -u x --password-stdin", 0, nil, "other | | | registry:docker.io"},
		{"docker login " + unknownWord, 0, nil, "? other | | | registry:" + unknownWord},
		{"npm publish", 0, nil, "other | | | registry:npm"},
		{"npm publish", 0, known(npm), "conditional package-access | packages:write | registry_package.published | registry:npm.pkg.github.com"},
		{"npm publish --registry=https://npm.pkg.github.com/", 0, nil, "conditional package-access | packages:write | registry_package.published | registry:npm.pkg.github.com"},
		{"npm publish", 0, nothing, "? other | | | registry:npm"},
		{"npm ci", 0, known(npm), "conditional package-access | packages:read | | registry:npm.pkg.github.com"},
		{"goreleaser release", 0, known(nil), "yes | contents:write | release.created release.published release.released create[of=env:GORELEASER_CURRENT_TAG|@tag,when=missing] push:tag[of=env:GORELEASER_CURRENT_TAG|@tag,when=missing] |"},
		{"goreleaser release --snapshot", 0, known(nil), "yes | | |"},
		{"wingetcreate update X -u y", 0, nil, "yes | | | public"},
		{"wingetcreate update X -s -t y", 0, nil, "no other-owner | contents:write,pull_requests:write | push pull_request.opened | microsoft/winget-pkgs"},
		{"cr index --push -o a -r b", 0, nil, "yes | contents:write | push[branch=env:CR_PAGES_BRANCH|config:pages-branch|gh-pages] page_build | a/b"},
		{"cr index --owner a --pages-branch docs --push", 0, nil, "yes | contents:write | push[branch=docs] page_build | a/env:CR_GIT_REPO|config:git-repo"},
		{"cr index", 0, nil, "yes | contents:read | | env:CR_OWNER|config:owner/env:CR_GIT_REPO|config:git-repo"},
		{"mkdocs gh-deploy", 0, nil, "yes | contents:write | push[branch=config:remote_branch|gh-pages] page_build | remote:config:remote_name"},
		{"mike deploy 1.0 latest", 0, nil, "yes | | |"},
		{"mike deploy --push -b docs 1.0", 0, nil, "yes | contents:write | push[branch=docs] page_build | remote:config:remote_name"},
		{"hub pull-request -b main -h x -r o/team", 0, nil, "no pull-request-setting,organization-api | contents:read,pull_requests:write,org:members:read | pull_request.opened[base=main,head=x] |"},
		{"reviewdog -reporter=github-pr-review", 0, nil, "yes | contents:read,pull_requests:write | pull_request_review.submitted pull_request_review_comment.created |"},
		{"mvn -B release:prepare -DpushChanges=false", 2, nil, "yes | | |"},
		{"reviewdog --reporter=github-check", 0, nil, "yes | checks:write,contents:read,pull_requests:read | check_run.created check_run.completed |"},
		{"docker run -e GITHUB_TOKEN image", 0, nil, "unknown | | | unknown"},
		{"docker run image", 0, nil, "quiet | | |"},
		{"docker build --secret id=x,env=Y .", 0, nil, "unknown | | | unknown"},
		{"github-release upload --file x", 0, nil, "yes | contents:write | |"},
		{"github-release upload --other o/r --file x", 0, nil, "yes | contents:write | | unknown"},
		{"github-release upload --other=o/r", 0, nil, "yes | contents:write | | unknown"},
		{"github-release upload --other", 0, nil, "yes | contents:write | |"},
		{"github-release upload --user o --repo r --other x", 0, nil, "yes | contents:write | | o/r"},
		{"flux bootstrap github --owner o --repository r", 0, nil, "no administration | administration:write,contents:write | push | o/r"},
	}
	for _, test := range tests {
		t.Run(test.line, func(t *testing.T) {
			p, ok := Program(strings.Fields(test.line))
			if !ok {
				t.Fatal("not known")
			}
			effect, certain := p.Effect(p.Uses[test.use], test.get)
			if d := diff.Diff(test.want, sketch(effect, certain)); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestProgramCases checks that what goes to another place than the rest is a
// case, and that an unread configuration leaves the answer open.
func TestProgramCases(t *testing.T) {
	p, _ := Program([]string{"jreleaser", "release"})
	config := "packagers:\n  brew:\n    active: ALWAYS\n"
	effect, certain := p.Effect(p.Uses[0], func(name string) (string, bool, bool) { return config, true, name == "@config" })
	if len(effect.Cases) != 1 || effect.Cases[0].Effect.Target != "unknown" || effect.Answer != AnswerYes || !certain {
		t.Errorf("certain %v, %+v", certain, effect)
	}
	if _, certain := p.Effect(p.Uses[0], func(string) (string, bool, bool) { return "", false, false }); certain {
		t.Error("certain without the configuration")
	}
}

func TestProgramQuiet(t *testing.T) {
	for line, want := range map[string]bool{
		"echo x": true, "docker run x": true, "docker run -e A x": false, "docker build .": true,
		"npm ci": false, "goreleaser build": true, "docker build --secret id=x .": false,
	} {
		if p, ok := Program(strings.Fields(line)); !ok || p.Quiet != want {
			t.Errorf("%q: quiet is not %v: %+v", line, want, p)
		}
	}
}

func TestProgramTokens(t *testing.T) {
	p, _ := Program([]string{"wingetcreate", "update", "-t", "x"})
	want := []TokenSource{{"flag", "token"}, {"env", "WINGET_CREATE_GITHUB_TOKEN"}}
	if d := diff.Diff(want, p.Uses[0].Tokens); d != "" {
		t.Error(d)
	}
	if text, ok := p.Lookup("token"); text != "x" || !ok {
		t.Errorf("token %q", text)
	}
}

func TestProgramReads(t *testing.T) {
	tests := []struct {
		line, variable string
		want           Answer
	}{
		{"npm publish", "NODE_AUTH_TOKEN", AnswerOther},
		{"npm publish", "GITHUB_TOKEN", ""},
		{"goreleaser release", "GITHUB_TOKEN", AnswerYes},
		{"goreleaser release", "HOMEBREW_TAP_GITHUB_TOKEN", AnswerNo},
		{"docker run -e X y", "X", AnswerUnknown},
		{"aws s3 ls", "GITHUB_TOKEN", ""},
	}
	for _, test := range tests {
		p, _ := Program(strings.Fields(test.line))
		if use, ok := p.Reads(test.variable); use.Answer != test.want || ok != (test.want != "") {
			t.Errorf("%s, %s: %q, want %q", test.line, test.variable, use.Answer, test.want)
		}
	}
}

// TestProgramTable checks what every use of the table relies on.
func TestProgramTable(t *testing.T) {
	answers := []Answer{AnswerYes, AnswerNo, AnswerConditional, AnswerUnknown, AnswerOther, AnswerQuiet}
	seen := map[string]bool{}
	before := ""
	for _, r := range programRows().rows {
		if r.name != before && (seen[r.name] || r.mode != modeBase) {
			t.Errorf("%s: its rows do not stand together, base first", r.name)
		}
		seen[r.name], before = true, r.name
		if !slices.Contains(answers, r.effect.Answer) {
			t.Errorf("%s: answer %q", r.name, r.effect.Answer)
		}
		needsToken := r.mode == modeBase && r.effect.Answer != AnswerQuiet
		if needsToken && len(r.tokens) == 0 || !needsToken && r.effect.Answer == AnswerQuiet && len(r.tokens) > 0 {
			t.Errorf("%s: %s with tokens %v", r.name, r.effect.Answer, r.tokens)
		}
		flags := flagsOf(r.name)
		for _, source := range r.tokens {
			if source.Kind == "flag" {
				checkName(t, r.name, flags, source.Name)
			}
		}
		checkEffectRow(t, r.name, flags, r.effectRow)
		if got, ok := Program(strings.Fields(r.name)); !ok || got.Name != r.name {
			t.Errorf("%s: found as %+v", r.name, got)
		}
	}
}

// flagsOf returns the flags of a program, which stand in its first row.
func flagsOf(name string) []GhFlag {
	for _, r := range programRows().rows {
		if r.name == name {
			return r.flags
		}
	}
	return nil
}

func FuzzProgram(f *testing.F) {
	for _, line := range []string{"npx -p a b@1 c", "docker --x login ghcr.io -u", "go run a.b/c/v2@x --", "mvn -f x clean deploy", "sudo env A=b timeout 1 npx yarn echo",
		`C:\x\wingetcreate.exe update -s`, "yarn yarn yarn", "\ua000_ release", "python -m"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		p, ok := Program(strings.Fields(line))
		if !ok {
			return
		}
		if p.Name == "" || len(p.Uses) == 0 {
			t.Fatalf("%+v", p)
		}
		for _, use := range p.Uses {
			if e, _ := p.Effect(use, nil); e.Answer == "" {
				t.Errorf("%s: no answer", p.Name)
			}
		}
	})
}
