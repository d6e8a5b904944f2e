package command

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/mattn/go-runewidth"
)

// pictures is the folder of the README's pictures. They are made anew by
//
//	go test ./audit/command -run Picture -update
const pictures = "docs/pictures"

// maxPicture is how large a picture may be, in bytes.
const maxPicture = 60 << 10

// TestPictures holds the pictures of the terminal against what the program
// prints now.
func TestPictures(t *testing.T) {
	t.Chdir("../..")
	for name, words := range map[string]string{
		"audit.svg": "audit testdata/example/.github/workflows/nightly.yml",
		"fix.svg":   "fix testdata/example/.github/workflows/nightly.yml",
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			env := map[string]string{"CLICOLOR_FORCE": "1", "COLUMNS": "90"}
			Main(context.Background(), Process{
				Args: strings.Fields(words), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out,
				Getenv: func(name string) string { return env[name] },
			})
			sameFile(t, filepath.Join(pictures, name), draw("patrol "+words, out.String()))
		})
	}
}

// sameFile compares a picture with its file, which it writes with -update.
func sameFile(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s is not what the program prints: make it anew with -update, and look at it", file)
	}
}

// TestReadmePictures wants every picture in the README, with words for those
// who do not see it, and no larger than it need be.
func TestReadmePictures(t *testing.T) {
	t.Chdir("../..")
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]string{}
	for _, m := range regexp.MustCompile(`!\[([^\]]*)\]\((`+pictures+`/[^)]+)\)`).FindAllStringSubmatch(string(readme), -1) {
		shown[m[2]] = m[1]
	}
	files, err := filepath.Glob(pictures + "/*.[sp][vn]g")
	if err != nil || len(files) == 0 {
		t.Fatalf("no pictures: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if len(data) > maxPicture {
			t.Errorf("%s has %d bytes", file, len(data))
		}
		if len(shown[filepath.ToSlash(file)]) < 40 {
			t.Errorf("the README shows %s with the words %q", file, shown[filepath.ToSlash(file)])
		}
		if filepath.Ext(file) == ".svg" {
			wellFormed(t, file, data)
		}
	}
	for name := range shown {
		if _, err := os.Stat(name); err != nil {
			t.Errorf("the README shows %s, which is not there", name)
		}
	}
}

// wellFormed reads a picture to its end.
func wellFormed(t *testing.T, file string, data []byte) {
	t.Helper()
	decoder := xml.NewDecoder(bytes.NewReader(data))
	for {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
}

// The grid of a picture, in pixels.
const (
	cellWidth, cellHeight = 8.4, 20
	margin                = 16
)

// colours are the styles of SGR sequences on a dark ground.
var colours = map[string]string{
	"1": "b", "2": "d", "31": "r", "1;31": "b r", "32": "g", "33": "y", "1;33": "b y", "34": "u", "1;34": "b u", "35": "m", "36": "c",
}

const pictureStyle = `text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#e6edf3;white-space:pre}` +
	`.b{font-weight:bold}.d{fill:#8b949e}.r{fill:#ff7b72}.g{fill:#7ee787}.y{fill:#e3b341}.u{fill:#79c0ff}.m{fill:#d2a8ff}.c{fill:#39c5cf}`

// sequence is an SGR sequence; the programs write no others.
var sequence = regexp.MustCompile("\x1b\\[([0-9;]*)m")

// draw makes a picture of a terminal in which a command was run. Each run of
// text has its place and width, so that it fits whatever font is there.
func draw(command, output string) string {
	lines := append([]string{"\x1b[2m$\x1b[m \x1b[1m" + command + "\x1b[m"}, strings.Split(strings.TrimRight(output, "\n"), "\n")...)
	var body strings.Builder
	columns := 0
	for i, line := range lines {
		text, width := drawLine(line)
		columns = max(columns, width)
		if text != "" {
			fmt.Fprintf(&body, "<text y=\"%d\">%s</text>\n", margin+cellHeight*i+15, text)
		}
	}
	width, height := pixels(columns)+2*margin, cellHeight*len(lines)+2*margin
	return fmt.Sprintf("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%d\" viewBox=\"0 0 %.0f %d\" role=\"img\">\n"+
		"<title>%s</title>\n<style>%s</style>\n<rect width=\"100%%\" height=\"100%%\" rx=\"8\" fill=\"#0d1117\"/>\n%s</svg>\n",
		width, height, width, height, html.EscapeString("The output of "+command), pictureStyle, body.String())
}

func pixels(columns int) float64 { return cellWidth * float64(columns) }

// drawLine draws a line and says how many columns it has.
func drawLine(line string) (text string, columns int) {
	var b strings.Builder
	style := ""
	for line != "" {
		run, rest := line, ""
		next := sequence.FindStringSubmatchIndex(line)
		if next != nil {
			run, rest = line[:next[0]], line[next[1]:]
		}
		start := columns + len(run) - len(strings.TrimLeft(run, " "))
		columns += runewidth.StringWidth(run)
		if run = strings.Trim(run, " "); run != "" {
			width := runewidth.StringWidth(run)
			fmt.Fprintf(&b, `<tspan x="%.1f" textLength="%.1f"`, margin+pixels(start), pixels(width))
			if class := colours[style]; class != "" {
				fmt.Fprintf(&b, ` class="%s"`, class)
			}
			b.WriteString(">" + html.EscapeString(run) + "</tspan>")
		}
		if next != nil {
			style = line[next[2]:next[3]]
		}
		line = rest
	}
	return b.String(), columns
}

func TestDraw(t *testing.T) {
	got := draw("x <y>", "a\n\n  \x1b[1;31mé→ &\x1b[m b \x1b[0m\n")
	for _, want := range []string{
		`height="112"`, "<title>The output of x &lt;y&gt;</title>", `<text y="51"><tspan x="16.0" textLength="8.4">a</tspan></text>`,
		`<text y="91"><tspan x="32.8" textLength="33.6" class="b r">é→ &amp;</tspan><tspan x="74.8" textLength="8.4">b</tspan></text>`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is not in\n%s", want, got)
		}
	}
	wellFormed(t, "the picture", []byte(got))
}
