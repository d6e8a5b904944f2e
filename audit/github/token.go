package github

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

// hidden is what is shown in place of a token's value.
const hidden = "***"

// maxToken bounds a token's length in bytes. Installation tokens have about
// 520 characters since 2026 and may grow; a header takes no more than this.
const maxToken = 16 << 10

// Token is a token for GitHub's API. It shows as *** however it is printed or
// encoded. The zero Token is none at all: requests with it are anonymous.
//
// The value lies behind a function and not in a field, for fmt and other
// printers by reflection read the fields of a struct where they may not call
// its methods.
type Token struct {
	open func() *secret
}

// secret is a token's value and what hides it in texts.
type secret struct {
	value    string
	replacer *strings.Replacer
}

// NewToken takes a token's value. The errors say what is wrong with it and
// never quote it.
func NewToken(value string) (Token, error) {
	switch trimmed := strings.TrimSpace(value); {
	case trimmed == "":
		return Token{}, errors.New("the token is empty")
	case strings.ContainsAny(strings.TrimRight(value, "\r\n"), "\r\n"):
		return Token{}, errors.New("the token has several lines: give the token alone")
	case strings.HasSuffix(value, "\n") || strings.HasSuffix(value, "\r"):
		return Token{}, errors.New("the token ends with a line end: store it without (printf %s instead of echo)")
	case trimmed != value:
		return Token{}, errors.New("the token has a space before or after it")
	case len(value) > maxToken:
		return Token{}, fmt.Errorf("the token is longer than %d bytes: that is no token of GitHub", maxToken)
	}
	for _, r := range value {
		switch {
		case unicode.IsSpace(r):
			return Token{}, errors.New("the token has a space in it: give the token alone, without a word such as Bearer before it")
		case unicode.IsControl(r):
			return Token{}, errors.New("the token has a control character in it")
		case r == '"' || r == '\'' || r == '`':
			return Token{}, errors.New("the token has quotation marks around or in it: give the token alone")
		case r > unicode.MaxASCII:
			return Token{}, errors.New("the token has a character beyond ASCII: that is no token of GitHub")
		}
	}
	hold := &secret{value: value, replacer: replacerFor(value)}
	return Token{open: func() *secret { return hold }}, nil
}

// Present tells whether there is a token.
func (t Token) Present() bool { return t.open != nil }

// value is the token itself: for the Authorization header, and for the salted
// hash that tells tokens apart in a cache.
func (t Token) value() string {
	if t.open == nil {
		return ""
	}
	return t.open().value
}

// identity is a salted hash of the token, from which it cannot be told.
func (t Token) identity(salt []byte) string {
	mac := hmac.New(sha256.New, salt)
	mac.Write([]byte(t.value()))
	return hex.EncodeToString(mac.Sum(nil))
}

// Equal tells whether two tokens have the same value.
func (t Token) Equal(other Token) bool {
	return subtle.ConstantTimeCompare([]byte(t.value()), []byte(other.value())) == 1
}

// Kind is the kind of a token as far as its form tells.
type Kind string

// The kinds of token. Source of the prefixes: GitHub Docs, "About
// authentication to GitHub", section "GitHub's token formats".
const (
	// KindNone is where there is no token.
	KindNone Kind = ""
	// KindClassic is a classic personal access token: ghp_, or 40 hexadecimal
	// digits as made before April 2021. An OAuth token of that time has the
	// same form.
	KindClassic Kind = "classic"
	// KindFineGrained is a fine-grained personal access token: github_pat_.
	KindFineGrained Kind = "fine-grained"
	// KindOAuth is the token of an OAuth app, gh's among them: gho_.
	KindOAuth Kind = "oauth"
	// KindAppUser is a token that an App uses on behalf of a user: ghu_.
	KindAppUser Kind = "app-user"
	// KindInstallation is the token of an App's installation, GITHUB_TOKEN
	// among them: ghs_, since 2026 followed by the App's id and a JSON Web
	// Token; v1. and 40 hexadecimal digits before 2021.
	KindInstallation Kind = "installation"
	// KindRefresh is the refresh token of an App: ghr_. The API takes none.
	KindRefresh Kind = "refresh"
	// KindApp is a JSON Web Token by which an App speaks for itself.
	KindApp Kind = "app"
	// KindUnknown is any other.
	KindUnknown Kind = "unknown"
)

