package command

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
)

// pageStyle is how GitHub sets a page, roughly.
const pageStyle = `div.p{font:14px/1.5 -apple-system,BlinkMacSystemFont,"Segoe UI","Noto Sans",Helvetica,Arial,sans-serif;color:#1f2328;padding:4px 24px}` +
	`h2{font-size:20px;border-bottom:1px solid #d1d9e0;padding-bottom:6px;margin:16px 0 12px}h3{font-size:17px;margin:18px 0 8px}p{margin:0 0 12px}` +
	`table{border-collapse:collapse;margin-bottom:12px}td,th{border:1px solid #d1d9e0;padding:5px 10px;text-align:left}tr:nth-child(2n) td{background:#f6f8fa}` +
	`code{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;background:#818b981f;border-radius:6px;padding:2px 5px}` +
	`a{color:#0969da;text-decoration:none}details{margin:8px 0}summary{cursor:default}`

// The size of the picture of a summary, in pixels. The height is by eye: fonts
// differ, so that some room is left.
const pageWidth, pageHeight = 1180, 1070

// TestPagePicture holds the picture of a job's summary against the one that
// the program writes now. What is folded is folded there, too.
func TestPagePicture(t *testing.T) {
	t.Chdir("../..")
	var out bytes.Buffer
	code := Main(context.Background(), Process{
		Args:  strings.Fields("audit --format markdown --with-patch --fail-on never testdata/example"),
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Getenv: func(string) string { return "" },
	})
	if code != ExitClean {
		t.Fatalf("exit code %d: %s", code, out.String())
	}
	page := goldmark.New(goldmark.WithExtensions(extension.Table), goldmark.WithRendererOptions(html.WithXHTML(), html.WithUnsafe()))
	var body bytes.Buffer
	if err := page.Convert(folded(out.Bytes()), &body); err != nil {
		t.Fatal(err)
	}
	sameFile(t, filepath.Join(pictures, "summary.svg"), fmt.Sprintf("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%[1]d\" height=\"%[2]d\" viewBox=\"0 0 %[1]d %[2]d\" role=\"img\">\n"+
		"<title>The summary of a job</title>\n<style>%[3]s</style>\n<rect width=\"100%%\" height=\"100%%\" rx=\"8\" fill=\"#fff\" stroke=\"#d1d9e0\"/>\n"+
		"<foreignObject width=\"100%%\" height=\"100%%\"><div xmlns=\"http://www.w3.org/1999/xhtml\" class=\"p\">\n%[4]s</div></foreignObject>\n</svg>\n", pageWidth, pageHeight, pageStyle, body.String()))
}

// folded leaves of each part that is folded its title: nobody can open it in a
// picture.
func folded(page []byte) []byte {
	var out bytes.Buffer
	inside := false
	for line := range bytes.Lines(page) {
		title := bytes.HasPrefix(line, []byte("<details>"))
		inside = inside && !bytes.HasPrefix(line, []byte("</details>")) || title
		if !inside || title {
			out.Write(line)
		}
	}
	return out.Bytes()
}
