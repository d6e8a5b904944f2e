package report

import (
	"compress/flate"
	"encoding/base64"
	"encoding/json"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// dataBlock matches a block of data of the page.
var dataBlock = regexp.MustCompile(`(?s)<script type="([a-z/]+)" id="([a-z0-9-]+)">(.*?)</script>\n?`)

// checkPage fails where a page holds any markup but its own.
func checkPage(t *testing.T, name, out string) {
	t.Helper()
	for _, m := range dataBlock.FindAllStringSubmatch(out, -1) {
		if strings.ContainsAny(m[3], "<>&\u2028\u2029") {
			t.Errorf("%s: markup in %s", name, m[2])
		}
	}
	bare := dataBlock.ReplaceAllString(out, "")
	title := regexp.MustCompile(`<(title|h1)>[^<>]*</`)
	if found := len(title.FindAllString(bare, -1)); found != 2 {
		t.Errorf("%s: %d titles", name, found)
	}
	if frame := title.ReplaceAllString(bare, ""); frame != title.ReplaceAllString(emptyPage(t), "") {
		t.Errorf("%s: the frame of the page is not that of an empty one", name)
	}
	if !utf8.ValidString(out) {
		t.Errorf("%s: broken UTF-8", name)
	}
}

// emptyPage is the page of a report that holds nothing, without its data.
func emptyPage(t *testing.T) string {
	r := sample()
	r.Repositories, r.Tokens = nil, nil
	return dataBlock.ReplaceAllString(write(t, "html", r, Options{}), "")
}

// TestPageGolden shows the data of a page: the index and the unpacked blocks.
func TestPageGolden(t *testing.T) {
	out := write(t, "html", sampleOrganization(), Options{Open: openSample, Rules: sampleRules()})
	checkPage(t, "sample", out)
	var b strings.Builder
	for _, m := range dataBlock.FindAllStringSubmatch(out, -1) {
		source := io.Reader(strings.NewReader(m[3]))
		if m[1] == "text/plain" {
			source = flate.NewReader(base64.NewDecoder(base64.StdEncoding, source))
		}
		var value any
		if err := json.NewDecoder(source).Decode(&value); err != nil {
			t.Fatalf("%s: %v", m[2], err)
		}
		text, err := json.MarshalIndent(value, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(m[2] + "\n" + string(text) + "\n")
	}
	golden(t, "organization.page.txt", b.String())
}

// TestPageParts holds the page's own files to what a page needs of them.
func TestPageParts(t *testing.T) {
	style, script, err := pageParts()
	if err != nil {
		t.Fatal(err)
	}
	script = strings.ReplaceAll(script, "http://www.w3.org/2000/svg", "") // a name, which nobody fetches
	for _, bad := range []string{"</", "<!--", "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "http://", "url("} {
		if strings.Contains(script, bad) || strings.Contains(style, bad) {
			t.Errorf("%s stands in the page", bad)
		}
	}
	_, script, _ = pageParts()
	out := emptyPage(t)
	for _, want := range []string{
		`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-` + hash(style) + `'; script-src 'sha256-` + hash(script) + `'; base-uri 'none'; form-action 'none'">`,
		"<style>" + style + "</style>", "<script>" + script + "</script>",
	} {
		if strings.Count(out, want) != 1 {
			t.Errorf("not once in the page: %.120s", want)
		}
	}
	if strings.Index(out, "Content-Security-Policy") > strings.Index(out, "<style>") {
		t.Error("the policy comes after what it is for")
	}
}

// FuzzPage puts a text where a repository's own words stand.
func FuzzPage(f *testing.F) {
	for _, text := range poison {
		f.Add(text[:min(len(text), 100)])
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := sample()
		r.Tokens, r.Repositories = nil, r.Repositories[:1]
		for _, reference := range r.Repositories[0].References {
			reference.Secret, reference.File, reference.Remedy.Summary = text, text, text
		}
		r.Repositories[0].Name, r.Repositories[0].Ref = &text, &text
		checkPage(t, "fuzzed", write(t, "html", r, Options{Open: openSample}))
	})
}
