package report

import (
	"bufio"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"strings"
)

// pageFiles are the frame, the style and the script of the page.
//
//go:embed page/page.html page/*.css page/*.js
var pageFiles embed.FS

// pageScripts are the parts of the script, in order.
var pageScripts = []string{"data", "table", "charts", "detail", "views", "overview", "main"}

// writePage writes one page that holds everything and asks nobody for anything.
//
// The data stand in it as an index, from which every table is drawn, and blocks
// with all that is known of some hundred references each, which are unpacked
// when somebody looks at one. So a page of 100,000 references opens at once.
// Nothing of a report is markup: texts are escaped JSON, packed, and drawn as
// text. The policy lets nothing run but the script that stands here.
func writePage(w io.Writer, s Stream, o Options) error {
	style, script, err := pageParts()
	if err != nil {
		return err
	}
	frame, err := pageFiles.ReadFile("page/page.html")
	if err != nil {
		return err
	}
	before, after, _ := strings.Cut(string(frame), "{{data}}")
	out := bufio.NewWriterSize(w, 1<<16)
	fill := strings.NewReplacer(
		"{{policy}}", pagePolicy(style, script), "{{style}}", style, "{{script}}", script,
		"{{title}}", html.EscapeString(pageTitle(s.Head)))
	if _, err := fill.WriteString(out, before); err != nil {
		return err
	}
	if err := newPage(out, s.Head, o).write(s); err != nil {
		return err
	}
	if _, err := fill.WriteString(out, after); err != nil {
		return err
	}
	return out.Flush()
}

// pageParts reads the style and the script.
func pageParts() (style, script string, err error) {
	text, err := pageFiles.ReadFile("page/page.css")
	if err != nil {
		return "", "", err
	}
	var b strings.Builder
	b.WriteString("\"use strict\";\n(() => {\n")
	for _, name := range pageScripts {
		part, err := pageFiles.ReadFile("page/" + name + ".js")
		if err != nil {
			return "", "", err
		}
		b.Write(part)
	}
	b.WriteString("})();\n")
	return string(text), b.String(), nil
}

// pagePolicy forbids everything but the page's own style and script: no
// request, no form, no other script, wherever it might come from.
func pagePolicy(style, script string) string {
	return fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; script-src 'sha256-%s'; base-uri 'none'; form-action 'none'",
		hash(style), hash(script))
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// writeData writes a value as JSON that can stand in a page: <, > and & are
// escaped, and so are the line ends that JSON knows and JavaScript did not.
func writeData(w io.Writer, id string, value any) error {
	if _, err := fmt.Fprintf(w, "<script type=\"application/json\" id=\"%s\">", id); err != nil {
		return err
	}
	if err := json.NewEncoder(w).Encode(value); err != nil { // it escapes for HTML
		return err
	}
	_, err := io.WriteString(w, "</script>\n")
	return err
}
