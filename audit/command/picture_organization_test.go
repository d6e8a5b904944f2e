package command

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	imagedraw "image/draw"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/patrol-actions/patrol/audit/github/githubtest"
)

// The size of the picture of an organisation's page, in pixels.
const screenWidth, screenHeight = 1300, 1040

// drawnFrom is the key of the text chunk of a picture that says what it shows.
const drawnFrom = "Drawn from"

// TestOrganizationPicture holds the picture of an organisation's page against
// what the program says of the organisation now. Browsers draw with the fonts
// that they find, so the picture notes a hash of the overview as text. It is
// made anew by
//
//	PATROL_CHROMIUM=$(command -v chromium) go test ./audit/command -run Picture -update
func TestOrganizationPicture(t *testing.T) {
	folder := t.TempDir()
	earlier, page := filepath.Join(folder, "earlier.json"), filepath.Join(folder, "page.html")
	exampleOrganization(t, 9, time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), "--format", "json="+earlier)
	overview := exampleOrganization(t, 0, time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC), "--baseline", earlier, "--format", "text", "--format", "html="+page)
	sum := sha256.Sum256([]byte(overview))
	want := hex.EncodeToString(sum[:])
	file := filepath.Join("..", "..", pictures, "organization.png")
	if *update && os.Getenv("PATROL_CHROMIUM") != "" {
		screen := filepath.Join(folder, "screen.png")
		command := exec.CommandContext(t.Context(), os.Getenv("PATROL_CHROMIUM"), "--headless", "--no-sandbox", "--hide-scrollbars",
			fmt.Sprintf("--window-size=%d,%d", screenWidth, screenHeight), "--screenshot="+screen, "file://"+page)
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		shrink(t, screen, file, want)
	}
	picture, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(picture, textChunk(drawnFrom, want)) {
		t.Errorf("%s is not of what the program says: make it anew with -update and PATROL_CHROMIUM, and look at it; it says\n%s", file, overview)
	}
}

// exampleOrganization audits an organisation, in which a number of repositories
// still have a token more, and returns what is written.
func exampleOrganization(t *testing.T, more int, now time.Time, arguments ...string) string {
	t.Helper()
	server := githubtest.New(t, exampleWorld(more, now))
	env := map[string]string{"GITHUB_API_URL": server.URL, "GH_TOKEN": "ghs_" + canary + "example", "SOURCE_DATE_EPOCH": fmt.Sprint(now.Unix())}
	var out, problems bytes.Buffer
	code := Main(context.Background(), Process{
		Args:  append([]string{"org", "example", "--state", "", "--fail-on", "never", "-q"}, arguments...),
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &problems, Getenv: func(name string) string { return env[name] },
	})
	if code != ExitClean || problems.Len() > 0 {
		t.Fatalf("exit code %d: %s", code, problems.String())
	}
	return out.String()
}

// The workflows of the example's organisation: what most have to do with.
const (
	labels    = "on:\n  issues:\n    types: [opened]\njobs:\n  triage:\n    runs-on: ubuntu-latest\n    steps:\n      - run: gh issue edit ${{ github.event.issue.number }} --add-label triage\n        env:\n          GH_REPO: ${{ github.repository }}\n          GH_TOKEN: ${{ secrets.BOT_PAT }}\n"
	releases  = "on:\n  push:\n    tags: ['v*']\njobs:\n  release:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v7\n      - run: gh release create \"$GITHUB_REF_NAME\" --generate-notes\n        env:\n          GH_TOKEN: ${{ secrets.RELEASE_PAT }}\n"
	published = "on:\n  release:\n    types: [published]\njobs:\n  docs:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make docs\n"
	deploys   = "on:\n  push:\n    branches: [main]\njobs:\n  deploy:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: peter-evans/repository-dispatch@v4\n        with:\n          token: ${{ secrets.DEPLOY_PAT }}\n          repository: example/infrastructure\n          event-type: deploy\n"
	updates   = "on:\n  schedule:\n    - cron: '0 4 * * 1'\njobs:\n  update:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v7\n      - run: make update\n      - uses: peter-evans/create-pull-request@v8\n        with:\n          token: ${{ secrets.BOT_PAT }}\n"
	mirrors   = "on: push\njobs:\n  mirror:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: example-tools/mirror@v2\n        with:\n          token: ${{ secrets.MIRROR_PAT }}\n"
	rosters   = "on: workflow_dispatch\njobs:\n  roster:\n    runs-on: ubuntu-latest\n    steps:\n      - run: gh api orgs/example/members --paginate\n        env:\n          GH_TOKEN: ${{ secrets.ORG_PAT }}\n"
)

