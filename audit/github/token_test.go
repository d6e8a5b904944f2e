package github

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// canary is a token that is easily found wherever it comes out.
// It is put together, or scanners for secrets would take it for a real one.
var canary = "ghp_" + "CANARYcanary0123456789abcdefABCDEF01"

// mustToken makes a token.
func mustToken(t testing.TB, value string) Token {
	t.Helper()
	token, err := NewToken(value)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// checkHidden fails where the canary, or a good part of it, stands in a text.
func checkHidden(t testing.TB, where, text string) {
	t.Helper()
	lower := strings.ToLower(text)
	for _, form := range []string{
		"canarycanary",
		strings.ToLower(hex.EncodeToString([]byte("CANARYcanary"))),
		strings.ToLower(base64.RawStdEncoding.EncodeToString([]byte(canary))[2:30]),
		fmt.Sprint([]byte("CANARYcanary"))[1:30],
	} {
		if strings.Contains(lower, form) {
			t.Errorf("%s shows the token: %.300s", where, text)
		}
	}
}

func TestTokenPrints(t *testing.T) {
	token := mustToken(t, canary)
	type inner struct{ token Token }
	type outer struct {
		Token   Token
		pointer *Token
		any     any
		in      inner
		list    []Token
		byName  map[string]Token
	}
	client, err := New(Options{Token: token, Cache: NewMemoryCache(1 << 20)})
	if err != nil {
		t.Fatal(err)
	}
	whole := outer{token, &token, token, inner{token}, []Token{token}, map[string]Token{"x": token}}
	for _, value := range []any{token, &token, whole, &whole, []any{token, &whole}, inner{token}, Options{Token: token}, &Options{Token: token}, client, client.REST()} {
		for _, verb := range strings.Split("v +v #v T s q x X d b o O c U e g t p w 10s -5q x # 03d", " ") {
			text := fmt.Sprintf("%"+verb, value)
			checkHidden(t, fmt.Sprintf("%%%s of %T", verb, value), text)
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%10.3f"} {
		if got := fmt.Sprintf(verb, token); got != hidden {
			t.Errorf("%s of a token is %q", verb, got)
		}
		if got := fmt.Sprintf(verb, Token{}); got != hidden {
			t.Errorf("%s of no token is %q", verb, got)
		}
	}
	if got := token.String() + token.GoString(); got != hidden+hidden {
		t.Errorf("String and GoString give %q", got)
	}
	checkHidden(t, "an error", fmt.Errorf("it is %w, %v", errors.New("bad"), token).Error())
}

func TestTokenEncodes(t *testing.T) {
	token := mustToken(t, canary)
	value := struct {
		Token   Token
		Pointer *Token
		Map     map[string]Token
	}{token, &token, map[string]Token{"x": token}}
	got, err := json.Marshal(value)
	if want := `{"Token":"***","Pointer":"***","Map":{"x":"***"}}`; err != nil || string(got) != want {
		t.Errorf("JSON is %s, %v; want %s", got, err, want)
	}
	text, err := xml.Marshal(struct {
		XMLName xml.Name
		Token   Token
	}{xml.Name{Local: "x"}, token})
	if err != nil || !strings.Contains(string(text), "<Token>***</Token>") {
		t.Errorf("XML is %s, %v", text, err)
	}
	for name, handler := range map[string]func(*bytes.Buffer) slog.Handler{
		"text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
		"json": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
	} {
		var b bytes.Buffer
		slog.New(handler(&b)).Info("x", "token", token, "pointer", &token, "struct", value, "options", Options{Token: token})
		checkHidden(t, "slog "+name, b.String())
		if !strings.Contains(b.String(), hidden) {
			t.Errorf("slog %s says nothing of a token: %s", name, b.String())
		}
	}
}

// A printer that follows every pointer and reads unexported fields, as spew
// does, finds no text but ***.
func TestTokenReflection(t *testing.T) {
	token := mustToken(t, canary)
	var found []string
	seen := map[uintptr]bool{}
	var walk func(reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer:
			if !v.IsNil() && !seen[v.Pointer()] {
				seen[v.Pointer()] = true
				walk(v.Elem())
			}
		case reflect.Interface:
			walk(v.Elem())
		case reflect.Struct:
			for i := range v.NumField() {
				walk(v.Field(i))
			}
		case reflect.Slice, reflect.Array:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.Map:
			for _, key := range v.MapKeys() {
				walk(key)
				walk(v.MapIndex(key))
			}
		case reflect.String:
			found = append(found, v.String())
		}
	}
	client, err := New(Options{Token: token, Cache: NewMemoryCache(1 << 20)})
	if err != nil {
		t.Fatal(err)
	}
	walk(reflect.ValueOf(&struct {
		a Token
		b *Token
		c Options
		d *Client
	}{token, &token, Options{Token: token}, client}))
	if len(found) < 10 {
		t.Fatalf("the walk found %d texts only: it does not look", len(found))
	}
	checkHidden(t, "reflection", strings.Join(found, "\n"))

	other := mustToken(t, canary+"x")
	checkHidden(t, "go-cmp", cmp.Diff(struct{ Token Token }{token}, struct{ Token Token }{other}))
	if diff := cmp.Diff(token, mustToken(t, canary)); diff != "" {
		t.Errorf("equal tokens differ: %s", diff)
	}
	if token.Equal(other) || !token.Equal(token) || token.Equal(Token{}) || !(Token{}).Equal(Token{}) {
		t.Error("Equal is wrong")
	}
}

func TestNewToken(t *testing.T) {
	for value, want := range map[string]string{
		"":                         "empty",
		" \n":                      "empty",
		canary + "\n":              "line end",
		canary + "\r\n":            "line end",
		canary + "\n" + canary:     "several lines",
		" " + canary:               "space before or after",
		canary + "\t":              "space before or after",
		"Bearer " + canary:         "space in it",
		`"` + canary + `"`:         "quotation marks",
		canary + "\x00x":           "control character",
		canary + "\x7f":            "control character",
		canary + "\x1b[31m":        "control character",
		canary + "é":               "beyond ASCII",
		canary + "\u200b":          "beyond ASCII",
		canary + "\xff":            "beyond ASCII",
		strings.Repeat("x", 20000): "longer than",
	} {
		token, err := NewToken(value)
		if err == nil || !strings.Contains(err.Error(), want) || token.Present() {
			t.Errorf("NewToken(%q): %v, want an error that says %q", value, err, want)
			continue
		}
		checkHidden(t, "the error", fmt.Sprintf("%+v %#v", err, err))
	}
}

func TestTokenKind(t *testing.T) {
	digits := "16C7e42F292c" + "6912E7710c838347Ae178B4a"
	for value, want := range map[string]Kind{
		"ghp_" + digits: KindClassic,
		"0123456789abcdef0123456789abcdef01234567":     KindClassic,
		"github_pat_11ABCDEFG0abcdefghijkl_ABCDEFGHIJ": KindFineGrained,
		"gho_" + digits: KindOAuth,
		"ghu_" + digits: KindAppUser,
		"ghs_" + digits: KindInstallation,
		"ghs_123456_eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.a-_b": KindInstallation,
		"v1.0123456789abcdef0123456789abcdef01234567":          KindInstallation,
		"ghr_" + digits: KindRefresh,
		"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln": KindApp,
		"0123456789abcdef0123456789abcdef0123456g":  KindUnknown,
		"0123456789abcdef":                          KindUnknown,
		"GHP_x":                                     KindUnknown,
		"ghp":                                       KindUnknown,
		"eyJx.y":                                    KindUnknown,
	} {
		if got := mustToken(t, value).Kind(); got != want {
			t.Errorf("the kind of %s is %s, want %s", value, got, want)
		}
	}
	if (Token{}).Kind() != KindNone {
		t.Error("no token has a kind")
	}
}

func TestTokenRedact(t *testing.T) {
	odd := mustToken(t, "a<b>&c%d=e+f/g")
	for _, text := range []string{"a<b>&c%d=e+f/g", url.QueryEscape("a<b>&c%d=e+f/g"), url.PathEscape("a<b>&c%d=e+f/g"), `a\u003cb\u003e\u0026c%d=e+f/g`} {
		if got := odd.Redact("x " + text + " y"); got != "x *** y" {
			t.Errorf("Redact(%q) = %q", text, got)
		}
	}
	token := mustToken(t, canary)
	for before := range 7 {
		for after := range 4 {
			whole := []byte(strings.Repeat("u", before) + canary + strings.Repeat(":", after))
			for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding} {
				text := encoding.EncodeToString(whole)
				got := token.Redact("Basic " + text)
				if !strings.Contains(got, hidden) || len(got) > len("Basic ***")+20 {
					t.Errorf("Redact of base64 with %d before, %d after: %s", before, after, got)
				}
			}
		}
	}
	checkHidden(t, "Redact", token.Redact(fmt.Sprintf("%s %q %x %X", canary, canary, canary, canary)))
	for _, text := range []string{"", "nothing here", "ghp_", canary[:20]} {
		if got := token.Redact(text); got != text {
			t.Errorf("Redact(%q) = %q", text, got)
		}
		if got := (Token{}).Redact(text); got != text {
			t.Errorf("no token: Redact(%q) = %q", text, got)
		}
	}
	if got := mustToken(t, "a").Redact("banana"); got != "b***n***n***" {
		t.Errorf("a short token: %q", got)
	}
}

func TestTokenIdentity(t *testing.T) {
	token := mustToken(t, canary)
	one, two := token.identity([]byte("salt")), token.identity([]byte("other"))
	if one == two || one == mustToken(t, canary+"x").identity([]byte("salt")) || one != mustToken(t, canary).identity([]byte("salt")) {
		t.Error("identities are not told apart by salt and token alone")
	}
	checkHidden(t, "the identity", one)
}
