package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// AddressPart is a piece of an address: text as it stands, or a context.
type AddressPart struct {
	Text, Context string
}

// addressRow is one row of table/addresses.tsv.
type addressRow struct {
	field, event string
	parts        []AddressPart
	// name is the field with the name of the repository that the field holds,
	// "" where it holds an address.
	name string
}

// payloadField matches a field in braces in the column address.
var payloadField = regexp.MustCompile(`\{([a-z_.]+)\}`)

var addressRows = rows("addresses", []string{"field", "address", "event"}, func(r row) (addressRow, error) {
	address := r.cell("address")
	out := addressRow{field: r.cell("field"), event: r.cell("event")}
	if name, ok := strings.CutPrefix(address, "repository "); ok && out.field != "" {
		out.name = name
		return out, nil
	}
	if out.field == "" || !strings.HasPrefix(address, "https://") {
		return out, fmt.Errorf("address %q of %q: want a field and an address", address, out.field)
	}
	from := 0
	for _, at := range payloadField.FindAllStringSubmatchIndex(address, -1) {
		out.parts = append(out.parts, AddressPart{Text: address[from:at[0]]}, AddressPart{Context: "github.event." + address[at[2]:at[3]]})
		from = at[1]
	}
	if from < len(address) {
		out.parts = append(out.parts, AddressPart{Text: address[from:]})
	}
	return out, nil
})

// addresses are the rows by the field.
var addresses = index(addressRows, func(r addressRow) string { return r.field })

// EventAddress returns what the address is that a context of the event's
// payload holds, where the events of a workflow are as given:
// "https://api.github.com/repos/", the repository's name, "/issues/" and the
// issue's number for github.event.issue.url. ok is false for a context that
// holds none, as far as is known, or different ones.
func EventAddress(context string, events []string) (parts []AddressPart, ok bool) {
	field, ok := strings.CutPrefix(context, "github.event.")
	if !ok {
		return nil, false
	}
	object, rest := splitLast(field)
	for _, r := range addresses()[object] {
		if r.name == "" {
			continue
		}
		parts, ok = EventAddress("github.event.repository."+rest, events)
		return named(parts, "github.event."+r.name), ok
	}
	for _, r := range addresses()[field] {
		if r.name != "" || r.event != "" && !slices.Contains(events, r.event) {
			continue
		}
		if parts != nil {
			return nil, false
		}
		parts = r.parts
	}
	return parts, parts != nil
}

// splitLast parts a field from the object that it stands in.
func splitLast(field string) (object, rest string) {
	i := max(strings.LastIndexByte(field, '.'), 0)
	return field[:i], strings.TrimPrefix(field[i:], ".")
}

// named returns the parts of a repository's address with another context for
// its name.
func named(parts []AddressPart, context string) []AddressPart {
	out := slices.Clone(parts)
	for i := range out {
		if out[i].Context == "github.event.repository.full_name" {
			out[i].Context = context
		}
	}
	return out
}