// kindPrefixes are the prefixes of tokens. What follows them is left alone:
// GitHub promises the prefixes, not lengths or alphabets.
var kindPrefixes = []struct {
	prefix string
	kind   Kind
}{
	{"ghp_", KindClassic},
	{"github_pat_", KindFineGrained},
	{"gho_", KindOAuth},
	{"ghu_", KindAppUser},
	{"ghs_", KindInstallation},
	{"ghr_", KindRefresh},
}

// Kind tells the kind of a token by its form.
func (t Token) Kind() Kind {
	value := t.value()
	if value == "" {
		return KindNone
	}
	for _, row := range kindPrefixes {
		if strings.HasPrefix(value, row.prefix) {
			return row.kind
		}
	}
	switch digits, old := strings.CutPrefix(value, "v1."); {
	case len(digits) == 40 && isHex(digits) && old:
		return KindInstallation
	case len(digits) == 40 && isHex(digits):
		return KindClassic
	case strings.HasPrefix(value, "eyJ") && strings.Count(value, ".") == 2:
		return KindApp
	}
	return KindUnknown
}

// isHex tells whether a text is lower-case hexadecimal digits alone.
func isHex(s string) bool {
	return strings.Trim(s, "0123456789abcdef") == ""
}

// Redact replaces the token's value in a text that comes from elsewhere, also
// where it is escaped for an address or JSON, in base64 (as in Basic
// authentication) or hexadecimal. A part of the value is left as it is.
func (t Token) Redact(text string) string {
	if t.open == nil {
		return text
	}
	return t.open().replacer.Replace(text)
}

// Redactor replaces the values of several tokens in texts, as [Token.Redact]
// does that of one.
func Redactor(tokens ...Token) *strings.Replacer {
	var pairs []string
	for _, t := range tokens {
		if t.Present() {
			pairs = append(pairs, formsOf(t.value())...)
		}
	}
	return strings.NewReplacer(pairs...)
}

// replacerFor hides every form of a value.
func replacerFor(value string) *strings.Replacer { return strings.NewReplacer(formsOf(value)...) }

// formsOf are the forms of a value, each followed by what to show in its place.
func formsOf(value string) []string {
	quoted, _ := json.Marshal(value) // a string always has a form in JSON
	forms := []string{
		value,
		url.QueryEscape(value), url.PathEscape(value),
		strings.Trim(string(quoted), `"`), strings.Trim(strconv.Quote(value), `"`),
	}
	if len(value) >= 8 { // the forms of less are found in innocent texts
		digits := hex.EncodeToString([]byte(value))
		forms = append(forms, digits, strings.ToUpper(digits))
		forms = append(forms, base64Forms(value)...)
	}
	var pairs []string
	for _, form := range forms {
		pairs = append(pairs, form, hidden)
	}
	return pairs
}

// base64Forms are what all texts in base64 hold that have the value inside,
// whatever stands before and after it.
func base64Forms(value string) (forms []string) {
	for shift := range 3 {
		padded := strings.Repeat("\x00", shift) + value
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			whole := encoding.EncodeToString([]byte(padded))
			// The first characters also hold bits of what stands before, the
			// last one may hold bits of what stands after.
			whole = whole[[]int{0, 2, 3}[shift]:]
			if len(padded)%3 != 0 {
				whole = whole[:len(whole)-1]
			}
			forms = append(forms, whole)
		}
	}
	return forms
}

// Format writes *** for every verb.
func (t Token) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte(hidden)) }

// String is ***.
func (t Token) String() string { return hidden }

// GoString is ***.
func (t Token) GoString() string { return hidden }

// MarshalText gives ***.
func (t Token) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// MarshalJSON gives "***".
func (t Token) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }

// LogValue is ***.
func (t Token) LogValue() slog.Value { return slog.StringValue(hidden) }
