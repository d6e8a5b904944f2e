package report

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	dialogs "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// tab is a page of a browser without a window. What the page asks for and
// complains about is kept.
type tab struct {
	t      *testing.T
	ctx    context.Context
	folder string
	// shots is where screenshots go.
	shots string

	mu         sync.Mutex
	requests   []string
	complaints []string
	dialogs    int
}

// openTab starts the Chromium that PATROL_CHROMIUM names.
func openTab(t *testing.T) *tab {
	t.Helper()
	program := os.Getenv("PATROL_CHROMIUM")
	if program == "" {
		t.Skip("PATROL_CHROMIUM names no Chromium: the page is not tested in a browser")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.WindowSize(1400, 900), chromedp.NoSandbox) // root, as in a container, has no sandbox
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx, chromedp.WithErrorf(func(string, ...any) {}))
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx, folder: t.TempDir(), shots: os.Getenv("PATROL_SCREENSHOTS")}
	if b.shots == "" {
		b.shots = b.folder
	}
	if err := chromedp.Listen(ctx, b.hear); err != nil {
		t.Fatal(err)
	}
	return b
}

// hear keeps what the browser says of the page.
func (b *tab) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	case *log.EventEntryAdded:
		b.complaints = append(b.complaints, e.Entry.Text)
	case *runtime.EventExceptionThrown:
		b.complaints = append(b.complaints, e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		b.complaints = append(b.complaints, "a message on the console")
	case *dialogs.EventJavascriptDialogOpening:
		b.dialogs++
	}
}

// heard returns what was kept, and forgets it.
func (b *tab) heard() (requests, complaints []string, dialogs int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	requests, complaints, dialogs = b.requests, b.complaints, b.dialogs
	b.requests, b.complaints, b.dialogs = nil, nil, 0
	return requests, complaints, dialogs
}

func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// load opens a page at a view and waits until it is drawn.
func (b *tab) load(html, view string) (address string) {
	b.t.Helper()
	file := filepath.Join(b.folder, "page.html")
	if err := os.WriteFile(file, []byte(html), 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.do(chromedp.Navigate("about:blank"))
	b.heard()
	b.do(chromedp.Navigate("file://" + file + "#" + view))
	b.wait(`!document.getElementById("loading")`)
	return "file://" + file
}

// js evaluates an expression.
func js[T any](b *tab, expression string) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// wait waits until an expression is true.
func (b *tab) wait(expression string) {
	b.t.Helper()
	for end := time.Now().Add(20 * time.Second); !js[bool](b, "Boolean("+expression+")"); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			b.shot("failed")
			b.t.Fatalf("never: %s\nthe page: %.500s", expression, js[string](b, "document.body.innerText"))
		}
	}
}

// is fails where an expression is not what it should be.
func is[T comparable](b *tab, expression string, want T) {
	b.t.Helper()
	if got := js[T](b, expression); got != want {
		b.t.Errorf("%s is %v, want %v", expression, got, want)
	}
}

// press presses keys.
func (b *tab) press(keys string) {
	b.t.Helper()
	b.do(chromedp.KeyEvent(keys))
}

// slash presses /, as a keyboard does: KeyEvent would send the character even
// where the page takes the key for itself.
func (b *tab) slash() {
	b.t.Helper()
	for _, e := range []input.DispatchKeyEventParams{
		{Type: "keyDown", Key: "/", Code: "Slash", Text: "/", WindowsVirtualKeyCode: 191}, {Type: "keyUp", Key: "/", Code: "Slash", WindowsVirtualKeyCode: 191}} {
		if _, err := chromedp.Call(b.ctx, input.DispatchKeyEvent, e); err != nil {
			b.t.Fatal(err)
		}
	}
}

// click clicks the middle of the first element of a selector.
func (b *tab) click(selector string) {
	b.t.Helper()
	at := js[[]float64](b, `(() => { const e = document.querySelector("`+selector+`"); e.scrollIntoView({ block: "nearest" }); const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()`)
	b.do(chromedp.MouseClickXY(at[0], at[1]))
}

// media makes the page believe in a medium and a colour scheme.
func (b *tab) media(medium, scheme string) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Media: medium, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}); err != nil {
		b.t.Fatal(err)
	}
}

// shot writes a screenshot of the whole page.
func (b *tab) shot(name string) {
	b.t.Helper()
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(b.shots, strings.ReplaceAll(name, "/", "-")+".png"), png, 0o600); err != nil {
		b.t.Fatal(err)
	}
}