// exampleWorld is an organisation with forty repositories.
func exampleWorld(more int, now time.Time) githubtest.World {
	day := func(days int) time.Time { return now.AddDate(0, 0, -days) }
	world := githubtest.World{
		Users: []githubtest.User{{Login: "example-bot"}},
		Organizations: []githubtest.Organization{{
			Login: "example", Members: map[string]string{"example-bot": "admin"}, Lists: map[string][]githubtest.Object{}, Workflow: githubtest.WorkflowPermissions{Default: "read", CanApprove: true},
			Secrets: []githubtest.Secret{
				{Name: "BOT_PAT", Created: day(700)}, {Name: "DEPLOY_PAT", Created: day(400), Visibility: "private"}, {Name: "ORG_PAT", Created: day(90)},
				{Name: "MIRROR_PAT", Created: day(1200)}, {Name: "OLD_BOT_PAT", Created: day(1500)},
				{Name: "RELEASE_PAT", Created: day(200), Visibility: "selected", Repositories: []string{"api-gateway", "cli", "console", "docs", "sdk-go", "sdk-java", "sdk-python"}},
			},
			Grants: []githubtest.Grant{
				{ID: 7, Owner: "example-bot", Selection: "all", Permissions: "contents:write,issues:write,pull_requests:write,administration:write", TokenID: 70, TokenName: "bot-pat", LastUsed: day(1), Granted: day(700)},
				{ID: 8, Owner: "example-bot", Selection: "all", Permissions: "contents:write", TokenID: 80, TokenName: "deploy-pat", LastUsed: day(2), Granted: day(400)},
			},
			Authorizations: []githubtest.Object{},
		}},
		Now: func() time.Time { return now },
		Tokens: []githubtest.Token{{Name: "APP", Value: "ghs_" + canary + "example", Kind: githubtest.Installation, Owner: "example", All: true,
			Permissions: "contents:read,org:organization_secrets:read,org:organization_dependabot_secrets:read,org:organization_codespaces_secrets:read,org:organization_administration:read,org:organization_personal_access_tokens:read,org:organization_personal_access_token_requests:read,org:members:read"}},
	}
	for i, name := range []string{
		"api-gateway", "billing", "catalog", "checkout-service", "cli", "console", "data-platform", "design-system", "docs", "email-templates",
		"feature-flags", "handbook", "identity", "infrastructure", "inventory-service", "ios-app", "ledger", "load-tests", "mobile-shared", "notifications",
		"observability", "orders", "payments-gateway-connectors", "playground", "pricing", "recommendations", "reports", "sandbox", "scheduler", "sdk-go",
		"sdk-java", "sdk-python", "search", "shipping", "storefront", "tax-rules", "terraform-modules", "vouchers", "web", "workflows-shared",
	} {
		r := githubtest.Repository{Owner: "example", Name: name, Visibility: githubtest.Private, Files: map[string]string{"README.md": name}, PushedAt: day(i + 1), Archived: i%13 == 9}
		add := func(file, workflow string) { r.Files[".github/workflows/"+file] = workflow }
		if i%3 == 0 || i < more*3 {
			add("labels.yml", labels)
		}
		if strings.HasPrefix(name, "sdk-") || slices.Contains([]string{"api-gateway", "cli", "console", "docs"}, name) {
			add("release.yml", releases)
			if i%2 == 0 {
				add("docs.yml", published)
			}
		}
		if i%4 == 2 {
			add("deploy.yml", deploys)
		}
		if i%7 == 1 || i%11 == 5 {
			add("update.yml", updates)
		}
		if i%17 == 6 {
			add("mirror.yml", mirrors)
		}
		if name == "handbook" {
			add("roster.yml", rosters)
		}
		world.Repositories = append(world.Repositories, r)
	}
	return world
}

// shrink writes a screenshot with no more colours than a palette has, which is
// a third of its bytes, and with a text that says what it was drawn from.
func shrink(t *testing.T, from, to, text string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	screen, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	small := image.NewPaletted(screen.Bounds(), palette(screen))
	imagedraw.Draw(small, small.Bounds(), screen, screen.Bounds().Min, imagedraw.Src)
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, small); err != nil {
		t.Fatal(err)
	}
	// The header is the first chunk: 8 bytes before it, and 25 of its own.
	head, rest := out.Bytes()[:33], out.Bytes()[33:]
	if err := os.WriteFile(to, slices.Concat(head, textChunk(drawnFrom, text), rest), 0o644); err != nil {
		t.Fatal(err)
	}
}

// palette is the colours that most of a picture's pixels have.
func palette(picture image.Image) color.Palette {
	pixels := map[color.RGBA]int{}
	for y := picture.Bounds().Min.Y; y < picture.Bounds().Max.Y; y++ {
		for x := picture.Bounds().Min.X; x < picture.Bounds().Max.X; x++ {
			pixels[color.RGBAModel.Convert(picture.At(x, y)).(color.RGBA)]++
		}
	}
	var all []color.RGBA
	for c := range pixels {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(pixels[b], pixels[a]), cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	var out color.Palette
	for _, c := range all[:min(len(all), 64)] {
		out = append(out, c)
	}
	return out
}

// textChunk is a chunk of a PNG that says something of the picture.
func textChunk(key, text string) []byte {
	body := "tEXt" + key + "\x00" + text
	out := binary.BigEndian.AppendUint32(nil, uint32(len(body)-4))
	out = append(out, body...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE([]byte(body)))
}
