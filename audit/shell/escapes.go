package shell

import (
	"strconv"
	"strings"
)

// unescape removes the backslashes of unquoted text.
func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for n := 0; n < len(s); n++ {
		if s[n] == '\\' && n+1 < len(s) {
			n++
			if s[n] == '\n' {
				continue
			}
		}
		b.WriteByte(s[n])
	}
	return b.String()
}

// unescapeOnly removes the backslashes before certain bytes.
func unescapeOnly(s, special string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for n := 0; n < len(s); n++ {
		if s[n] == '\\' && n+1 < len(s) {
			if s[n+1] == '\n' {
				n++
				continue
			}
			if strings.IndexByte(special, s[n+1]) >= 0 {
				n++
			}
		}
		b.WriteByte(s[n])
	}
	return b.String()
}

// ansiC reads the escapes of $'…', printf and echo -e.
func ansiC(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for n := 0; n < len(s); n++ {
		if s[n] != '\\' || n+1 == len(s) {
			b.WriteByte(s[n])
			continue
		}
		n++
		if k := strings.IndexByte(`abefnrtv\'"?`, s[n]); k >= 0 {
			b.WriteByte("\a\b\x1b\f\n\r\t\v\\'\"?"[k])
			continue
		}
		if digits := octal(s[n:]); digits > 0 {
			code, _ := strconv.ParseUint(s[n:n+digits], 8, 16)
			b.WriteByte(byte(code))
			n += digits - 1
			continue
		}
		if s[n] == 'x' && n+2 < len(s) {
			if code, err := strconv.ParseUint(s[n+1:n+3], 16, 8); err == nil {
				b.WriteByte(byte(code))
				n += 2
				continue
			}
		}
		b.WriteByte('\\')
		b.WriteByte(s[n])
	}
	return b.String()
}

// octal returns how many octal digits begin a text, at most three.
func octal(s string) int {
	n := 0
	for n < min(len(s), 3) && s[n] >= '0' && s[n] <= '7' {
		n++
	}
	return n
}
