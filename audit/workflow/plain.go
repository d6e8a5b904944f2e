package workflow

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Plain scalars that the runner takes for a number: to base 10, 16 and 8.
var (
	plainNumber = regexp.MustCompile(`^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$`)
	plainBased  = regexp.MustCompile(`^0(?:x[0-9A-Fa-f]+|o[0-7]+)$`)
)

// maxPlain bounds the plain scalars that are looked at: longer ones are texts.
const maxPlain = 400

// plain returns a scalar as programs find it: the runner takes what has no quotes for
// a number, a truth or nothing where it looks like one, and writes it back in its own
// way. In a value that several read, such as one of a filter, no number is meant.
// Source: https://github.com/actions/runner/blob/main/src/Sdk/DTObjectTemplating/ObjectTemplating/YamlObjectReader.cs
func (r *reader) plain(t Text) Text {
	if t.Value != "" && len(t.Value) <= maxPlain && !strings.Contains(t.Value, "${{") && r.isPlain(t) {
		t.Value = writtenBack(t.Value)
	}
	return t
}

// isPlain tells whether a scalar is written without quotes, a tag, or the mark of a
// block.
func (r *reader) isPlain(t Text) bool {
	source := r.file.Source[min(t.start(), len(r.file.Source)):]
	if len(source) > 0 && source[0] == '&' {
		s := scanner{source: source}
		s.skipProperties()
		source = source[s.pos:]
	}
	return len(source) > 0 && !slices.Contains([]byte(`'"|>!`), source[0])
}

// writtenBack returns the text that the runner makes of a plain scalar.
func writtenBack(s string) string {
	switch s {
	case "null", "Null", "NULL", "~":
		return ""
	case "true", "True", "TRUE", "false", "False", "FALSE":
		return strings.ToLower(s)
	case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF":
		return "Infinity"
	case "-.inf", "-.Inf", "-.INF":
		return "-Infinity"
	case ".nan", ".NaN", ".NAN":
		return "NaN"
	}
	if plainBased.MatchString(s) {
		if n, err := strconv.ParseInt(s, 0, 64); err == nil {
			return strconv.FormatInt(n, 10)
		}
		return s
	}
	if !plainNumber.MatchString(s) {
		return s
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return s
	}
	return general(n)
}

// general writes a number with 15 digits, as "G15" of .NET does.
func general(n float64) string {
	const digits = 15
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(n, 'e', digits-1, 64), "e")
	power, _ := strconv.Atoi(exponent)
	trim := func(s string) string {
		if strings.Contains(s, ".") {
			s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
		}
		return s
	}
	if power > -5 && power < digits || n == 0 {
		return trim(strconv.FormatFloat(n, 'f', digits-1-power, 64))
	}
	sign := "+"
	if power < 0 {
		sign = "-"
	}
	return fmt.Sprintf("%sE%s%02d", trim(mantissa), sign, int(math.Abs(float64(power))))
}
