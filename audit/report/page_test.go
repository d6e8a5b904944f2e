package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit"
)

// samplePage is the page of an organisation.
func samplePage(t *testing.T) string {
	return write(t, "html", sampleOrganization(), Options{Open: openSample, Rules: sampleRules()})
}

// secretsShown lists the first column of the table.
const secretsShown = `[...document.querySelectorAll("main tr.row")].map((r) => r.cells[0].textContent).join(" ")`

// count is what the page says it shows.
const countShown = `document.querySelector(".count").textContent`

// quietly fails where the page asked for anything but itself, or complained.
func (b *tab) quietly(address string) {
	b.t.Helper()
	requests, complaints, dialogs := b.heard()
	for i, r := range requests {
		requests[i], _, _ = strings.Cut(r, "#")
	}
	if diff := cmp.Diff([]string{address}, requests); diff != "" {
		b.t.Errorf("requests (-want +got):\n%s", diff)
	}
	if len(complaints) > 0 || dialogs > 0 {
		b.t.Errorf("%d dialogs, and complaints: %q", dialogs, complaints)
	}
}

// TestPageFilters narrows the table of references in every way there is.
func TestPageFilters(t *testing.T) {
	b := openTab(t)
	address := b.load(samplePage(t), "references")
	is(b, countShown, "11 references (1 to other services left out)")
	const all = "DEPLOY_TOKEN BOT_PAT TAP_TOKEN PUSH_PAT PR_PAT CLASSIC É É BOT_PAT BOT_PAT BOT_PAT"
	is(b, secretsShown, all)
	tests := []struct{ name, view, want string }{
		{"verdict", "references?verdict=conditional", "PR_PAT"},
		{"two verdicts", "references?verdict=conditional,unknown", "DEPLOY_TOKEN PR_PAT"},
		{"other services", "references?verdict=other", "CHAT_TOKEN"},
		{"team", "references?team=release", "DEPLOY_TOKEN BOT_PAT TAP_TOKEN PUSH_PAT PR_PAT CLASSIC"},
		{"team and verdict", "references?team=platform&verdict=replaceable", "BOT_PAT BOT_PAT BOT_PAT BOT_PAT"},
		{"repository", "references?repository=octo-org%2Finfra", "BOT_PAT BOT_PAT BOT_PAT"},
		{"part of a repository", "references?repository=EVIL", "É É"},
		{"secret", "references?secret=TAP_TOKEN", "TAP_TOKEN"},
		{"part of a secret", "references?secret=_pat", "BOT_PAT PUSH_PAT PR_PAT BOT_PAT BOT_PAT BOT_PAT"},
		{"reason", "references?reason=approval-required", "PR_PAT"},
		{"words", "references?q=update.yml+GIT+push", "PUSH_PAT"},
		{"word of a use", "references?q=create-pull-request", "PR_PAT"},
		{"word of a target", "references?q=homebrew", "TAP_TOKEN"},
		{"nothing", "references?q=nothing-at-all", ""},
		{"unknown view", "nowhere?q=x", ""},
		{"sorted", "references?sort=secret&order=down", "TAP_TOKEN PUSH_PAT PR_PAT É É DEPLOY_TOKEN CLASSIC BOT_PAT BOT_PAT BOT_PAT BOT_PAT"},
		{"sorted by verdict", "references?sort=verdict&team=release", "BOT_PAT PR_PAT TAP_TOKEN PUSH_PAT CLASSIC DEPLOY_TOKEN"},
		{"findings", "findings?severity=error", "error error"},
		{"findings of a rule", "findings?rule=unscoped-secret", "warning warning"},
		{"secrets without use", "secrets?use=unused", "OLD_PAT"},
		{"secrets that are missing", "secrets?state=missing", "PR_PAT"},
		{"secrets by reach", "secrets?sort=reach&order=down&q=pat", "BOT_PAT OLD_PAT PR_PAT"},
		{"grants", "grants?kind=authorization", "authorization/7"},
		{"grants by word", "grants?q=administration", "BOT_PAT"},
		{"repositories", "repositories?visibility=internal", "octo-org/infra archived"},
		{"repositories of a team", "repositories?team=platform&sort=replaceable&order=down", "octo-org/infra archived octo-org/app"},
		{"repositories with problems", "repositories?with=problems&q=big", "octo-org/big"},
		{"problems", "problems?repository=octo-org%2Fbig", "octo-org/big"},
	}
	for _, test := range tests {
		js[bool](b, `location.hash = "#`+test.view+`"; true`)
		view, _, _ := strings.Cut(test.view, "?")
		b.wait(fmt.Sprintf(`(document.querySelector("#nav [aria-current]") || {}).hash === "#%s" || %q === "nowhere"`, view, view))
		if got := js[string](b, secretsShown); got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
	b.quietly(address)
}

// TestPageControls works the controls by mouse and by typing, and goes back.
func TestPageControls(t *testing.T) {
	b := openTab(t)
	address := b.load(samplePage(t), "references")
	b.click(`.toggle.v-conditional`)
	is(b, secretsShown, "PR_PAT")
	is(b, `document.querySelector(".toggle.v-conditional").ariaPressed`, "true")
	is(b, `document.getElementById("status").textContent`, "1 reference shown")
	b.click(`.toggle.v-conditional`)
	is(b, countShown, "11 references (1 to other services left out)")
	b.click(`#q-references`)
	b.press("tap")
	is(b, secretsShown, "TAP_TOKEN")
	is(b, `location.hash`, "#references?q=tap")
	b.click(`.clear`)
	is(b, `document.getElementById("q-references").value`, "")
	js[bool](b, `const s = document.getElementById("f-references-reason"); s.value = "other-repository"; s.dispatchEvent(new Event("change"))`)
	is(b, secretsShown, "TAP_TOKEN")
	js[bool](b, `history.back(); true`)
	b.wait(`location.hash === "#references" && document.querySelectorAll("tr.row").length === 11`)
	b.click(`th button`)
	is(b, `document.querySelector("th").ariaSort`, "ascending")
	b.click(`th button`)
	is(b, `document.querySelector("th").ariaSort`, "descending")
	is(b, `document.querySelector("tr.row").cells[0].textContent`, "TAP_TOKEN")
	b.quietly(address)
}

// TestPageDrillsDown goes from the organisation to a line.
func TestPageDrillsDown(t *testing.T) {
	b := openTab(t)
	address := b.load(samplePage(t), "overview")
	is(b, `document.querySelector(".figures b").textContent`, "5")
	js[bool](b, `[...document.querySelectorAll(".bars a")].find((a) => a.textContent === "octo-org/app").click(); true`)
	b.wait(`document.querySelector("#detail-title")?.textContent === "octo-org/app"`)
	is(b, `document.activeElement.id`, "detail-title")
	js[bool](b, `[...document.querySelectorAll(".panel a")].find((a) => a.textContent === "BOT_PAT").click(); true`)
	b.wait(`document.querySelector("#detail-title")?.textContent.startsWith("BOT_PAT")`)
	is(b, `document.querySelector(".frame mark").textContent`, "secrets.BOT_PAT")
	is(b, `document.querySelector(".frame .here").textContent`, "    9        GH_TOKEN: ${{ secrets.BOT_PAT }}\n")
	is(b, `document.querySelector(".frame").childElementCount`, 5)
	const line = "https://github.com/octo-org/app/blob/5f3c1a9d2b7e8c604f1d3a5b7c9e0f2a4b6d8c01/.github/workflows/release.yml#L9"
	is(b, `document.querySelector(".crumbs li:last-child a").href`, line)
	is(b, `document.querySelector(".panel a.away").rel`, "noopener noreferrer")
	is(b, `document.querySelector(".panel .block").textContent`, "permissions:\n  contents: write\n  issues: write")
	is(b, `[...document.querySelectorAll(".panel h4")].map((h) => h.textContent).join()`, "What to do,Why,How it is used,What that takes,On,Also found")
	js[bool](b, `location.hash = "#secrets?open=1"; true`)
	b.wait(`document.querySelector("#detail-title")?.textContent.startsWith("TAP_TOKEN")`)
	is(b, `[...document.querySelectorAll(".panel a.away")].pop().href`, "https://github.com/settings/personal-access-tokens/new?name=app+release+TAP_TOKEN&target_name=octo-org&expires_in=90&contents=write")
	is(b, `document.querySelector(".reach").textContent`, "Reach 40 → 1 repository")
	b.quietly(address)
}

// TestPageByKeyboard does all of it without a mouse.
func TestPageByKeyboard(t *testing.T) {
	b := openTab(t)
	address := b.load(samplePage(t), "overview")
	b.press(kb.Tab)
	is(b, `document.activeElement.className`, "skip")
	b.slash()
	b.wait(`document.activeElement.id === "q-references"`)
	is(b, `document.activeElement.value`, "")
	b.press("octo-org")
	is(b, `document.querySelectorAll("tr.row").length`, 9)
	b.press(kb.ArrowDown)
	is(b, `document.activeElement.getAttribute("aria-rowindex")`, "2")
	b.press(kb.ArrowDown)
	b.press(kb.ArrowDown)
	is(b, `document.activeElement.cells[0].textContent`, "TAP_TOKEN")
	is(b, `getComputedStyle(document.activeElement).outlineStyle`, "solid")
	b.press(kb.Enter)
	b.wait(`document.querySelector("#detail-title")?.textContent.startsWith("TAP_TOKEN")`)
	is(b, `document.activeElement.id`, "detail-title")
	is(b, `document.querySelectorAll("tr.row[aria-selected=true]").length`, 1)
	b.press(kb.Escape)
	is(b, `document.querySelector(".panel").hidden`, true)
	is(b, `document.activeElement.cells[0].textContent`, "TAP_TOKEN")
	b.press(kb.End)
	is(b, `document.activeElement.getAttribute("aria-rowindex")`, "10")
	b.press(kb.Home)
	is(b, `document.activeElement.getAttribute("aria-rowindex")`, "2")
	is(b, `document.querySelectorAll("tr.row[tabindex='0']").length`, 1)
	b.quietly(address)
}

// TestPageIsInert tries to run scripts from the report, and from the outside.
func TestPageIsInert(t *testing.T) {
	b := openTab(t)
	evil := sampleOrganization()
	const markup = `</script><script>owned=1;alert(1)</script><!--<img src=x onerror="owned=1;alert(1)"><svg onload=owned=1>`
	for _, r := range evil.Repositories {
		for _, reference := range r.References {
			reference.Remedy.Summary += markup
			reference.Secret += markup
		}
		for _, f := range r.Findings {
			f.Message += markup
		}
		r.Errors = append(r.Errors, audit.Problem{File: markup, Message: markup})
	}
	address := b.load(write(t, "html", evil, Options{Open: openSample}), "references")
	for _, view := range []string{"overview", "references?open=6", "references?open=7", "secrets?open=4", "grants?open=1", "repositories?open=1", "findings?open=0", "problems?open=3"} {
		js[bool](b, `location.hash = "#`+view+`"; true`)
		if strings.Contains(view, "open") {
			b.wait(`document.querySelector(".panel #detail-title")`)
		}
		is(b, `typeof owned`, "undefined")
		is(b, `document.querySelectorAll("img, iframe, object, embed, form[action], svg[onload], [onerror], [onclick]").length`, 0)
		is(b, `[...document.querySelectorAll("main a")].every((a) => a.protocol === "https:" && a.origin === "https://github.com" || a.getAttribute("href").startsWith("#"))`, true)
		is(b, `document.querySelectorAll("body script:not([type])").length`, 1)
	}
	b.quietly(address)

	// Were there a way in, the policy would stop it, and the browser say so.
	for _, attempt := range []string{
		`const s = document.createElement("script"); s.textContent = "owned = 1"; document.body.append(s)`,
		`document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='owned = 1'>")`,
		`document.body.insertAdjacentHTML("beforeend", "<style>body { display: none }</style>")`,
		`fetch("https://github.example/").catch(() => {})`,
		`document.body.insertAdjacentHTML("beforeend", "<iframe src='https://github.example/'></iframe>")`,
	} {
		js[bool](b, `(() => {`+attempt+`})(); true`)
		time.Sleep(50 * time.Millisecond)
		is(b, `typeof owned`, "undefined")
		is(b, `getComputedStyle(document.body).display === "none"`, false)
		_, complaints, _ := b.heard()
		if !slices.ContainsFunc(complaints, func(c string) bool { return strings.Contains(c, "Content Security Policy") }) {
			t.Errorf("the policy does not stop %s: %q", attempt, complaints)
		}
	}
}

// TestPageIsAccessible looks at what a screen reader is given.
func TestPageIsAccessible(t *testing.T) {
	b := openTab(t)
	b.load(samplePage(t), "overview")
	for _, view := range []struct {
		address string
		has     []string
	}{
		{"overview", []string{"banner:", "navigation:Views", "main:", "heading:Overview", "region:Verdicts", "region:Reasons", "region:Trend", "image:references went from 18 to 11 over 4 reports", "columnheader:Before", "rowheader:BOT_PAT octo-org", "status:"}},
		{"references?open=1", []string{"search:Filter the references", "searchbox:Search", "group:Verdict", "combobox:Reason", "grid:References", "columnheader:Secret", "gridcell:TAP_TOKEN", "button:Close the details", "complementary:BOT_PAT replaceable", "navigation:Where you are", "StaticText:11 references shown"}},
		{"secrets", []string{"grid:Secrets", "columnheader:Reach", "button:Reach"}},
		{"repositories?open=0", []string{"grid:Repositories", "heading:octo-org/app"}},
	} {
		js[bool](b, `location.hash = "#`+view.address+`"; true`)
		if strings.Contains(view.address, "open") {
			b.wait(`document.querySelector(".panel #detail-title")`)
		}
		nodes := b.nodes()
		for _, want := range view.has {
			if !slices.Contains(nodes, want) {
				t.Errorf("%s has no %s:\n%s", view.address, want, strings.Join(nodes, "\n"))
			}
		}
		for _, node := range nodes {
			if role, name, _ := strings.Cut(node, ":"); name == "" && slices.Contains([]string{"button", "link", "textbox", "searchbox", "combobox", "grid", "image", "heading", "columnheader", "region", "group", "complementary"}, role) {
				t.Errorf("%s: a %s has no name", view.address, role)
			}
		}
	}
	is(b, `document.documentElement.lang`, "en")
	is(b, `document.querySelectorAll("h1").length`, 1)
	is(b, `document.querySelector("[role=grid]").getAttribute("aria-rowcount")`, "6")
}

// nodes lists the accessibility tree as "role:name".
func (b *tab) nodes() []string {
	b.t.Helper()
	tree, err := chromedp.Call(b.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		b.t.Fatal(err)
	}
	text := func(v *accessibility.Value) string {
		if v == nil {
			return ""
		}
		var s string
		_ = json.Unmarshal([]byte(v.Value), &s)
		return s
	}
	var out []string
	for _, n := range tree.Nodes {
		if !n.Ignored {
			out = append(out, text(n.Role)+":"+strings.TrimSpace(text(n.Name)))
		}
	}
	return out
}

// contrast is the lowest contrast of a text that is seen with what is behind
// it, by the formula of the Web Content Accessibility Guidelines.
const contrast = `(() => {
  const channels = (c) => c.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (e) => { for (; e; e = e.parentElement) { const c = channels(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
  let worst = 99, where = "";
  for (const e of document.querySelectorAll("body *")) {
    if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || !e.checkVisibility() || e.closest("script, noscript, svg, .hidden, .skip")) continue;
    const a = light(channels(getComputedStyle(e).color)), b = light(behind(e));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < worst) { worst = ratio; where = e.outerHTML.slice(0, 120); }
  }
  return worst >= 4.5 ? "" : worst.toFixed(2) + " at " + where;
})()`

// TestPageLooks takes pictures in light, dark and print, and checks what of
// them can be checked.
func TestPageLooks(t *testing.T) {
	b := openTab(t)
	b.load(samplePage(t), "overview")
	views := []string{"overview", "references", "references?open=1", "secrets?open=0", "grants?open=0", "repositories?open=0", "findings?open=2", "problems"}
	for _, look := range []struct{ name, media, scheme, background string }{
		{"light", "", "light", "rgb(255, 255, 255)"}, {"dark", "", "dark", "rgb(15, 19, 24)"}, {"print", "print", "dark", "rgb(255, 255, 255)"},
	} {
		b.media(look.media, look.scheme)
		for _, view := range views {
			js[bool](b, `location.hash = "#`+view+`"; true`)
			if strings.Contains(view, "open") {
				b.wait(`document.querySelector(".panel #detail-title")`)
			}
			if look.media == "print" {
				js[bool](b, `window.dispatchEvent(new Event("beforeprint"))`)
			}
			time.Sleep(50 * time.Millisecond) // messages are filled in
			b.shot(look.name + " " + view)
			is(b, `getComputedStyle(document.documentElement).backgroundColor`, look.background)
			is(b, contrast, "")
			is(b, `document.documentElement.scrollWidth <= innerWidth`, true)
		}
	}
	is(b, `getComputedStyle(document.getElementById("nav")).display`, "none")
	js[bool](b, `window.dispatchEvent(new Event("afterprint"))`)
	b.media("", "light")
	b.do(chromedp.EmulateViewport(390, 800))
	for _, view := range views {
		js[bool](b, `location.hash = "#`+view+`"; true`)
		time.Sleep(50 * time.Millisecond)
		b.shot("narrow " + view)
		is(b, `document.documentElement.scrollWidth <= innerWidth`, true)
	}
}

// TestPageOfOneRepository is what patrol audit --format html writes.
func TestPageOfOneRepository(t *testing.T) {
	b := openTab(t)
	one := sample()
	one.Repositories = one.Repositories[:1]
	address := b.load(write(t, "html", one, Options{Open: openSample, Rules: sampleRules()}), "overview")
	is(b, `[...document.querySelectorAll("#nav a")].map((a) => a.textContent).join()`, "Overview,References,Tokens,Repositories,Findings,Not read")
	b.shot("one overview")
	js[bool](b, `location.hash = "#tokens?open=0"; true`)
	b.wait(`document.querySelector(".panel #detail-title")`)
	b.shot("one tokens")
	js[bool](b, `location.hash = "#references"; true`)
	b.wait(`document.querySelector("main tr.row")`)
	is(b, secretsShown, "DEPLOY_TOKEN BOT_PAT TAP_TOKEN PUSH_PAT PR_PAT CLASSIC")
	b.quietly(address)
	address = b.load(write(t, "html", sampleBaseline(), Options{Open: openSample}), "overview")
	is(b, `document.querySelectorAll(".headline")[1].textContent`, "Since the baseline: 11 new, 6 still there, 3 gone.")
	js[bool](b, `location.hash = "#references?new=yes&secret=PAT"; true`)
	b.wait(`document.querySelector("main tr.row")`)
	is(b, secretsShown, "BOT_PAT PUSH_PAT PR_PAT")
	js[bool](b, `location.hash = "#repositories?open=0"; true`)
	b.wait(`document.querySelector(".panel #detail-title")`)
	is(b, `[...document.querySelectorAll(".panel h4")].pop().textContent`, "Since the baseline")
	b.quietly(address)
	long := sample()
	long.Repositories = long.Repositories[:1]
	for _, r := range long.Repositories[0].References {
		r.File = ".github/workflows/" + strings.Repeat("very-", 12) + "long.lock.yml"
	}
	b.do(chromedp.EmulateViewport(1280, 800))
	b.load(write(t, "html", long, Options{Open: openSample}), "references")
	b.wait(`document.querySelector("main tr.row .place")`)
	b.shot("one long")
	is(b, `[...document.querySelectorAll(".place")].every((p) => /^:\d+$/.test(p.lastChild.textContent) && p.lastChild.getBoundingClientRect().right <= p.closest("td").getBoundingClientRect().right)`, true)
	is(b, `document.querySelector(".place").firstChild.scrollWidth > document.querySelector(".place").firstChild.clientWidth`, true)
	empty := &audit.Report{Schema: 1, GeneratedAt: "2026-11-21T09:00:00Z"}
	address = b.load(write(t, "html", empty, Options{}), "references")
	is(b, countShown, "0 references")
	b.quietly(address)
}

// TestPageIsQuick measures a page of 100,000 references. The bounds are wide,
// for the machine may be busy; the log says what it took.
func TestPageIsQuick(t *testing.T) {
	b := openTab(t)
	var out bytes.Buffer
	start := time.Now()
	if err := WriteStream(&out, "html", largeOrganization(100_000, 100_000), Options{Open: openSample, Rules: sampleRules()}); err != nil {
		t.Fatal(err)
	}
	t.Logf("written in %v: %.1f MB", time.Since(start).Round(time.Millisecond), float64(out.Len())/1e6)
	if out.Len() > 40e6 {
		t.Errorf("%d bytes", out.Len())
	}
	start = time.Now()
	address := b.load(out.String(), "references")
	t.Logf("loaded in %v, of which the script took %.0f ms", time.Since(start).Round(time.Millisecond),
		js[float64](b, `performance.now() - performance.getEntriesByType("navigation")[0].responseEnd`))
	is(b, countShown, "100,000 references")
	if rows := js[int](b, `document.querySelectorAll("tr.row").length`); rows > 100 {
		t.Errorf("%d rows are drawn", rows)
	}
	for _, step := range []struct{ name, script, want string }{
		{"first search", `q.value = "service-data"; q.dispatchEvent(new Event("input"))`, ""},
		{"search", `q.value = "service-data git push"; q.dispatchEvent(new Event("input"))`, ""},
		{"verdict", `document.querySelector(".toggle.v-replaceable").click()`, ""},
		{"clear", `document.querySelector(".clear").click()`, "100,000 references"},
		{"sort by text", `document.querySelectorAll("th button")[0].click()`, "100,000 references"},
		{"sort by repository", `document.querySelectorAll("th button")[1].click()`, "100,000 references"},
		{"sort the other way", `document.querySelectorAll("th button")[1].click()`, "100,000 references"},
		{"team", `const s = document.getElementById("f-references-team"); s.value = "security"; s.dispatchEvent(new Event("change"))`, ""},
		{"scroll", `const s = document.querySelector(".scroll"); s.scrollTop = s.scrollHeight / 2; s.dispatchEvent(new Event("scroll"))`, ""},
	} {
		took := js[float64](b, `(() => { const q = document.getElementById("q-references"); const start = performance.now(); `+step.script+`; document.body.offsetHeight; return performance.now() - start; })()`)
		t.Logf("%s: %.0f ms, %s", step.name, took, js[string](b, countShown))
		if took > 3000 {
			t.Errorf("%s took %.0f ms", step.name, took)
		}
		if step.want != "" {
			is(b, countShown, step.want)
		}
	}
	start = time.Now()
	js[bool](b, `location.hash = "#references?open=77777"; true`)
	b.wait(`document.querySelector(".panel #detail-title")`)
	t.Logf("details in %v", time.Since(start).Round(time.Millisecond))
	b.quietly(address)
	if file := os.Getenv("PATROL_LARGE_PAGE"); file != "" {
		if err := os.WriteFile(file, out.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
