package value

import "slices"

// Fits tells whether v has no more than so many parts, at whatever depth, of no more
// than so many bytes, and no choice among more than so many values.
func (v Value) Fits(parts, bytes, choices int) bool { return v.measure(&parts, &bytes, choices) }

// measure is Fits for what is left of parts and bytes.
func (v Value) measure(parts, bytes *int, choices int) bool {
	for _, p := range v {
		*parts--
		*bytes -= len(p.Text) + len(p.Unknown)
		if *parts < 0 || *bytes < 0 || len(p.OneOf) > choices {
			return false
		}
		for _, w := range p.OneOf {
			if *parts--; !w.measure(parts, bytes, choices) {
				return false
			}
		}
	}
	return true
}

// maxKept bounds the credentials that an opaque value keeps, maxLooked the parts that
// are looked at for them.
const (
	maxKept   = 16
	maxLooked = 2048
)

// Opaque returns a value that cannot be known, but was made from others:
// their credentials stay in it, so that no operation loses a token.
func Opaque(source string, from ...Value) Value {
	var kept []*Credential
	budget := maxLooked
	for _, v := range from {
		kept = v.keep(kept, &budget)
	}
	out := Unknown(source)
	for _, c := range kept {
		out = append(out, Part{Credential: c})
	}
	return out
}

// keep collects the credentials of v, looking at no more than budget parts.
func (v Value) keep(kept []*Credential, budget *int) []*Credential {
	for _, p := range v {
		if *budget--; *budget < 0 || len(kept) >= maxKept {
			return kept
		}
		if p.Credential != nil && !slices.Contains(kept, p.Credential) {
			kept = append(kept, p.Credential)
		}
		for _, w := range p.OneOf {
			kept = w.keep(kept, budget)
		}
	}
	return kept
}
